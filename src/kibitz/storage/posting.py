"""What posting needs to know, for many posts at once.

Rule: the hot path. A fixed number of statements for a batch, however many posts are in it.
"""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import bindparam, select, update

from kibitz.domain.access import Actor
from kibitz.domain.rooms import Kind, RoomFacts, RoomRole, Visibility
from kibitz.domain.users import Role
from kibitz.storage import Tx
from kibitz.storage.schema import room_members, rooms, tokens, users

_ACTORS = select(users.c.id, users.c.name, users.c.role).where(
    users.c.id.in_(bindparam("ids", expanding=True)), ~users.c.disabled
)
_TOKENS = select(tokens.c.id).where(tokens.c.id.in_(bindparam("ids", expanding=True)))
_ROOMS = select(rooms.c.id, rooms.c.kind, rooms.c.visibility, rooms.c.name, rooms.c.seq).where(
    rooms.c.id.in_(bindparam("ids", expanding=True))
)
_MEMBERS = select(room_members.c.room_id, room_members.c.user_id, room_members.c.role).where(
    room_members.c.room_id.in_(bindparam("rooms", expanding=True)),
    room_members.c.user_id.in_(bindparam("users", expanding=True)),
)
_ADVANCE = update(rooms).where(rooms.c.id == bindparam("room")).values(seq=bindparam("head"))


Login = tuple[int, int | None]
"""A user's id and that of the token they came by."""


def actors(tx: Tx, logins: Collection[Login]) -> dict[Login, Actor]:
    """The users of these logins who may act at all: not locked, and the login has not ended."""
    people = {row.id: row for row in tx.execute(_ACTORS, {"ids": list({user for user, _ in logins})})}
    live = set(tx.execute(_TOKENS, {"ids": list({token for _, token in logins if token is not None})}).scalars())
    return {
        (user, token): Actor(user, people[user].name, Role(people[user].role), token)
        for user, token in logins
        if user in people and (token is None or token in live)
    }


def rooms_for(tx: Tx, pairs: Collection[tuple[int, int]]) -> dict[tuple[int, int], RoomFacts]:
    """What access needs to know for each (room id, user id), where there is such a room.

    The rooms are locked until the transaction ends, so that their `seq` can be counted on (a whole SQLite database is).
    """
    wanted = sorted({room for room, _ in pairs})
    found = {row.id: row for row in tx.execute(_ROOMS.with_for_update().order_by(rooms.c.id), {"ids": wanted})}
    roles = _roles(tx, found, pairs)
    return {(room, user): _facts(found[room], roles.get((room, user))) for room, user in pairs if room in found}


def _roles(tx: Tx, found: dict[int, Any], pairs: Collection[tuple[int, int]]) -> dict[tuple[int, int], str]:
    closed = [room for room, row in found.items() if row.kind != Kind.GENERAL]
    if not closed:
        return {}
    people = {user for _, user in pairs}
    return {
        (row.room_id, row.user_id): row.role for row in tx.execute(_MEMBERS, {"rooms": closed, "users": list(people)})
    }


def _facts(row: Any, role: str | None) -> RoomFacts:
    mine = RoomRole.MEMBER if row.kind == Kind.GENERAL else RoomRole(role) if role is not None else None
    return RoomFacts(row.id, Kind(row.kind), Visibility(row.visibility), row.name, mine, row.seq)


def advance(tx: Tx, heads: Iterable[tuple[int, int]]) -> None:
    """Set the newest seq of rooms that `rooms_for` locked."""
    tx.execute(_ADVANCE, [{"room": room, "head": head} for room, head in heads])
