"""The log of a room: what was said and everything else that happened, in one dense sequence.

Rule: a `seq` is given here and in `kibitz.storage.messages`, in the transaction of the event itself, and nowhere else.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import insert, update

from kibitz.domain.errors import not_found
from kibitz.storage import Tx
from kibitz.storage.schema import changes, rooms

_json = msgspec.json.Encoder()


def next_seq(tx: Tx, room: int, count: int = 1) -> int:
    """Take the next `count` numbers of a room; returns the last of them."""
    taken = update(rooms).where(rooms.c.id == room).values(seq=rooms.c.seq + count).returning(rooms.c.seq)
    seq = tx.execute(taken).scalar_one_or_none()
    if seq is None:
        raise not_found("Room")
    return int(seq)


def record(
    tx: Tx,
    room: int,
    kind: str,
    user: int,
    at: str,
    *,
    target: int | None = None,
    data: Mapping[str, Any] | None = None,
) -> int:
    """Write down a durable event that is not a new message; returns its seq.

    `kind` is the event's `type` on the wire, `data` its own fields. A message's text never goes in: it would outlive its deletion.
    """
    seq = next_seq(tx, room)
    row = {"room_id": room, "seq": seq, "kind": kind, "user_id": user, "target_seq": target, "at": at}
    tx.execute(insert(changes).values(**row, data=_json.encode(data or {}).decode()))
    return seq
