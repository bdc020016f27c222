"""A workspace of alice, bob, carol and dave, and connections that keep what they hear.

One rule: gate, committer, database, documents and sandbox are the real ones; only sockets are missing.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from kibitz.api import collab
from kibitz.api.caller import Caller
from kibitz.api.gate import Gate
from kibitz.api.verbs import VERBS
from kibitz.coedit.access import Access
from kibitz.domain.access import Actor
from kibitz.fanout.listener import Listener
from kibitz.fanout.outbox import Outbox
from kibitz.storage import Tx, room_views, tokens, users
from kibitz.transports.collab import _door
from kibitz.wire.closing import Close
from kibitz.wire.code_commands import CreateSession, JoinSession, RunCode
from kibitz.wire.codec import Codec, Viewer
from kibitz.wire.commands import Command
from kibitz.wire.events import AnyEvent, Event, RunEnded
from kibitz.wire.jsonlines import JSON_LINES
from kibitz.wire.pipe.codec import PIPE
from kibitz.wire.results import SessionJoined
from kibitz.wire.views import RunRef
from tests.support.database import NOW, person
from tests.support.waiting import WAIT
from tests.support.workspace import workspace

CAST: Final = ("alice", "bob", "carol", "dave")

E = TypeVar("E", bound=Event)
T = TypeVar("T")
_events: Final = msgspec.json.Decoder(AnyEvent)


class Seat:
    """A connection of somebody, as far as the hub and the gate know it."""

    def __init__(self, studio: "Studio", name: str, codec: Codec) -> None:
        self.studio = studio
        self.closed: Close | None = None
        self.lines: list[str] = []
        self._codec = codec
        self._came = asyncio.Event()
        actor = studio.people[name]
        workspace = studio.gate.workspace
        outbox = Outbox(self, workspace.flusher, lambda: None)
        self.listener = Listener(Viewer(actor.id, name), actor.token_id, codec, outbox, self._end)
        self.caller = Caller("127.0.0.1", actor.id, name, actor.token_id, self.listener)
        workspace.hub.open(self.listener)

    async def listen(self) -> "Seat":
        """Hear the rooms of whoever sits here."""
        rooms = await self.studio.gate.workspace.store.read(room_views.my_rooms, self.caller.user)
        self.studio.gate.workspace.hub.listen(
            self.listener, [(room_views.label(mine.room), mine.room.head) for mine in rooms]
        )
        return self

    def write(self, data: bytes) -> None:
        self.lines += data.decode().splitlines()
        self._came.set()

    def leave(self) -> None:
        """Be cut off."""
        self.listener.outbox.close()
        self.studio.gate.workspace.hub.close(self.listener)

    def _end(self, close: Close) -> None:
        self.closed = close
        self.leave()

    # --- what it heard -------------------------------------------------------------------------------------------------

    def heard(self, kind: type[E]) -> list[E]:
        """The events of a kind, so far, of a connection that speaks JSON lines."""
        assert self._codec is JSON_LINES
        return [event for event in map(_events.decode, self.lines) if isinstance(event, kind)]

    def told(self, kind: str) -> list[dict[str, Any]]:
        """The CODE_SESSION lines of a type, so far, of a connection that speaks the pipe protocol."""
        assert self._codec is PIPE
        shapes = (json.loads(line.partition("|")[2]) for line in self.lines if line.startswith("CODE_SESSION|"))
        return [shape for shape in shapes if shape["type"] == kind]

    async def until(self, look: Callable[[], T]) -> T:
        """What `look` finds, once it finds something in what comes."""
        async with asyncio.timeout(WAIT):
            while not (found := look()):
                self._came.clear()
                await self._came.wait()
        return found

    async def next(self, kind: type[E], where: Callable[[E], object] = lambda _: True) -> E:
        """The first event of a kind for which this is so."""
        found = await self.until(lambda: [event for event in self.heard(kind) if where(event)])
        return found[0]

    # --- what it asks --------------------------------------------------------------------------------------------------

    async def call(self, command: Command) -> Any:
        """What a command is answered. Raises `Refusal`."""
        return await self.studio.call(self.caller, command)

    async def joins(self, session: int) -> SessionJoined:
        """Take part in a session, and hear it."""
        joined: SessionJoined = await self.call(JoinSession(session=session))
        return joined

    async def runs(self, code: str, *, session: int | None = None, **more: Any) -> RunRef:
        """Run a Python program, and wait for its end."""
        language = None if session is not None else "python"
        started = await self.call(RunCode(session=session, code=code, language=language, **more))
        return (await self.next(RunEnded, lambda event: event.run.id == started.run)).run


class Studio:
    """The workspace. `door` is where clients that speak Yjs come in: their token is a name of the cast."""

    def __init__(self, gate: Gate, people: dict[str, Actor]) -> None:
        self.gate = gate
        self.people = people
        self.door = _door(gate, gate.workspace.documents, self._admit)

    async def _admit(self, token: str | None, address: str, session: int) -> Access:
        return await collab.admit(self.gate.workspace, self.caller(token or ""), session)

    def caller(self, name: str) -> Caller:
        """Somebody who calls over HTTP; nobody where there is no such name."""
        actor = self.people.get(name)
        return Caller("127.0.0.1") if actor is None else Caller("127.0.0.1", actor.id, name, actor.token_id)

    def sit(self, name: str, codec: Codec = JSON_LINES) -> Seat:
        """A new connection."""
        return Seat(self, name, codec)

    async def call(self, caller: Caller | str, command: Command) -> Any:
        """What a command is answered, over HTTP where only a name is given. Raises `Refusal`."""
        caller = self.caller(caller) if isinstance(caller, str) else caller
        answer = await self.gate.call(caller, command)
        if isinstance(answer, msgspec.Raw):
            return msgspec.json.decode(answer, type=VERBS[type(command)].result)
        return answer

    async def session(self, owner: str = "alice", *, language: str = "python", code: str = "", **more: Any) -> int:
        """A new session; nobody hears it yet."""
        made: SessionJoined = await self.call(owner, CreateSession(language=language, code=code, **more))
        return made.session.id

    async def write(self, work: Callable[[Tx], T]) -> T:
        """What this does to the database, behind everybody's back."""
        return await self.gate.workspace.committer.run(work)

    async def read(self, work: Callable[[Tx], T]) -> T:
        """What stands in the database."""
        return await self.gate.workspace.store.read(work)


@asynccontextmanager
async def studio(data_dir: Path, **policy: Any) -> AsyncIterator[Studio]:
    """A new one, on a database and files of its own; where one was here before, the same again."""
    async with workspace(data_dir, **policy) as gate:
        people = await gate.workspace.committer.run(lambda tx: {name: _person(tx, name) for name in CAST})
        yield Studio(gate, people)


def secret_of(name: str) -> str:
    """The access token of somebody of the cast."""
    return f"kibitz_{name}"


def _person(tx: Tx, name: str) -> Actor:
    digest = tokens.digest(secret_of(name))
    found = tokens.find(tx, digest, NOW)
    if found is None:
        user = person(tx, name)
        token = tokens.create(tx, user.id, "access", name="test", secret_hash=digest, now=NOW, expires_at=None)
        return replace(user, token_id=token.id)
    return users.actor(tx, found[0].id, found[1].id)
