"""Who can be called by name in a room.

Rule: in the general channel everyone, elsewhere its members.
"""

from collections.abc import Sequence

from sqlalchemy import select

from kibitz.storage import Tx
from kibitz.storage.schema import room_members, users


def by_names(tx: Tx, room: int, keys: Sequence[str], *, everyone: bool) -> list[int]:
    """Ids of the people in a room with these `name_key`s, in id order."""
    wanted = select(users.c.id).where(users.c.name_key.in_(keys)).order_by(users.c.id)
    if not everyone:
        wanted = wanted.join(room_members, room_members.c.user_id == users.c.id).where(room_members.c.room_id == room)
    return list(tx.execute(wanted).scalars())
