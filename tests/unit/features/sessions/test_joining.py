"""Coming into a code session and going out of it."""

from collections.abc import Iterator

import pytest
from sqlalchemy import insert
from tests.support.database import NOW, person, transaction
from tests.support.rooms import ref
from tests.support.sessions import ask_of_session, session_of

from kibitz.domain.coding import MAX_PARTICIPANTS, Openness, Part
from kibitz.domain.errors import Refusal
from kibitz.fanout.steps import Recheck, Tell
from kibitz.features.sessions.joining import join_session, leave_session
from kibitz.storage import Tx, participants
from kibitz.storage.schema import code_participants, users
from kibitz.wire.code_commands import JoinSession, LeaveSession
from kibitz.wire.events import ParticipantChanged, ParticipantJoined, ParticipantLeft
from kibitz.wire.results import SessionChanged, SessionShown
from kibitz.wire.views import Participant

EARLIER = "2026-01-31T11:00:00.000Z"


@pytest.fixture
def tx() -> Iterator[Tx]:
    with transaction() as opened:
        yield opened


def test_whoever_joins_is_an_editor_and_everyone_there_hears_of_it(tx: Tx) -> None:
    alice, bob = person(tx, "alice"), person(tx, "bob")
    session = session_of(tx, alice)
    outcome = join_session(ask_of_session(tx, bob, JoinSession(session=session)))
    answer = outcome.answer
    assert isinstance(answer, SessionShown)
    came = Participant(user=ref(bob), role="editor", joined_at=NOW)
    everyone = [Participant(user=ref(alice), role="owner", joined_at=NOW), came]
    assert (answer.session.part, answer.session.joined, answer.participants) == ("editor", True, everyone)
    joined = ParticipantJoined(session=session, participant=came, participants=everyone)
    assert outcome.steps == (Tell(session, joined),)


def test_whoever_is_there_already_joins_without_a_word(tx: Tx) -> None:
    alice, bob = person(tx, "alice"), person(tx, "bob")
    session = session_of(tx, alice)
    participants.put(tx, session, bob.id, Part.VIEWER, joined_at=EARLIER)
    outcome = join_session(ask_of_session(tx, bob, JoinSession(session=session)))
    assert outcome.steps == ()
    assert isinstance(outcome.answer, SessionShown)
    assert outcome.answer.participants[0] == Participant(user=ref(bob), role="viewer", joined_at=EARLIER)


def test_whoever_was_invited_comes_in_the_role_they_were_invited_to(tx: Tx) -> None:
    alice, bob = person(tx, "alice"), person(tx, "bob")
    session = session_of(tx, alice, openness=Openness.PRIVATE)
    participants.put(tx, session, bob.id, Part.VIEWER, invited_by=alice.id, joined_at=None)
    join_session(ask_of_session(tx, bob, JoinSession(session=session)))
    assert participants.listed(tx, session)[1] == Participant(user=ref(bob), role="viewer", joined_at=NOW)


def test_whoever_comes_into_a_session_that_nobody_owns_owns_it(tx: Tx) -> None:
    alice, bob = person(tx, "alice"), person(tx, "bob")
    session = session_of(tx, alice)
    leave_session(ask_of_session(tx, alice, LeaveSession(session=session)))
    join_session(ask_of_session(tx, bob, JoinSession(session=session)))
    join_session(ask_of_session(tx, alice, JoinSession(session=session)))
    assert participants.part(tx, session, bob.id) is Part.OWNER
    assert participants.part(tx, session, alice.id) is Part.EDITOR


def crowd(tx: Tx, session: int, count: int) -> None:
    names = [f"user{number}" for number in range(count)]
    rows = [{"name": name, "name_key": name, "role": "member", "created_at": NOW} for name in names]
    ids = tx.execute(insert(users).returning(users.c.id), rows).scalars().all()
    tx.execute(
        insert(code_participants),
        [{"session_id": session, "user_id": user, "role": "viewer", "joined_at": NOW} for user in ids],
    )


def test_a_full_session_takes_only_those_who_have_a_place_in_it(tx: Tx) -> None:
    alice, bob, carol = person(tx, "alice"), person(tx, "bob"), person(tx, "carol")
    session = session_of(tx, alice)
    participants.put(tx, session, bob.id, Part.EDITOR, invited_by=alice.id, joined_at=None)
    crowd(tx, session, MAX_PARTICIPANTS - 2)
    with pytest.raises(Refusal, match=str(MAX_PARTICIPANTS)) as refused:
        join_session(ask_of_session(tx, carol, JoinSession(session=session)))
    assert refused.value.code == "busy"
    join_session(ask_of_session(tx, bob, JoinSession(session=session)))
    assert participants.count(tx, session) == MAX_PARTICIPANTS
    leave_session(ask_of_session(tx, bob, LeaveSession(session=session)))
    join_session(ask_of_session(tx, carol, JoinSession(session=session)))


def test_whoever_leaves_is_gone_and_their_connections_are_looked_at(tx: Tx) -> None:
    alice, bob = person(tx, "alice"), person(tx, "bob")
    session = session_of(tx, alice, bob)
    outcome = leave_session(ask_of_session(tx, bob, LeaveSession(session=session)))
    rest = [Participant(user=ref(alice), role="owner", joined_at=NOW)]
    left = ParticipantLeft(session=session, user=ref(bob), participants=rest)
    assert outcome.answer == SessionChanged(session=session)
    assert outcome.steps == (Tell(session, left), Recheck(session))
    assert participants.part(tx, session, bob.id) is None


def test_when_the_owner_leaves_the_first_editor_owns_the_session(tx: Tx) -> None:
    alice, bob, carol, dave = (person(tx, name) for name in ("alice", "bob", "carol", "dave"))
    session = session_of(tx, alice)
    participants.put(tx, session, bob.id, Part.VIEWER, joined_at=EARLIER)
    participants.put(tx, session, carol.id, Part.EDITOR, joined_at=NOW)
    participants.put(tx, session, dave.id, Part.EDITOR, joined_at=EARLIER)
    outcome = leave_session(ask_of_session(tx, alice, LeaveSession(session=session)))
    owner = Participant(user=ref(dave), role="owner", joined_at=EARLIER)
    left, changed, recheck = outcome.steps
    assert isinstance(left, Tell)
    assert isinstance(left.event, ParticipantLeft)
    assert owner in left.event.participants
    assert isinstance(changed, Tell)
    assert isinstance(changed.event, ParticipantChanged)
    assert (changed.event.participant, recheck) == (owner, Recheck(session))
    assert participants.part(tx, session, dave.id) is Part.OWNER


def test_an_owner_who_leaves_others_who_own_it_too_changes_nobodys_role(tx: Tx) -> None:
    alice, bob = person(tx, "alice"), person(tx, "bob")
    session = session_of(tx, alice, bob)
    participants.set_part(tx, session, bob.id, Part.OWNER)
    outcome = leave_session(ask_of_session(tx, alice, LeaveSession(session=session)))
    assert [type(step) for step in outcome.steps] == [Tell, Recheck]


def test_the_last_one_leaves_an_empty_session(tx: Tx) -> None:
    alice = person(tx, "alice")
    session = session_of(tx, alice)
    outcome = leave_session(ask_of_session(tx, alice, LeaveSession(session=session)))
    left = ParticipantLeft(session=session, user=ref(alice), participants=[])
    assert outcome.steps == (Tell(session, left), Recheck(session))
