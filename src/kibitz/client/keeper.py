"""Keeping a connection, for as long as the client lives.

Rule: what a connection ends with says whether to come back and how soon; it comes back with the token it was given, says what it has,
and sends what was not answered before anything new.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Final

from msgspec.structs import replace

from kibitz.client.backoff import Backoff
from kibitz.client.connection import Connection
from kibitz.client.errors import Ended, Lost, Refused, Untrusted
from kibitz.client.feed import Feed
from kibitz.client.mending import Mender
from kibitz.client.notices import Connected, Disconnected, PageJoined, RoomReset
from kibitz.client.outbox import Outbox
from kibitz.client.replica import Replica
from kibitz.client.room import Page
from kibitz.client.timing import Timing
from kibitz.client.transport import Gone, Transport
from kibitz.wire.closing import Close
from kibitz.wire.commands import LogIn, Write
from kibitz.wire.events import CaughtUp, Event, RoomEvent
from kibitz.wire.results import Welcome

LEAST_HEARTBEAT: Final = 1.0
"""Seconds: a server that says less is not watched more closely than this."""


class Keeper:
    """The life of one client: `run` it, once."""

    def __init__(
        self,
        connect: Callable[[], Awaitable[Transport]],
        login: LogIn,
        *,
        replica: Replica,
        outbox: Outbox,
        feed: Feed,
        timing: Timing,
        backoff: Backoff,
    ) -> None:
        self._connect = connect
        self._login = login
        self._replica = replica
        self._outbox = outbox
        self._feed = feed
        self._timing = timing
        self._backoff = backoff
        self._mender = Mender(replica, self._heard, self.join, self._reset)
        self._connection: Connection | None = None
        self._hurried = asyncio.Event()
        self.token = login.token

    async def run(self) -> None:
        """Connect, and again whenever the connection is lost, until cancelled or told not to come back."""
        why = Ended("The client was closed.")
        try:
            while True:
                reason, retry_after = await self._once()
                wait = self._backoff.next(retry_after)
                self._feed.publish(Disconnected(reason, wait))
                await self._pause(wait)
        except Ended as ended:
            why = ended
        finally:
            self.end(why)

    def end(self, why: Ended) -> None:
        """Tell whoever waits that nothing will come any more; the first reason stays. For a client that never ran, too."""
        self._outbox.end(why)
        self._feed.end(why)

    def hurry(self) -> None:
        """Connect now, where the next attempt is waited for: somebody knows that the server is there again."""
        self._hurried.set()

    @property
    def connection(self) -> Connection | None:
        """The open connection, if there is one just now."""
        return None if self._connection is None or self._connection.over else self._connection

    async def open(self) -> Connection:
        """The open connection, as soon as there is one. Raises what the server refused the login with, or `Ended`."""
        while (connection := self.connection) is None:
            try:
                await self._feed.until(lambda: self.connection is not None)
            except Ended as ended:
                raise (ended.__cause__ if isinstance(ended.__cause__, Refused | Untrusted) else ended) from None
        return connection

    def join(self, room: int, page: Page) -> bool:
        """Hold a page of a room. False if it does not fit: ask for it anew."""
        held = self._replica.rooms.get(room)
        if held is None:
            return True
        floor = held.floor
        fits = held.join(page)
        self._tell_of_page(room, floor)
        return fits

    async def _pause(self, seconds: float) -> None:
        self._hurried.clear()
        async with asyncio.TaskGroup() as group:
            waits = [
                group.create_task(_while_it_lasts(self._timing.sleep(seconds)), name="pause"),
                group.create_task(_while_it_lasts(self._hurried.wait()), name="hurry"),
            ]
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for one in waits:
                one.cancel()

    # --- one connection ------------------------------------------------------------------------------------------------

    async def _once(self) -> tuple[str, float]:
        """One connection, from beginning to end: why it ended, and what the server asked to be waited. Raises `Ended`."""
        try:
            transport = await self._connect()
        except Untrusted as untrusted:
            raise Ended(str(untrusted)) from untrusted
        except TimeoutError:
            return "The server does not answer.", 0.0
        except OSError as error:
            return f"The server cannot be reached: {error}.", 0.0
        try:
            return await self._use(Connection(transport, self._timing, self._heard))
        finally:
            await transport.close()

    async def _use(self, connection: Connection) -> tuple[str, float]:
        try:
            welcome = await connection.log_in(replace(self._login, resume=self._replica.resume()))
        except Refused as refused:
            if refused.passes or refused.code == "internal":
                return refused.message, refused.retry_after or 0.0
            raise Ended(refused.message) from refused
        except (Gone, TimeoutError):
            return _verdict(connection.close)
        began = self._timing.clock()
        try:
            self._opened(connection, welcome)
            await self._serve(connection, max(welcome.server.heartbeat, LEAST_HEARTBEAT))
        finally:
            self._connection = None
            self._backoff.lasted(self._timing.clock() - began)
        return _verdict(connection.close)

    def _opened(self, connection: Connection, welcome: Welcome) -> None:
        if welcome.token is not None:
            self.token = welcome.token
            self._login = LogIn(token=welcome.token)  # and no password is kept any longer
        forgotten = self._replica.welcome(welcome)
        self._connection = connection
        self._feed.publish(Connected(welcome))
        for room in forgotten:
            self._tell_of_reset(room)

    async def _serve(self, connection: Connection, heartbeat: float) -> None:
        async with asyncio.TaskGroup() as group:
            helpers = [
                group.create_task(_while_it_lasts(connection.watch(heartbeat)), name="watch"),
                group.create_task(
                    _while_it_lasts(self._outbox.run(lambda command: _write(connection, command))), name="outbox"
                ),
                group.create_task(_while_it_lasts(self._mender.run(connection.ask)), name="mender"),
            ]
            await connection.read()
            for helper in helpers:
                helper.cancel()

    # --- what comes ----------------------------------------------------------------------------------------------------

    def _heard(self, event: Event) -> None:
        if isinstance(event, CaughtUp):
            for room in self._replica.rooms.values():
                if room.behind:
                    self._mender.catch_up(room.id)
        held = self._replica.rooms.get(event.room) if isinstance(event, RoomEvent) else None
        floor = held.floor if held is not None else 0
        effective = self._replica.apply(event)
        for one in effective:
            self._feed.publish(one)
        if held is not None:
            self._tell_of_page(held.id, floor)
            if held.behind and not effective:
                self._mender.catch_up(held.id)

    def _reset(self, room: int) -> None:
        self._replica.reset(room)
        self._tell_of_reset(room)

    def _tell_of_reset(self, room: int) -> None:
        self._feed.publish(RoomReset(room))
        self._mender.load(room)

    def _tell_of_page(self, room: int, floor: int) -> None:
        held = self._replica.rooms.get(room)
        if held is not None and held.floor < floor:
            self._feed.publish(PageJoined(room, held.floor))


async def _write(connection: Connection, command: Write) -> Any:
    try:
        return await connection.ask_once(command)
    except Refused as refused:
        if refused.code != "not_logged_in":
            raise
        connection.abort()  # this login has ended; the command waits for the next one
        raise Lost("This login has ended.") from refused


async def _while_it_lasts(work: Awaitable[object]) -> None:
    with suppress(Lost):
        await work


def _verdict(close: Close | None) -> tuple[str, float]:
    """What to make of a connection's end. Raises `Ended` where a code says not to come back."""
    if close is None:
        return "The connection was lost.", 0.0
    if close.code >= 3000 and not close.comes_back:  # below are WebSocket's own codes, none of which says so
        raise Ended(close.sentence or f"The server closed the connection for good ({close.code}).")
    return close.sentence or f"The server closed the connection ({close.code}).", close.retry_after
