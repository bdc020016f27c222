"""Filling in what a connection did not bring by itself: gaps in a room's log, and the newest page of a room that was reset.

Rule: what is fetched goes the same way as what is told live, so that it does not matter which comes first or whether both do.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Final

from kibitz.client.decoding import Changes, decode_event
from kibitz.client.errors import Refused
from kibitz.client.replica import Replica
from kibitz.client.room import Page
from kibitz.wire.commands import Command, GetChanges, GetHistory
from kibitz.wire.events import Event, RoomEvent
from kibitz.wire.results import History

PAGE: Final = 500
"""Events asked for at a time: the most there may be."""

NEWEST: Final = 50
"""Messages of a room that was reset which are loaded again: the first screen."""

Ask = Callable[[Command], Awaitable[Any]]


class Mender:
    """The rooms of one client that need mending. `heard` takes events, `join` a room's page, `reset` forgets a room."""

    def __init__(
        self,
        replica: Replica,
        heard: Callable[[Event], None],
        join: Callable[[int, Page], bool],
        reset: Callable[[int], None],
    ) -> None:
        self._replica = replica
        self._heard = heard
        self._join = join
        self._reset = reset
        self._behind: set[int] = set()
        self._empty: set[int] = set()
        self._wanted = asyncio.Event()

    def catch_up(self, room: int) -> None:
        """Events of this room are missing."""
        self._behind.add(room)
        self._wanted.set()

    def load(self, room: int) -> None:
        """This room's newest page is missing."""
        self._empty.add(room)
        self._wanted.set()

    async def run(self, ask: Ask) -> None:
        """Mend over a connection, for as long as it lives."""
        while True:
            await self._wanted.wait()
            for room in tuple(self._behind):
                await self._guarded(room, self._behind, self._catch_up(room, ask))
            for room in tuple(self._empty):
                await self._guarded(room, self._empty, self._load(room, ask))
            if not self._behind and not self._empty:
                self._wanted.clear()

    async def _guarded(self, room: int, wanted: set[int], work: Awaitable[None]) -> None:
        with suppress(Refused):  # we are not in this room any more, and are about to be told
            await work
        wanted.discard(room)

    async def _catch_up(self, room: int, ask: Ask) -> None:
        while (held := self._replica.rooms.get(room)) is not None and held.behind:
            position = held.position
            changes: Changes = await ask(GetChanges(room=room, after=position, limit=PAGE))
            if changes.epoch != self._replica.epoch:
                return  # the server is about to close the connection over this
            for raw in changes.events:
                if isinstance(event := decode_event(raw), RoomEvent):
                    self._heard(event)
            if held.position == position:
                self._reset(room)  # the server has nothing to fill the gap with: begin again after it

    async def _load(self, room: int, ask: Ask) -> None:
        for _ in range(3):
            history: History = await ask(GetHistory(room=room, limit=NEWEST))
            if history.epoch != self._replica.epoch or self._join(room, Page.of(history, None)):
                return
