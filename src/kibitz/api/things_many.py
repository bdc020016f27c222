"""Finding the rooms that many posts go to.

Rule: rooms named by id, and the general channel, are found together; only names cost a look of their own.
"""

from collections.abc import Sequence

from kibitz.domain.access import Actor
from kibitz.domain.errors import Refusal, not_found
from kibitz.domain.rooms import GENERAL, RoomFacts
from kibitz.storage import Tx, posting, rooms
from kibitz.storage.seed import GENERAL_ID

Asked = tuple[Actor, int | str]


def rooms_of_many(tx: Tx, asked: Sequence[Asked]) -> dict[tuple[int, int | str], RoomFacts | Refusal]:
    """For each (actor id, room as the actor named it): what access needs to know of it, or why there is no such room."""
    known = {(actor.id, ref): _id_of(ref) for actor, ref in asked}
    by_id = posting.rooms_for(tx, {(room, user) for (user, _), room in known.items() if room is not None})
    found: dict[tuple[int, int | str], RoomFacts | Refusal] = {}
    for actor, ref in asked:
        key = (actor.id, ref)
        room = known[key]
        if key not in found:
            found[key] = by_id.get((room, actor.id), not_found("Room")) if room is not None else _find(tx, actor, ref)
    return found


def _id_of(ref: int | str) -> int | None:
    if isinstance(ref, int):
        return ref
    return GENERAL_ID if ref == f"#{GENERAL}" else None


def _find(tx: Tx, actor: Actor, ref: int | str) -> RoomFacts | Refusal:
    try:
        return rooms.find(tx, ref, actor)
    except Refusal as refusal:
        return refusal
