"""What commands about code are about, and what of it an actor may not even know."""

from collections.abc import Callable, Iterator

import pytest
from tests.support.database import person, transaction
from tests.support.rooms import group, say
from tests.support.runs import run_of
from tests.support.sessions import session_of

from kibitz.api import code_things
from kibitz.domain.access import Actor
from kibitz.domain.coding import Openness, Part, PartFacts, RunFacts
from kibitz.domain.errors import Refusal
from kibitz.domain.messages import MessageFacts
from kibitz.storage import Tx, members, participants, rooms, sessions
from kibitz.storage.seed import GENERAL_ID
from kibitz.wire.code_commands import (
    CompareRuns,
    CreateSession,
    GetRun,
    GetSession,
    ListRuns,
    RemoveParticipant,
    RunCode,
)


@pytest.fixture
def tx() -> Iterator[Tx]:
    with transaction() as opened:
        yield opened


def refusal(look: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(Refusal) as refused:
        look()
    return refused.value.code, refused.value.message


def sought(tx: Tx, actor: Actor, session: int) -> tuple[str, str]:
    return refusal(lambda: code_things.session_of(tx, actor, GetSession(session=session)))


NO_SESSION = ("not_found", "Session not found.")
NO_RUN = ("not_found", "Run not found.")


# --- sessions and the people in them -----------------------------------------------------------------------------------


def test_a_session_is_found_as_the_actor_stands_to_it(tx: Tx) -> None:
    alice, bob = person(tx, "alice"), person(tx, "bob")
    session = session_of(tx, alice)
    for actor in (alice, bob):
        found = code_things.session_of(tx, actor, GetSession(session=session))
        assert found == sessions.need(tx, session, actor.id)


def test_a_private_session_is_answered_to_the_letter_as_one_that_is_not_there(tx: Tx) -> None:
    alice, bob, carol = person(tx, "alice"), person(tx, "bob"), person(tx, "carol")
    private = session_of(tx, alice, openness=Openness.PRIVATE)
    of_room = session_of(tx, alice, room=group(tx, alice))
    assert sought(tx, bob, private) == sought(tx, bob, of_room) == sought(tx, bob, 99) == NO_SESSION
    participants.put(tx, private, carol.id, Part.VIEWER, invited_by=alice.id, joined_at=None)
    assert code_things.session_of(tx, carol, GetSession(session=private)).part is Part.VIEWER


def test_a_session_of_a_conversation_goes_with_it(tx: Tx) -> None:
    alice, bob = person(tx, "alice"), person(tx, "bob")
    kitchen = group(tx, alice, bob)
    session = session_of(tx, alice, bob, room=kitchen)
    assert code_things.session_of(tx, bob, GetSession(session=session)).joined
    members.remove(tx, kitchen, bob.id)
    assert sought(tx, bob, session) == NO_SESSION


def test_a_part_is_somebodys_in_a_session_whether_they_have_one_or_not(tx: Tx) -> None:
    alice, bob, carol = person(tx, "alice"), person(tx, "bob"), person(tx, "carol")
    session = session_of(tx, alice, bob)
    facts = sessions.need(tx, session, alice.id)
    for actor, part in ((bob, Part.EDITOR), (carol, None)):
        command = RemoveParticipant(session=session, user=actor.name.upper())
        assert code_things.part_of(tx, alice, command) == PartFacts(facts, actor.id, actor.name, part)
    nobody = RemoveParticipant(session=session, user="nobody")
    assert refusal(lambda: code_things.part_of(tx, alice, nobody)) == ("not_found", "User 'nobody' not found.")


def test_parts_in_a_private_session_cannot_be_asked_about(tx: Tx) -> None:
    alice, bob = person(tx, "alice"), person(tx, "bob")
    session = session_of(tx, alice, openness=Openness.PRIVATE)
    for name in ("alice", "nobody"):
        command = RemoveParticipant(session=session, user=name)
        assert refusal(lambda command=command: code_things.part_of(tx, bob, command)) == NO_SESSION  # type: ignore[misc] # mypy cannot infer it


# --- where things belong -----------------------------------------------------------------------------------------------


def test_a_session_is_to_belong_to_a_message_a_conversation_or_nothing(tx: Tx) -> None:
    alice = person(tx, "alice")
    kitchen = group(tx, alice)
    seq = say(tx, kitchen, alice)
    room = rooms.find(tx, kitchen, alice)
    assert code_things.place_of_session(tx, alice, CreateSession()) is None
    assert code_things.place_of_session(tx, alice, CreateSession(room="#kitchen")) == room
    found = code_things.place_of_session(tx, alice, CreateSession(room="#kitchen", seq=seq))
    assert found == MessageFacts(room, seq, alice.id, deleted=False)


def test_a_run_is_to_belong_to_a_session_a_message_or_nothing(tx: Tx) -> None:
    alice = person(tx, "alice")
    session, seq = session_of(tx, alice), say(tx, GENERAL_ID, alice)
    for kind in (RunCode, ListRuns):
        assert code_things.place_of_run(tx, alice, kind()) is None
        found = code_things.place_of_run(tx, alice, kind(session=session))
        assert found == sessions.need(tx, session, alice.id)
        found = code_things.place_of_run(tx, alice, kind(room=GENERAL_ID, seq=seq))
        assert found == MessageFacts(rooms.find(tx, GENERAL_ID, alice), seq, alice.id, deleted=False)


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (RunCode(session=1, room=1), "not both"),
        (RunCode(session=1, seq=1), "not both"),
        (RunCode(room=1), "by its room and its seq"),
        (ListRuns(seq=1), "by its room and its seq"),
    ],
)
def test_a_place_that_is_half_named_is_a_mistake(tx: Tx, command: RunCode | ListRuns, says: str) -> None:
    alice = person(tx, "alice")
    session_of(tx, alice)
    code, message = refusal(lambda: code_things.place_of_run(tx, alice, command))
    assert code == "invalid"
    assert says in message


