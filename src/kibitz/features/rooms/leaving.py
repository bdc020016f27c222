"""Going out of a group: by oneself, or put out by someone who runs it.

Rule: whoever goes hears of it with the others, and then nothing more. A group with people in it has an owner.
"""

from kibitz.domain.access import MemberFacts
from kibitz.domain.errors import not_found
from kibitz.domain.rooms import RoomFacts, RoomRole
from kibitz.fanout.steps import Leave, Notify, Publish, Step
from kibitz.features.call import Call, Outcome
from kibitz.storage import Tx, members, room_events, rooms
from kibitz.wire.commands import LeaveRoom, RemoveMember
from kibitz.wire.events import RoomLeft
from kibitz.wire.results import Changed
from kibitz.wire.views import UserRef


def leave_room(call: Call[LeaveRoom, RoomFacts]) -> Outcome:
    """The actor goes."""
    me = UserRef(id=call.actor.id, name=call.actor.name)
    return _take_out(call.tx, call.thing.id, me, me, call.now)


def remove_member(call: Call[RemoveMember, MemberFacts]) -> Outcome:
    """A member is put out, or goes where they name themselves."""
    member = call.thing
    if member.role is None:
        raise not_found(f"Member '{member.user.name}'")
    by, user = UserRef(id=call.actor.id, name=call.actor.name), UserRef(id=member.user.id, name=member.user.name)
    return _take_out(call.tx, member.room.id, by, user, call.now)


def _take_out(tx: Tx, room: int, by: UserRef, user: UserRef, now: str) -> Outcome:
    members.remove(tx, room, user.id)
    event = room_events.member_removed(tx, room, by, user, at=now)
    gone = (Publish(event), Leave(room, user.id), Notify((user.id,), RoomLeft(room=room)))
    return Outcome(Changed(room=room, seq=event.seq), (*gone, *_handed_over(tx, room, by, now)))


def _handed_over(tx: Tx, room: int, by: UserRef, now: str) -> tuple[Step, ...]:
    if members.count_owners(tx, room):
        return ()
    heir = members.longest_standing(tx, room)
    if heir is None:
        rooms.retire(tx, room)
        return ()
    members.set_role(tx, room, heir.id, RoomRole.OWNER)
    return (Publish(room_events.member_role_changed(tx, room, by, heir, RoomRole.OWNER, at=now)),)
