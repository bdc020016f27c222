"""What has happened, in the past tense, and how the server answers.

Rule: a `RoomEvent` is durable and carries its room's `seq`, dense from 1: a client that has n and sees n+2 knows that it missed
one. Every other event is fleeting or for one user, and a client may miss it without harm.
"""

from typing import Literal

import msgspec

from kibitz.wire.commands import snake
from kibitz.wire.views import (
    CodeSession,
    Message,
    MyRoom,
    Participant,
    Presence,
    RunRef,
    RunResult,
    SessionRef,
    User,
    UserRef,
)


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


class SessionOpened(RoomEvent, frozen=True, kw_only=True):
    """A code session began in this room; with `target` and `block` it is that code block of that message."""

    session: SessionRef
    target: int | None = None
    block: int | None = None
    by: UserRef
    at: str


class SessionInvited(RoomEvent, frozen=True, kw_only=True):
    """Someone was asked into a code session."""

    session: SessionRef
    user: UserRef
    by: UserRef
    at: str


class BlockRun(RoomEvent, frozen=True, kw_only=True):
    """A code block of the message `target` was run, and this came of it; `get_run` has what was written."""

    target: int
    block: int
    run: int
    language: str
    result: RunResult
    by: UserRef
    at: str


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


class InvitedToSession(Event, frozen=True, kw_only=True):
    """I am asked into a code session."""

    session: CodeSession
    by: UserRef


# --- for those who joined a session ------------------------------------------------------------------------------------


class ParticipantChanged(Event, frozen=True, kw_only=True):
    """Someone is invited to a session, or has another role in it than before."""

    session: int
    participant: Participant
    participants: list[Participant]


class ParticipantJoined(Event, frozen=True, kw_only=True):
    """Someone takes part in a session now."""

    session: int
    participant: Participant
    participants: list[Participant]


class ParticipantLeft(Event, frozen=True, kw_only=True):
    """Someone takes part in a session no more."""

    session: int
    user: UserRef
    participants: list[Participant]


class SessionUpdated(Event, frozen=True, kw_only=True):
    """A session's title, language or state is now this."""

    session: CodeSession
    by: UserRef


class CodeUpdated(Event, frozen=True, kw_only=True):
    """A session's text is at this version now, by these people; the text itself travels over `/collab`, and `get_code` has it."""

    session: int
    version: int
    users: list[UserRef]


class RunQueued(Event, frozen=True, kw_only=True):
    """A run waits; `place` 1 is the next to begin."""

    run: RunRef
    place: int


class RunBegan(Event, frozen=True, kw_only=True):
    """A run has begun."""

    run: RunRef


class RunOutput(Event, frozen=True, kw_only=True):
    """A program has written something.

    `offset` is how many characters of its output came before: a gap means that some was dropped for a slow reader; `get_run` has all.
    """

    run: int
    stream: Literal["stdout", "stderr"]
    text: str
    offset: int
    session: int | None = None


class RunEnded(Event, frozen=True, kw_only=True):
    """A run is over and stored."""

    run: RunRef


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
    | SessionOpened | SessionInvited | BlockRun
)  # fmt: skip
AnyEvent = (
    DurableEvent | RoomJoined | RoomLeft | ReadMarked | InvitedToSession
    | ParticipantChanged | ParticipantJoined | ParticipantLeft | SessionUpdated | CodeUpdated | RunQueued | RunBegan | RunOutput | RunEnded
    | Typing | PresenceChanged | UserUpdated | Heartbeat | CaughtUp
    | Closing | Reply | Error
)  # fmt: skip
"""Everything the server sends in the structured protocol, told apart by `type`."""

Fleeting = Typing | PresenceChanged | Heartbeat | RunOutput | RunQueued
"""What may be dropped for a slow reader."""
