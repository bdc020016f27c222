"""Code sessions: made, found, changed, listed.

Rule: a session is found whoever asks; whether they may know of it is decided by `access.may`.
"""

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import Row, Select, and_, bindparam, insert, or_, select, update

from kibitz.domain.coding import Openness, Part, SessionFacts
from kibitz.domain.errors import not_found
from kibitz.domain.rooms import RoomFacts
from kibitz.storage import Tx, rooms
from kibitz.storage.schema import code_participants, code_sessions, room_members, users
from kibitz.storage.seed import GENERAL_ID
from kibitz.wire.views import CodeSession, UserRef

_MINE: Final = and_(
    code_participants.c.session_id == code_sessions.c.id, code_participants.c.user_id == bindparam("user")
)


def _rows() -> Select[Any]:
    mine = (code_participants.c.role.label("part"), code_participants.c.joined_at)
    joined = code_sessions.outerjoin(code_participants, _MINE).join(users, users.c.id == code_sessions.c.created_by)
    return select(code_sessions, users.c.name.label("creator"), *mine).select_from(joined)


_BY_ID: Final = _rows().where(code_sessions.c.id == bindparam("session"))


def create(
    tx: Tx,
    *,
    openness: Openness,
    room: int | None,
    seq: int | None,
    block: int | None,
    language: str,
    title: str,
    user: int,
    now: str,
) -> int:
    """Make a session, nobody in it yet; returns its id."""
    values = {"access": openness.value, "room_id": room, "message_seq": seq, "block": block, "language": language}
    made = insert(code_sessions).values(**values, title=title, created_by=user, created_at=now)
    return int(tx.execute(made.returning(code_sessions.c.id)).scalar_one())


def facts(tx: Tx, session: int, user: int) -> SessionFacts | None:
    """What access needs to know of a session, as this user stands to it; None if there is none."""
    row = tx.execute(_BY_ID, {"session": session, "user": user}).first()
    return None if row is None else _facts(tx, row, user)


def need(tx: Tx, session: int, user: int) -> SessionFacts:
    """The same. Raises `Refusal("not_found")`."""
    found = facts(tx, session, user)
    if found is None:
        raise not_found("Session")
    return found


def view(tx: Tx, session: int, user: int) -> CodeSession:
    """A session as this user sees it. Raises `Refusal("not_found")`."""
    row = tx.execute(_BY_ID, {"session": session, "user": user}).first()
    if row is None:
        raise not_found("Session")
    return _view(row)


def of_block(tx: Tx, room: int, seq: int, block: int) -> int | None:
    """The session that a code block of a message has become."""
    of = (code_sessions.c.room_id == room, code_sessions.c.message_seq == seq, code_sessions.c.block == block)
    return tx.execute(select(code_sessions.c.id).where(*of)).scalar_one_or_none()


def of_messages(tx: Tx, room: int, seqs: Iterable[int]) -> list[Row[Any]]:
    """`id`, `message_seq`, `block` and `language` of the sessions that code blocks of these messages have become."""
    columns = (code_sessions.c.id, code_sessions.c.message_seq, code_sessions.c.block, code_sessions.c.language)
    wanted = select(*columns).where(code_sessions.c.room_id == room, code_sessions.c.message_seq.in_(list(seqs)))
    return list(tx.execute(wanted.order_by(code_sessions.c.message_seq, code_sessions.c.block)))


def change(tx: Tx, session: int, **values: Any) -> None:
    """Give a session another title, language or time of closing."""
    tx.execute(update(code_sessions).where(code_sessions.c.id == session).values(**values))


def mine(tx: Tx, user: int, before: int | None, limit: int) -> list[CodeSession]:
    """Sessions this user takes part in or is invited to, newest first, those before the id `before`."""
    part = and_(code_participants.c.role.is_not(None), code_participants.c.role != Part.REMOVED.value)
    # Who is not in a conversation any more has no part in its sessions.
    member = select(room_members.c.user_id).where(
        room_members.c.room_id == code_sessions.c.room_id, room_members.c.user_id == user
    )
    open_to_me = or_(
        code_sessions.c.access != Openness.ROOM.value, code_sessions.c.room_id == GENERAL_ID, member.exists()
    )
    return [_view(row) for row in _page(tx, and_(part, open_to_me), user, before, limit)]


def in_room(tx: Tx, room: int, user: int, before: int | None, limit: int) -> list[CodeSession]:
    """Sessions that belong to a conversation, newest first, those before the id `before`."""
    return [_view(row) for row in _page(tx, code_sessions.c.room_id == room, user, before, limit)]


def _page(tx: Tx, which: Any, user: int, before: int | None, limit: int) -> list[Row[Any]]:
    wanted = _rows().where(which)
    if before is not None:
        wanted = wanted.where(code_sessions.c.id < before)
    return list(tx.execute(wanted.order_by(code_sessions.c.id.desc()).limit(limit), {"user": user}))


def _facts(tx: Tx, row: Row[Any], user: int) -> SessionFacts:
    room: RoomFacts | None = None if row.room_id is None else rooms.facts_by_id(tx, row.room_id, user)
    part = None if row.part is None else Part(row.part)
    return SessionFacts(row.id, Openness(row.access), room, part, row.joined_at is not None, row.closed_at is not None)


def _view(row: Row[Any]) -> CodeSession:
    return CodeSession(
        id=row.id,
        language=row.language,
        title=row.title,
        access=row.access,
        created_by=UserRef(id=row.created_by, name=row.creator),
        created_at=row.created_at,
        closed_at=row.closed_at,
        room=row.room_id,
        seq=row.message_seq,
        block=row.block,
        part=None if row.part == Part.REMOVED else row.part,
        joined=row.joined_at is not None,
    )
