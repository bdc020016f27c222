"""The documents of a workspace that are in memory.

Rule: a document is loaded once, before anyone hears of it, and let go of when nobody needs it any more and all of it is stored. Whoever
holds a lease keeps it; so does every client in its room.
"""

import asyncio
from collections.abc import Callable, Collection, Coroutine
from types import TracebackType
from typing import Any, Final, Protocol

import structlog

from kibitz.coedit import history
from kibitz.coedit.document import Change, Document, Parts
from kibitz.coedit.memory import give_back
from kibitz.coedit.room import Room
from kibitz.domain.errors import Refusal
from kibitz.storage.committer import Committer
from kibitz.storage.store import Store
from kibitz.wire.closing import FAILED, RESTORED, SHUTDOWN
from kibitz.wire.yjs.closing import FORBIDDEN, GONE, NOT_LOGGED_IN

TEND_SECONDS: Final = 5.0
"""How often documents are looked after."""

ALIVE_SECONDS: Final = 20.0
"""How often every client hears something: y-websocket's come back anew after 30 s of silence, and so do Hocuspocus'."""

GRACE_SECONDS: Final = 45.0
"""How long a document nobody needs stays: time to reload a page. Jupyter keeps them for 60 s."""

UNLOAD_AFTER: Final = 50
"""Updates since the last checkpoint for which one is made when a document is let go of; reading fewer takes no time."""

TRIM_SECONDS: Final = 30.0
"""How often memory is given back at most."""

STOP_SECONDS: Final = 10.0
"""How long storing may take at the end."""

__all__ = ["Change", "Documents", "Lease"]

log = structlog.get_logger()


class Spawner(Protocol):
    """Whoever owns the tasks of this process."""

    def spawn(self, name: str, work: Coroutine[Any, Any, Any]) -> Any:
        """Begin a task that is logged when it fails and ended when the server stops."""
        ...


class Lease:
    """Someone's need of a document. Released once, by `release` or at the end of a `with` block."""

    def __init__(self, room: Room, released: Callable[[Room], None], *, watch: bool) -> None:
        self.room = room
        self.document: Document = room.document
        self._released: Callable[[Room], None] | None = released
        self._watch = watch
        room.leases += 1
        room.document.watchers += watch

    def release(self) -> None:
        """It is needed no more."""
        released, self._released = self._released, None
        if released is not None:
            self.room.leases -= 1
            self.document.watchers -= self._watch
            released(self.room)

    def __enter__(self) -> Document:
        return self.document

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


