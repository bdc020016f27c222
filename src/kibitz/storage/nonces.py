"""What writing commands were answered before.

Rule: looked up and written in the transaction of the command itself, so that a command is carried out once however often it comes.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import bindparam, delete, select, tuple_

from kibitz.storage import Tx
from kibitz.storage.bulk import insert_many
from kibitz.storage.prepared import Prepared
from kibitz.storage.schema import nonces

Key = tuple[int, str]
"""A user's id and the nonce they chose."""

_LOOKUP: Final = Prepared(
    select(nonces).where(tuple_(nonces.c.user_id, nonces.c.nonce).in_(bindparam("keys", expanding=True)))
)


def lookup(tx: Tx, keys: Sequence[Key]) -> dict[Key, tuple[bytes, bytes]]:
    """For each key that was used before: the fingerprint of its command and its answer."""
    if not keys:
        return {}
    rows = _LOOKUP.rows(tx, keys=list(keys))
    return {(user, nonce): (fingerprint, answer) for user, nonce, fingerprint, answer in rows}


def remember(tx: Tx, rows: Iterable[tuple[int, str, bytes, bytes]]) -> None:
    """Keep what these commands were answered: user, nonce, fingerprint, answer."""
    insert_many(tx, nonces, ("user_id", "nonce", "fingerprint", "answer"), list(rows))


def forget(tx: Tx, user: int, nonce: str) -> None:
    """Let a command be carried out that was answered, and then could not be carried out after all."""
    tx.execute(delete(nonces).where(nonces.c.user_id == user, nonces.c.nonce == nonce))
