"""What has happened, in the past tense, and how the server answers.

Rule: a `RoomEvent` is durable and carries its room's `seq`, dense from 1: a client that has n and sees n+2 knows that it missed
one. Every other event is fleeting or for one user, and a client may miss it without harm.
"""

import msgspec

from kibitz.wire.commands import snake
from kibitz.wire.views import Message, MyRoom, Presence, User, UserRef


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag=snake):
    """Base of everything the server sends."""


class RoomEvent(Event, frozen=True, kw_only=True):
    """Base of the durable events of a room."""

    room: int
    seq: int


# --- durable -----------------------------------------------------------------------------------------------------------


class RoomCreated(RoomEvent, frozen=True, kw_only=True):
    """A room began."""

    by: UserRef
    at: str
    name: str | None = None
    members: list[UserRef] = []


class RoomUpdated(RoomEvent, frozen=True, kw_only=True):
    """A room's name, topic or visibility is now this."""

    by: UserRef
    at: str
    name: str | None
    topic: str
    visibility: str


class MemberAdded(RoomEvent, frozen=True, kw_only=True):
    """Someone is in the room now: `by` is whoever brought them, themselves where they joined."""

    user: UserRef
    by: UserRef
    at: str


class MemberRemoved(RoomEvent, frozen=True, kw_only=True):
    """Someone is out of the room: `by` is themselves where they left."""

    user: UserRef
    by: UserRef
    at: str


class MemberRoleChanged(RoomEvent, frozen=True, kw_only=True):
    """A member's role in the room is now this."""

    user: UserRef
    role: str
    by: UserRef
    at: str


class MessagePosted(RoomEvent, frozen=True, kw_only=True):
    """Someone said something."""

    message: Message


class MessageEdited(RoomEvent, frozen=True, kw_only=True):
    """A message's text is now this; `message.seq` says which."""

    message: Message


class MessageDeleted(RoomEvent, frozen=True, kw_only=True):
    """The message `target` was taken back."""

    target: int
    by: UserRef
    at: str


class ReactionAdded(RoomEvent, frozen=True, kw_only=True):
    """An emoji stands under the message `target`."""

    target: int
    emoji: str
    user: UserRef


class ReactionRemoved(RoomEvent, frozen=True, kw_only=True):
    """An emoji under the message `target` was taken away."""

    target: int
    emoji: str
    user: UserRef


# --- for one user, on all their connections ----------------------------------------------------------------------------


class RoomJoined(Event, frozen=True, kw_only=True):
    """I am in this room now, brought by `by`; its events follow from `room.head` on."""

    room: MyRoom
    by: UserRef | None = None


class RoomLeft(Event, frozen=True, kw_only=True):
    """I am not in this room any more."""

    room: int


class ReadMarked(Event, frozen=True, kw_only=True):
    """I have read a room up to here, on one of my devices."""

    room: int
    read_seq: int
    unread: int
    mentions: int


# --- fleeting ----------------------------------------------------------------------------------------------------------


class Typing(Event, frozen=True, kw_only=True):
    """Someone is typing in a room."""

    room: int
    user: UserRef


class PresenceChanged(Event, frozen=True, kw_only=True):
    """These people came, went, or changed their status since the last such event, at most once a second."""

    people: list[Presence]


class UserUpdated(Event, frozen=True, kw_only=True):
    """A person's profile or role is now this."""

    user: User


class Heartbeat(Event, frozen=True, kw_only=True):
    """The server is there. A client that has heard nothing for two intervals reconnects."""


class CaughtUp(Event, frozen=True, kw_only=True):
    """Everything that was missed has been sent; what follows is live."""


class Closing(Event, frozen=True, kw_only=True):
    """The connection is about to be closed, and whether to come back: see `kibitz.wire.closing`."""

    code: int
    reason: str
    retry_after: float = 0.0


# --- answers -----------------------------------------------------------------------------------------------------------


class Reply(Event, frozen=True, kw_only=True):
    """The answer to the command with this id: `result` depends on the command."""

    id: int
    result: msgspec.Raw


class Error(Event, frozen=True, kw_only=True):
    """The command with this id was not carried out. `number`'s range says what to do: see `kibitz.domain.errors.CODES`."""

    id: int
    code: str
    number: int
    message: str
    retry_after: float | None = None


DurableEvent = (
    RoomCreated | RoomUpdated | MemberAdded | MemberRemoved | MemberRoleChanged
    | MessagePosted | MessageEdited | MessageDeleted | ReactionAdded | ReactionRemoved
)  # fmt: skip
AnyEvent = (
    DurableEvent | RoomJoined | RoomLeft | ReadMarked | Typing | PresenceChanged | UserUpdated | Heartbeat | CaughtUp
    | Closing | Reply | Error
)  # fmt: skip
"""Everything the server sends in the structured protocol, told apart by `type`."""

Fleeting = Typing | PresenceChanged | Heartbeat
"""What may be dropped for a slow reader."""
