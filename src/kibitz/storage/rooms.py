"""Rooms: finding one, making one, changing what it is called.

Rule: a room is found whoever asks; whether they may know of it is decided by `access.may`. What is shown of rooms is made in
`kibitz.storage.room_views`.
"""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Select, and_, bindparam, select, update

from kibitz.domain.access import Actor
from kibitz.domain.errors import Refusal, not_found
from kibitz.domain.rooms import GENERAL, Kind, RoomFacts, RoomRole, Visibility, clean_room_name, direct_key, room_key
from kibitz.storage import Tx, members, users
from kibitz.storage.schema import room_members, rooms
from kibitz.storage.upsert import insert_into
from kibitz.storage.users import UserRow

NOT_BEGUN: Final = RoomFacts(0, Kind.DIRECT, Visibility.PRIVATE, None, RoomRole.MEMBER, 0)
"""The direct room of two people who have not written to each other yet: reading it finds nothing."""


def _facts() -> Select[Any]:
    mine = and_(room_members.c.room_id == rooms.c.id, room_members.c.user_id == bindparam("user"))
    columns = (rooms.c.id, rooms.c.kind, rooms.c.visibility, rooms.c.name, rooms.c.seq, room_members.c.role)
    return select(*columns).select_from(rooms.outerjoin(room_members, mine))


# Every command that names a room runs one of these: they are put together once.
_BY_ID: Final = _facts().where(rooms.c.id == bindparam("room"))
_BY_NAME: Final = _facts().where(rooms.c.name_key == bindparam("room"))
_BY_PAIR: Final = _facts().where(rooms.c.direct_key == bindparam("room"))


def facts_by_id(tx: Tx, room_id: int, user_id: int) -> RoomFacts | None:
    """The room with this id, as this user stands to it."""
    return _first(tx, _BY_ID, room_id, user_id)


def find(tx: Tx, ref: int | str, actor: Actor) -> RoomFacts:
    """The room that `ref` names: an id, `#general`, `#group`, or `@user` for the actor's direct room with that user.

    Raises `missing(ref)`, or `Refusal("invalid")` for what names no room. A direct room that has not begun yet is `NOT_BEGUN`.
    """
    if isinstance(ref, int):
        found = facts_by_id(tx, ref, actor.id)
    elif ref.startswith("#"):
        found = _first(tx, _BY_NAME, room_key(ref[1:]), actor.id)
    elif ref.startswith("@"):
        other = users.need(tx, ref[1:])
        found = _first(tx, _BY_PAIR, direct_key(actor.id, other.id), actor.id) or NOT_BEGUN
    else:
        raise Refusal(
            "invalid", "A room is named by its id, by '#group', or by '@user' for the direct room with a user."
        )
    if found is None:
        raise missing(ref)
    return found


def missing(ref: int | str) -> Refusal:
    """The refusal for a room that is not there, and to the letter the same for one that the actor may not know of."""
    return not_found(f"Group '{ref[1:]}'") if isinstance(ref, str) else not_found("Room")


def open_direct(tx: Tx, actor: Actor, other: UserRow, now: str) -> tuple[RoomFacts, bool]:
    """The direct room of the actor and another user, or themselves, and whether it was made just now."""
    pair = direct_key(actor.id, other.id)
    room_id = _insert(
        tx, kind=Kind.DIRECT, visibility=Visibility.PRIVATE, direct_key=pair, created_by=actor.id, created_at=now
    )
    if room_id is not None:
        members.add(tx, room_id, sorted({actor.id, other.id}), RoomRole.MEMBER, now)
    found = tx.execute(_BY_PAIR, {"room": pair, "user": actor.id}).one()
    return _row_facts(found), room_id is not None


def create_group(
    tx: Tx, name: str, visibility: Visibility, *, topic: str, owner_id: int, member_ids: Sequence[int], now: str
) -> int:
    """Make a group of its owner and these other people; returns its id.

    Raises `Refusal("invalid")` for what cannot be a name, and `Refusal("already_there")` if it is taken.
    """
    cleaned = clean_room_name(name)
    row = {"name": cleaned, "name_key": room_key(cleaned), "topic": topic, "created_by": owner_id, "created_at": now}
    room_id = _insert(tx, kind=Kind.GROUP, visibility=visibility, **row)
    if room_id is None:
        raise _taken(cleaned)
    members.add(tx, room_id, [owner_id], RoomRole.OWNER, now)
    members.add(tx, room_id, [user for user in member_ids if user != owner_id], RoomRole.MEMBER, now)
    return room_id


def update_room(tx: Tx, room_id: int, name: str, topic: str, visibility: Visibility) -> None:
    """Change a room; `name` is a clean one. Raises `Refusal("already_there")` if another room has it."""
    key = room_key(name)
    taken = select(rooms.c.id).where(rooms.c.name_key == key, rooms.c.id != room_id)
    if tx.execute(taken).first() is not None:
        raise _taken(name)
    change = {"name": name, "name_key": key, "topic": topic, "visibility": visibility.value}
    tx.execute(update(rooms).where(rooms.c.id == room_id).values(**change))


def retire(tx: Tx, room_id: int) -> None:
    """Nobody is in this group any more: it stays as history, cannot be found or joined, and its name is free again."""
    tx.execute(update(rooms).where(rooms.c.id == room_id).values(name_key=None, visibility=Visibility.PRIVATE.value))


def _first(tx: Tx, query: Select[Any], room: int | str, user_id: int) -> RoomFacts | None:
    row = tx.execute(query, {"room": room, "user": user_id}).first()
    return None if row is None else _row_facts(row)


def _row_facts(row: Sequence[Any]) -> RoomFacts:
    room_id, kind, visibility, name, seq, role = row
    if kind == Kind.GENERAL:
        role = RoomRole.MEMBER
    return RoomFacts(room_id, Kind(kind), Visibility(visibility), name, None if role is None else RoomRole(role), seq)


def _insert(tx: Tx, **values: Any) -> int | None:
    # Not a look and then an insert, and not an error to catch: either would lose a race or spoil a transaction that others share.
    made = insert_into(tx, rooms).values(**values).on_conflict_do_nothing().returning(rooms.c.id)
    return tx.execute(made).scalar_one_or_none()


def _taken(name: str) -> Refusal:
    who = "that everyone is in" if room_key(name) == GENERAL else "already"
    return Refusal("already_there", f"There is a group '{name}' {who}; choose another name.")
