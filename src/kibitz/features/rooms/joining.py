"""Coming into a group: by oneself where it is public, brought by a member where it is not.

Rule: those who are there hear of it first; whoever comes hears the room from the event of their coming on, and what was said
before it is not unread to them.
"""

from kibitz.domain.errors import Refusal
from kibitz.domain.rooms import RoomFacts, RoomRole
from kibitz.fanout.steps import Join, Notify, Publish, Step
from kibitz.features.call import Call, Outcome
from kibitz.storage import markers, members, room_events, room_views, users
from kibitz.wire.commands import AddMember, JoinRoom
from kibitz.wire.events import RoomJoined
from kibitz.wire.results import Changed
from kibitz.wire.views import MyRoom, UserRef


def join_room(call: Call[JoinRoom, RoomFacts]) -> Outcome:
    """The actor comes into a public group. Answers with it as `MyRoom`."""
    mine, steps = _bring_in(call, UserRef(id=call.actor.id, name=call.actor.name))
    return Outcome(mine, steps)


def add_member(call: Call[AddMember, RoomFacts]) -> Outcome:
    """The actor brings a user into a group."""
    theirs, steps = _bring_in(call, users.need(call.tx, call.command.user).ref())
    return Outcome(Changed(room=theirs.room.id, seq=theirs.room.head), steps)


def _bring_in(
    call: Call[JoinRoom, RoomFacts] | Call[AddMember, RoomFacts], user: UserRef
) -> tuple[MyRoom, tuple[Step, ...]]:
    tx, room = call.tx, call.thing.id
    if members.role(tx, room, user.id) is not None:
        raise Refusal("already_there", f"'{user.name}' is in this group already.")
    members.add(tx, room, [user.id], RoomRole.MEMBER, call.now)
    by = UserRef(id=call.actor.id, name=call.actor.name)
    event = room_events.member_added(tx, room, by, user, at=call.now)
    markers.advance(tx, user.id, room, event.seq)
    view = room_views.view(tx, room)
    theirs = MyRoom(room=view, role=RoomRole.MEMBER.value, read_seq=event.seq)
    join = Join(room_views.label(view), event.seq, (user.id,))
    return theirs, (Publish(event), join, Notify((user.id,), RoomJoined(room=theirs, by=by)))
