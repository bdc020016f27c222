"""How the direct room of two people begins: with the first message, or when one of them opens it.

Rule: both hear of it at once, and its first event is its beginning.
"""

from dataclasses import replace

from kibitz.domain.access import Actor
from kibitz.domain.rooms import RoomFacts, RoomRole
from kibitz.fanout.steps import Join, Notify, Publish, Step
from kibitz.storage import Tx, room_events, room_views, rooms, users
from kibitz.wire.events import RoomJoined
from kibitz.wire.views import MyRoom, UserRef


def begin(tx: Tx, actor: Actor, other: str, now: str) -> tuple[RoomFacts, tuple[Step, ...]]:
    """The direct room of the actor and the user of this name, made if there is none yet, and the steps by which they hear of it.

    Raises `Refusal("not_found")` if there is no such user. A room with oneself is a place for notes.
    """
    facts, made = rooms.open_direct(tx, actor, users.need(tx, other), now)
    if not made:
        return facts, ()
    room, by = room_views.view(tx, facts.id), UserRef(id=actor.id, name=actor.name)
    both = tuple(person.id for person in room.members)
    event = room_events.room_created(tx, room.id, by, None, room.members, at=now)
    joined = RoomJoined(room=MyRoom(room=room, role=RoomRole.MEMBER.value), by=by)
    steps = (Join(room_views.label(room), room.head, both), Notify(both, joined), Publish(event))
    return replace(facts, seq=event.seq), steps
