"""One socket of Hocuspocus' provider: several documents, each with a login of its own.

Rule: an update is acknowledged when it is stored for good, and a document is refused or closed without ending the others.
"""

from typing import Final, NamedTuple

from kibitz.coedit.access import NOBODY, Access
from kibitz.coedit.documents import Lease
from kibitz.coedit.peer import Peer
from kibitz.coedit.room import Room
from kibitz.coedit.session import CollabSession, Door, Link
from kibitz.domain.errors import Refusal
from kibitz.wire.closing import Close
from kibitz.wire.frames import binary_frame
from kibitz.wire.yjs import hocuspocus
from kibitz.wire.yjs.closing import is_terminal
from kibitz.wire.yjs.hocuspocus import PONG, Addressed, Token

MAX_DOCUMENTS: Final = 32
"""Documents on one socket: as many as someone has open at once. Hocuspocus lets 100 wait for their login."""


class _Place(NamedTuple):
    room: Room
    peer: Peer


class HocuspocusSession(CollabSession):
    """A connection to `/hocuspocus`. `token` is the one it came with, for documents whose own is empty."""

    def __init__(self, door: Door, link: Link, address: str, number: int, token: str | None) -> None:
        self._token = token
        self._places: dict[str, _Place] = {}
        super().__init__(door, link, address, number)

    def _handle(self, raw: bytes) -> tuple[Access, float]:
        addressed = hocuspocus.decode(raw)
        if addressed is None:
            if raw == hocuspocus.PING:
                self.outbox.send(binary_frame(PONG))
            return self._payer(None), 0.0
        place, cost = self._places.get(addressed.address), 0.0
        match addressed.message:
            case Token(token):
                self._log_in(addressed, token or self._token)
            case hocuspocus.Close():
                self._leave(addressed.address)
            case message if place is not None:
                cost = place.room.take(place.peer, message)
            case _:
                pass  # it was refused, or has left; a provider learns that after it has said more
        return self._payer(place), cost

    def _payer(self, place: _Place | None) -> Access:
        """Who pays for a message about a document, even one they are not in."""
        place = place or next(iter(self._places.values()), None)
        return NOBODY if place is None else place.peer.access

    # --- coming in -----------------------------------------------------------------------------------------------------

    def _log_in(self, addressed: Addressed, token: str | None) -> None:
        address = addressed.address
        if not addressed.document.isdecimal():
            self._say(address, hocuspocus.permission_denied("There is no such session."))
        elif address not in self._places and len(self._places) >= MAX_DOCUMENTS:
            self._say(address, hocuspocus.permission_denied(f"One connection may have {MAX_DOCUMENTS} sessions."))
        else:
            self._enter(
                token,
                int(addressed.document),
                lambda access, lease: self._entered(address, access, lease),
                lambda refusal: self._refused(address, refusal),
            )

    def _entered(self, address: str, access: Access, lease: Lease) -> None:
        self._leave(address)  # a provider that logs in anew begins anew
        peer = Peer(
            access,
            self.outbox,
            prefix=hocuspocus.prefix(address),
            cut=lambda close: self._cut(address, close),
            limited=lambda can_write: self._say(address, hocuspocus.authenticated(can_write=can_write)),
            answer=lambda count, saved: self._answer(address, count, saved),
        )
        self._places[address] = _Place(lease.room, peer)
        self._say(address, hocuspocus.authenticated(can_write=access.can_write))
        lease.room.join(peer)
        self._is_in()

    def _refused(self, address: str, refusal: Refusal) -> None:
        self._leave(address)
        self._say(address, hocuspocus.permission_denied(refusal.message))

    # --- going ---------------------------------------------------------------------------------------------------------

    def _cut(self, address: str, close: Close) -> None:
        if not is_terminal(close):
            self.end(close)
            return
        self._leave(address)
        self._say(address, hocuspocus.permission_denied(close.sentence))
        self._say(address, hocuspocus.close(close.reason))

    def _leave(self, address: str) -> None:
        place = self._places.pop(address, None)
        if place is not None:
            place.room.leave(place.peer)

    def _leave_all(self) -> None:
        for address in list(self._places):
            self._leave(address)

    # --- what is said --------------------------------------------------------------------------------------------------

    def _say(self, address: str, message: bytes) -> None:
        self.outbox.send(binary_frame(hocuspocus.prefix(address) + message))

    def _answer(self, address: str, count: int, saved: bool) -> None:
        self.outbox.send(binary_frame(hocuspocus.prefix(address) + hocuspocus.sync_status(saved=saved)) * count)

    def _filled(self, full: bool) -> None:
        for place in self._places.values():
            place.room.filled(place.peer, full)
