"""Coming into a session and going out of it.

Rule: a session that anybody is in has an owner; whoever was put out stays out until they are invited again.
"""

from kibitz.domain.access import Actor
from kibitz.domain.coding import MAX_PARTICIPANTS, Part, SessionFacts
from kibitz.domain.errors import Refusal
from kibitz.fanout.steps import Recheck, Step, Tell
from kibitz.features.call import Call, Outcome
from kibitz.features.sessions.showing import shown, user_ref
from kibitz.storage import Tx, participants
from kibitz.wire.code_commands import JoinSession, LeaveSession
from kibitz.wire.events import ParticipantChanged, ParticipantJoined, ParticipantLeft
from kibitz.wire.results import SessionChanged
from kibitz.wire.views import UserRef


def join_session(call: Call[JoinSession, SessionFacts]) -> Outcome:
    """The actor takes part. Answers with `SessionShown`."""
    return join(call.tx, call.actor, call.thing, call.now)


def join(tx: Tx, actor: Actor, session: SessionFacts, now: str) -> Outcome:
    """Take part: in the role one was invited to, else as an editor, or as the owner where there is none."""
    if session.joined:
        return Outcome(shown(tx, session.id, actor.id))
    if session.part is None and participants.count(tx, session.id) >= MAX_PARTICIPANTS:
        raise Refusal("busy", f"A session has room for {MAX_PARTICIPANTS} people; this one is full.", retry_after=60.0)
    part = Part.OWNER if not participants.owners(tx, session.id) else session.part or Part.EDITOR
    participants.put(tx, session.id, actor.id, part, joined_at=now)
    told = shown(tx, session.id, actor.id)
    mine = next(person for person in told.participants if person.user.id == actor.id)
    joined = ParticipantJoined(session=session.id, participant=mine, participants=told.participants)
    return Outcome(told, (Tell(session.id, joined),))


def leave_session(call: Call[LeaveSession, SessionFacts]) -> Outcome:
    """Take part no more."""
    participants.remove(call.tx, call.thing.id, call.actor.id)
    return Outcome(SessionChanged(session=call.thing.id), gone(call.tx, call.thing.id, user_ref(call.actor)))


def changed(tx: Tx, session: int, user: int) -> Step:
    """How those in a session learn of somebody's new place in it."""
    people = participants.listed(tx, session)
    mine = next(person for person in people if person.user.id == user)
    return Tell(session, ParticipantChanged(session=session, participant=mine, participants=people))


def gone(tx: Tx, session: int, user: UserRef) -> tuple[Step, ...]:
    """How everyone learns that somebody is out, and who owns the session now, if that has changed."""
    steps: tuple[Step, ...] = ()
    if not participants.owners(tx, session) and (heir := participants.heir(tx, session)) is not None:
        participants.set_part(tx, session, heir.id, Part.OWNER)
        steps = (changed(tx, session, heir.id),)
    left = ParticipantLeft(session=session, user=user, participants=participants.listed(tx, session))
    return (Tell(session, left), *steps, Recheck(session))
