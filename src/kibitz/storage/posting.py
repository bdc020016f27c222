"""What posting needs to know, for many posts at once.

Rule: the hot path. A fixed number of statements for a batch, however many posts are in it.
"""

from collections.abc import Collection, Iterable
from typing import Final

from sqlalchemy import BindParameter, bindparam, select, tuple_, update

from kibitz.domain.access import Actor
from kibitz.domain.rooms import Kind, RoomFacts, RoomRole, Visibility
from kibitz.domain.users import Role
from kibitz.storage import Tx
from kibitz.storage.prepared import Prepared, Values
from kibitz.storage.schema import room_members, rooms, tokens, users

_IDS: Final[BindParameter[int]] = bindparam("ids", expanding=True)
_ACTORS: Final = Prepared(select(users.c.id, users.c.name, users.c.role).where(users.c.id.in_(_IDS), ~users.c.disabled))
_TOKENS: Final = Prepared(select(tokens.c.id).where(tokens.c.id.in_(_IDS)))
_ROOMS: Final = Prepared(
    select(rooms.c.id, rooms.c.kind, rooms.c.visibility, rooms.c.name, rooms.c.seq)
    .where(rooms.c.id.in_(_IDS))
    .with_for_update()
    .order_by(rooms.c.id)
)
_MEMBERS: Final = Prepared(
    select(room_members.c.room_id, room_members.c.user_id, room_members.c.role).where(
        tuple_(room_members.c.room_id, room_members.c.user_id).in_(bindparam("pairs", expanding=True))
    )
)
_ADVANCE: Final = Prepared(update(rooms).where(rooms.c.id == bindparam("room")).values(seq=bindparam("head")))


Login = tuple[int, int | None]
"""A user's id and that of the token they came by."""


def actors(tx: Tx, logins: Collection[Login]) -> dict[Login, Actor]:
    """The users of these logins who may act at all: not locked, and the login has not ended."""
    users_named = list({user for user, _ in logins})
    people = {id: (name, Role(role)) for id, name, role in _ACTORS.rows(tx, ids=users_named)} if users_named else {}
    by_token = list({token for _, token in logins if token is not None})
    live = {token for (token,) in _TOKENS.rows(tx, ids=by_token)} if by_token else set()
    return {
        (user, token): Actor(user, *people[user], token)
        for user, token in logins
        if user in people and (token is None or token in live)
    }


def rooms_for(tx: Tx, pairs: Collection[tuple[int, int]]) -> dict[tuple[int, int], RoomFacts]:
    """What access needs to know for each (room id, user id), where there is such a room.

    The rooms are locked until the transaction ends, so that their `seq` can be counted on (a whole SQLite database is).
    """
    wanted = sorted({room for room, _ in pairs})
    found = {row[0]: row for row in _ROOMS.rows(tx, ids=wanted)} if wanted else {}
    roles = _roles(tx, found, pairs)
    return {(room, user): _facts(found[room], roles.get((room, user))) for room, user in pairs if room in found}


def _roles(tx: Tx, found: dict[int, Values], pairs: Collection[tuple[int, int]]) -> dict[tuple[int, int], str]:
    closed = [(room, user) for room, user in pairs if room in found and found[room][1] != Kind.GENERAL]
    if not closed:
        return {}
    return {(room, user): role for room, user, role in _MEMBERS.rows(tx, pairs=closed)}


def _facts(row: Values, role: str | None) -> RoomFacts:
    room, kind, visibility, name, seq = row
    mine = RoomRole.MEMBER if kind == Kind.GENERAL else RoomRole(role) if role is not None else None
    return RoomFacts(room, Kind(kind), Visibility(visibility), name, mine, seq)


def advance(tx: Tx, heads: Iterable[tuple[int, int]]) -> None:
    """Set the newest seq of rooms that `rooms_for` locked."""
    _ADVANCE.each(tx, ({"room": room, "head": head} for room, head in heads))
