"""What is to be written on the server, and has not been answered yet.

Rule: commands go out one after the other, each once the one before it was answered. So they are stored in the order they were given,
whatever the server put off; and since each keeps its nonce, they are stored once, however often the connection broke.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from kibitz.client.errors import Ended, OutboxFull, Refused
from kibitz.client.journal import Journal
from kibitz.client.nonces import new_nonce
from kibitz.client.timing import Timing
from kibitz.wire.commands import Write

MAX_WAITING: Final = 1000
"""Commands that may wait: more than a person writes in a day without a connection."""

MAX_BYTES: Final = 64 * 1024
"""Bytes of one command on the wire (protocol.md, section 1: a line)."""

RETRY_SECONDS: Final = 1.0
"""How long to wait where the server said «later» without saying when."""

Ask = Callable[[Write], Awaitable[Any]]


@dataclass(slots=True, eq=False)
class _Entry:
    command: Write
    answer: asyncio.Future[Any] | None  # None for one that an earlier run of the program left behind


class Outbox:
    """The commands of one client that write. `refused` is told of each that the server will not carry out."""

    def __init__(
        self, timing: Timing, refused: Callable[[Write, Refused], None], journal: Journal | None = None
    ) -> None:
        self._timing = timing
        self._refused = refused
        self._journal = journal
        left = journal.open() if journal is not None else []
        self._entries = deque(_Entry(command, None) for command in left)
        self._changed = asyncio.Event()
        self._ended: Ended | None = None

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def waiting(self) -> tuple[Write, ...]:
        """The commands that were not answered yet, in their order."""
        return tuple(entry.command for entry in self._entries)

    def add(self, command: Write) -> asyncio.Future[Any]:
        """Take a command; its answer comes by the future. A caller who stops waiting does not take it back.

        Raises `Refused("too_long")`, `OutboxFull`, `Ended`, or `OSError` where the journal cannot be written: then nothing was taken.
        """
        if self._ended is not None:
            raise self._ended
        if len(self._entries) >= MAX_WAITING:
            raise OutboxFull(f"{MAX_WAITING} commands wait to be sent; try again when there is a connection.")
        if command.nonce is None:
            command = replace(command, nonce=new_nonce())
        if len(msgspec.json.encode(command)) > MAX_BYTES - 32:  # 32: room for its id
            raise Refused("too_long", 103, f"A command may have {MAX_BYTES} bytes; send a long text as a file.")
        if self._journal is not None:
            self._journal.add(command)
        entry = _Entry(command, asyncio.get_running_loop().create_future())
        self._entries.append(entry)
        self._changed.set()
        assert entry.answer is not None
        return entry.answer

    async def run(self, ask: Ask) -> None:
        """Send what waits over a connection, for as long as it lives. `ask` returns a command's answer or raises `Refused`."""
        while True:
            while not self._entries:
                self._changed.clear()
                await self._changed.wait()
            await self._send(self._entries[0], ask)

    async def drained(self) -> None:
        """Wait until everything was answered. Raises `Ended` once that will not come."""
        while self._entries:
            if self._ended is not None:
                raise self._ended
            self._changed.clear()
            await self._changed.wait()

    def end(self, why: Ended) -> None:
        """Nothing will be sent any more. What a journal holds stays there for the next time."""
        self._ended = self._ended or why
        for entry in self._entries:
            _settle(entry, self._ended)
        if self._journal is not None:
            self._journal.close()
        self._changed.set()

    async def _send(self, entry: _Entry, ask: Ask) -> None:
        try:
            answer = await ask(entry.command)
        except Refused as refused:
            if refused.passes:
                wait = RETRY_SECONDS if refused.retry_after is None else refused.retry_after
                await self._timing.sleep(wait * (1 + self._timing.random() / 4))
                return
            self._refused(entry.command, refused)
            answer = refused
        self._entries.popleft()
        if self._journal is not None and entry.command.nonce is not None:
            self._journal.done(entry.command.nonce)
        _settle(entry, answer)
        self._changed.set()


def _settle(entry: _Entry, answer: Any) -> None:
    if entry.answer is None or entry.answer.done():
        return
    if isinstance(answer, Exception):
        entry.answer.set_exception(answer)
        entry.answer.exception()  # whoever does not wait for it is told by `refused`
    else:
        entry.answer.set_result(answer)
