"""Finding the rooms that many posts go to.

Rule: rooms named by id, and the general channel, are found together; only names cost a look of their own.
"""

from collections.abc import Mapping

from kibitz.domain.access import Actor
from kibitz.domain.errors import Refusal, not_found
from kibitz.domain.rooms import GENERAL, RoomFacts
from kibitz.storage import Tx, posting, rooms
from kibitz.storage.seed import GENERAL_ID

Naming = tuple[int, int | str]
"""Who asks, by their id, and the room as they named it."""


def rooms_of_many(tx: Tx, asked: Mapping[Naming, Actor]) -> dict[Naming, RoomFacts | Refusal]:
    """For each what access needs to know of the room, or why there is no such room."""
    known = {one: _id_of(one[1]) for one in asked}
    by_id = posting.rooms_for(tx, {(room, user) for (user, _), room in known.items() if room is not None})
    found: dict[Naming, RoomFacts | Refusal] = {}
    for one, room in known.items():
        there = by_id.get((room, one[0])) if room is not None else _find(tx, asked[one], one[1])
        found[one] = there or not_found("Room")
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
