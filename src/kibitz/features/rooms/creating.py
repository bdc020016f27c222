"""Making a group, or opening the direct room with someone.

Rule: a room's first event is its beginning, and everyone in it hears the room from before that event.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from kibitz.domain.errors import Refusal
from kibitz.domain.rooms import MAX_MEMBERS_AT_ONCE, RoomRole, Visibility, clean_topic
from kibitz.fanout.steps import Join, Notify, Publish, Step
from kibitz.features import direct
from kibitz.features.call import Call, Outcome
from kibitz.features.rooms.openness import check_may_be
from kibitz.storage import Tx, members, room_events, room_views, rooms
from kibitz.wire.commands import CreateRoom, OpenDirect
from kibitz.wire.events import RoomJoined
from kibitz.wire.views import MyRoom, Room, UserRef


def create_room(call: Call[CreateRoom, None]) -> Outcome:
    """A group of the people named and the actor, who owns it. Answers with the `Room`."""
    command, tx = call.command, call.tx
    visibility = Visibility(command.visibility)
    check_may_be(visibility, call.actor)
    owner = UserRef(id=call.actor.id, name=call.actor.name)
    others = [person for person in _invited(tx, command.members) if person.id != owner.id]
    ids, topic = [person.id for person in others], clean_topic(command.topic)
    room_id = rooms.create_group(
        tx, command.name, visibility, topic=topic, owner_id=owner.id, member_ids=ids, now=call.now
    )
    empty = room_views.view(tx, room_id)
    event = room_events.room_created(tx, room_id, owner, empty.name, [owner, *others], at=call.now)
    join = Join(room_views.label(empty), empty.head, (owner.id, *ids))
    steps = (join, *_told(empty, owner, ids), Publish(event))
    return Outcome(replace(empty, head=event.seq), steps)


def open_direct(call: Call[OpenDirect, None]) -> Outcome:
    """The direct room of the actor and a user. Answers with the `Room`."""
    facts, steps = direct.begin(call.tx, call.actor, call.command.user, call.now)
    return Outcome(room_views.view(call.tx, facts.id), steps)


def _invited(tx: Tx, names: Sequence[str]) -> list[UserRef]:
    if len(names) > MAX_MEMBERS_AT_ONCE:
        limit = f"A group begins with up to {MAX_MEMBERS_AT_ONCE} people"
        raise Refusal("too_long", f"{limit}; add the others to it afterwards.")
    return members.invited(tx, names)


def _told(room: Room, owner: UserRef, others: Sequence[int]) -> tuple[Step, ...]:
    mine = Notify((owner.id,), RoomJoined(room=MyRoom(room=room, role=RoomRole.OWNER.value), by=owner))
    theirs = Notify(tuple(others), RoomJoined(room=MyRoom(room=room, role=RoomRole.MEMBER.value), by=owner))
    return (mine, theirs) if others else (mine,)
