"""What every database holds from its first moment."""

from tests.support.database import NOW, transaction

from kibitz.storage.schema import rooms
from kibitz.storage.seed import GENERAL_ID, epoch, seed


def test_seeding_again_changes_nothing() -> None:
    with transaction() as tx:
        seed(tx, epoch="second", now=NOW)
        assert epoch(tx) == "first-epoch"
        assert [(row.id, row.kind, row.name) for row in tx.execute(rooms.select())] == [
            (GENERAL_ID, "general", "general")
        ]
