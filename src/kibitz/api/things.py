"""What a command is about: the facts that `access.may` decides on.

Rule: a room that the actor may not know of is answered to the letter as one that is not there.
"""

from dataclasses import dataclass
from typing import Protocol

from kibitz.domain.access import Act, Actor, FileFacts, MemberFacts, UserFacts, may
from kibitz.domain.errors import not_found
from kibitz.domain.messages import MessageFacts
from kibitz.domain.rooms import RoomFacts
from kibitz.storage import Tx, files, members, messages, rooms, users

Thing = RoomFacts | MessageFacts | MemberFacts | FileFacts | UserFacts | None


class OfRoom(Protocol):
    """A command that names a room."""

    @property
    def room(self) -> int | str:
        """As in `kibitz.wire.commands.RoomRef`."""
        ...


class MaybeOfRoom(Protocol):
    """A command that may name a room."""

    @property
    def room(self) -> int | str | None:
        """As in `OfRoom`, or None."""
        ...


@dataclass(frozen=True, slots=True)
class _Named:
    room: int | str


class OfMessage(OfRoom, Protocol):
    """A command that names a message."""

    @property
    def seq(self) -> int:
        """The message's place in its room."""
        ...


class OfUser(Protocol):
    """A command that names a user."""

    @property
    def user(self) -> str:
        """Their name."""
        ...


class OfFile(Protocol):
    """A command that names a shared file."""

    @property
    def file(self) -> int:
        """Its id."""
        ...


class OfMember(OfRoom, OfUser, Protocol):
    """A command that names a user's place in a room."""


def room_of(tx: Tx, actor: Actor, command: OfRoom) -> RoomFacts:
    """The room a command names. Raises `Refusal("not_found")` also for one that the actor may not know of."""
    room = rooms.find(tx, command.room, actor)
    if hidden(actor, room):
        raise rooms.missing(command.room)
    return room


def room_if_named(tx: Tx, actor: Actor, command: MaybeOfRoom) -> RoomFacts | None:
    """The same for a command that may leave the room out."""
    return None if command.room is None else room_of(tx, actor, _Named(command.room))


def message_of(tx: Tx, actor: Actor, command: OfMessage) -> MessageFacts:
    """The message a command names, taken back or not."""
    room = room_of(tx, actor, command)
    found = messages.sender_and_state(tx, room.id, command.seq)
    if found is None:
        raise not_found("Message")
    return MessageFacts(room, command.seq, *found)


def member_of(tx: Tx, actor: Actor, command: OfMember) -> MemberFacts:
    """The place in a room of the user a command names, in it or not."""
    room = room_of(tx, actor, command)
    user = users.need(tx, command.user)
    return MemberFacts(room, user.facts(), members.role(tx, room.id, user.id))


def user_of(tx: Tx, _: Actor, command: OfUser) -> UserFacts:
    """The user a command names: everyone on a server may know everyone."""
    return users.need(tx, command.user).facts()


def file_of(tx: Tx, actor: Actor, command: OfFile) -> FileFacts:
    """The shared file a command names. Raises `Refusal("not_found")` also for one in a room that the actor may not know of."""
    row = files.need(tx, command.file)
    room = rooms.facts_by_id(tx, row.room, actor.id)
    if room is None or hidden(actor, room):
        raise not_found("File")
    return FileFacts(room, row.id, row.sender)


def hidden(actor: Actor, thing: Thing) -> bool:
    """Whether the actor may not even know that the thing is there: a refusal then says that it is not found."""
    if thing is None or isinstance(thing, UserFacts):
        return False
    return not may(actor, Act.SEE_ROOM, thing if isinstance(thing, RoomFacts) else thing.room)
