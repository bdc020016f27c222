"""Rooms as they are shown, and what it costs to list them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from tests.support.database import NOW, person, transaction
from tests.support.rooms import group, ref, say

from kibitz.domain.errors import Refusal
from kibitz.domain.rooms import RoomRole, Visibility
from kibitz.storage import Tx, markers, members, room_views, rooms, users
from kibitz.storage.seed import GENERAL_ID
from kibitz.wire.codec import Label
from kibitz.wire.views import MyRoom, Room


@contextmanager
def statements(tx: Tx) -> Iterator[list[str]]:
    """Every statement that reaches the database, with its parameters filled in."""
    seen: list[str] = []
    driver: Any = tx.connection.driver_connection
    driver.set_trace_callback(seen.append)
    try:
        yield seen
    finally:
        driver.set_trace_callback(None)


def plan(tx: Tx, statement: str) -> list[str]:
    """How SQLite carries out a statement, a line for each table."""
    return [row[3] for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}")]


def test_my_rooms_are_the_general_channel_my_groups_and_my_direct_rooms() -> None:
    with transaction() as tx:
        alice, bob, carol = person(tx, "alice"), person(tx, "bob"), person(tx, "carol")
        kitchen = group(tx, alice, bob)
        group(tx, carol, name="attic")
        direct, _ = rooms.open_direct(tx, alice, users.need(tx, "bob"), NOW)
        rooms.open_direct(tx, alice, users.need(tx, "carol"), NOW)
        general = Room(id=GENERAL_ID, kind="general", visibility="public", name="general", created_at=NOW)
        ours = Room(id=kitchen, kind="group", visibility="private", name="kitchen", created_at=NOW)
        pair = Room(id=direct.id, kind="direct", visibility="private", created_at=NOW, members=[ref(alice), ref(bob)])
        assert room_views.my_rooms(tx, bob.id) == [MyRoom(room=room, role="member") for room in (general, ours, pair)]


def test_my_rooms_say_how_far_i_have_read_and_what_is_new() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        kitchen = group(tx, alice, bob)
        for _ in range(3):
            say(tx, kitchen, bob)
        say(tx, kitchen, bob, alice.id)
        say(tx, GENERAL_ID, bob)
        markers.advance(tx, alice.id, kitchen, 2)
        general, mine = room_views.my_rooms(tx, alice.id)
        assert (mine.role, mine.room.head, mine.read_seq, mine.unread, mine.mentions) == ("owner", 4, 2, 2, 1)
        assert (general.room.head, general.read_seq, general.unread, general.mentions) == (1, 0, 1, 0)


def test_three_hundred_rooms_cost_as_many_queries_as_one() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        for number in range(200):
            say(tx, group(tx, alice, bob, name=f"kitchen {number}"), bob)
        for number in range(100):
            person(tx, f"friend{number}")
            rooms.open_direct(tx, alice, users.need(tx, f"friend{number}"), NOW)
        with statements(tx) as seen:
            mine = room_views.my_rooms(tx, alice.id)
        assert len(mine) == 301
        assert len([room for room in mine if len(room.room.members) == 2]) == 100
        assert sum(room.unread for room in mine) == 200
        assert len(seen) <= 6


def test_my_rooms_are_found_by_index_alone() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        with statements(tx) as seen:
            room_views.my_rooms(tx, alice.id)
        lines = [line for statement in seen for line in plan(tx, statement)]
        tables = ("messages", "mentions", "room_members", "read_markers", "rooms", "users")
        walked = [line for line in lines if line.startswith("SCAN") and line.split()[1].startswith(tables)]
        assert walked == []
        assert any(line.startswith("SEARCH messages") and "(room_id=? AND seq>?)" in line for line in lines)
        assert any(
            line.startswith("SEARCH mentions") and "(user_id=? AND room_id=? AND seq>?)" in line for line in lines
        )


def test_what_is_left_of_one_room_is_found_by_index_alone() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        with statements(tx) as seen:
            markers.left_to_read(tx, alice.id, GENERAL_ID, 0)
        lines = [line for statement in seen for line in plan(tx, statement)]
        assert [line for line in lines if line.startswith(("SCAN messages", "SCAN mentions"))] == []
        assert any(line.startswith("SEARCH mentions") and "seq>?" in line for line in lines)


def test_public_groups_that_one_is_not_in_are_shown_by_name() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        for name in ("Kitchen", "attic", "cellar"):
            group(tx, alice, name=name, visibility=Visibility.PUBLIC)
        group(tx, alice, name="bath")
        group(tx, alice, bob, name="barn", visibility=Visibility.PUBLIC)
        shown = room_views.public_rooms(tx, bob.id, "", 10)
        assert [room.name for room in shown] == ["attic", "cellar", "Kitchen"]
        assert [room.name for room in room_views.public_rooms(tx, bob.id, "Cellar", 10)] == ["Kitchen"]
        assert [room.name for room in room_views.public_rooms(tx, bob.id, "", 1)] == ["attic"]
        assert room_views.public_rooms(tx, alice.id, "", 10) == []


def test_a_group_nobody_is_in_any_more_is_not_shown() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        kitchen = group(tx, alice, visibility=Visibility.PUBLIC)
        members.remove(tx, kitchen, alice.id)
        rooms.retire(tx, kitchen)
        assert room_views.public_rooms(tx, bob.id, "", 10) == []


def test_a_room_is_shown_with_its_topic_and_newest_seq() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        kitchen = group(tx, alice)
        rooms.update_room(tx, kitchen, "kitchen", "soup", Visibility.PUBLIC)
        say(tx, kitchen, alice)
        shown = room_views.view(tx, kitchen)
        assert shown == Room(
            id=kitchen, kind="group", visibility="public", name="kitchen", topic="soup", head=1, created_at=NOW
        )


def test_a_room_that_is_not_there_is_not_shown() -> None:
    with transaction() as tx:
        for room in (99, rooms.NOT_BEGUN.id):
            with pytest.raises(Refusal) as refused:
                room_views.view(tx, room)
            assert refused.value.code == "not_found"


def test_a_direct_room_is_labelled_with_its_people() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        direct, _ = rooms.open_direct(tx, alice, users.need(tx, "bob"), NOW)
        kitchen = group(tx, alice, bob)
        members.set_role(tx, kitchen, bob.id, RoomRole.OWNER)
        labels = [room_views.label(room_views.view(tx, room)) for room in (direct.id, kitchen)]
        assert labels == [Label(direct.id, "direct", None, (ref(alice), ref(bob))), Label(kitchen, "group", "kitchen")]
