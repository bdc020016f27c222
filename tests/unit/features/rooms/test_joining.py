"""Coming into a group."""

import pytest
from tests.support.database import NOW, person, transaction
from tests.support.rooms import ask_of_room, group, ref, say

from kibitz.domain.errors import Refusal
from kibitz.domain.rooms import RoomRole, Visibility
from kibitz.fanout.steps import Join, Notify, Publish
from kibitz.features.rooms.joining import add_member, join_room
from kibitz.storage import markers, members, replay, room_views
from kibitz.wire.codec import Label
from kibitz.wire.commands import AddMember, JoinRoom
from kibitz.wire.events import MemberAdded, RoomJoined
from kibitz.wire.results import Changed
from kibitz.wire.views import MyRoom


def test_those_who_are_there_hear_first_and_whoever_is_added_hears_from_then_on() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        kitchen = group(tx, alice)
        say(tx, kitchen, alice)
        outcome = add_member(ask_of_room(tx, alice, AddMember(room=kitchen, user="BOB")))
        event = MemberAdded(room=kitchen, seq=2, user=ref(bob), by=ref(alice), at=NOW)
        mine = MyRoom(room=room_views.view(tx, kitchen), role="member", read_seq=2)
        assert mine.room.head == 2
        assert outcome.answer == Changed(room=kitchen, seq=2)
        assert outcome.steps == (
            Publish(event),
            Join(Label(kitchen, "group", "kitchen"), 2, (bob.id,)),
            Notify((bob.id,), RoomJoined(room=mine, by=ref(alice))),
        )
        assert replay.events(tx, kitchen, 1, 2, 10) == ([event], False)
        assert members.role(tx, kitchen, bob.id) is RoomRole.MEMBER


def test_joining_is_being_added_by_oneself() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        kitchen = group(tx, alice, visibility=Visibility.PUBLIC)
        outcome = join_room(ask_of_room(tx, bob, JoinRoom(room="#kitchen")))
        assert outcome.steps[0] == Publish(MemberAdded(room=kitchen, seq=1, user=ref(bob), by=ref(bob), at=NOW))
        assert outcome.answer == MyRoom(room=room_views.view(tx, kitchen), role="member", read_seq=1)
        assert members.ids(tx, kitchen) == [alice.id, bob.id]


def test_what_was_said_before_someone_came_is_not_unread_to_them() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        kitchen = group(tx, alice)
        for _ in range(5):
            say(tx, kitchen, alice)
        add_member(ask_of_room(tx, alice, AddMember(room=kitchen, user="bob")))
        say(tx, kitchen, alice)
        _, mine = room_views.my_rooms(tx, bob.id)
        assert (mine.read_seq, mine.unread) == (6, 1)


def test_coming_back_does_not_take_a_marker_back() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        kitchen = group(tx, alice, bob)
        markers.advance(tx, bob.id, kitchen, say(tx, kitchen, alice))
        members.remove(tx, kitchen, bob.id)
        add_member(ask_of_room(tx, alice, AddMember(room=kitchen, user="bob")))
        assert markers.read_seq(tx, bob.id, kitchen) == 2


def test_nobody_comes_in_twice() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        kitchen = group(tx, alice, bob, visibility=Visibility.PUBLIC)
        with pytest.raises(Refusal) as added:
            add_member(ask_of_room(tx, alice, AddMember(room=kitchen, user="bob")))
        with pytest.raises(Refusal) as joined:
            join_room(ask_of_room(tx, bob, JoinRoom(room=kitchen)))
        assert (added.value.code, joined.value.code) == ("already_there", "already_there")
        assert room_views.view(tx, kitchen).head == 0


def test_nobody_is_added_who_is_not_there() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        group(tx, alice)
        with pytest.raises(Refusal, match="User 'nobody' not found"):
            add_member(ask_of_room(tx, alice, AddMember(room="#kitchen", user="nobody")))
