"""How far each user has read each room, and what is left to read.

Rule: a marker never goes back. What is left is counted over the newest `COUNTED` messages, so that a room of a million unread ones
costs no more than one of a thousand.
"""

from typing import Any, Final

from sqlalchemy import ColumnElement, ScalarSelect, and_, bindparam, func, select

from kibitz.storage import Tx
from kibitz.storage.messages import EVERYONE_ID
from kibitz.storage.schema import mentions, messages, read_markers, rooms
from kibitz.storage.upsert import insert_into

COUNTED: Final = 1000
"""The newest messages after the marker that are looked at, and so the most that a count can say: a client shows «999+»."""


def read_seq(tx: Tx, user_id: int, room_id: int) -> int:
    """How far a user has read a room; 0 if they never did."""
    query = select(read_markers.c.seq).where(read_markers.c.user_id == user_id, read_markers.c.room_id == room_id)
    return tx.execute(query).scalar_one_or_none() or 0


def advance(tx: Tx, user_id: int, room_id: int, seq: int) -> bool:
    """Move a marker up to `seq`; False if it was there or further already."""
    insert = insert_into(tx, read_markers).values(user_id=user_id, room_id=room_id, seq=seq)
    moved = insert.on_conflict_do_update(
        index_elements=[read_markers.c.user_id, read_markers.c.room_id],
        set_={"seq": insert.excluded.seq},
        where=read_markers.c.seq < insert.excluded.seq,
    )
    return tx.execute(moved.returning(read_markers.c.seq)).first() is not None


def left_to_read(tx: Tx, user_id: int, room_id: int, after: int) -> tuple[int, int]:
    """The unread messages and the mentions of a user in a room after the seq `after`."""
    row = tx.execute(_LEFT, {"user": user_id, "room": room_id, "after": after}).one()
    return row[0], row[1]


def unread(user: ColumnElement[int], room: ColumnElement[int], after: ColumnElement[int]) -> ScalarSelect[Any]:
    """SQL for the messages of others after a seq, taken back ones aside, for a query of `rooms` and `read_markers`."""
    newest = (
        select(messages.c.sender_id, messages.c.deleted_at)
        .where(messages.c.room_id == room, messages.c.seq > after)
        .order_by(messages.c.seq.desc())
        .limit(COUNTED)
        .correlate(rooms, read_markers)
        .subquery()
    )
    others = newest.c.sender_id != user
    return select(func.count()).select_from(newest).where(others, newest.c.deleted_at.is_(None)).scalar_subquery()


def mentioned(user: ColumnElement[int], room: ColumnElement[int], after: ColumnElement[int]) -> ScalarSelect[Any]:
    """SQL for the messages of others that call a user, or everyone, after a seq, for a query of `rooms` and `read_markers`."""
    # A subquery rather than a join: joined, SQLite walks the messages and looks for mentions, of which there are fewer.
    here = and_(messages.c.room_id == mentions.c.room_id, messages.c.seq == mentions.c.seq)
    sender = select(messages.c.sender_id).where(here).correlate(mentions).scalar_subquery()
    found = (
        select(sender.label("sender_id"))
        .where(mentions.c.user_id.in_((user, EVERYONE_ID)), mentions.c.room_id == room, mentions.c.seq > after)
        .limit(COUNTED)
        .correlate(rooms, read_markers)
        .subquery()
    )
    return select(func.count()).select_from(found).where(found.c.sender_id != user).scalar_subquery()


_PLACE: Final = (bindparam("user", type_=read_markers.c.user_id.type), bindparam("room", type_=rooms.c.id.type))
_LEFT: Final = select(
    unread(*_PLACE, bindparam("after", type_=rooms.c.seq.type)),
    mentioned(*_PLACE, bindparam("after", type_=rooms.c.seq.type)),
)
