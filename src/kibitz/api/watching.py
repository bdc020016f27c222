"""Telling those who joined a session what becomes of its text, on connections that do not speak Yjs.

Rule: a text is told when it is stored, at most ten times a second; whoever sent exactly that text is not sent it again.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from kibitz.coedit.document import Branch, Change
from kibitz.coedit.documents import Documents, Lease
from kibitz.fanout.audiences import Audiences
from kibitz.fanout.listener import Listener
from kibitz.wire.codec import Sheet
from kibitz.wire.events import CodeUpdated
from kibitz.wire.views import UserRef

INTERVAL: Final = 0.1
"""Seconds between two tellings of one text: as fast as a person can follow, and a text of 64 KB costs each listener 640 KB/s at most."""

MAX_AHEAD: Final = 1000
"""Edits one connection may make of one version; then it has to name a newer one: each costs all those before it again."""


@dataclass(slots=True)
class _Watch:
    """A session that somebody hears."""

    lease: Lease
    people: dict[int, UserRef] = field(default_factory=dict)
    pending: Change | None = None
    authors: dict[int, None] = field(default_factory=dict)  # of what is pending, the last one last
    cursor: tuple[int, int] | None = None  # of whom, and where
    last: float = 0.0
    timer: asyncio.TimerHandle | None = None


@dataclass(slots=True)
class Copy:
    """What a connection has of a text: the version it was told last, and what it has made of one since, if anything."""

    told: int
    sent: str | None = None  # the text it sent last, until it is told another
    branch: Branch | None = None

    def edited(self, version: int | None) -> Branch:
        """What an edit goes on from that names this version, or none: then the text this connection last sent or was told."""
        if self.branch is None or len(self.branch.updates) >= MAX_AHEAD:
            return Branch(self.told if version is None else version)
        if version is None:
            return self.branch if self.sent is not None else Branch(self.told)
        return self.branch if version == self.branch.base else Branch(version)


class Watching:
    """The sessions that are heard on some connection, and what each connection has of them."""

    def __init__(self, audiences: Audiences) -> None:
        self._audiences = audiences
        self._documents: Documents | None = None
        self._watches: dict[int, _Watch] = {}
        self._opening: dict[int, asyncio.Future[None]] = {}
        self._copies: dict[tuple[int, Listener], Copy] = {}
        audiences.left = self._left

    def attach(self, documents: Documents) -> None:
        """Watch these documents, which call `changed`."""
        self._documents = documents

    async def join(self, session: int, listener: Listener) -> None:
        """Let a connection hear a session."""
        audiences = self._audiences
        audiences.join(session, listener)
        while session not in self._watches:
            if session in self._opening:
                await self._opening[session]
            else:
                await self._open(session)
            if not audiences.hears(session, listener):  # it is gone, or was put out meanwhile
                return

    def meet(self, session: int, people: Iterable[UserRef]) -> None:
        """These take part in a session; a text that one of them has changed is told under their name."""
        if (watch := self._watches.get(session)) is not None:
            watch.people.update((person.id, person) for person in people)

    def copy(self, session: int, listener: Listener) -> Copy | None:
        """What a connection has of a session's text, as far as that is known."""
        return self._copies.get((session, listener))

    def was_told(self, session: int, listener: Listener, version: int) -> None:
        """A connection was told this version. Of one that is gone nothing is kept."""
        if self._audiences.hears(session, listener):
            copy = self._copies.setdefault((session, listener), Copy(version))
            copy.told, copy.sent = version, None

    def has_sent(self, session: int, listener: Listener, text: str, branch: Branch) -> None:
        """A connection has sent a text, as an edit of this branch."""
        if (copy := self._copies.get((session, listener))) is not None:
            copy.sent, copy.branch = text, branch

    def point(self, session: int, user: int, cursor: int | None) -> None:
        """Where somebody is in the text they are about to send."""
        if (watch := self._watches.get(session)) is not None and cursor is not None:
            watch.cursor = (user, cursor)

    def changed(self, change: Change) -> None:
        """A text was stored."""
        watch = self._watches.get(change.session)
        if watch is None:
            return
        watch.pending = change
        for author in change.authors:
            watch.authors.pop(author, None)
            watch.authors[author] = None
        if watch.timer is None:
            loop = asyncio.get_running_loop()
            watch.timer = loop.call_at(max(loop.time(), watch.last + INTERVAL), self.tell, change.session)

    def tell(self, session: int) -> None:
        """Tell now what is to be told of a session."""
        watch = self._watches.get(session)
        if watch is None:
            return
        if watch.timer is not None:
            watch.timer.cancel()
            watch.timer = None
        change, watch.pending = watch.pending, None
        if change is not None:
            watch.last = asyncio.get_running_loop().time()
            self._tell(watch, change)

    def _tell(self, watch: _Watch, change: Change) -> None:
        authors, cursor = [watch.people[one] for one in watch.authors if one in watch.people], watch.cursor
        watch.authors, watch.cursor = {}, None
        spared = []
        for listener in self._audiences.listeners(change.session):
            copy = self._copies.get((change.session, listener))
            if copy is not None and copy.sent == change.text:
                spared.append(listener)
            else:
                self.was_told(change.session, listener, change.version)
        last = authors[-1] if authors else None
        place = cursor[1] if cursor is not None and last is not None and cursor[0] == last.id else None
        sheet = Sheet(change.text, last.name if last is not None else "", place)
        event = CodeUpdated(session=change.session, version=change.version, users=authors)
        self._audiences.tell(change.session, event, sheet, but=spared)

    async def _open(self, session: int) -> None:
        assert self._documents is not None, "they are attached at the start"
        opened = self._opening[session] = asyncio.get_running_loop().create_future()
        try:
            self._watches[session] = _Watch(await self._documents.open(session, watch=True))
        finally:
            del self._opening[session]
            opened.set_result(None)
        if not self._audiences.listeners(session):
            self._forget(session)

    def _left(self, session: int, listener: Listener) -> None:
        """A connection hears a session no more."""
        self._copies.pop((session, listener), None)
        if not self._audiences.listeners(session):
            self._forget(session)

    def _forget(self, session: int) -> None:
        """Nobody hears it any more."""
        watch = self._watches.pop(session, None)
        if watch is not None:
            watch.lease.release()
            if watch.timer is not None:
                watch.timer.cancel()
