"""Inviting, giving roles, putting out; titles, languages, and the end of editing."""

from collections.abc import Callable, Iterator
from functools import partial

import pytest
from tests.support.database import NOW, person, transaction
from tests.support.rooms import group, ref
from tests.support.sessions import ask_of_part, ask_of_session, session_of

from kibitz.domain.access import Actor
from kibitz.domain.coding import MAX_PARTICIPANTS, Openness, Part
from kibitz.domain.errors import Refusal
from kibitz.fanout.steps import Join, Notify, Publish, Recheck, Tell
from kibitz.features import direct
from kibitz.features.sessions import changing
from kibitz.features.sessions.joining import join_session, leave_session
from kibitz.storage import Tx, participants, replay, sessions
from kibitz.storage.seed import GENERAL_ID
from kibitz.wire.code_commands import (
    InviteToSession,
    JoinSession,
    LeaveSession,
    RemoveParticipant,
    SetSessionRole,
    UpdateSession,
)
from kibitz.wire.events import InvitedToSession, ParticipantChanged, ParticipantLeft, SessionInvited, SessionUpdated
from kibitz.wire.results import SessionChanged
from kibitz.wire.views import Participant, SessionRef


@pytest.fixture
def tx() -> Iterator[Tx]:
    with transaction() as opened:
        yield opened


def refused(call: Callable[[], object], *, code: str, says: str | None = None) -> None:
    with pytest.raises(Refusal, match=says) as refusal:
        call()
    assert refusal.value.code == code


# --- inviting ----------------------------------------------------------------------------------------------------------


def test_whoever_is_invited_hears_of_it_at_once_and_finds_it_in_their_conversation(tx: Tx) -> None:
    alice, bob = person(tx, "alice"), person(tx, "bob")
    room, _ = direct.begin(tx, alice, "bob", NOW)
    session = session_of(tx, alice, openness=Openness.PRIVATE, title="Interview")
    command = InviteToSession(session=session, user="BOB", role="viewer")
    outcome = changing.invite(ask_of_session(tx, alice, command))
    asked = Participant(user=ref(bob), role="viewer")
    everyone = [Participant(user=ref(alice), role="owner", joined_at=NOW), asked]
    told = ParticipantChanged(session=session, participant=asked, participants=everyone)
    ref_ = SessionRef(id=session, language="python", title="Interview")
    entry = SessionInvited(room=room.id, seq=2, session=ref_, user=ref(bob), by=ref(alice), at=NOW)
    invited = InvitedToSession(session=sessions.view(tx, session, bob.id), by=ref(alice))
    assert outcome.answer == SessionChanged(session=session)
    assert outcome.steps == (Tell(session, told), Publish(entry), Notify((bob.id,), invited))
    assert (invited.session.part, invited.session.joined) == ("viewer", False)
    assert replay.events(tx, room.id, 1, 2, 10) == ([entry], False)


def test_an_invitation_may_begin_the_conversation_of_two(tx: Tx) -> None:
    alice, bob = person(tx, "alice"), person(tx, "bob")
    session = session_of(tx, alice)
    outcome = changing.invite(ask_of_session(tx, alice, InviteToSession(session=session, user="bob")))
    assert [type(step) for step in outcome.steps] == [Tell, Join, Notify, Publish, Publish, Notify]
    assert isinstance(outcome.steps[1], Join)
    assert outcome.steps[1].users == (alice.id, bob.id)


def test_into_a_session_of_a_conversation_its_members_are_invited_there(tx: Tx) -> None:
    alice, bob = person(tx, "alice"), person(tx, "bob")
    person(tx, "carol")
    kitchen = group(tx, alice, bob)
    session = session_of(tx, alice, room=kitchen)
    outcome = changing.invite(ask_of_session(tx, alice, InviteToSession(session=session, user="bob")))
    (entry,) = [step.event for step in outcome.steps if isinstance(step, Publish)]
    assert entry.room == kitchen
    stranger = ask_of_session(tx, alice, InviteToSession(session=session, user="carol"))
    refused(lambda: changing.invite(stranger), code="forbidden", says="members of its conversation, and 'carol'")
    assert participants.count(tx, session) == 2


def test_everyone_can_be_invited_into_a_session_of_the_general_channel(tx: Tx) -> None:
    alice, bob = person(tx, "alice"), person(tx, "bob")
    session = session_of(tx, alice, room=GENERAL_ID)
    changing.invite(ask_of_session(tx, alice, InviteToSession(session=session, user="bob")))
    assert participants.part(tx, session, bob.id) is Part.EDITOR


def test_whoever_takes_part_cannot_be_invited_and_keeps_their_role(tx: Tx) -> None:
    alice, bob = person(tx, "alice"), person(tx, "bob")
    session = session_of(tx, alice, bob)
    for name in ("alice", "bob"):
        command = InviteToSession(session=session, user=name, role="viewer")
        refused(partial(changing.invite, ask_of_session(tx, bob, command)), code="already_there")
    assert participants.part(tx, session, alice.id) is Part.OWNER
    assert participants.part(tx, session, bob.id) is Part.EDITOR


