"""What is left to read: counted right, never going back, and without walking through a million messages."""

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from tests.support.database import NOW, person, transaction
from tests.support.rooms import group, say

from kibitz.domain.access import Actor
from kibitz.storage import Tx, markers, messages, schema
from kibitz.storage.bulk import insert_many
from kibitz.storage.changes import next_seq
from kibitz.storage.messages import EVERYONE_ID
from kibitz.storage.seed import GENERAL_ID


@given(st.lists(st.integers(1, 50), min_size=1, max_size=20))
def test_a_marker_only_goes_forward(seqs: list[int]) -> None:
    with transaction() as tx:
        alice, furthest = person(tx, "alice"), 0
        for seq in seqs:
            assert markers.advance(tx, alice.id, GENERAL_ID, seq) == (seq > furthest)
            furthest = max(furthest, seq)
            assert markers.read_seq(tx, alice.id, GENERAL_ID) == furthest


def test_a_marker_is_for_one_user_and_one_room() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        kitchen = group(tx, alice, bob)
        markers.advance(tx, alice.id, kitchen, 7)
        places = [(alice.id, GENERAL_ID), (bob.id, kitchen)]
        assert [markers.read_seq(tx, *place) for place in places] == [0, 0]


def test_unread_are_the_messages_of_others_after_the_marker_that_were_not_taken_back() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        first, _, mine, gone, _ = (say(tx, GENERAL_ID, who) for who in (bob, bob, alice, bob, bob))
        messages.erase(tx, GENERAL_ID, gone, NOW)
        assert markers.left_to_read(tx, alice.id, GENERAL_ID, 0) == (3, 0)
        assert markers.left_to_read(tx, alice.id, GENERAL_ID, first) == (2, 0)
        assert markers.left_to_read(tx, alice.id, GENERAL_ID, mine) == (1, 0)
        assert markers.left_to_read(tx, bob.id, GENERAL_ID, 0) == (1, 0)


def test_mentions_are_calls_by_others_of_me_or_of_everyone() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        to_alice = say(tx, GENERAL_ID, bob, alice.id)
        say(tx, GENERAL_ID, bob, EVERYONE_ID)
        say(tx, GENERAL_ID, alice, EVERYONE_ID, alice.id)
        assert markers.left_to_read(tx, alice.id, GENERAL_ID, 0) == (2, 2)
        assert markers.left_to_read(tx, alice.id, GENERAL_ID, to_alice) == (1, 1)
        assert markers.left_to_read(tx, bob.id, GENERAL_ID, 0) == (1, 1)


def test_other_rooms_do_not_count() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        kitchen = group(tx, alice, bob)
        say(tx, kitchen, bob, alice.id)
        assert markers.left_to_read(tx, alice.id, GENERAL_ID, 0) == (0, 0)
        assert markers.left_to_read(tx, alice.id, kitchen, 0) == (1, 1)


def say_much(tx: Tx, room: int, *senders: tuple[Actor, int]) -> None:
    """So many messages of each sender, one sender after the other."""
    authors = [sender.id for sender, count in senders for _ in range(count)]
    last = next_seq(tx, room, len(authors))
    rows = [(room, seq, author, "hello", NOW, 0) for seq, author in enumerate(authors, last - len(authors) + 1)]
    insert_many(tx, schema.messages, ("room_id", "seq", "sender_id", "text", "sent_at", "replies"), rows)


def test_no_more_messages_are_counted_than_a_client_shows() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        kitchen = group(tx, alice, bob)
        say_much(tx, kitchen, (bob, markers.COUNTED + 50))
        assert markers.left_to_read(tx, alice.id, kitchen, 0) == (markers.COUNTED, 0)
        assert markers.left_to_read(tx, alice.id, kitchen, 100) == (markers.COUNTED - 50, 0)


def test_it_is_the_newest_messages_that_are_counted() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        kitchen = group(tx, alice, bob)
        say_much(tx, kitchen, (alice, markers.COUNTED), (bob, 50))
        assert markers.left_to_read(tx, alice.id, kitchen, 0) == (50, 0)
        assert markers.left_to_read(tx, bob.id, kitchen, 0) == (markers.COUNTED - 50, 0)


def test_marking_twice_leaves_one_row() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        markers.advance(tx, alice.id, GENERAL_ID, 1)
        markers.advance(tx, alice.id, GENERAL_ID, 2)
        assert tx.execute(select(schema.read_markers)).all() == [(alice.id, GENERAL_ID, 2)]
