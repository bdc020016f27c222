"""Which rooms there are, and who is in one.

Rule: a page is asked for with one more than it shows, so that it can say whether another follows.
"""

from kibitz.domain.rooms import RoomFacts
from kibitz.features.call import Call
from kibitz.storage import members, room_views
from kibitz.storage.seed import epoch
from kibitz.wire.commands import BrowseRooms, GetRoom, ListMembers, ListRooms
from kibitz.wire.results import Members, PublicRooms, Rooms
from kibitz.wire.views import Room


def list_rooms(call: Call[ListRooms, None]) -> Rooms:
    """The actor's rooms, with what is unread in each."""
    return Rooms(rooms=room_views.my_rooms(call.tx, call.actor.id), epoch=epoch(call.tx))


def browse(call: Call[BrowseRooms, None]) -> PublicRooms:
    """Public groups the actor could join."""
    limit = call.command.limit
    found = room_views.public_rooms(call.tx, call.actor.id, call.command.after, limit + 1)
    return PublicRooms(rooms=found[:limit], more=len(found) > limit)


def get_room(call: Call[GetRoom, RoomFacts]) -> Room:
    """One room."""
    return room_views.view(call.tx, call.thing.id)


def list_members(call: Call[ListMembers, RoomFacts]) -> Members:
    """Who is in a room."""
    limit = call.command.limit
    found = members.page(call.tx, call.thing.id, call.command.after, limit + 1)
    return Members(members=found[:limit], more=len(found) > limit)
