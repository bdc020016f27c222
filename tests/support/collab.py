"""Documents on a database of their own, behind their two WebSocket paths.

One rule: storage, rooms, sessions and sockets are the real ones; only who may come in is made up: a token is a user's name, and `may`
says what they may do.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import insert
from websockets.frames import Opcode

from kibitz.coedit.access import Access
from kibitz.coedit.document import Change
from kibitz.coedit.documents import GRACE_SECONDS, Documents
from kibitz.coedit.hocuspocus import HocuspocusSession
from kibitz.coedit.session import MAX_READ, CollabSession, Counted, Door
from kibitz.coedit.ywebsocket import YWebsocketSession
from kibitz.domain.errors import Refusal
from kibitz.domain.users import Role, name_key
from kibitz.fanout.outbox import Flusher
from kibitz.server.tasks import Tasks
from kibitz.storage import documents
from kibitz.storage.committer import Committer, Job
from kibitz.storage.schema import VIEWS, code_sessions, metadata, users
from kibitz.storage.seed import seed
from kibitz.storage.store import Store, database_url, open_engine
from kibitz.transports.connection import Connection
from kibitz.transports.keepalive import Heart
from kibitz.transports.upgrade import Route, Visitor
from kibitz.transports.ws import FrameConnection
from kibitz.wire.closing import Close
from tests.support.database import NOW
from tests.support.transports import listening

CAST = ("alice", "bob", "carol", "dave")
"""Users 1 to 4."""

SESSION = 1
"""The session that is there."""


class Desk:
    """The documents of a test."""

    def __init__(self, path: Path, tasks: Tasks, grace: float) -> None:
        url = database_url(str(path))
        self.writer = open_engine(url, writer=True)
        _fill(self.writer)
        self.store = Store(url)
        self.committer = Committer(self.writer)
        self.tasks = tasks
        self.changes: list[Change] = []
        self.commits: list[int] = []  # jobs in each
        self.committer.start(self._settled, lambda _: None)
        self.documents = Documents(self.store, self.committer, tasks, lambda: NOW, self.changes.append, grace=grace)
        self.may: dict[str, Access | Refusal] = {
            name: Access(number, name, number, can_write=True) for number, name in enumerate(CAST, 1)
        }
        self.wait = 0.0  # seconds that whoever sends has to wait
        self.charged: list[float] = []
        self.closed: Close | None = None
        self.open: set[Counted] = set()
        self.port = 0
        self.door = Door(
            documents=self.documents,
            flusher=Flusher(asyncio.get_running_loop()),
            admit=self.admit,
            spawn=tasks.spawn,
            watch=self._watch,
            forget=self.open.discard,
            closed=lambda: self.closed,
            charge=self._charge,
        )

    async def admit(self, token: str | None, _: str, session: int) -> Access:
        """Who comes by a token."""
        if session != SESSION:
            raise Refusal("not_found", "Session not found.")
        found = self.may.get(token or "", Refusal("not_logged_in", "Log in first."))
        if isinstance(found, Refusal):
            raise found
        return found

    def url(self, token: str = "alice", session: int = SESSION) -> str:
        """Where y-websocket finds the session, the room's name included."""
        return f"ws://127.0.0.1:{self.port}/collab/{session}?token={token}"

    async def rows(self) -> Sequence[Any]:
        """Every stored update: seq, user, payload."""
        return await self.store.read(lambda tx: documents.between(tx, SESSION, 0, 1 << 30))

    def _charge(self, access: Access, address: str, connection: int, cost: float) -> float:
        self.charged.append(cost)
        return self.wait

    def _watch(self, session: Counted, seconds: float) -> asyncio.TimerHandle:
        self.open.add(session)
        return asyncio.get_running_loop().call_later(seconds, session.login_timed_out)

    def _settled(self, jobs: Sequence[Job], results: Sequence[Any]) -> None:
        self.commits.append(len(jobs))
        for job, result in zip(jobs, results, strict=True):
            job.done(result)


def _fill(engine: Any) -> None:
    with engine.begin() as tx:
        if engine.dialect.has_table(tx, "users"):
            return
        metadata.create_all(tx)
        for name, query in VIEWS.items():
            tx.exec_driver_sql(f"CREATE VIEW {name} AS {query}")
        seed(tx, epoch="first-epoch", now=NOW)
        people = [
            {"name": name, "name_key": name_key(name), "role": Role.MEMBER, "password_hash": "-", "created_at": NOW}
            for name in CAST
        ]
        tx.execute(insert(users), people)
        values = {"access": "open", "language": "python", "created_by": 1, "created_at": NOW}
        tx.execute(insert(code_sessions), [values, values])


@asynccontextmanager
async def desk(directory: Path, *, grace: float = GRACE_SECONDS) -> AsyncIterator[Desk]:
    """Documents without sockets."""
    async with AsyncExitStack() as stack:
        tasks = Tasks()
        made = Desk(directory / "kibitz.db", tasks, grace)
        stack.callback(made.writer.dispose)
        stack.callback(made.store.close)
        stack.push_async_callback(made.committer.stop)
        stack.push_async_callback(tasks.stop)
        stack.push_async_callback(made.documents.stop)
        yield made


@asynccontextmanager
async def serving(directory: Path, *, grace: float = GRACE_SECONDS) -> AsyncIterator[Desk]:
    """Documents behind a loopback port."""
    async with desk(directory, grace=grace) as made:
        heart, connections = Heart(), set[Any]()
        number = iter(range(1, 1 << 30))

        def begin_y(connection: Connection, visitor: Visitor) -> CollabSession:
            session = int(visitor.path.rpartition("/")[2])
            return YWebsocketSession(made.door, connection, visitor.address, next(number), visitor.token, session)

        def begin_hocuspocus(connection: Connection, visitor: Visitor) -> CollabSession:
            return HocuspocusSession(made.door, connection, visitor.address, next(number), visitor.token)

        routes = (
            Route(re.compile("/collab/[0-9]+"), Opcode.BINARY, begin_y, MAX_READ),
            Route(re.compile("/hocuspocus"), Opcode.BINARY, begin_hocuspocus, MAX_READ),
        )
        async with listening(lambda: FrameConnection(routes, heart, connections)) as made.port:
            yield made
