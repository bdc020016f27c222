"""Which rooms there are, and who is in them, a page at a time."""

import pytest
from tests.support.database import NOW, person, transaction
from tests.support.rooms import ask, ask_of_room, group, ref

from kibitz.domain.errors import Refusal
from kibitz.domain.rooms import Visibility
from kibitz.features import direct
from kibitz.features.rooms.listing import browse, get_room, list_members, list_rooms
from kibitz.storage import room_views
from kibitz.wire.commands import BrowseRooms, GetRoom, ListMembers, ListRooms
from kibitz.wire.results import Members, Rooms
from kibitz.wire.views import Member


def test_my_rooms_come_with_the_epoch_of_their_history() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        group(tx, alice)
        listed = list_rooms(ask(tx, alice, ListRooms()))
        assert listed == Rooms(rooms=room_views.my_rooms(tx, alice.id), epoch="first-epoch")
        assert [mine.room.name for mine in listed.rooms] == ["general", "kitchen"]


def test_public_rooms_are_browsed_page_by_page() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        for name in ("attic", "cellar", "kitchen"):
            group(tx, alice, name=name, visibility=Visibility.PUBLIC)
        first = browse(ask(tx, bob, BrowseRooms(limit=2)))
        assert ([room.name for room in first.rooms], first.more) == (["attic", "cellar"], True)
        last = browse(ask(tx, bob, BrowseRooms(after="cellar", limit=2)))
        assert ([room.name for room in last.rooms], last.more) == (["kitchen"], False)


def test_a_direct_room_is_shown_to_its_two_people() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        facts, _ = direct.begin(tx, alice, "bob", NOW)
        shown = get_room(ask_of_room(tx, bob, GetRoom(room="@alice")))
        assert (shown.id, shown.members) == (facts.id, [ref(alice), ref(bob)])


def test_a_direct_room_that_has_not_begun_is_not_shown() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        person(tx, "bob")
        with pytest.raises(Refusal) as refused:
            get_room(ask_of_room(tx, alice, GetRoom(room="@bob")))
        assert refused.value.code == "not_found"


def test_members_are_listed_page_by_page() -> None:
    with transaction() as tx:
        alice, bob, carol = person(tx, "alice"), person(tx, "bob"), person(tx, "carol")
        group(tx, carol, alice, bob)
        first = list_members(ask_of_room(tx, alice, ListMembers(room="#kitchen", limit=2)))
        expected = [Member(user=ref(alice), role="member"), Member(user=ref(bob), role="member")]
        assert first == Members(members=expected, more=True)
        last = list_members(ask_of_room(tx, alice, ListMembers(room="#kitchen", after="bob", limit=2)))
        assert last == Members(members=[Member(user=ref(carol), role="owner")])


def test_everyone_is_listed_in_the_general_channel() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        listed = list_members(ask_of_room(tx, bob, ListMembers(room="#general")))
        assert [member.user for member in listed.members] == [ref(alice), ref(bob)]
