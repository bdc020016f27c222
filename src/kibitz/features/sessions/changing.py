"""Inviting people to a session, giving them roles, putting them out; changing, closing and reopening the session itself.

Rule: what changes nothing tells nobody anything.
"""

from typing import Any

from kibitz.domain.coding import MAX_PARTICIPANTS, Part, PartFacts, SessionFacts, clean_title
from kibitz.domain.errors import Refusal, not_found
from kibitz.fanout.steps import Notify, Publish, Recheck, Step, Tell
from kibitz.features import direct
from kibitz.features.call import Call, Outcome
from kibitz.features.sessions.joining import changed, gone
from kibitz.features.sessions.showing import session_ref, user_ref
from kibitz.storage import Tx, members, participants, room_events, sessions, users
from kibitz.wire.code_commands import InviteToSession, RemoveParticipant, SetSessionRole, UpdateSession
from kibitz.wire.events import InvitedToSession, SessionUpdated
from kibitz.wire.results import SessionChanged
from kibitz.wire.views import UserRef


def invite(call: Call[InviteToSession, SessionFacts]) -> Outcome:
    """Keep a place for someone, tell them at once, and leave an entry in a conversation they see."""
    session, tx = call.thing, call.tx
    user = users.need(tx, call.command.user).ref()
    if session.room is not None and members.role(tx, session.room.id, user.id) is None:
        raise Refusal("forbidden", f"This session is for the members of its conversation, and '{user.name}' is none.")
    there = participants.part(tx, session.id, user.id)
    if there in (Part.OWNER, Part.EDITOR, Part.VIEWER) and _is_there(tx, session.id, user.id):
        raise Refusal("already_there", f"'{user.name}' takes part in this session already.")
    if there in (None, Part.REMOVED) and participants.count(tx, session.id) >= MAX_PARTICIPANTS:
        raise Refusal("too_long", f"A session has room for {MAX_PARTICIPANTS} people; this one is full.")
    participants.put(tx, session.id, user.id, Part(call.command.role), invited_by=call.actor.id, joined_at=None)
    return Outcome(SessionChanged(session=session.id), (changed(tx, session.id, user.id), *_invitation(call, user)))


def set_role(call: Call[SetSessionRole, PartFacts]) -> Outcome:
    """Another role for a participant; a session that is handed over has its old owner as an editor."""
    one, part = call.thing, Part(call.command.role)
    session = one.session.id
    if one.part in (None, Part.REMOVED):
        raise not_found(f"Participant '{one.user_name}'")
    if one.part is part:
        return Outcome(SessionChanged(session=session))
    if one.part is Part.OWNER:
        raise Refusal("invalid", "A session has an owner: hand it over to somebody else instead.")
    people = [one.user_id]
    if part is Part.OWNER:
        if not _is_there(call.tx, session, one.user_id):  # whoever came first meanwhile would own it
            raise Refusal(
                "invalid", f"'{one.user_name}' is invited, but not here yet: hand it over to somebody who is."
            )
        people += _step_down(call)
    participants.set_part(call.tx, session, one.user_id, part)
    told = tuple(changed(call.tx, session, user) for user in people)
    return Outcome(SessionChanged(session=session), (*told, Recheck(session)))


def remove(call: Call[RemoveParticipant, PartFacts]) -> Outcome:
    """Somebody out, until they are invited again."""
    one = call.thing
    if one.part in (None, Part.REMOVED):
        raise not_found(f"Participant '{one.user_name}'")
    if one.user_id == call.actor.id:
        raise Refusal("invalid", "Leave the session instead.")
    participants.put(call.tx, one.session.id, one.user_id, Part.REMOVED, joined_at=None)
    return Outcome(
        SessionChanged(session=one.session.id),
        gone(call.tx, one.session.id, UserRef(id=one.user_id, name=one.user_name)),
    )


def update_session(call: Call[UpdateSession, SessionFacts], language: str | None) -> Outcome:
    """Another title or language, or an end or a new beginning of all editing. `language` is the server's name of the one asked for."""
    command, session = call.command, call.thing
    before = sessions.view(call.tx, session.id, call.actor.id)
    change: dict[str, Any] = {}
    if command.title is not None:
        change["title"] = clean_title(command.title)
    if language is not None:
        change["language"] = language
    if command.closed is not None and command.closed is not session.closed:
        change["closed_at"] = call.now if command.closed else None
    if all(getattr(before, name) == value for name, value in change.items()):
        return Outcome(SessionChanged(session=session.id))
    sessions.change(call.tx, session.id, **change)
    after = sessions.view(call.tx, session.id, 0)
    steps: tuple[Step, ...] = (Tell(session.id, SessionUpdated(session=after, by=user_ref(call.actor))),)
    return Outcome(
        SessionChanged(session=session.id), (*steps, Recheck(session.id)) if "closed_at" in change else steps
    )


def _is_there(tx: Tx, session: int, user: int) -> bool:
    found = sessions.facts(tx, session, user)
    return found is not None and found.joined


def _step_down(call: Call[SetSessionRole, PartFacts]) -> list[int]:
    """The owners of a session that is handed over become editors."""
    session = call.thing.session.id
    owners = [one.user.id for one in participants.listed(call.tx, session) if Part(one.role) is Part.OWNER]
    for owner in owners:
        participants.set_part(call.tx, session, owner, Part.EDITOR)
    return owners


def _invitation(call: Call[InviteToSession, SessionFacts], user: UserRef) -> tuple[Step, ...]:
    tx, by = call.tx, user_ref(call.actor)
    steps: tuple[Step, ...] = ()
    room = call.thing.room
    if room is None:
        room, steps = direct.begin(tx, call.actor, user.name, call.now)
    view = sessions.view(tx, call.thing.id, user.id)
    event = room_events.session_invited(tx, room.id, by, user, session_ref(view), at=call.now)
    return (*steps, Publish(event), Notify((user.id,), InvitedToSession(session=view, by=by)))
