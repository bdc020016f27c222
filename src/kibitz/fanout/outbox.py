"""What one connection is still owed.

Rule: at most one write per connection and tick of the loop, and never more waiting than `MAX_BYTES` and `MAX_CHUNKS`: a reader that
falls behind that far is let go with a code that says «come back and resume», since it loses nothing by it.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

MAX_BYTES: Final = 1024 * 1024
"""Bytes that may wait for one connection: Centrifugo's limit per client too."""

MAX_CHUNKS: Final = 8192
"""Pieces that may wait for one connection: 1,000 rooms' worth of a busy tick."""


AT_A_TIME: Final = 128
"""Outboxes that are written before the loop looks at what has come in: a millisecond or two. A message to thousands keeps nobody
waiting for longer, and what is sent after it is read, and becomes durable, while it still goes out."""


class Wire(Protocol):
    """The part of an `asyncio.Transport` that an outbox writes to."""

    def write(self, data: bytes) -> None:
        """Send these bytes, now or when the socket takes them."""
        ...


class Flusher:
    """Writes, at the end of a tick, what the outboxes of this loop were given; where they are many, over several ticks, in order."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._dirty: deque[Outbox] = deque()
        self._due = False
        self._chunks: list[bytes] = []  # what was joined last,
        self._joined = b""  # and into what

    def mark(self, outbox: "Outbox") -> None:
        """This outbox has something to write."""
        self._dirty.append(outbox)
        if not self._due:
            self._due = True
            self._loop.call_soon(self._flush)

    def join(self, chunks: list[bytes]) -> bytes:
        """These pieces as one. Where many are owed the same, they are joined once: it is the pieces themselves that are equal."""
        if chunks != self._chunks:
            self._chunks, self._joined = chunks, b"".join(chunks)
        return self._joined

    def _flush(self) -> None:
        dirty = self._dirty
        for _ in range(min(len(dirty), AT_A_TIME)):
            dirty.popleft().flush()
        self._chunks, self._joined = [], b""
        self._due = bool(dirty)
        if dirty:
            self._loop.call_soon(self._flush)


class Outbox:
    """The queue between the hub and one transport.

    `overflow` is called once, when more waits than may. While the outbox is held (a client is catching up), what the hub puts in
    waits behind what `send` writes past it.
    """

    __slots__ = (
        "_chunks",
        "_dirty",
        "_flusher",
        "_held",
        "_overflow",
        "_paused",
        "_waiting",
        "_wire",
        "closed",
        "written",
    )

    def __init__(self, wire: Wire, flusher: Flusher, overflow: Callable[[], None]) -> None:
        self._wire = wire
        self._flusher = flusher
        self._overflow = overflow
        self._chunks: list[bytes] = []
        self._held: list[bytes] | None = None
        self._waiting = 0  # bytes in _chunks and _held
        self._dirty = False
        self._paused = False
        self.closed = False
        self.written = 0

    def put(self, data: bytes) -> None:
        """Owe the connection these bytes, in order after all that was put before."""
        if self.closed:
            return
        queue = self._chunks if self._held is None else self._held
        queue.append(data)
        self._count(data, len(queue))

    def put_fleeting(self, data: bytes) -> None:
        """The same for what may be dropped: it is, once half of the queue is full or while a client catches up."""
        if self._held is None and self._waiting < MAX_BYTES // 2 and len(self._chunks) < MAX_CHUNKS // 2:
            self.put(data)

    def send(self, data: bytes) -> None:
        """Owe these bytes ahead of whatever is held: answers, and what a client is catching up on."""
        if not self.closed:
            self._chunks.append(data)
            self._count(data, len(self._chunks))

    def hold(self) -> None:
        """From now on, keep back what is put until `release`."""
        if self._held is None:
            self._held = []

    def release(self) -> None:
        """Owe what was held back, after everything sent meanwhile."""
        held, self._held = self._held or [], None
        self._chunks.extend(held)
        if self._chunks:
            self._mark()

    def pause(self) -> None:
        """The transport's buffer is full: write nothing until `resume`."""
        self._paused = True

    def resume(self) -> None:
        """The transport takes bytes again."""
        self._paused = False
        if self._chunks:
            self._mark()

    @property
    def waiting(self) -> int:
        """Bytes that wait here, not counting the transport's own buffer."""
        return self._waiting

    @property
    def paused(self) -> bool:
        """Whether the transport takes no bytes just now."""
        return self._paused

    def flush(self) -> None:
        """Write what waits, in one call, unless the transport is paused."""
        self._dirty = False
        chunks = self._chunks
        if self._paused or self.closed or not chunks:
            return
        self._chunks = []
        data = chunks[0] if len(chunks) == 1 else self._flusher.join(chunks)
        self._waiting -= len(data)
        self.written += len(data)
        self._wire.write(data)

    def close(self) -> None:
        """Forget what waits; take nothing more."""
        self.closed = True
        self._chunks = []
        self._held = None
        self._waiting = 0

    def _count(self, data: bytes, pieces: int) -> None:
        self._waiting += len(data)
        if self._waiting > MAX_BYTES or pieces > MAX_CHUNKS:
            self._relieve()
        elif not self._dirty:
            self._mark()

    def _relieve(self) -> None:
        # A burst within one tick is not a slow reader: the transport is offered it first, and says whether it is.
        self.flush()
        held = self._held or ()
        if self._waiting > MAX_BYTES or len(self._chunks) > MAX_CHUNKS or len(held) > MAX_CHUNKS:
            self._overflow()

    def _mark(self) -> None:
        if not self._dirty:
            self._dirty = True
            self._flusher.mark(self)
