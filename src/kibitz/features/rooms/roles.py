"""What a member is in a group.

Rule: a group keeps an owner.
"""

from kibitz.domain.access import MemberFacts
from kibitz.domain.errors import Refusal, not_found
from kibitz.domain.rooms import RoomRole
from kibitz.fanout.steps import Publish
from kibitz.features.call import Call, Outcome
from kibitz.storage import members, room_events
from kibitz.wire.commands import SetRoomRole
from kibitz.wire.results import Changed
from kibitz.wire.views import UserRef


def set_room_role(call: Call[SetRoomRole, MemberFacts]) -> Outcome:
    """A member gets another role; there may be several owners."""
    tx, room, user = call.tx, call.thing.room.id, call.thing.user
    role = RoomRole(call.command.role)
    if call.thing.role is None:
        raise not_found(f"Member '{user.name}'")
    if call.thing.role is role:
        return Outcome(Changed(room=room, seq=0))
    if call.thing.role is RoomRole.OWNER and members.count_owners(tx, room) == 1:
        raise Refusal("invalid", "A group needs an owner; make someone else an owner first.")
    members.set_role(tx, room, user.id, role)
    by, member = UserRef(id=call.actor.id, name=call.actor.name), UserRef(id=user.id, name=user.name)
    event = room_events.member_role_changed(tx, room, by, member, role, at=call.now)
    return Outcome(Changed(room=room, seq=event.seq), (Publish(event),))
