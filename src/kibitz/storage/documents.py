"""What was done to the documents of code sessions: every update with its author and time, and checkpoints to start from.

Rule: updates are appended and stay; `seq` is dense from 1 on and is the document's version. Nothing here knows what an update means.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import bindparam, delete, func, insert, select

from kibitz.storage import Tx
from kibitz.storage.bulk import insert_many
from kibitz.storage.schema import document_checkpoints, document_updates, users
from kibitz.wire.views import UserRef

_COLUMNS: Final = ("session_id", "seq", "user_id", "at", "payload")
_SESSION: Final = document_updates.c.session_id == bindparam("session")

_HEAD: Final = select(func.max(document_updates.c.seq)).where(_SESSION)
_HEADS: Final = (
    select(document_updates.c.session_id, func.max(document_updates.c.seq).label("head"))
    .where(document_updates.c.session_id.in_(bindparam("sessions", expanding=True)))
    .group_by(document_updates.c.session_id)
)
_BETWEEN: Final = (
    select(document_updates.c.seq, document_updates.c.user_id, document_updates.c.payload)
    .where(_SESSION, document_updates.c.seq > bindparam("after"), document_updates.c.seq <= bindparam("upto"))
    .order_by(document_updates.c.seq)
)
_CHECKPOINT: Final = (
    select(document_checkpoints.c.seq, document_checkpoints.c.payload)
    .where(document_checkpoints.c.session_id == bindparam("session"), document_checkpoints.c.seq <= bindparam("upto"))
    .order_by(document_checkpoints.c.seq.desc())
    .limit(1)
)


class NewUpdate(NamedTuple):
    """A row about to be written; its seq is the next one of its session."""

    session: int
    seq: int
    user: int
    at: str
    payload: bytes


class Stored(NamedTuple):
    """What someone did to a document."""

    seq: int
    user: int
    payload: bytes


class Entry(NamedTuple):
    """The same as it is listed: whose it is, when it was stored, its size in bytes."""

    version: int
    user: UserRef
    at: str
    size: int


def head(tx: Tx, session: int) -> int:
    """The newest seq of a document; 0 where nothing was written."""
    return tx.execute(_HEAD, {"session": session}).scalar_one() or 0


def heads(tx: Tx, sessions: Iterable[int]) -> Mapping[int, int]:
    """The same for several; those where nothing was written are left out."""
    return {row.session_id: row.head for row in tx.execute(_HEADS, {"sessions": list(sessions)})}


def append(tx: Tx, rows: Sequence[NewUpdate]) -> None:
    """Write updates, each with the next seq of its session."""
    insert_many(tx, document_updates, _COLUMNS, rows)


def between(tx: Tx, session: int, after: int, upto: int) -> list[Stored]:
    """What was done after one seq and up to another, in order."""
    rows = tx.execute(_BETWEEN, {"session": session, "after": after, "upto": upto})
    return [Stored(row.seq, row.user_id, row.payload) for row in rows]


def entries(tx: Tx, session: int, before: int | None, limit: int) -> list[Entry]:
    """The last `limit` updates with seq < `before` (None: the newest), newest first."""
    size = func.length(document_updates.c.payload).label("size")
    query = select(document_updates.c.seq, document_updates.c.user_id, users.c.name, document_updates.c.at, size).join(
        users, users.c.id == document_updates.c.user_id
    )
    query = query.where(_SESSION) if before is None else query.where(_SESSION, document_updates.c.seq < before)
    rows = tx.execute(query.order_by(document_updates.c.seq.desc()).limit(limit), {"session": session})
    return [Entry(row.seq, UserRef(id=row.user_id, name=row.name), row.at, row.size) for row in rows]


def checkpoint(tx: Tx, session: int, upto: int) -> tuple[int, bytes] | None:
    """The newest checkpoint that is not later than a seq, and its seq."""
    row = tx.execute(_CHECKPOINT, {"session": session, "upto": upto}).first()
    return None if row is None else (row.seq, row.payload)


def put_checkpoint(tx: Tx, session: int, seq: int, at: str, payload: bytes, *, spacing: int) -> None:
    """Keep a document as it was after a seq; of the older ones, keep the first in every `spacing`."""
    here = document_checkpoints.c.session_id == session
    seqs: list[int] = list(tx.execute(select(document_checkpoints.c.seq).where(here)).scalars())
    if seq in seqs:
        return
    first: dict[int, int] = {}
    for one in sorted([*seqs, seq]):
        first.setdefault(one // spacing, one)
    dropped = [one for one in seqs if one not in first.values() and one < seq]
    if dropped:
        tx.execute(delete(document_checkpoints).where(here, document_checkpoints.c.seq.in_(dropped)))
    values: dict[str, Any] = {"session_id": session, "seq": seq, "at": at, "payload": payload}
    tx.execute(insert(document_checkpoints).values(**values))


def authors(tx: Tx, ids: Iterable[int]) -> dict[int, UserRef]:
    """The users of these ids."""
    wanted = select(users.c.id, users.c.name).where(users.c.id.in_(list(ids)))
    return {row.id: UserRef(id=row.id, name=row.name) for row in tx.execute(wanted)}
