"""Who is in a room.

Rule: everyone is in the general channel without a row; what lists people here knows that, what adds or removes them is for groups
and direct rooms.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Select, delete, func, literal, select, update

from kibitz.domain.errors import not_found
from kibitz.domain.rooms import RoomRole
from kibitz.domain.users import name_key
from kibitz.storage import Tx
from kibitz.storage.bulk import insert_many
from kibitz.storage.schema import room_members, users
from kibitz.storage.seed import GENERAL_ID
from kibitz.wire.views import Member, UserRef

_COLUMNS: Final = ("room_id", "user_id", "role", "joined_at")


def add(tx: Tx, room_id: int, user_ids: Iterable[int], role: RoomRole, now: str) -> None:
    """Put people in a room who are not in it."""
    insert_many(tx, room_members, _COLUMNS, [(room_id, user, role.value, now) for user in user_ids])


def remove(tx: Tx, room_id: int, user_id: int) -> None:
    """Take someone out of a room."""
    tx.execute(delete(room_members).where(room_members.c.room_id == room_id, room_members.c.user_id == user_id))


def role(tx: Tx, room_id: int, user_id: int) -> RoomRole | None:
    """What a user is in a room; None for whoever is not in it."""
    if room_id == GENERAL_ID:
        return RoomRole.MEMBER
    query = select(room_members.c.role).where(room_members.c.room_id == room_id, room_members.c.user_id == user_id)
    found = tx.execute(query).scalar_one_or_none()
    return None if found is None else RoomRole(found)


def set_role(tx: Tx, room_id: int, user_id: int, role: RoomRole) -> None:
    """Give a member another role."""
    member = update(room_members).where(room_members.c.room_id == room_id, room_members.c.user_id == user_id)
    tx.execute(member.values(role=role.value))


def invited(tx: Tx, names: Sequence[str]) -> list[UserRef]:
    """The people of these names, each once, in the order given. Raises `Refusal("not_found")` with the first name nobody has."""
    wanted: dict[str, str] = {}
    for name in names:
        wanted.setdefault(name_key(name), name)
    query = select(users.c.name_key, users.c.id, users.c.name).where(users.c.name_key.in_(wanted))
    found = {key: UserRef(id=user_id, name=name) for key, user_id, name in tx.execute(query)}
    for key, name in wanted.items():
        if key not in found:
            raise not_found(f"User '{name}'")
    return [found[key] for key in wanted]


def ids(tx: Tx, room_id: int) -> list[int]:
    """Everyone in a room; for the general channel that is every user."""
    if room_id == GENERAL_ID:
        return list(tx.execute(select(users.c.id).order_by(users.c.id)).scalars())
    query = select(room_members.c.user_id).where(room_members.c.room_id == room_id)
    return list(tx.execute(query.order_by(room_members.c.user_id)).scalars())


def page(tx: Tx, room_id: int, after: str, limit: int) -> list[Member]:
    """Up to `limit` members in the order of their `name_key`s, beginning after the name `after`."""
    query = _everyone() if room_id == GENERAL_ID else _members_of(room_id)
    query = query.where(users.c.name_key > name_key(after)).order_by(users.c.name_key).limit(limit)
    return [Member(user=UserRef(id=user_id, name=name), role=role) for user_id, name, role in tx.execute(query)]


def count_owners(tx: Tx, room_id: int) -> int:
    """How many owners a group has."""
    owners = select(func.count()).where(room_members.c.room_id == room_id, room_members.c.role == RoomRole.OWNER.value)
    return tx.execute(owners).scalar_one()


def longest_standing(tx: Tx, room_id: int) -> UserRef | None:
    """The member who came first, before all locked ones; None if the room is empty."""
    query = select(users.c.id, users.c.name).join(room_members, room_members.c.user_id == users.c.id)
    query = query.where(room_members.c.room_id == room_id)
    row = tx.execute(query.order_by(users.c.disabled, room_members.c.joined_at, users.c.id).limit(1)).first()
    return None if row is None else UserRef(id=row.id, name=row.name)


def _everyone() -> Select[Any]:
    return select(users.c.id, users.c.name, literal(RoomRole.MEMBER.value))


def _members_of(room_id: int) -> Select[Any]:
    joined = room_members.join(users, users.c.id == room_members.c.user_id)
    columns = (users.c.id, users.c.name, room_members.c.role)
    return select(*columns).select_from(joined).where(room_members.c.room_id == room_id)