def test_a_message_is_named_by_its_room_too(tx: Tx) -> None:
    alice = person(tx, "alice")
    code, message = refusal(lambda: code_things.place_of_session(tx, alice, CreateSession(seq=1)))
    assert (code, "room" in message) == ("invalid", True)


def test_a_place_that_one_may_not_know_of_is_not_there(tx: Tx) -> None:
    alice, bob = person(tx, "alice"), person(tx, "bob")
    kitchen = group(tx, alice)
    seq = say(tx, kitchen, alice)
    private = session_of(tx, alice, openness=Openness.PRIVATE)
    looks: dict[str, Callable[[], object]] = {
        "session in a group": lambda: code_things.place_of_session(tx, bob, CreateSession(room=kitchen)),
        "session of a message": lambda: code_things.place_of_session(tx, bob, CreateSession(room=kitchen, seq=seq)),
        "run of a message": lambda: code_things.place_of_run(tx, bob, RunCode(room=kitchen, seq=seq)),
        "run of a session": lambda: code_things.place_of_run(tx, bob, RunCode(session=private)),
    }
    assert {name: refusal(look)[0] for name, look in looks.items()} == dict.fromkeys(looks, "not_found")


# --- runs --------------------------------------------------------------------------------------------------------------


def test_a_run_is_found_by_whoever_may_read_it_and_by_nobody_else(tx: Tx) -> None:
    alice, bob, carol = person(tx, "alice"), person(tx, "bob"), person(tx, "carol")
    kitchen = group(tx, alice, bob)
    places: dict[str, tuple[int, tuple[Actor, ...]]] = {
        "alone": (run_of(tx, alice).run.id, (alice,)),
        "in a session": (run_of(tx, alice, session=session_of(tx, alice, bob)).run.id, (alice, bob)),
        "in a message": (run_of(tx, alice, block=(kitchen, say(tx, kitchen, alice), 0)).run.id, (alice, bob)),
    }
    for run, readers in places.values():
        for actor in (alice, bob, carol):
            if actor in readers:
                found = code_things.run_of(tx, actor, GetRun(run=run))
                assert isinstance(found, RunFacts)
                assert (found.id, found.user_id) == (run, alice.id)
            else:
                with pytest.raises(Refusal) as refused:
                    code_things.run_of(tx, actor, GetRun(run=run))
                assert (refused.value.code, refused.value.message) == NO_RUN
    assert refusal(lambda: code_things.run_of(tx, alice, GetRun(run=99))) == NO_RUN


def test_both_runs_that_are_compared_must_be_ones_own_to_read(tx: Tx) -> None:
    alice, bob = person(tx, "alice"), person(tx, "bob")
    one, two, other = (run_of(tx, who).run.id for who in (alice, alice, bob))
    found = code_things.runs_of(tx, alice, CompareRuns(run=two, other=one))
    assert [facts.id for facts in found] == [two, one]
    assert refusal(lambda: code_things.runs_of(tx, alice, CompareRuns(run=one, other=other))) == NO_RUN
    assert refusal(lambda: code_things.runs_of(tx, alice, CompareRuns(run=other, other=one))) == NO_RUN
