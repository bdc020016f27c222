"""What a command about code is about: sessions, participants, runs, and the places these belong to.

Rule: as in `kibitz.api.things`: what the actor may not know of is answered to the letter as what is not there.
"""

from typing import Protocol

from kibitz.api.things import message_of, room_of
from kibitz.domain.access import Act, Actor, may
from kibitz.domain.coding import PartFacts, RunFacts, SessionFacts
from kibitz.domain.errors import Refusal, not_found
from kibitz.domain.messages import MessageFacts
from kibitz.domain.rooms import RoomFacts
from kibitz.storage import Tx, participants, runs, sessions, users
from kibitz.wire.code_commands import CompareRuns, CreateSession, ListRuns, RunCode
from kibitz.wire.commands import GetMessage, GetRoom


class OfSession(Protocol):
    """A command that names a session."""

    @property
    def session(self) -> int:
        """Its id."""
        ...


class OfParticipant(OfSession, Protocol):
    """A command that names a person's part in a session."""

    @property
    def user(self) -> str:
        """Their name."""
        ...


class OfRun(Protocol):
    """A command that names a run."""

    @property
    def run(self) -> int:
        """Its id."""
        ...


def session_of(tx: Tx, actor: Actor, command: OfSession) -> SessionFacts:
    """The session a command names. Raises `Refusal("not_found")` also for one that the actor may not know of."""
    return _session(tx, actor, command.session)


def part_of(tx: Tx, actor: Actor, command: OfParticipant) -> PartFacts:
    """The part in a session of the user a command names."""
    session = _session(tx, actor, command.session)
    user = users.need(tx, command.user)
    return PartFacts(session, user.id, user.name, participants.part(tx, session.id, user.id))


def place_of_session(tx: Tx, actor: Actor, command: CreateSession) -> RoomFacts | MessageFacts | None:
    """Where a new session is to belong: a message's code block, a conversation, or nowhere."""
    if command.room is None:
        if command.seq is not None:
            raise Refusal("invalid", "Name the room of the message as well.")
        return None
    if command.seq is not None:
        return _message(tx, actor, command.room, command.seq)
    return room_of(tx, actor, GetRoom(room=command.room))


def place_of_run(tx: Tx, actor: Actor, command: RunCode | ListRuns) -> SessionFacts | MessageFacts | None:
    """What a run belongs to: a session, a message, or nothing."""
    if command.session is not None:
        if command.room is not None or command.seq is not None:
            raise Refusal("invalid", "Name a session or a message, not both.")
        return _session(tx, actor, command.session)
    if command.room is None and command.seq is None:
        return None
    if command.room is None or command.seq is None:
        raise Refusal("invalid", "A message is named by its room and its seq.")
    return _message(tx, actor, command.room, command.seq)


def run_of(tx: Tx, actor: Actor, command: OfRun) -> RunFacts:
    """The run a command names. Raises `Refusal("not_found")` also for one that the actor may not read."""
    return _run(tx, actor, command.run)


def runs_of(tx: Tx, actor: Actor, command: CompareRuns) -> tuple[RunFacts, RunFacts]:
    """The two runs a command compares."""
    return _run(tx, actor, command.run), _run(tx, actor, command.other)


def _session(tx: Tx, actor: Actor, session: int) -> SessionFacts:
    found = sessions.facts(tx, session, actor.id)
    if found is None or not may(actor, Act.SEE_SESSION, found):
        raise not_found("Session")
    return found


def _message(tx: Tx, actor: Actor, room: int | str, seq: int) -> MessageFacts:
    return message_of(tx, actor, GetMessage(room=room, seq=seq))


def _run(tx: Tx, actor: Actor, run: int) -> RunFacts:
    found = runs.facts(tx, run, actor)
    if not may(actor, Act.READ_RUN, found):
        raise not_found("Run")
    return found
