"""What every database holds from its first moment: its epoch and the general channel.

Rule: harmless to run again.
"""

from typing import Final

from sqlalchemy import insert, select

from kibitz.domain.rooms import GENERAL, Kind, Visibility
from kibitz.storage import Tx
from kibitz.storage.prepared import Prepared
from kibitz.storage.schema import meta, rooms

GENERAL_ID: Final = 1
"""The general channel's id: it is the first room of every database."""

_EPOCH: Final = Prepared(select(meta.c.value).where(meta.c.key == "epoch"))


def seed(tx: Tx, *, epoch: str, now: str) -> None:
    """Fill an empty database; `epoch` is a fresh random id."""
    if _EPOCH.first(tx) is not None:
        return
    tx.execute(insert(meta).values(key="epoch", value=epoch))
    general = {
        "id": GENERAL_ID,
        "kind": Kind.GENERAL,
        "visibility": Visibility.PUBLIC,
        "name": GENERAL,
        "name_key": GENERAL,
    }
    tx.execute(insert(rooms).values(**general, created_at=now))


def epoch(tx: Tx) -> str:
    """The id of this history."""
    return str(_EPOCH.one(tx)[0])