def test_whoever_has_not_come_yet_can_be_invited_to_another_role(tx: Tx) -> None:
    alice, bob = person(tx, "alice"), person(tx, "bob")
    session = session_of(tx, alice)
    for role in ("editor", "viewer"):
        command = InviteToSession(session=session, user="bob", role=role)
        changing.invite(ask_of_session(tx, alice, command))
    assert participants.listed(tx, session)[1] == Participant(user=ref(bob), role="viewer")


def test_an_invitation_brings_back_whoever_was_put_out(tx: Tx) -> None:
    alice, bob = person(tx, "alice"), person(tx, "bob")
    session = session_of(tx, alice, bob)
    changing.remove(ask_of_part(tx, alice, RemoveParticipant(session=session, user="bob")))
    changing.invite(ask_of_session(tx, alice, InviteToSession(session=session, user="bob")))
    join_session(ask_of_session(tx, bob, JoinSession(session=session)))
    assert participants.part(tx, session, bob.id) is Part.EDITOR


def test_nobody_is_invited_into_a_full_session(tx: Tx, monkeypatch: pytest.MonkeyPatch) -> None:
    alice, bob = person(tx, "alice"), person(tx, "bob")
    person(tx, "carol")
    monkeypatch.setattr(changing, "MAX_PARTICIPANTS", 2)
    assert MAX_PARTICIPANTS > 2
    session = session_of(tx, alice)
    changing.invite(ask_of_session(tx, alice, InviteToSession(session=session, user="bob")))
    changing.invite(ask_of_session(tx, alice, InviteToSession(session=session, user="bob", role="viewer")))
    carol = ask_of_session(tx, alice, InviteToSession(session=session, user="carol"))
    refused(lambda: changing.invite(carol), code="too_long", says="room for 2 people")
    assert participants.part(tx, session, bob.id) is Part.VIEWER


def test_nobody_can_be_invited_who_is_not_there(tx: Tx) -> None:
    alice = person(tx, "alice")
    session = session_of(tx, alice)
    nobody = ask_of_session(tx, alice, InviteToSession(session=session, user="nobody"))
    refused(lambda: changing.invite(nobody), code="not_found", says="User 'nobody' not found")


# --- roles -------------------------------------------------------------------------------------------------------------


def give(tx: Tx, session: int, by: Actor, user: str, role: str) -> tuple[object, ...]:
    command = SetSessionRole(session=session, user=user, role=role)  # type: ignore[arg-type] # one of the three
    outcome = changing.set_role(ask_of_part(tx, by, command))
    assert outcome.answer == SessionChanged(session=session)
    return outcome.steps


def test_a_role_is_told_to_the_session_and_to_the_texts_door(tx: Tx) -> None:
    alice, bob = person(tx, "alice"), person(tx, "bob")
    session = session_of(tx, alice, bob)
    now = Participant(user=ref(bob), role="viewer", joined_at=NOW)
    everyone = [Participant(user=ref(alice), role="owner", joined_at=NOW), now]
    told = ParticipantChanged(session=session, participant=now, participants=everyone)
    assert give(tx, session, alice, "bob", "viewer") == (Tell(session, told), Recheck(session))
    assert give(tx, session, alice, "bob", "viewer") == ()


def test_whoever_hands_a_session_over_becomes_an_editor(tx: Tx) -> None:
    alice, bob, carol = person(tx, "alice"), person(tx, "bob"), person(tx, "carol")
    session = session_of(tx, alice, bob, carol)
    steps = give(tx, session, alice, "bob", "owner")
    changed = [step.event for step in steps if isinstance(step, Tell)]
    assert [
        (event.participant.user, event.participant.role) for event in changed if isinstance(event, ParticipantChanged)
    ] == [
        (ref(bob), "owner"),
        (ref(alice), "editor"),
    ]
    roles = {one.user.name: one.role for one in participants.listed(tx, session)}
    assert roles == {"alice": "editor", "bob": "owner", "carol": "editor"}


def test_a_session_has_an_owner_at_all_times(tx: Tx) -> None:
    alice, bob = person(tx, "alice"), person(tx, "bob")
    session = session_of(tx, alice, bob)
    for role in ("editor", "viewer"):
        refused(partial(give, tx, session, alice, "alice", role), code="invalid", says="hand it over")
    assert give(tx, session, alice, "alice", "owner") == ()
    assert participants.owners(tx, session) == 1


def test_a_session_is_handed_to_nobody_who_is_not_in_it(tx: Tx) -> None:
    alice, bob, carol = person(tx, "alice"), person(tx, "bob"), person(tx, "carol")
    session = session_of(tx, alice)
    participants.put(tx, session, bob.id, Part.EDITOR, invited_by=alice.id, joined_at=None)
    refused(lambda: give(tx, session, alice, "bob", "owner"), code="invalid", says="'bob' is invited, but not here yet")
    join_session(ask_of_session(tx, carol, JoinSession(session=session)))
    assert participants.part(tx, session, alice.id) is Part.OWNER
    assert participants.part(tx, session, carol.id) is Part.EDITOR


