"""Reading stretches of a room's log: from memory where they are there, or else from the server.

Rule: what a conversation shows besides messages (who came, what was opened) is asked for with the same stretch; without a connection
the messages that are known are shown alone.
"""

from typing import Final

from kibitz.client.client import Client
from kibitz.client.decoding import Changes, decode_event
from kibitz.client.errors import ClientError, Refused
from kibitz.client.room import RoomReplica
from kibitz.desktop.presenters.timeline import NOTED, Stretch
from kibitz.wire import commands as c
from kibitz.wire import events as e
from kibitz.wire.results import History
from kibitz.wire.views import Message

PAGE: Final = 60
"""Messages that are brought at once: two screens."""

PAGES_OF_CHANGES: Final = 4
"""Pages of the log that are looked through for one stretch; a stretch with more reactions than that lacks some notes."""

SECONDS: Final = 10.0


class Log:
    """One room's log. What cannot be had raises what the client raises."""

    def __init__(self, client: Client, room: int) -> None:
        self._client, self._room = client, room

    async def newest(self) -> Stretch:
        """The end of it."""
        if not (held := self._held).messages and held.more_before:
            await self._client.older(self._room, limit=PAGE)
        return await self._noted(self._last(self._held, self._held.position + 1))

    async def before(self, seq: int) -> Stretch:
        """What comes before this seq."""
        held = self._held
        if held.floor < seq and any(one < seq for one in held.messages):
            return await self._noted(self._last(held, seq))
        page = await self._client.history(self._room, before=seq, limit=PAGE)
        return await self._noted(_stretch(page, end=seq - 1))

    async def after(self, seq: int) -> Stretch:
        """What comes after it."""
        page = await self._client.history(self._room, after=seq, limit=PAGE)
        return await self._noted(_stretch(page, start=seq + 1))

    async def around(self, seq: int) -> Stretch:
        """What stands around it."""
        page = await self._client.history(self._room, around=seq, limit=2 * PAGE)
        return await self._noted(_stretch(page))

    async def message(self, seq: int) -> Message | None:
        """One message; none where it cannot be had."""
        if (held := self._held.messages.get(seq)) is not None:
            return held
        try:
            page = await self._client.history(self._room, around=seq, limit=1)
        except (ClientError, TimeoutError):
            return None
        return next((one for one in page.messages if one.seq == seq), None)

    @property
    def _held(self) -> RoomReplica:
        held = self._client.replica.rooms.get(self._room)
        if held is None:
            raise Refused("not_found", 300, "You are not in this conversation any more.")
        return held

    def _last(self, held: RoomReplica, before: int) -> Stretch:
        known = [one for one in held.messages.values() if one.seq < before]
        shown = tuple(known[-PAGE:])
        start = shown[0].seq if len(shown) < len(known) else min(held.floor, before)
        at_end = before > held.position
        return Stretch(shown, (), start, before - 1, held.position, start > 1, at_end)

    async def _noted(self, stretch: Stretch) -> Stretch:
        found: list[e.RoomEvent] = []
        after = stretch.start - 1
        for _ in range(PAGES_OF_CHANGES):
            if after >= stretch.end or not self._client.connected:
                break
            try:
                page: Changes = await self._client.do(
                    c.GetChanges(room=self._room, after=after, limit=500), timeout=SECONDS
                )
            except (ClientError, TimeoutError):
                break
            events = [event for raw in page.events if isinstance(event := decode_event(raw), e.RoomEvent)]
            found += [one for one in events if isinstance(one, NOTED) and one.seq <= stretch.end]
            if not page.more or not events:
                break
            after = events[-1].seq
        return Stretch(
            stretch.messages, tuple(found), stretch.start, stretch.end, stretch.head, stretch.more, stretch.at_end
        )


def _stretch(page: History, start: int | None = None, end: int | None = None) -> Stretch:
    first = page.messages[0].seq if page.messages else page.head + 1
    last = page.messages[-1].seq if page.messages else page.head
    if start is None:
        start = min(first, end + 1 if end is not None else first) if page.more_before else 1
    if end is None:
        end = last if page.more_after else page.head
    return Stretch(
        tuple(page.messages), (), start, end, page.head, page.more_before, not page.more_after and end >= page.head
    )
