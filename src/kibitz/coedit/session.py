"""One connection to documents: what it has in common, whatever it speaks.

Rule: nothing is read from a connection while it is being let in, and while it has more to pay for than its rate allows: an edit cannot
be refused like a command, since its sender has made it already, so whoever is too fast has to wait.
"""

import asyncio
from abc import abstractmethod
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final, Protocol

import structlog

from kibitz.coedit.access import Access
from kibitz.coedit.documents import Documents, Lease
from kibitz.coedit.peer import CollabOutbox
from kibitz.coedit.room import BYTES_A_UNIT
from kibitz.domain.errors import Refusal
from kibitz.fanout.outbox import Flusher
from kibitz.wire.closing import FAILED, SLOW, TIMED_OUT, Close
from kibitz.wire.yjs.closing import FORBIDDEN, GONE, MALFORMED, NOT_FOUND, NOT_LOGGED_IN, TOO_LARGE
from kibitz.wire.yjs.lib0 import Malformed, Oversized

MAX_FRAME: Final = 2 * 1024 * 1024
"""Bytes in one message: the longest text, and as much again for how it came to be. `ws` in node takes 100 MiB by default."""

MAX_READ: Final = 2 * MAX_FRAME
"""Bytes of a message that are read at all: one that is too long, but not more than this, is refused with a code that stock clients
take for the end; else they would send it again and again."""

ENTRY_SECONDS: Final = 30.0
"""How long a connection may take to be let in."""

MESSAGE_COST: Final = 0.25
"""What a message costs of its connection's rate: four are as much as one command, so that a fast typist whose editor tells of every
key and every move of the cursor is never slowed."""

_CLOSES: Final = {
    "not_logged_in": NOT_LOGGED_IN,
    "forbidden": FORBIDDEN,
    "not_found": NOT_FOUND,
    "gone": GONE,
}

log = structlog.get_logger()


class Link(Protocol):
    """What a session needs of its transport."""

    def write(self, data: bytes) -> None:
        """Send bytes."""
        ...

    def close(self, close: Close | None) -> None:
        """Send what was written, then close."""
        ...

    def pause_reading(self) -> None:
        """Hand over no more messages for now."""
        ...

    def resume_reading(self) -> None:
        """Hand over messages again."""
        ...


class Counted(Protocol):
    """A session as whoever counts connections sees it."""

    def login_timed_out(self) -> None:
        """Know that the time to be let in is over."""
        ...

    def end(self, close: Close) -> None:
        """Say why and close."""
        ...


@dataclass(frozen=True, slots=True)
class Door:
    """What sessions are handed by whoever wires them.

    `admit` says who comes by this token, from this address, to this session; it raises `Refusal`. `watch` and `forget` count a
    session and give it so many seconds to be let in; `closed` is why nobody is let in just now. `charge` takes a cost from the rate
    of whoever holds this access, from this address, on this connection, and returns 0.0 or the seconds to wait with nothing taken.
    """

    documents: Documents
    flusher: Flusher
    admit: Callable[[str | None, str, int], Awaitable[Access]]
    spawn: Callable[[str, Coroutine[Any, Any, Any]], Any]
    watch: Callable[[Counted, float], asyncio.TimerHandle]
    forget: Callable[[Counted], None]
    closed: Callable[[], Close | None]
    charge: Callable[[Access, str, int, float], float]


def close_of(refusal: Refusal) -> Close:
    """How a connection ends that was refused so: for good, or to come back."""
    return _CLOSES.get(refusal.code, FAILED)