def test_a_role_is_given_only_to_whoever_has_a_place(tx: Tx) -> None:
    alice, bob = person(tx, "alice"), person(tx, "bob")
    person(tx, "carol")
    session = session_of(tx, alice, bob)
    changing.remove(ask_of_part(tx, alice, RemoveParticipant(session=session, user="bob")))
    for name in ("bob", "carol"):
        refused(partial(give, tx, session, alice, name, "editor"), code="not_found", says=f"Participant '{name}'")
    assert participants.part(tx, session, bob.id) is Part.REMOVED


# --- putting out -------------------------------------------------------------------------------------------------------


def test_whoever_is_put_out_stays_out(tx: Tx) -> None:
    alice, bob = person(tx, "alice"), person(tx, "bob")
    session = session_of(tx, alice, bob)
    outcome = changing.remove(ask_of_part(tx, alice, RemoveParticipant(session=session, user="bob")))
    rest = [Participant(user=ref(alice), role="owner", joined_at=NOW)]
    left = ParticipantLeft(session=session, user=ref(bob), participants=rest)
    assert outcome.steps == (Tell(session, left), Recheck(session))
    facts = sessions.need(tx, session, bob.id)
    assert (facts.part, facts.joined) == (Part.REMOVED, False)
    again = ask_of_part(tx, alice, RemoveParticipant(session=session, user="bob"))
    refused(lambda: changing.remove(again), code="not_found")


def test_an_invitation_can_be_taken_back(tx: Tx) -> None:
    alice, bob = person(tx, "alice"), person(tx, "bob")
    session = session_of(tx, alice)
    participants.put(tx, session, bob.id, Part.EDITOR, invited_by=alice.id, joined_at=None)
    changing.remove(ask_of_part(tx, alice, RemoveParticipant(session=session, user="bob")))
    assert participants.part(tx, session, bob.id) is Part.REMOVED


def test_whoever_would_put_themselves_out_is_told_to_leave(tx: Tx) -> None:
    alice = person(tx, "alice")
    session = session_of(tx, alice)
    oneself = ask_of_part(tx, alice, RemoveParticipant(session=session, user="alice"))
    refused(lambda: changing.remove(oneself), code="invalid", says="Leave")


def test_an_owner_who_is_put_out_is_followed_by_an_editor(tx: Tx) -> None:
    # A moderator of the conversation may do this.
    alice, bob = person(tx, "alice"), person(tx, "bob")
    kitchen = group(tx, bob, alice)
    session = session_of(tx, alice, bob, room=kitchen)
    changing.remove(ask_of_part(tx, bob, RemoveParticipant(session=session, user="alice")))
    assert participants.part(tx, session, bob.id) is Part.OWNER
    leave_session(ask_of_session(tx, bob, LeaveSession(session=session)))
    assert participants.part(tx, session, alice.id) is Part.REMOVED


# --- the session itself ------------------------------------------------------------------------------------------------


def test_a_new_title_and_language_are_told_as_everyone_sees_them(tx: Tx) -> None:
    alice = person(tx, "alice")
    session = session_of(tx, alice)
    command = UpdateSession(session=session, title=" Second  round ", language="js")
    outcome = changing.update_session(ask_of_session(tx, alice, command), "javascript")
    shown = sessions.view(tx, session, 0)
    assert (shown.title, shown.language, shown.closed_at) == ("Second round", "javascript", None)
    assert (shown.part, shown.joined) == (None, False)
    assert outcome.answer == SessionChanged(session=session)
    assert outcome.steps == (Tell(session, SessionUpdated(session=shown, by=ref(alice))),)


def test_closing_and_reopening_are_matters_of_the_texts_door(tx: Tx) -> None:
    alice = person(tx, "alice")
    session = session_of(tx, alice)
    for closed, moment in ((True, NOW), (False, None)):
        command = UpdateSession(session=session, closed=closed)
        outcome = changing.update_session(ask_of_session(tx, alice, command), None)
        shown = sessions.view(tx, session, 0)
        assert shown.closed_at == moment
        told = SessionUpdated(session=shown, by=ref(alice))
        assert outcome.steps == (Tell(session, told), Recheck(session))
        assert changing.update_session(ask_of_session(tx, alice, command), None).steps == ()


def test_what_is_left_out_stays_and_what_is_the_same_is_not_told(tx: Tx) -> None:
    alice = person(tx, "alice")
    session = session_of(tx, alice, title="Interview")
    before = sessions.view(tx, session, alice.id)
    for command, language in (
        (UpdateSession(session=session), None),
        (UpdateSession(session=session, title="Interview", language="py", closed=False), "python"),
    ):
        outcome = changing.update_session(ask_of_session(tx, alice, command), language)
        assert (outcome.answer, outcome.steps) == (SessionChanged(session=session), ())
    assert sessions.view(tx, session, alice.id) == before


def test_a_title_that_cannot_be_one_changes_nothing(tx: Tx) -> None:
    alice = person(tx, "alice")
    session = session_of(tx, alice)
    command = UpdateSession(session=session, title="a\x1bb", closed=True)
    refused(lambda: changing.update_session(ask_of_session(tx, alice, command), None), code="invalid")
    assert sessions.view(tx, session, alice.id).closed_at is None
