"""Finding rooms by every name they have, and making and changing them."""

import pytest
from tests.support.database import NOW, person, transaction
from tests.support.rooms import group, promote, say

from kibitz.domain.access import Actor
from kibitz.domain.errors import Refusal
from kibitz.domain.rooms import Kind, RoomFacts, RoomRole, Visibility
from kibitz.storage import Tx, members, rooms, users
from kibitz.storage.seed import GENERAL_ID


def open_direct(tx: Tx, actor: Actor, name: str) -> tuple[RoomFacts, bool]:
    return rooms.open_direct(tx, actor, users.need(tx, name), NOW)


def test_a_room_is_found_by_its_id_and_seen_from_each_user() -> None:
    with transaction() as tx:
        alice, bob, carol = person(tx, "alice"), person(tx, "bob"), person(tx, "carol")
        kitchen = group(tx, alice, bob)
        say(tx, kitchen, bob)
        seen = [rooms.facts_by_id(tx, kitchen, actor.id) for actor in (alice, bob, carol)]
        expected = [
            RoomFacts(kitchen, Kind.GROUP, Visibility.PRIVATE, "kitchen", role, 1)
            for role in (RoomRole.OWNER, RoomRole.MEMBER, None)
        ]
        assert seen == expected
        assert rooms.facts_by_id(tx, 99, alice.id) is None


def test_everyone_is_a_member_of_the_general_channel() -> None:
    with transaction() as tx:
        guest = person(tx, "gast")
        general = RoomFacts(GENERAL_ID, Kind.GENERAL, Visibility.PUBLIC, "general", RoomRole.MEMBER, 0)
        assert rooms.find(tx, GENERAL_ID, guest) == general
        assert rooms.find(tx, "#General", guest) == general


def test_a_group_is_found_however_its_name_is_spelt() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        kitchen = group(tx, alice, name="The  Kitchen")
        for spelling in ("#The Kitchen", "#the kitchen", "#THE  KITCHEN "):
            assert rooms.find(tx, spelling, alice).id == kitchen


def test_a_private_group_is_found_for_whoever_is_not_in_it() -> None:
    with transaction() as tx:
        kitchen, bob = group(tx, person(tx, "alice")), person(tx, "bob")
        found = rooms.find(tx, "#kitchen", bob)
        assert (found.id, found.my_role) == (kitchen, None)


@pytest.mark.parametrize(
    ("ref", "sentence"),
    [("#attic", "Group 'attic' not found."), ("@nobody", "User 'nobody' not found."), (99, "Room not found.")],
)
def test_what_is_not_there_is_not_found_by_the_name_it_was_given(ref: int | str, sentence: str) -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        with pytest.raises(Refusal) as refused:
            rooms.find(tx, ref, alice)
        assert (refused.value.code, refused.value.message) == ("not_found", sentence)


def test_a_name_without_a_sign_names_no_room() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        group(tx, alice)
        with pytest.raises(Refusal) as refused:
            rooms.find(tx, "kitchen", alice)
        assert refused.value.code == "invalid"


def test_a_direct_room_that_has_not_begun_has_nothing_in_it() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        person(tx, "bob")
        assert rooms.find(tx, "@bob", alice) == rooms.NOT_BEGUN


def test_two_people_have_one_direct_room_whoever_opens_it() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        room, made = open_direct(tx, alice, "bob")
        assert made
        assert open_direct(tx, bob, "alice") == (room, False)
        assert rooms.find(tx, "@Bob", alice) == rooms.find(tx, "@alice", bob) == room
        assert (room.kind, room.visibility, room.my_role) == (Kind.DIRECT, Visibility.PRIVATE, RoomRole.MEMBER)
        assert members.ids(tx, room.id) == [alice.id, bob.id]


def test_a_third_person_is_not_in_a_direct_room() -> None:
    with transaction() as tx:
        alice, carol = person(tx, "alice"), person(tx, "carol")
        person(tx, "bob")
        room, _ = open_direct(tx, alice, "bob")
        seen = rooms.facts_by_id(tx, room.id, carol.id)
        assert seen is not None
        assert seen.my_role is None
        assert rooms.find(tx, "@bob", carol) == rooms.NOT_BEGUN


def test_a_room_with_oneself_has_one_member() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        room, made = open_direct(tx, alice, "alice")
        assert made
        assert members.ids(tx, room.id) == [alice.id]
        assert rooms.find(tx, "@alice", alice) == room


@pytest.mark.parametrize("name", ["kitchen", "Kitchen", " KITCHEN ", "general", "General"])
def test_a_name_that_is_taken_is_refused_however_it_is_spelt(name: str) -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        group(tx, alice, name="kitchen")
        with pytest.raises(Refusal) as refused:
            group(tx, alice, name=name)
        assert refused.value.code == "already_there"


def test_a_group_is_not_made_with_a_name_that_cannot_be_one() -> None:
    with transaction() as tx:
        with pytest.raises(Refusal) as refused:
            group(tx, person(tx, "alice"), name="a|b")
        assert refused.value.code == "invalid"


def test_whoever_makes_a_group_is_its_owner_even_if_named_among_the_members() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        kitchen = group(tx, alice, bob, alice)
        assert [members.role(tx, kitchen, actor.id) for actor in (alice, bob)] == [RoomRole.OWNER, RoomRole.MEMBER]


def test_a_renamed_group_is_found_by_its_new_name_only() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        kitchen = group(tx, alice)
        rooms.update_room(tx, kitchen, "Cellar", "wine", Visibility.PUBLIC)
        found = rooms.find(tx, "#cellar", alice)
        assert (found.id, found.name, found.visibility) == (kitchen, "Cellar", Visibility.PUBLIC)
        with pytest.raises(Refusal):
            rooms.find(tx, "#kitchen", alice)


def test_a_group_is_not_renamed_to_a_name_that_is_taken_but_may_be_spelt_anew() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        kitchen = group(tx, alice, name="kitchen")
        group(tx, alice, name="attic")
        with pytest.raises(Refusal) as refused:
            rooms.update_room(tx, kitchen, "Attic", "", Visibility.PRIVATE)
        assert refused.value.code == "already_there"
        rooms.update_room(tx, kitchen, "KITCHEN", "", Visibility.PRIVATE)
        assert rooms.find(tx, "#kitchen", alice).name == "KITCHEN"


def test_a_retired_group_cannot_be_found_and_its_name_is_free() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        kitchen = group(tx, alice, visibility=Visibility.PUBLIC)
        members.remove(tx, kitchen, alice.id)
        rooms.retire(tx, kitchen)
        with pytest.raises(Refusal):
            rooms.find(tx, "#kitchen", bob)
        left = rooms.facts_by_id(tx, kitchen, bob.id)
        assert left is not None
        assert left.visibility is Visibility.PRIVATE
        assert group(tx, bob, name="kitchen") != kitchen


def test_a_moderator_is_seen_as_one() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        kitchen = group(tx, alice, bob)
        promote(tx, kitchen, bob, RoomRole.MODERATOR)
        assert rooms.find(tx, kitchen, bob).my_role is RoomRole.MODERATOR
