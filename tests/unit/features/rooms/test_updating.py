"""Changing a room's name, topic and visibility."""

import pytest
from tests.support.database import NOW, person, transaction
from tests.support.rooms import ask_of_room, group, promote, ref

from kibitz.domain.errors import Refusal
from kibitz.domain.rooms import RoomRole, Visibility
from kibitz.domain.users import Role
from kibitz.fanout.steps import Publish
from kibitz.features.rooms.updating import update_room
from kibitz.storage import members, replay, room_views
from kibitz.storage.seed import GENERAL_ID
from kibitz.wire.commands import UpdateRoom
from kibitz.wire.events import RoomUpdated
from kibitz.wire.results import Changed


def test_what_is_given_changes_and_everyone_in_the_room_hears_of_it() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        kitchen = group(tx, alice)
        command = UpdateRoom(room=kitchen, name="Cellar", topic=" wine ", visibility="public")
        outcome = update_room(ask_of_room(tx, alice, command))
        event = RoomUpdated(
            room=kitchen, seq=1, by=ref(alice), at=NOW, name="Cellar", topic="wine", visibility="public"
        )
        assert outcome.answer == Changed(room=kitchen, seq=1)
        assert outcome.steps == (Publish(event),)
        assert replay.events(tx, kitchen, 0, 1, 10) == ([event], False)
        shown = room_views.view(tx, kitchen)
        assert (shown.name, shown.topic, shown.visibility) == ("Cellar", "wine", "public")


def test_what_is_left_out_stays() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        kitchen = group(tx, alice, visibility=Visibility.PUBLIC)
        update_room(ask_of_room(tx, alice, UpdateRoom(room=kitchen, topic="soup")))
        update_room(ask_of_room(tx, alice, UpdateRoom(room=kitchen, name="cellar")))
        shown = room_views.view(tx, kitchen)
        assert (shown.name, shown.topic, shown.visibility) == ("cellar", "soup", "public")


def test_a_topic_can_be_taken_away() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        kitchen = group(tx, alice)
        update_room(ask_of_room(tx, alice, UpdateRoom(room=kitchen, topic="soup")))
        update_room(ask_of_room(tx, alice, UpdateRoom(room=kitchen, topic="")))
        assert room_views.view(tx, kitchen).topic == ""


@pytest.mark.parametrize(
    "command", [UpdateRoom(room="#kitchen"), UpdateRoom(room="#kitchen", name=" kitchen", topic="")]
)
def test_what_changes_nothing_leaves_no_event(command: UpdateRoom) -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        kitchen = group(tx, alice)
        outcome = update_room(ask_of_room(tx, alice, command))
        assert (outcome.answer, outcome.steps) == (Changed(room=kitchen, seq=0), ())
        assert room_views.view(tx, kitchen).head == 0


def test_a_public_group_that_becomes_private_keeps_its_members() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        kitchen = group(tx, alice, bob, visibility=Visibility.PUBLIC)
        update_room(ask_of_room(tx, alice, UpdateRoom(room=kitchen, visibility="private")))
        assert members.ids(tx, kitchen) == [alice.id, bob.id]


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (UpdateRoom(room="#kitchen", name="Attic"), "already_there"),
        (UpdateRoom(room="#kitchen", name="general"), "already_there"),
        (UpdateRoom(room="#kitchen", name="a/b"), "invalid"),
        (UpdateRoom(room="#kitchen", topic="\x1b[2J"), "invalid"),
        (UpdateRoom(room="#general", name="lobby"), "invalid"),
        (UpdateRoom(room="#general", visibility="private"), "invalid"),
    ],
)
def test_what_cannot_be_is_refused(command: UpdateRoom, code: str) -> None:
    with transaction() as tx:
        alice = person(tx, "alice", Role.OWNER)
        group(tx, alice, name="kitchen")
        group(tx, alice, name="attic")
        with pytest.raises(Refusal) as refused:
            update_room(ask_of_room(tx, alice, command))
        assert refused.value.code == code


def test_the_general_channel_can_have_a_topic() -> None:
    with transaction() as tx:
        alice = person(tx, "alice", Role.OWNER)
        outcome = update_room(ask_of_room(tx, alice, UpdateRoom(room="#general", name="general", topic="welcome")))
        assert outcome.answer == Changed(room=GENERAL_ID, seq=1)
        assert room_views.view(tx, GENERAL_ID).topic == "welcome"


def test_a_guest_who_owns_a_group_cannot_make_it_public_but_can_rename_one_that_is() -> None:
    with transaction() as tx:
        alice, guest = person(tx, "alice"), person(tx, "bob", Role.GUEST)
        hidden = group(tx, guest, name="attic")
        with pytest.raises(Refusal) as refused:
            update_room(ask_of_room(tx, guest, UpdateRoom(room=hidden, visibility="public")))
        assert refused.value.code == "forbidden"
        shown = group(tx, alice, guest, name="kitchen", visibility=Visibility.PUBLIC)
        promote(tx, shown, guest, RoomRole.OWNER)
        outcome = update_room(ask_of_room(tx, guest, UpdateRoom(room=shown, name="cellar", visibility="public")))
        assert outcome.answer == Changed(room=shown, seq=1)
