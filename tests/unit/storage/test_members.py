"""Who is in a room: rows for groups and direct rooms, everyone for the general channel."""

import pytest
from sqlalchemy import update
from tests.support.database import NOW, person, transaction
from tests.support.rooms import group, promote, ref

from kibitz.domain.errors import Refusal
from kibitz.domain.rooms import RoomRole
from kibitz.storage import members
from kibitz.storage.schema import room_members, users
from kibitz.storage.seed import GENERAL_ID
from kibitz.wire.views import Member


def test_people_come_and_go() -> None:
    with transaction() as tx:
        alice, bob, carol = person(tx, "alice"), person(tx, "bob"), person(tx, "carol")
        kitchen = group(tx, alice)
        members.add(tx, kitchen, [bob.id, carol.id], RoomRole.MEMBER, NOW)
        assert members.ids(tx, kitchen) == [alice.id, bob.id, carol.id]
        members.remove(tx, kitchen, bob.id)
        assert members.ids(tx, kitchen) == [alice.id, carol.id]
        assert members.role(tx, kitchen, bob.id) is None


def test_a_role_is_given_to_one_member_of_one_room() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        kitchen, attic = group(tx, alice, bob, name="kitchen"), group(tx, alice, bob, name="attic")
        members.set_role(tx, kitchen, bob.id, RoomRole.MODERATOR)
        assert members.role(tx, kitchen, bob.id) is RoomRole.MODERATOR
        assert members.role(tx, attic, bob.id) is RoomRole.MEMBER
        assert members.role(tx, kitchen, alice.id) is RoomRole.OWNER


def test_everyone_is_in_the_general_channel() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        assert members.ids(tx, GENERAL_ID) == [alice.id, bob.id]
        assert members.role(tx, GENERAL_ID, bob.id) is RoomRole.MEMBER
        listed = members.page(tx, GENERAL_ID, "", 10)
        assert listed == [Member(user=ref(alice), role="member"), Member(user=ref(bob), role="member")]


def test_pages_follow_one_another_by_name() -> None:
    with transaction() as tx:
        dave, carol, bob, alice = (person(tx, name) for name in ("dave", "Carol", "bob", "alice"))
        kitchen = group(tx, dave, carol, bob, alice)
        for room in (kitchen, GENERAL_ID):
            first = members.page(tx, room, "", 2)
            assert [member.user.name for member in first] == ["alice", "bob"]
            second = members.page(tx, room, first[-1].user.name, 2)
            assert [member.user.name for member in second] == ["Carol", "dave"]
            assert members.page(tx, room, "DAVE", 2) == []


def test_a_page_shows_what_each_member_is() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        kitchen = group(tx, alice, bob)
        promote(tx, kitchen, bob, RoomRole.MODERATOR)
        assert [member.role for member in members.page(tx, kitchen, "", 10)] == ["owner", "moderator"]


def test_owners_are_counted() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        kitchen = group(tx, alice, bob)
        assert members.count_owners(tx, kitchen) == 1
        promote(tx, kitchen, bob, RoomRole.OWNER)
        assert members.count_owners(tx, kitchen) == 2


def test_the_longest_standing_member_is_the_one_who_came_first() -> None:
    with transaction() as tx:
        alice, bob, carol = person(tx, "alice"), person(tx, "bob"), person(tx, "carol")
        kitchen = group(tx, alice, bob, carol)
        earlier = update(room_members).where(room_members.c.user_id == carol.id)
        tx.execute(earlier.values(joined_at="2025-12-31T12:00:00.000Z"))
        assert members.longest_standing(tx, kitchen) == ref(carol)
        tx.execute(update(users).where(users.c.id == carol.id).values(disabled=True))
        assert members.longest_standing(tx, kitchen) == ref(alice)


def test_an_empty_room_has_no_longest_standing_member() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        kitchen = group(tx, alice)
        members.remove(tx, kitchen, alice.id)
        assert members.longest_standing(tx, kitchen) is None


def test_people_are_invited_by_name_each_once() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        assert members.invited(tx, ["bob", "Alice", "BOB"]) == [ref(bob), ref(alice)]
        assert members.invited(tx, []) == []


def test_the_first_name_that_nobody_has_is_the_one_refused() -> None:
    with transaction() as tx:
        person(tx, "alice")
        with pytest.raises(Refusal) as refused:
            members.invited(tx, ["alice", "Nobody", "noone"])
        assert (refused.value.code, refused.value.message) == ("not_found", "User 'Nobody' not found.")
