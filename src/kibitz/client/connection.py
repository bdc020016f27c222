"""One connection that is logged in: which answer belongs to which command, and whether the server is still there.

Rule: messages are read in one place and dealt with at once, in the order they come; nobody else touches the transport's receiving end.
"""

import asyncio
import itertools
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from kibitz.client.decoding import decode_event, decode_result
from kibitz.client.errors import Lost, Refused
from kibitz.client.outbox import RETRY_SECONDS
from kibitz.client.timing import Timing
from kibitz.client.transport import Gone, Transport
from kibitz.wire.closing import CLOSES, Close
from kibitz.wire.commands import Command, LogIn, Ping
from kibitz.wire.events import Closing, Error, Event, Reply
from kibitz.wire.results import Welcome

LOGIN_SECONDS: Final = 30.0
"""How long the server may take over a login: as long as it waits for one itself."""


class Connection:
    """A connection, until it is `over`; then `close` is why, if the server said. `heard` is told of every event that is no answer."""

    def __init__(self, transport: Transport, timing: Timing, heard: Callable[[Event], None]) -> None:
        self._transport = transport
        self._timing = timing
        self._heard = heard
        self._heard_at = timing.clock()
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[msgspec.Raw]] = {}
        self.over = False
        self.close: Close | None = None

    async def log_in(self, login: LogIn) -> Welcome:
        """Say who this is; nothing after the welcome is read yet. Raises `Refused`, `Gone` or `TimeoutError`."""
        command = replace(login, id=next(self._ids))
        async with asyncio.timeout(LOGIN_SECONDS):
            await self._transport.send(msgspec.json.encode(command))
            while True:
                event = await self._next()
                if isinstance(event, Error):
                    raise _refused(event)
                if isinstance(event, Reply) and event.id == command.id:
                    welcome: Welcome = decode_result(command, event.result)
                    return welcome

    async def read(self) -> None:
        """Deal with what comes until the connection is over; then whoever waits for an answer is told."""
        try:
            while True:
                event = await self._next()
                if isinstance(event, Reply | Error):
                    self._settle(event)
                elif event is not None:
                    self._heard(event)
        except Gone:
            pass
        finally:
            self.over = True
            for future in self._waiting.values():
                if not future.done():
                    future.set_exception(Lost("The connection was lost before the answer came."))
                    future.exception()

    async def ask(self, command: Command) -> Any:
        """What a command is answered, sent again as often as the server says «later». Raises `Refused` or `Lost`."""
        while True:
            try:
                return await self.ask_once(command)
            except Refused as refused:
                if not refused.passes:
                    raise
                await self._timing.sleep(RETRY_SECONDS if refused.retry_after is None else refused.retry_after)

    async def ask_once(self, command: Command) -> Any:
        """What a command is answered. Raises `Refused` or `Lost`."""
        if self.over:
            raise Lost("The connection was lost before this was sent.")
        id = next(self._ids)
        future = self._waiting[id] = asyncio.get_running_loop().create_future()
        try:
            await self._send(replace(command, id=id))
            return decode_result(command, await future)
        finally:
            del self._waiting[id]

    async def tell(self, command: Command) -> None:
        """Send a command whose answer nobody waits for. Raises `Lost`."""
        await self._send(replace(command, id=0))

    async def watch(self, interval: float) -> None:
        """End the connection once nothing was heard for two intervals, having asked after one."""
        while True:
            silent = self._timing.clock() - self._heard_at
            if silent >= 2 * interval:
                self.abort()
                return
            if silent >= interval:
                with suppress(Lost, TimeoutError):  # a peer that takes nothing in must not hold up the watch
                    async with asyncio.timeout(interval):
                        await self.tell(Ping())
            await self._timing.sleep((2 if silent >= interval else 1) * interval - silent)

    def abort(self) -> None:
        """End the connection now; `read` returns."""
        self.over = True
        self._transport.abort()

    async def _next(self) -> Event | None:
        try:
            event = decode_event(await self._transport.receive())
        except Gone as gone:
            if gone.code is not None:
                self.close = CLOSES.get(gone.code, Close(gone.code, "", ""))
            raise
        self._heard_at = self._timing.clock()
        if isinstance(event, Closing):
            known = CLOSES.get(event.code)
            self.close = Close(event.code, event.reason, known.sentence if known else "", event.retry_after)
            return None
        return event

    async def _send(self, command: Command) -> None:
        try:
            await self._transport.send(msgspec.json.encode(command))
        except Gone as gone:
            self.over = True
            raise Lost("The connection was lost before this was sent.") from gone

    def _settle(self, event: Reply | Error) -> None:
        future = self._waiting.get(event.id)
        if future is None or future.done():
            return
        if isinstance(event, Reply):
            future.set_result(event.result)
        else:
            future.set_exception(_refused(event))


def _refused(error: Error) -> Refused:
    return Refused(error.code, error.number, error.message, error.retry_after)
