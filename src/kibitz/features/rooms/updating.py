"""Changing what a room is called, what it is about, and who can find it.

Rule: what is left out stays, and what changes nothing leaves no event.
"""

from msgspec.structs import replace

from kibitz.domain.errors import Refusal
from kibitz.domain.rooms import Kind, RoomFacts, Visibility, clean_room_name, clean_topic
from kibitz.fanout.steps import Publish
from kibitz.features.call import Call, Outcome
from kibitz.features.rooms.openness import check_may_be
from kibitz.storage import room_events, room_views, rooms
from kibitz.wire.commands import UpdateRoom
from kibitz.wire.results import Changed
from kibitz.wire.views import Room, UserRef


def update_room(call: Call[UpdateRoom, RoomFacts]) -> Outcome:
    """Another name, topic or visibility. Whoever is in a group stays in it when it becomes private."""
    before = room_views.view(call.tx, call.thing.id)
    after = _changed(before, call.command)
    if after == before:
        return Outcome(Changed(room=before.id, seq=0))
    if call.thing.kind is Kind.GENERAL and (after.name, after.visibility) != (before.name, before.visibility):
        raise Refusal("invalid", "The general channel keeps its name and stays open to everyone; change its topic.")
    visibility = Visibility(after.visibility)
    if after.visibility != before.visibility:
        check_may_be(visibility, call.actor)
    rooms.update_room(call.tx, after.id, after.name or "", after.topic, visibility)
    by = UserRef(id=call.actor.id, name=call.actor.name)
    event = room_events.room_updated(
        call.tx, after.id, by, name=after.name, topic=after.topic, visibility=visibility, at=call.now
    )
    return Outcome(Changed(room=after.id, seq=event.seq), (Publish(event),))


def _changed(room: Room, command: UpdateRoom) -> Room:
    return replace(
        room,
        name=room.name if command.name is None else clean_room_name(command.name),
        topic=room.topic if command.topic is None else clean_topic(command.topic),
        visibility=command.visibility or room.visibility,
    )
