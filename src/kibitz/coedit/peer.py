"""One client in one document, as its room sees it.

Rule: a client that reads slowly is owed no queue: from the moment its socket takes no more it is only remembered what it had then, and
once it reads again it is sent everything since as one update.
"""

from collections.abc import Callable
from dataclasses import replace

from kibitz.coedit.access import Access
from kibitz.fanout.outbox import Flusher, Outbox, Wire
from kibitz.wire.closing import Close
from kibitz.wire.frames import binary_frame


class CollabOutbox(Outbox):
    """An outbox that tells when its socket takes no more, and when it takes more again."""

    __slots__ = ("_full",)

    def __init__(
        self, wire: Wire, flusher: Flusher, overflow: Callable[[], None], full: Callable[[bool], None]
    ) -> None:
        super().__init__(wire, flusher, overflow)
        self._full = full

    def pause(self) -> None:
        """The transport's buffer is full."""
        super().pause()
        self._full(True)

    def resume(self) -> None:
        """The transport takes bytes again."""
        super().resume()
        self._full(False)


class Peer:
    """A client's place in a room.

    `prefix` is what its protocol puts before each message, so that peers with the same one are sent the same frame. The three
    callbacks are its session's: `cut` takes it out of the room for good, `limited` tells it that it may only read from now on (or
    write again), `answer` tells it that so many of its updates are stored, or that one was not taken.
    """

    __slots__ = ("access", "answer", "behind", "cut", "limited", "live", "missing", "outbox", "prefix")

    def __init__(
        self,
        access: Access,
        outbox: Outbox,
        *,
        prefix: bytes,
        cut: Callable[[Close], None],
        limited: Callable[[bool], None],
        answer: Callable[[int, bool], None] | None,
    ) -> None:
        self.access = access
        self.outbox = outbox
        self.prefix = prefix
        self.cut = cut
        self.limited = limited
        self.answer = answer
        self.live = False  # it has said what it has, and hears everything since
        self.behind: bytes | None = None  # what it had when it stopped reading, as a state vector
        self.missing = 0  # updates it sent, one after another, that build on what is not there

    def send(self, message: bytes) -> None:
        """Owe it this message."""
        self.outbox.put(binary_frame(self.prefix + message))

    def limit(self, *, can_write: bool) -> None:
        """From now on it may only read, or write again."""
        self.access = replace(self.access, can_write=can_write)
        self.limited(can_write)
