"""A room's log, read again.

Rule: whoever replays from n ends where whoever listened live from n ends. A message is replayed as it stands now: its text before an
edit, or what was taken back, is told to nobody again.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Row, select

from kibitz.storage import Tx, messages, room_events
from kibitz.storage.schema import changes, users
from kibitz.wire.events import MessageDeleted, MessageEdited, MessagePosted, ReactionAdded, ReactionRemoved, RoomEvent
from kibitz.wire.views import Message, UserRef

_data = msgspec.json.Decoder(dict[str, Any])


def events(tx: Tx, room: int, after: int, upto: int, limit: int) -> tuple[list[RoomEvent], bool]:
    """The first `limit` durable events with `after` < seq <= `upto`, in order, and whether there are more."""
    wanted = select(changes).where(changes.c.room_id == room, changes.c.seq > after, changes.c.seq <= upto)
    changed = tx.execute(wanted.order_by(changes.c.seq).limit(limit + 1)).all()
    posted = messages.between(tx, room, after, upto, limit + 1)
    both: list[Message | Row[Any]] = [*posted, *changed]
    merged = sorted(both, key=lambda one: int(one.seq))
    page = _fitting(merged[:limit])
    return list(_rebuild(tx, room, page)), len(merged) > len(page)


def _fitting(page: list[Message | Row[Any]]) -> list[Message | Row[Any]]:
    left = messages.PAGE_TEXT
    for index, one in enumerate(page):
        left -= len(one.text) if isinstance(one, Message) else 0
        if left < 0 and index:
            return page[:index]
    return page


def _rebuild(tx: Tx, room: int, page: Sequence[Message | Row[Any]]) -> Iterable[RoomEvent]:
    rows = [one for one in page if not isinstance(one, Message)]
    edited = messages.several(tx, room, [row.target_seq for row in rows if row.kind == "message_edited"])
    people = _people(tx, rows)
    for one in page:
        if isinstance(one, Message):
            yield MessagePosted(room=room, seq=one.seq, message=one)
        else:
            yield _rebuild_one(one, people, edited)


def _rebuild_one(row: Row[Any], people: dict[int, UserRef], edited: dict[int, Message]) -> RoomEvent:
    room, seq, user = row.room_id, row.seq, people[row.user_id]
    match row.kind:
        case "message_edited":
            return MessageEdited(room=room, seq=seq, message=edited[row.target_seq])
        case "message_deleted":
            return MessageDeleted(room=room, seq=seq, target=row.target_seq, by=user, at=row.at)
        case "reaction_added":
            return ReactionAdded(
                room=room, seq=seq, target=row.target_seq, emoji=_data.decode(row.data)["emoji"], user=user
            )
        case "reaction_removed":
            return ReactionRemoved(
                room=room, seq=seq, target=row.target_seq, emoji=_data.decode(row.data)["emoji"], user=user
            )
        case _:
            return room_events.rebuild(row, people)


def _people(tx: Tx, rows: Sequence[Row[Any]]) -> dict[int, UserRef]:
    wanted = {row.user_id for row in rows}
    for row in rows:
        wanted.update(room_events.people_in(row))
    found = tx.execute(select(users.c.id, users.c.name).where(users.c.id.in_(wanted)))
    return {row.id: UserRef(id=row.id, name=row.name) for row in found}
