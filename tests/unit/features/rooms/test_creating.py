"""Making groups and opening direct rooms."""

import pytest
from tests.support.database import NOW, person, transaction
from tests.support.rooms import ask, group, ref

from kibitz.domain.errors import Refusal
from kibitz.domain.rooms import MAX_MEMBERS_AT_ONCE, MAX_TOPIC, RoomRole
from kibitz.domain.users import Role
from kibitz.fanout.steps import Join, Notify, Publish
from kibitz.features.rooms.creating import create_room, open_direct
from kibitz.storage import members, replay, room_views, rooms
from kibitz.wire.codec import Label
from kibitz.wire.commands import CreateRoom, OpenDirect
from kibitz.wire.events import RoomCreated, RoomJoined
from kibitz.wire.views import MyRoom, Room


def test_everyone_in_a_new_group_hears_it_from_its_first_event_on() -> None:
    with transaction() as tx:
        alice, bob, carol = person(tx, "alice"), person(tx, "bob"), person(tx, "carol")
        command = CreateRoom(name=" The  Kitchen", members=["carol", "Bob"], topic="soup\nof the day")
        outcome = create_room(ask(tx, alice, command))
        answer = outcome.answer
        assert isinstance(answer, Room)
        kitchen = answer.id
        empty = Room(
            id=kitchen,
            kind="group",
            visibility="private",
            name="The Kitchen",
            topic="soup of the day",
            created_at=NOW,
        )
        began = RoomCreated(
            room=kitchen, seq=1, by=ref(alice), at=NOW, name="The Kitchen", members=[ref(alice), ref(carol), ref(bob)]
        )
        assert outcome.steps == (
            Join(Label(kitchen, "group", "The Kitchen"), 0, (alice.id, carol.id, bob.id)),
            Notify((alice.id,), RoomJoined(room=MyRoom(room=empty, role="owner"), by=ref(alice))),
            Notify((carol.id, bob.id), RoomJoined(room=MyRoom(room=empty, role="member"), by=ref(alice))),
            Publish(began),
        )
        assert answer == room_views.view(tx, kitchen)
        assert answer.head == 1
        assert replay.events(tx, kitchen, 0, 1, 10) == ([began], False)


def test_a_group_of_one_tells_one() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        outcome = create_room(ask(tx, alice, CreateRoom(name="kitchen")))
        assert [type(step) for step in outcome.steps] == [Join, Notify, Publish]


def test_whoever_is_named_twice_is_in_once_and_its_maker_owns_it() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        command = CreateRoom(name="kitchen", members=["bob", "alice", "BOB"])
        answer = create_room(ask(tx, alice, command)).answer
        assert isinstance(answer, Room)
        assert members.ids(tx, answer.id) == [alice.id, bob.id]
        assert members.role(tx, answer.id, alice.id) is RoomRole.OWNER


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (CreateRoom(name="attic", members=["bob", "nobody"]), "not_found"),
        (CreateRoom(name="Kitchen"), "already_there"),
        (CreateRoom(name="general"), "already_there"),
        (CreateRoom(name="a,b"), "invalid"),
        (CreateRoom(name=""), "invalid"),
        (CreateRoom(name="attic", topic="x" * (MAX_TOPIC + 1)), "invalid"),
        (CreateRoom(name="attic", topic="nul \x00"), "invalid"),
        (CreateRoom(name="attic", members=["bob"] * (MAX_MEMBERS_AT_ONCE + 1)), "too_long"),
    ],
)
def test_what_cannot_be_a_group_is_refused(command: CreateRoom, code: str) -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        person(tx, "bob")
        group(tx, alice, name="kitchen")
        with pytest.raises(Refusal) as refused:
            create_room(ask(tx, alice, command))
        assert refused.value.code == code


def test_the_first_unknown_member_is_named() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        with pytest.raises(Refusal, match="User 'nobody' not found"):
            create_room(ask(tx, alice, CreateRoom(name="attic", members=["nobody", "noone"])))


def test_a_guest_makes_private_groups_only() -> None:
    with transaction() as tx:
        guest = person(tx, "bob", Role.GUEST)
        with pytest.raises(Refusal) as refused:
            create_room(ask(tx, guest, CreateRoom(name="attic", visibility="public")))
        assert refused.value.code == "forbidden"
        assert isinstance(create_room(ask(tx, guest, CreateRoom(name="attic"))).answer, Room)


def test_opening_a_direct_room_answers_with_it_and_tells_both() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        outcome = open_direct(ask(tx, alice, OpenDirect(user="bob")))
        room = rooms.find(tx, "@bob", alice).id
        people = [ref(alice), ref(bob)]
        expected = Room(id=room, kind="direct", visibility="private", head=1, created_at=NOW, members=people)
        assert outcome.answer == expected
        assert [type(step) for step in outcome.steps] == [Join, Notify, Publish]


def test_opening_a_direct_room_again_tells_nobody() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        first = open_direct(ask(tx, alice, OpenDirect(user="bob")))
        again = open_direct(ask(tx, bob, OpenDirect(user="alice")))
        assert (again.answer, again.steps) == (first.answer, ())


def test_a_direct_room_needs_someone_who_is_there() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        with pytest.raises(Refusal) as refused:
            open_direct(ask(tx, alice, OpenDirect(user="nobody")))
        assert refused.value.code == "not_found"
