"""Marking a room as read, on one device or several."""

from hypothesis import given
from hypothesis import strategies as st
from tests.support.database import person, transaction
from tests.support.rooms import ask_of_room, group, say

from kibitz.fanout.steps import Notify
from kibitz.features.reading.marking import mark_read
from kibitz.storage.seed import GENERAL_ID
from kibitz.wire.commands import MarkRead
from kibitz.wire.events import ReadMarked
from kibitz.wire.results import Read


def test_a_marker_that_moves_is_told_to_its_user_alone() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        kitchen = group(tx, alice, bob)
        first = say(tx, kitchen, bob, alice.id)
        say(tx, kitchen, bob, alice.id)
        outcome = mark_read(ask_of_room(tx, alice, MarkRead(room="#kitchen", seq=first)))
        assert outcome.answer == Read(room=kitchen, read_seq=first, unread=1, mentions=1)
        assert outcome.steps == (Notify((alice.id,), ReadMarked(room=kitchen, read_seq=first, unread=1, mentions=1)),)


def test_a_marker_that_stays_is_told_to_nobody() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        first, second, _ = (say(tx, GENERAL_ID, bob) for _ in range(3))
        mark_read(ask_of_room(tx, alice, MarkRead(room="#general", seq=second)))
        for seq in (first, second):
            outcome = mark_read(ask_of_room(tx, alice, MarkRead(room="#general", seq=seq)))
            assert outcome.answer == Read(room=GENERAL_ID, read_seq=second, unread=1, mentions=0)
            assert outcome.steps == ()


def test_nobody_reads_what_has_not_been_said() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        newest = say(tx, GENERAL_ID, bob)
        outcome = mark_read(ask_of_room(tx, alice, MarkRead(room="#general", seq=newest + 100)))
        assert outcome.answer == Read(room=GENERAL_ID, read_seq=newest, unread=0, mentions=0)


def test_there_is_nothing_to_mark_where_nothing_was_said() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        person(tx, "bob")
        for room, found in (("#general", GENERAL_ID), ("@bob", 0)):
            outcome = mark_read(ask_of_room(tx, alice, MarkRead(room=room, seq=5)))
            assert outcome.answer == Read(room=found, read_seq=0, unread=0, mentions=0)
            assert outcome.steps == ()


@given(st.lists(st.integers(0, 12), max_size=15))
def test_whatever_order_devices_report_in_the_furthest_counts(seqs: list[int]) -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        head = [say(tx, GENERAL_ID, bob) for _ in range(10)][-1]
        furthest = 0
        for seq in seqs:
            outcome = mark_read(ask_of_room(tx, alice, MarkRead(room="#general", seq=seq)))
            moved, furthest = min(seq, head) > furthest, max(furthest, min(seq, head))
            assert outcome.answer == Read(room=GENERAL_ID, read_seq=furthest, unread=head - furthest, mentions=0)
            assert bool(outcome.steps) == moved
