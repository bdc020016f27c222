"""One client of y-websocket: one connection, one document.

Rule: who may not come in is told so in the protocol's own words first, then by a close code that its clients take for the end.
"""

from kibitz.coedit.access import Access
from kibitz.coedit.documents import Lease
from kibitz.coedit.peer import Peer
from kibitz.coedit.room import Room
from kibitz.coedit.session import CollabSession, Door, Link, close_of
from kibitz.domain.errors import Refusal
from kibitz.wire.closing import LOGGED_OUT, Close
from kibitz.wire.frames import binary_frame
from kibitz.wire.yjs import messages
from kibitz.wire.yjs.closing import NOT_LOGGED_IN, is_terminal


class YWebsocketSession(CollabSession):
    """A connection to `/collab/{session}`."""

    def __init__(self, door: Door, link: Link, address: str, number: int, token: str | None, session: int) -> None:
        self._room: Room | None = None
        self._peer: Peer | None = None
        super().__init__(door, link, address, number)
        if not self._closed:
            self._enter(token, session, self._entered, self._refused)

    def end(self, close: Close) -> None:
        """Say why and close."""
        if close is LOGGED_OUT:
            close = NOT_LOGGED_IN
        if is_terminal(close) and not self._closed:
            self.outbox.send(binary_frame(messages.permission_denied(close.sentence)))
        super().end(close)

    def _handle(self, raw: bytes) -> tuple[Access, float]:
        assert self._room is not None and self._peer is not None, "nothing is read before it is let in"
        return self._peer.access, self._room.take(self._peer, messages.decode(raw))

    def _entered(self, access: Access, lease: Lease) -> None:
        self._room = lease.room
        self._peer = Peer(access, self.outbox, prefix=b"", cut=self.end, limited=_untold, answer=None)
        self._room.join(self._peer)
        self._is_in()

    def _refused(self, refusal: Refusal) -> None:
        self.end(close_of(refusal))

    def _leave_all(self) -> None:
        if self._room is not None and self._peer is not None:
            self._room.leave(self._peer)

    def _filled(self, full: bool) -> None:
        if self._room is not None and self._peer is not None:
            self._room.filled(self._peer, full)


def _untold(can_write: bool) -> None:
    """The protocol has no word for it: what a reader writes is dropped."""
