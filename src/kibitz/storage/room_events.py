"""What happens to a room and its members: written to its log, and read from there again.

Rule: what `rebuild` makes of a row of `changes` equals what was told live when the row was written. A row holds ids, so that a
person is shown by the name they have now.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Row

from kibitz.domain.rooms import RoomRole, Visibility
from kibitz.storage import Tx
from kibitz.storage.changes import record
from kibitz.wire.events import (
    BlockRun,
    MemberAdded,
    MemberRemoved,
    MemberRoleChanged,
    RoomCreated,
    RoomEvent,
    RoomUpdated,
    SessionInvited,
    SessionOpened,
)
from kibitz.wire.views import RunResult, SessionRef, UserRef

People = Mapping[int, UserRef]

_data: Final = msgspec.json.Decoder(dict[str, Any])


def room_created(
    tx: Tx, room: int, by: UserRef, name: str | None, members: Sequence[UserRef], *, at: str
) -> RoomCreated:
    """A room began, with these people in it."""
    data = {"name": name, "members": [member.id for member in members]}
    seq = record(tx, room, "room_created", by.id, at, data=data)
    return RoomCreated(room=room, seq=seq, by=by, at=at, name=name, members=list(members))


def room_updated(
    tx: Tx, room: int, by: UserRef, *, name: str | None, topic: str, visibility: Visibility, at: str
) -> RoomUpdated:
    """A room is now called this, is about this, and is open to these."""
    data = {"name": name, "topic": topic, "visibility": visibility.value}
    seq = record(tx, room, "room_updated", by.id, at, data=data)
    return RoomUpdated(room=room, seq=seq, by=by, at=at, name=name, topic=topic, visibility=visibility.value)


def member_added(tx: Tx, room: int, by: UserRef, user: UserRef, *, at: str) -> MemberAdded:
    """Someone came, or was brought."""
    seq = record(tx, room, "member_added", by.id, at, data={"user": user.id})
    return MemberAdded(room=room, seq=seq, user=user, by=by, at=at)


def member_removed(tx: Tx, room: int, by: UserRef, user: UserRef, *, at: str) -> MemberRemoved:
    """Someone left, or was put out."""
    seq = record(tx, room, "member_removed", by.id, at, data={"user": user.id})
    return MemberRemoved(room=room, seq=seq, user=user, by=by, at=at)


def member_role_changed(tx: Tx, room: int, by: UserRef, user: UserRef, role: RoomRole, *, at: str) -> MemberRoleChanged:
    """Someone is now this in the room."""
    seq = record(tx, room, "member_role_changed", by.id, at, data={"user": user.id, "role": role.value})
    return MemberRoleChanged(room=room, seq=seq, user=user, role=role.value, by=by, at=at)


def session_opened(
    tx: Tx, room: int, by: UserRef, session: SessionRef, *, target: int | None, block: int | None, at: str
) -> SessionOpened:
    """A code session began here."""
    data = {"session": msgspec.to_builtins(session), "block": block}
    seq = record(tx, room, "session_opened", by.id, at, target=target, data=data)
    return SessionOpened(room=room, seq=seq, session=session, target=target, block=block, by=by, at=at)


def session_invited(tx: Tx, room: int, by: UserRef, user: UserRef, session: SessionRef, *, at: str) -> SessionInvited:
    """Someone was asked into a code session."""
    data = {"session": msgspec.to_builtins(session), "user": user.id}
    seq = record(tx, room, "session_invited", by.id, at, data=data)
    return SessionInvited(room=room, seq=seq, session=session, user=user, by=by, at=at)


def block_run(
    tx: Tx, room: int, by: UserRef, *, target: int, block: int, run: int, language: str, result: RunResult, at: str
) -> BlockRun:
    """A code block was run. What it wrote is not told here: it would outlive the message."""
    data = {"block": block, "run": run, "language": language, "result": msgspec.to_builtins(result)}
    seq = record(tx, room, "block_run", by.id, at, target=target, data=data)
    return BlockRun(
        room=room, seq=seq, target=target, block=block, run=run, language=language, result=result, by=by, at=at
    )


def people_in(row: Row[Any]) -> set[int]:
    """Ids of everyone whom `rebuild` needs to know to tell of this row."""
    data = _data.decode(row.data)
    return {row.user_id, *data.get("members", ()), *([data["user"]] if "user" in data else ())}


def rebuild(row: Row[Any], people: People) -> RoomEvent:
    """The event that a row of `changes` was written for. Raises `KeyError` for a kind that is not written here."""
    return _REBUILD[row.kind](row, _data.decode(row.data), people)


def _common(row: Row[Any], people: People) -> dict[str, Any]:
    return {"room": row.room_id, "seq": row.seq, "by": people[row.user_id], "at": row.at}


def _created(row: Row[Any], data: dict[str, Any], people: People) -> RoomCreated:
    members = [people[user] for user in data["members"]]
    return RoomCreated(**_common(row, people), name=data["name"], members=members)


def _updated(row: Row[Any], data: dict[str, Any], people: People) -> RoomUpdated:
    return RoomUpdated(**_common(row, people), **data)


def _added(row: Row[Any], data: dict[str, Any], people: People) -> MemberAdded:
    return MemberAdded(**_common(row, people), user=people[data["user"]])


def _removed(row: Row[Any], data: dict[str, Any], people: People) -> MemberRemoved:
    return MemberRemoved(**_common(row, people), user=people[data["user"]])


def _role_changed(row: Row[Any], data: dict[str, Any], people: People) -> MemberRoleChanged:
    return MemberRoleChanged(**_common(row, people), user=people[data["user"]], role=data["role"])


def _session_opened(row: Row[Any], data: dict[str, Any], people: People) -> SessionOpened:
    session = msgspec.convert(data["session"], SessionRef)
    return SessionOpened(**_common(row, people), session=session, target=row.target_seq, block=data["block"])


def _session_invited(row: Row[Any], data: dict[str, Any], people: People) -> SessionInvited:
    session = msgspec.convert(data["session"], SessionRef)
    return SessionInvited(**_common(row, people), session=session, user=people[data["user"]])


def _block_run(row: Row[Any], data: dict[str, Any], people: People) -> BlockRun:
    result = msgspec.convert(data.pop("result"), RunResult)
    return BlockRun(**_common(row, people), **data, target=row.target_seq, result=result)


_REBUILD: Final[dict[str, Callable[[Row[Any], dict[str, Any], People], RoomEvent]]] = {
    "room_created": _created,
    "room_updated": _updated,
    "member_added": _added,
    "member_removed": _removed,
    "member_role_changed": _role_changed,
    "session_opened": _session_opened,
    "session_invited": _session_invited,
    "block_run": _block_run,
}
