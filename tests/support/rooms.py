"""Rooms for a test, and commands on their way to the handlers that carry them out."""

from typing import TypeVar

from kibitz.api import things
from kibitz.domain.access import Actor, MemberFacts
from kibitz.domain.rooms import RoomFacts, RoomRole, Visibility
from kibitz.features.call import Call
from kibitz.storage import Tx, members, messages, rooms
from kibitz.storage.changes import next_seq
from kibitz.storage.messages import NewMessage
from kibitz.wire.views import UserRef
from tests.support.database import NOW

C = TypeVar("C")
R = TypeVar("R", bound=things.OfRoom)
M = TypeVar("M", bound=things.OfMember)


def ref(actor: Actor) -> UserRef:
    """How an actor is mentioned."""
    return UserRef(id=actor.id, name=actor.name)


def group(
    tx: Tx, owner: Actor, *others: Actor, name: str = "kitchen", visibility: Visibility = Visibility.PRIVATE
) -> int:
    """A group of these people, made without an event: its log is empty. Returns its id."""
    ids = [other.id for other in others]
    return rooms.create_group(tx, name, visibility, topic="", owner_id=owner.id, member_ids=ids, now=NOW)


def promote(tx: Tx, room: int, actor: Actor, role: RoomRole) -> None:
    """Give a member another role, without an event."""
    members.set_role(tx, room, actor.id, role)


def say(tx: Tx, room: int, sender: Actor, *called: int, text: str = "hello") -> int:
    """A message, which calls the users of these ids. Returns its seq."""
    seq = next_seq(tx, room)
    messages.insert_new(tx, [NewMessage(room, seq, sender.id, text, NOW, mentions=called)])
    return seq


def ask(tx: Tx, actor: Actor, command: C) -> Call[C, None]:
    """A command about nothing in particular."""
    return Call(tx, actor, command, None, NOW)


def ask_of_room(tx: Tx, actor: Actor, command: R) -> Call[R, RoomFacts]:
    """A command about a room, found as the gate finds it."""
    return Call(tx, actor, command, things.room_of(tx, actor, command), NOW)


def ask_of_member(tx: Tx, actor: Actor, command: M) -> Call[M, MemberFacts]:
    """A command about someone's place in a room, found as the gate finds it."""
    return Call(tx, actor, command, things.member_of(tx, actor, command), NOW)
