"""How a direct room begins: both hear of it, from its first event on."""

import pytest
from tests.support.database import NOW, person, transaction
from tests.support.rooms import ref

from kibitz.domain.errors import Refusal
from kibitz.domain.rooms import Kind, RoomFacts, RoomRole, Visibility
from kibitz.fanout.steps import Join, Notify, Publish
from kibitz.features import direct
from kibitz.storage import replay, rooms
from kibitz.wire.codec import Label
from kibitz.wire.events import RoomCreated, RoomJoined
from kibitz.wire.views import MyRoom, Room


def test_both_hear_a_room_that_begins_from_its_first_event_on() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        facts, steps = direct.begin(tx, bob, "Alice", NOW)
        both, people = (alice.id, bob.id), [ref(alice), ref(bob)]
        view = Room(id=facts.id, kind="direct", visibility="private", created_at=NOW, members=people)
        began = RoomCreated(room=facts.id, seq=1, by=ref(bob), at=NOW, members=people)
        assert facts == RoomFacts(facts.id, Kind.DIRECT, Visibility.PRIVATE, None, RoomRole.MEMBER, 1)
        assert steps == (
            Join(Label(facts.id, "direct", None, tuple(people)), 0, both),
            Notify(both, RoomJoined(room=MyRoom(room=view, role="member"), by=ref(bob))),
            Publish(began),
        )
        assert replay.events(tx, facts.id, 0, 1, 10) == ([began], False)


def test_a_room_that_is_there_is_given_without_a_step() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        facts, _ = direct.begin(tx, alice, "bob", NOW)
        assert direct.begin(tx, bob, "alice", NOW) == (facts, ())
        assert rooms.find(tx, "@bob", alice) == facts


def test_a_room_with_oneself_has_one_person_to_tell() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        _, (join, told, _) = direct.begin(tx, alice, "alice", NOW)
        assert isinstance(join, Join)
        assert isinstance(told, Notify)
        assert (join.users, told.users) == ((alice.id,), (alice.id,))


def test_nobody_to_write_to_is_said() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        with pytest.raises(Refusal) as refused:
            direct.begin(tx, alice, "nobody", NOW)
        assert refused.value.message == "User 'nobody' not found."
