"""Rooms as they are shown: one, all of mine, the public ones.

Rule: a list is made in a fixed number of queries, however many rooms there are.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import and_, bindparam, func, literal, select, union_all

from kibitz.domain.errors import not_found
from kibitz.domain.rooms import Kind, RoomRole, Visibility, room_key
from kibitz.storage import Tx
from kibitz.storage.markers import mentioned, unread
from kibitz.storage.prepared import Prepared
from kibitz.storage.schema import read_markers, room_members, rooms, users
from kibitz.storage.seed import GENERAL_ID
from kibitz.wire.codec import Label
from kibitz.wire.views import MyRoom, Room, UserRef

_COLUMNS: Final = (
    rooms.c.id,
    rooms.c.kind,
    rooms.c.visibility,
    rooms.c.name,
    rooms.c.topic,
    rooms.c.seq,
    rooms.c.created_at,
)
_USER: Final = bindparam("user", type_=users.c.id.type)


def _my_rooms() -> Any:
    mine = union_all(
        select(room_members.c.room_id, room_members.c.role).where(room_members.c.user_id == _USER),
        select(literal(GENERAL_ID), literal(RoomRole.MEMBER.value)),
    ).subquery()
    marker = and_(read_markers.c.user_id == _USER, read_markers.c.room_id == rooms.c.id)
    read = func.coalesce(read_markers.c.seq, 0)
    counts = (unread(_USER, rooms.c.id, read), mentioned(_USER, rooms.c.id, read))
    found = mine.join(rooms, rooms.c.id == mine.c.room_id).outerjoin(read_markers, marker)
    return select(*_COLUMNS, mine.c.role, read, *counts).select_from(found).order_by(rooms.c.id)


def _pairs() -> Any:
    mine = room_members.alias()
    rooms_of_mine = mine.join(rooms, and_(rooms.c.id == mine.c.room_id, rooms.c.kind == Kind.DIRECT.value))
    people = rooms_of_mine.join(room_members, room_members.c.room_id == rooms.c.id)
    people = people.join(users, users.c.id == room_members.c.user_id)
    pairs = select(rooms.c.id, users.c.id, users.c.name).select_from(people)
    return pairs.where(mine.c.user_id == _USER).order_by(rooms.c.id, users.c.id)


_MY_ROOMS: Final = Prepared(_my_rooms())
_PAIRS: Final = Prepared(_pairs())


def my_rooms(tx: Tx, user_id: int) -> list[MyRoom]:
    """A user's rooms in the order they were made, the general channel first, with what is new in each."""
    pairs: dict[int, list[UserRef]] = defaultdict(list)
    for room, other, name in _PAIRS.rows(tx, user=user_id):
        pairs[room].append(UserRef(id=other, name=name))
    return [
        MyRoom(room=_view(row, pairs[row[0]]), role=row[7], read_seq=row[8], unread=row[9], mentions=row[10])
        for row in _MY_ROOMS.rows(tx, user=user_id)
    ]


def public_rooms(tx: Tx, user_id: int, after: str, limit: int) -> list[Room]:
    """Up to `limit` public groups that a user is not in, in the order of their `room_key`s, beginning after the name `after`."""
    mine = select(room_members.c.room_id).where(room_members.c.room_id == rooms.c.id, room_members.c.user_id == user_id)
    open_groups = and_(rooms.c.kind == Kind.GROUP.value, rooms.c.visibility == Visibility.PUBLIC.value)
    query = select(*_COLUMNS).where(rooms.c.name_key > room_key(after), open_groups, ~mine.exists())
    return [_view(row, []) for row in tx.execute(query.order_by(rooms.c.name_key).limit(limit))]


def view(tx: Tx, room_id: int) -> Room:
    """A room. Raises `Refusal("not_found")`, also for a direct room that has not begun."""
    row = tx.execute(select(*_COLUMNS).where(rooms.c.id == room_id)).first()
    if row is None:
        raise not_found("Room")
    return _view(row, _people(tx, room_id) if row.kind == Kind.DIRECT else [])


def label(room: Room) -> Label:
    """What a codec may say of a room."""
    return Label(room.id, room.kind, room.name, tuple(room.members))


def _people(tx: Tx, room_id: int) -> list[UserRef]:
    people = select(users.c.id, users.c.name).join(room_members, room_members.c.user_id == users.c.id)
    rows = tx.execute(people.where(room_members.c.room_id == room_id).order_by(users.c.id))
    return [UserRef(id=user_id, name=name) for user_id, name in rows]


def _view(row: Sequence[Any], people: list[UserRef]) -> Room:
    room_id, kind, visibility, name, topic, seq, created_at, *_ = row
    return Room(
        id=room_id,
        kind=kind,
        visibility=visibility,
        name=name,
        topic=topic,
        head=seq,
        created_at=created_at,
        members=people,
    )