class CollabSession:
    """A connection's place between its transport and the rooms it is in."""

    def __init__(self, door: Door, link: Link, address: str, number: int) -> None:
        self.door = door
        self.address = address
        self.number = number
        self.outbox = CollabOutbox(link, door.flusher, self._too_slow, self._filled)
        self._link = link
        self._closed = False
        self._entering = 0  # documents it is being let into
        self._owed = 0.0  # what it has still to pay for
        self._loop = asyncio.get_running_loop()
        self._paying: asyncio.TimerHandle | None = None
        self._timer: asyncio.TimerHandle | None = door.watch(self, ENTRY_SECONDS)
        if (close := door.closed()) is not None:
            self.end(close)

    # --- from the transport --------------------------------------------------------------------------------------------

    def receive(self, raw: bytes) -> None:
        """One message."""
        if self._closed:
            return
        if len(raw) > MAX_FRAME:
            self.end(TOO_LARGE)
            return
        try:
            payer, cost = self._handle(raw)
        except Malformed as error:
            log.info("malformed message", connection=self.number, why=str(error))
            self.end(TOO_LARGE if isinstance(error, Oversized) else MALFORMED)
            return
        self._pay(payer, MESSAGE_COST + len(raw) / BYTES_A_UNIT + cost)

    @abstractmethod
    def _handle(self, raw: bytes) -> tuple[Access, float]:
        """Deal with a message; returns who pays for it, and what it costs besides its length. Raises `Malformed`."""

    @abstractmethod
    def _leave_all(self) -> None:
        """Take it out of every room."""

    @abstractmethod
    def _filled(self, full: bool) -> None:
        """Tell its rooms that its socket takes no more, or takes more again."""

    def overlong(self) -> None:
        """A message longer than the transport takes was dropped."""
        self.end(TOO_LARGE)

    def hang_up(self) -> bool:
        """The client says no more, and is owed nothing."""
        return False

    def lost(self) -> None:
        """The connection is gone."""
        if self._closed:
            return
        self._closed = True
        self.outbox.close()
        for timer in (self._timer, self._paying):
            if timer is not None:
                timer.cancel()
        self.door.forget(self)
        self._leave_all()

    # --- ending --------------------------------------------------------------------------------------------------------

    def end(self, close: Close) -> None:
        """Say why and close."""
        if self._closed:
            return
        self.outbox.flush()
        self.lost()
        self._link.close(close)

    def login_timed_out(self) -> None:
        """It was not let in in time."""
        self.end(TIMED_OUT)

    def _too_slow(self) -> None:
        self.end(SLOW)

    # --- being let in --------------------------------------------------------------------------------------------------

    def _enter(
        self,
        token: str | None,
        session: int,
        entered: Callable[[Access, Lease], None],
        refused: Callable[[Refusal], None],
    ) -> None:
        """Let it into a document, and read on when that is decided."""
        self._entering += 1
        self._link.pause_reading()
        self.door.spawn(f"entry of connection {self.number}", self._admit(token, session, entered, refused))

    async def _admit(
        self,
        token: str | None,
        session: int,
        entered: Callable[[Access, Lease], None],
        refused: Callable[[Refusal], None],
    ) -> None:
        try:
            access, lease = await self._admitted(token, session)
        except Refusal as refusal:
            if not self._closed:
                refused(refusal)
        except Exception:
            log.exception("entry failed", connection=self.number)
            self.end(FAILED)
        else:
            with lease:
                if not self._closed:
                    entered(access, lease)
        finally:
            self._entering -= 1
            self._read_on()

    async def _admitted(self, token: str | None, session: int) -> tuple[Access, Lease]:
        documents = self.door.documents
        while True:
            before = documents.changes
            access = await self.door.admit(token, self.address, session)
            lease = await documents.open(session)
            if documents.changes == before:
                return access, lease
            lease.release()  # rights have changed meanwhile, perhaps these

    def _is_in(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # --- paying --------------------------------------------------------------------------------------------------------

    def _pay(self, payer: Access, cost: float) -> None:
        wait = self.door.charge(payer, self.address, self.number, self._owed + cost)
        if not wait:
            self._owed = 0.0
            return
        self._owed += cost
        self._link.pause_reading()
        if self._paying is None:
            self._paying = self._loop.call_later(wait, self._paid, payer)

    def _paid(self, payer: Access) -> None:
        self._paying = None
        self._pay(payer, 0.0)
        self._read_on()

    def _read_on(self) -> None:
        if not self._closed and not self._entering and self._paying is None:
            self._link.resume_reading()