class Documents:
    """The documents of one workspace. `on_change` is told of each commit of a document that someone watches."""

    def __init__(
        self,
        store: Store,
        committer: Committer,
        tasks: Spawner,
        now: Callable[[], str],
        on_change: Callable[[Change], None],
        *,
        grace: float = GRACE_SECONDS,
    ) -> None:
        self._parts = Parts(store, committer, now, on_change)
        self._tasks = tasks
        self._grace = grace
        self._loop = asyncio.get_running_loop()
        self._rooms: dict[int, Room] = {}
        self._loading: dict[int, asyncio.Task[Room]] = {}
        self._idle: dict[int, float] = {}  # since when nobody needs them
        self._leaving: dict[int, asyncio.Task[None]] = {}  # what must be stored before it may be loaded again
        self._trimmed = self._told_alive = self._loop.time()
        self._unloaded = 0  # since memory was given back
        self._history = 0  # how often another one was put in its place
        self.changes = 0  # of rights; whoever was admitted before one has to ask again

    def start(self) -> None:
        """Begin to look after them; the tasks' owner ends it."""
        self._tasks.spawn("documents", self._tend())

    async def stop(self) -> None:
        """Cut everybody, and store what is not stored. The committer must still run."""
        for room in self._rooms.values():
            room.cut_all(SHUTDOWN)
        stores = [self._tasks.spawn("store document", _stored(room.document)) for room in self._rooms.values()]
        if stores:
            _, late = await asyncio.wait(stores, timeout=STOP_SECONDS)
            if late:
                log.error("documents not stored", documents=len(late))

    def __len__(self) -> int:
        return len(self._rooms)

    # --- needing one ---------------------------------------------------------------------------------------------------

    async def open(self, session: int, *, watch: bool = False) -> Lease:
        """A document, loaded. Raises `Refusal` where it cannot be read just now."""
        while True:
            room = self._rooms.get(session) or await self._load(session)
            if self._rooms.get(session) is not room:
                continue  # it was let go of meanwhile
            if room.document.is_overfull:
                raise Refusal("unavailable", "The server cannot store edits just now.", retry_after=5.0)
            self._idle.pop(session, None)
            room.flush()
            return Lease(room, self._released, watch=watch)

    async def _load(self, session: int) -> Room:
        task = self._loading.get(session)
        if task is None:
            task = self._loading[session] = self._tasks.spawn("load document", self._read(session))
            task.add_done_callback(lambda _: self._loading.pop(session, None))
        return await asyncio.shield(task)

    async def _read(self, session: int) -> Room:
        leaving = self._leaving.get(session)
        if leaving is not None:
            await asyncio.shield(leaving)
        while True:
            before = self._history
            loaded = await self._parts.store.read(history.load, session)
            if self._history == before:
                break
        room = Room(Document(session, loaded, self._parts), lambda: self._released(room))
        room.document.broke = lambda: self._broke(room)
        self._rooms[session] = room
        self._released(room)
        return room

    def _released(self, room: Room) -> None:
        if room.is_empty:
            self._idle.setdefault(room.document.session, self._loop.time())

    # --- rights --------------------------------------------------------------------------------------------------------

    def present(self) -> set[tuple[int, int]]:
        """Everyone who has a client in a document: (session, user)."""
        return {(session, peer.access.user) for session, room in self._rooms.items() for peer in room.peers}

    def logins(self) -> set[tuple[int, int | None]]:
        """The logins that clients came by: (user, token)."""
        return {(peer.access.user, peer.access.token_id) for room in self._rooms.values() for peer in room.peers}

    def change_access(self, session: int, user: int, can_write: bool | None) -> None:
        """What a user may do in a session has, or may have, changed: write, or only read, or (None) nothing any more."""
        self.changes += 1
        room = self._rooms.get(session)
        for peer in room.peers if room is not None else ():
            if peer.access.user == user:
                if can_write is None:
                    peer.cut(FORBIDDEN)
                elif peer.access.can_write != can_write:
                    peer.limit(can_write=can_write)

    def end_login(self, user: int, tokens: Collection[int] | None, *, keep: int | None = None) -> None:
        """These logins of a user have ended; None: all of them but the one to keep."""
        self.changes += 1
        for room in self._rooms.values():
            for peer in room.peers:
                token = peer.access.token_id
                if peer.access.user == user and (token in tokens if tokens is not None else token != keep):
                    peer.cut(NOT_LOGGED_IN)

    def close(self, session: int) -> None:
        """Nobody may be in a session any more."""
        self.changes += 1
        room = self._rooms.get(session)
        if room is not None:
            room.cut_all(GONE)

    def forget(self) -> None:
        """Another history was put in the place of this one: everybody comes back and starts afresh."""
        self._history += 1
        for room in list(self._rooms.values()):
            room.document.abandon()
            room.cut_all(RESTORED)
            self._drop(room)

    # --- looking after them --------------------------------------------------------------------------------------------

    async def _tend(self) -> None:
        while True:
            await asyncio.sleep(TEND_SECONDS)
            try:
                await self.tend()
            except Exception:
                log.exception("looking after documents failed")

    async def tend(self) -> None:
        """Keep clients, make checkpoints, let go of what nobody needs."""
        now = self._loop.time()
        if now - self._told_alive >= ALIVE_SECONDS:
            self._told_alive = now
            for room in self._rooms.values():
                room.keep_alive()
        for room in [room for room in self._rooms.values() if room.document.needs_checkpoint()]:
            await room.document.make_checkpoint()
        for session in [session for session, since in self._idle.items() if now - since >= self._grace]:
            await self._unload(session)
        if self._unloaded and now - self._trimmed >= TRIM_SECONDS:
            self._trimmed, self._unloaded = now, 0
            await self._loop.run_in_executor(None, give_back)

    async def _unload(self, session: int) -> None:
        room = self._rooms.get(session)
        if room is not None and room.is_idle and room.document.needs_checkpoint(UNLOAD_AFTER):
            await room.document.make_checkpoint()
            room = self._rooms.get(session)  # someone may have come meanwhile
        if room is None or not room.is_empty:
            self._idle.pop(session, None)
        elif room.is_idle:
            self._drop(room)

    def _broke(self, room: Room) -> None:
        """Have it read afresh, once what it was given before is stored."""
        session = room.document.session
        room.cut_all(FAILED)
        self._drop(room)
        self._leaving[session] = task = self._tasks.spawn("store document", _stored(room.document))
        task.add_done_callback(lambda _: self._leaving.pop(session, None))

    def _drop(self, room: Room) -> None:
        session = room.document.session
        if self._rooms.get(session) is room:
            del self._rooms[session]
        self._idle.pop(session, None)
        self._unloaded += 1
        # The two know each other: left so, they would wait for the collector of garbage in circles, which comes by seldom.
        room.document.told = room.document.broke = _nothing


def _nothing(*_: object) -> None:
    """A document that was let go of tells nobody anything."""


async def _stored(document: Document) -> None:
    try:
        await document.saved()
    except Refusal as refusal:
        log.warning("document left", session=document.session, why=refusal.message)
