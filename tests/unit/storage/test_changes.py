"""A room's numbers."""

import pytest
from tests.support.database import NOW, person, transaction
from tests.support.rooms import group

from kibitz.domain.errors import Refusal
from kibitz.storage import changes
from kibitz.storage.schema import changes as table


def test_each_room_counts_for_itself_from_1_without_gaps() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        kitchen = group(tx, alice)
        taken = [changes.record(tx, room, "room_updated", alice.id, NOW) for room in (1, kitchen, 1, 1, kitchen)]
        assert taken == [1, 1, 2, 3, 2]


def test_a_change_is_written_down_with_what_it_is_about() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        changes.record(tx, 1, "reaction_added", alice.id, NOW, target=7, data={"emoji": "👍"})
        row = tx.execute(table.select()).one()
        assert (row.kind, row.target_seq, row.data) == ("reaction_added", 7, '{"emoji":"👍"}')


def test_a_room_that_is_not_there_gives_no_number() -> None:
    with transaction() as tx, pytest.raises(Refusal, match="Room not found"):
        changes.next_seq(tx, 99)
