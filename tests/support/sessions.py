"""Code sessions for a test, and commands about code on their way to the handlers that carry them out."""

from typing import TypeVar

from kibitz.api import code_things
from kibitz.api.things import room_if_named
from kibitz.coedit import history
from kibitz.domain.access import Actor
from kibitz.domain.coding import Openness, Part, PartFacts, RunFacts, SessionFacts
from kibitz.domain.messages import MessageFacts
from kibitz.domain.rooms import RoomFacts
from kibitz.features.call import Call
from kibitz.storage import Tx, participants, sessions
from kibitz.wire.code_commands import CompareRuns, CreateSession, ListRuns, ListSessions, RunCode
from tests.support.database import NOW

S = TypeVar("S", bound=code_things.OfSession)
P = TypeVar("P", bound=code_things.OfParticipant)
R = TypeVar("R", bound=code_things.OfRun)
C = TypeVar("C", RunCode, ListRuns)


def session_of(
    tx: Tx,
    owner: Actor,
    *editors: Actor,
    openness: Openness = Openness.OPEN,
    room: int | None = None,
    seq: int | None = None,
    block: int | None = None,
    language: str = "python",
    title: str = "",
    code: str = "",
) -> int:
    """A session that these people take part in, made without an event. Returns its id."""
    session = sessions.create(
        tx,
        openness=openness if room is None else Openness.ROOM,
        room=room,
        seq=seq,
        block=block,
        language=language,
        title=title,
        user=owner.id,
        now=NOW,
    )
    participants.put(tx, session, owner.id, Part.OWNER, joined_at=NOW)
    for editor in editors:
        participants.put(tx, session, editor.id, Part.EDITOR, joined_at=NOW)
    if code:
        history.seed(tx, session, owner.id, code, NOW)
    return session


def ask_of_session(tx: Tx, actor: Actor, command: S) -> Call[S, SessionFacts]:
    """A command about a session, found as the gate finds it."""
    return Call(tx, actor, command, code_things.session_of(tx, actor, command), NOW)


def ask_of_part(tx: Tx, actor: Actor, command: P) -> Call[P, PartFacts]:
    """A command about somebody's part in a session, found as the gate finds it."""
    return Call(tx, actor, command, code_things.part_of(tx, actor, command), NOW)


def ask_for_session(
    tx: Tx, actor: Actor, command: CreateSession
) -> Call[CreateSession, RoomFacts | MessageFacts | None]:
    """A command that makes a session, with the place it is to belong to."""
    return Call(tx, actor, command, code_things.place_of_session(tx, actor, command), NOW)


def ask_of_place(tx: Tx, actor: Actor, command: C) -> Call[C, SessionFacts | MessageFacts | None]:
    """A command about runs, with what they belong to."""
    return Call(tx, actor, command, code_things.place_of_run(tx, actor, command), NOW)


def ask_of_run(tx: Tx, actor: Actor, command: R) -> Call[R, RunFacts]:
    """A command about a run, found as the gate finds it."""
    return Call(tx, actor, command, code_things.run_of(tx, actor, command), NOW)


def ask_of_runs(tx: Tx, actor: Actor, command: CompareRuns) -> Call[CompareRuns, tuple[RunFacts, RunFacts]]:
    """A command about two runs."""
    return Call(tx, actor, command, code_things.runs_of(tx, actor, command), NOW)


def ask_for_sessions(tx: Tx, actor: Actor, command: ListSessions) -> Call[ListSessions, RoomFacts | None]:
    """A command that lists sessions, with the room it names, if it names one."""
    return Call(tx, actor, command, room_if_named(tx, actor, command), NOW)
