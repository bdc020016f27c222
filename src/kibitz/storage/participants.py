"""Who takes part in a code session, who is invited, and who was put out.

Rule: one row a person and session; `joined_at` says whether they are there.
"""

from typing import Final

from sqlalchemy import delete, func, select, update

from kibitz.domain.coding import Part
from kibitz.storage import Tx
from kibitz.storage.schema import code_participants, users
from kibitz.storage.upsert import insert_into
from kibitz.wire.views import Participant, UserRef

_PRESENT: Final = (code_participants.c.joined_at.is_not(None), code_participants.c.role != Part.REMOVED.value)


def put(tx: Tx, session: int, user: int, part: Part, *, invited_by: int | None = None, joined_at: str | None) -> None:
    """Give a person their place in a session, or another one than they had."""
    values = {"role": part.value, "invited_by": invited_by, "joined_at": joined_at}
    made = insert_into(tx, code_participants).values(session_id=session, user_id=user, **values)
    tx.execute(made.on_conflict_do_update(index_elements=["session_id", "user_id"], set_=values))


def set_part(tx: Tx, session: int, user: int, part: Part) -> None:
    """Another role for someone who has one."""
    here = (code_participants.c.session_id == session, code_participants.c.user_id == user)
    tx.execute(update(code_participants).where(*here).values(role=part.value))


def remove(tx: Tx, session: int, user: int) -> None:
    """Take someone out who may come back."""
    here = (code_participants.c.session_id == session, code_participants.c.user_id == user)
    tx.execute(delete(code_participants).where(*here))


def part(tx: Tx, session: int, user: int) -> Part | None:
    """What someone is in a session; None for whoever was never there nor invited."""
    here = (code_participants.c.session_id == session, code_participants.c.user_id == user)
    found = tx.execute(select(code_participants.c.role).where(*here)).scalar_one_or_none()
    return None if found is None else Part(found)


def listed(tx: Tx, session: int) -> list[Participant]:
    """Everyone who takes part or is invited, in the order they came."""
    query = (
        select(code_participants, users.c.name)
        .join(users, users.c.id == code_participants.c.user_id)
        .where(code_participants.c.session_id == session, code_participants.c.role != Part.REMOVED.value)
        .order_by(code_participants.c.joined_at.is_(None), code_participants.c.joined_at, users.c.id)
    )
    return [
        Participant(user=UserRef(id=row.user_id, name=row.name), role=row.role, joined_at=row.joined_at)
        for row in tx.execute(query)
    ]


def count(tx: Tx, session: int) -> int:
    """How many have a place in a session, invited ones included."""
    here = (code_participants.c.session_id == session, code_participants.c.role != Part.REMOVED.value)
    return int(tx.execute(select(func.count()).where(*here)).scalar_one())


def owners(tx: Tx, session: int) -> int:
    """How many owners take part."""
    here = (code_participants.c.session_id == session, code_participants.c.role == Part.OWNER.value, *_PRESENT)
    return int(tx.execute(select(func.count()).where(*here)).scalar_one())


def heir(tx: Tx, session: int) -> UserRef | None:
    """Who takes a session over: the editor who came first, before all viewers; None if nobody is there."""
    query = (
        select(users.c.id, users.c.name)
        .join(code_participants, code_participants.c.user_id == users.c.id)
        .where(code_participants.c.session_id == session, *_PRESENT)
        .order_by(code_participants.c.role == Part.VIEWER.value, code_participants.c.joined_at, users.c.id)
    )
    row = tx.execute(query.limit(1)).first()
    return None if row is None else UserRef(id=row.id, name=row.name)
