"""What a client asks for, in the imperative.

Rule: a command holds what its sender says and nothing the server knows better (who, when, which seq).
Commands that write carry a `nonce`: sending one again with the same nonce gives the first answer and changes nothing.
"""

from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from kibitz.wire.masking import masked

MAX_INT: Final = 2**53 - 1
"""The largest whole number that every JSON reader keeps exactly (RFC 7493, section 2.2)."""

Id = Annotated[int, Meta(ge=1, le=MAX_INT)]
Seq = Annotated[int, Meta(ge=0, le=MAX_INT)]
Name = Annotated[str, Meta(max_length=256)]
RoomRef = Annotated[int, Meta(ge=1, le=MAX_INT)] | Annotated[str, Meta(min_length=1, max_length=256)]
"""A room by its id, or by name: `#general`, `#group name`, or `@user` for the direct room with that user."""

UserName = Annotated[str, Meta(min_length=1, max_length=256)]
Text = Annotated[str, Meta(max_length=65_536)]
Nonce = Annotated[str, Meta(min_length=8, max_length=64)]
Secret = Annotated[str, Meta(max_length=1024)]


def snake(name: str) -> str:
    """`PostMessage` → `post_message`: the `type` of a command or an event on the wire."""
    return "".join("_" + char.lower() if char.isupper() else char for char in name).lstrip("_")


class Command(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    tag_field="type",
    tag=snake,
    forbid_unknown_fields=True,
):
    """Base of all commands. `id` is chosen by the client and comes back in the reply."""

    id: Annotated[int, Meta(ge=0, le=MAX_INT)] = 0

    def __repr__(self) -> str:
        return masked(self)


class Write(Command, frozen=True, kw_only=True):
    """Base of the commands that change something that is kept."""

    nonce: Nonce | None = None


# --- the session -------------------------------------------------------------------------------------------------------


class Resume(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a client left off: the epoch it knows and, for each room, the last `seq` it has."""

    epoch: str
    rooms: dict[Id, Seq] = {}


class LogIn(Command, frozen=True, kw_only=True):
    """Open the connection: by `token`, by `name` and `password`, or by `name` alone where guests are allowed."""

    name: Name | None = None
    password: Secret | None = None
    token: Secret | None = None
    resume: Resume | None = None


class Ping(Command, frozen=True, kw_only=True):
    """Ask whether the server is there."""


class SetPresence(Command, frozen=True, kw_only=True):
    """Say whether the person at this connection is there or away."""

    status: Literal["online", "away"]


class SetTyping(Command, frozen=True, kw_only=True):
    """Say that one is typing in a room. Fades by itself after a few seconds."""

    room: Id


class ListOnline(Command, frozen=True, kw_only=True):
    """Who is connected now."""


class Help(Command, frozen=True, kw_only=True):
    """The commands in words."""


class Quit(Command, frozen=True, kw_only=True):
    """Close this connection."""


# --- accounts ----------------------------------------------------------------------------------------------------------


class SignUp(Command, frozen=True, kw_only=True):
    """Make an account for oneself; the first one made owns the server. Answers with a login token."""

    name: Name
    password: Secret
    display_name: Name = ""


class ObtainToken(Command, frozen=True, kw_only=True):
    """Log in over HTTP: trade name and password (or a guest's name) for a login token."""

    name: Name
    password: Secret | None = None


class LogOut(Command, frozen=True, kw_only=True):
    """Revoke the token this call came by and close its connections."""


class LogOutEverywhere(Command, frozen=True, kw_only=True):
    """Revoke every login and access token of mine and close all my connections."""


class ChangePassword(Command, frozen=True, kw_only=True):
    """Set a new password; every other login of mine ends."""

    old_password: Secret
    new_password: Secret


class CreateToken(Command, frozen=True, kw_only=True):
    """Make a named access token for a program; its secret is in the answer and nowhere else ever again."""

    name: Annotated[str, Meta(min_length=1, max_length=64)]
    expires_in_days: Annotated[int, Meta(ge=1, le=3650)] = 365


class ListTokens(Command, frozen=True, kw_only=True):
    """My tokens, logins included."""


class RevokeToken(Command, frozen=True, kw_only=True):
    """End one of my tokens and its connections."""

    token: Id


class GetMe(Command, frozen=True, kw_only=True):
    """Who I am."""


class SetProfile(Write, frozen=True, kw_only=True):
    """Change how I am shown."""

    display_name: Annotated[str, Meta(max_length=64)]


class ListUsers(Command, frozen=True, kw_only=True):
    """People of the server by name, a page at a time: those after `after` in order of their names."""

    after: Name = ""
    limit: Annotated[int, Meta(ge=1, le=500)] = 100


class CreateUser(Command, frozen=True, kw_only=True):
    """Make an account for someone else."""

    name: Name
    password: Secret
    role: Literal["admin", "member", "guest"] = "member"


class SetRole(Write, frozen=True, kw_only=True):
    """Give a user another role on the server. Only the owner makes admins; `owner` hands the server over."""

    user: UserName
    role: Literal["owner", "admin", "member", "guest"]


class SetDisabled(Write, frozen=True, kw_only=True):
    """Lock an account (its logins end at once) or unlock it."""

    user: UserName
    disabled: bool


class ResetPassword(Command, frozen=True, kw_only=True):
    """Give a user a new password; all their logins end."""

    user: UserName
    password: Secret


# --- rooms -------------------------------------------------------------------------------------------------------------


class CreateRoom(Write, frozen=True, kw_only=True):
    """Make a group with the given people in it; whoever makes it owns it."""

    name: Name
    members: Annotated[list[UserName], Meta(max_length=500)] = []
    visibility: Literal["public", "private"] = "private"
    topic: Annotated[str, Meta(max_length=500)] = ""


class OpenDirect(Write, frozen=True, kw_only=True):
    """The direct room with a user, made if there is none yet."""

    user: UserName


class UpdateRoom(Write, frozen=True, kw_only=True):
    """Change a room's name, topic or visibility; what is left out stays."""

    room: RoomRef
    name: Name | None = None
    topic: Annotated[str, Meta(max_length=500)] | None = None
    visibility: Literal["public", "private"] | None = None


class ListRooms(Command, frozen=True, kw_only=True):
    """My rooms, with what is unread in each."""


class BrowseRooms(Command, frozen=True, kw_only=True):
    """Public rooms one could join, by name, those after `after`."""

    after: Name = ""
    limit: Annotated[int, Meta(ge=1, le=200)] = 100


class GetRoom(Command, frozen=True, kw_only=True):
    """One room that I may see."""

    room: RoomRef


class JoinRoom(Write, frozen=True, kw_only=True):
    """Join a public room."""

    room: RoomRef


class LeaveRoom(Write, frozen=True, kw_only=True):
    """Leave a group. The last owner hands it to the longest-standing member; an empty group stays in the history only."""

    room: RoomRef


class AddMember(Write, frozen=True, kw_only=True):
    """Bring a user into a group."""

    room: RoomRef
    user: UserName


class RemoveMember(Write, frozen=True, kw_only=True):
    """Put a user out of a group."""

    room: RoomRef
    user: UserName


class SetRoomRole(Write, frozen=True, kw_only=True):
    """Give a member of a group another role; `owner` is shared, not handed over."""

    room: RoomRef
    user: UserName
    role: Literal["owner", "moderator", "member"]


class ListMembers(Command, frozen=True, kw_only=True):
    """Who is in a room, by name, those after `after`."""

    room: RoomRef
    after: Name = ""
    limit: Annotated[int, Meta(ge=1, le=500)] = 100


# --- messages ----------------------------------------------------------------------------------------------------------


class PostMessage(Write, frozen=True, kw_only=True):
    """Say something in a room; `thread` is the seq of the message this answers."""

    room: RoomRef
    text: Text
    thread: Seq | None = None


class EditMessage(Write, frozen=True, kw_only=True):
    """Give a message of mine another text; the old one is kept in its history."""

    room: RoomRef
    seq: Seq
    text: Text


class DeleteMessage(Write, frozen=True, kw_only=True):
    """Take a message back, with its old versions, reactions and file: a tombstone stays."""

    room: RoomRef
    seq: Seq


class AddReaction(Write, frozen=True, kw_only=True):
    """Put an emoji under a message."""

    room: RoomRef
    seq: Seq
    emoji: Annotated[str, Meta(min_length=1, max_length=32)]


class RemoveReaction(Write, frozen=True, kw_only=True):
    """Take my emoji away again."""

    room: RoomRef
    seq: Seq
    emoji: Annotated[str, Meta(min_length=1, max_length=32)]


class GetHistory(Command, frozen=True, kw_only=True):
    """A page of a room, oldest first: the newest, or those `before`, `after` or `around` a seq; `thread` keeps to one thread."""

    room: RoomRef
    before: Seq | None = None
    after: Seq | None = None
    around: Seq | None = None
    thread: Seq | None = None
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


class GetMessage(Command, frozen=True, kw_only=True):
    """One message: what a permalink leads to."""

    room: RoomRef
    seq: Seq


class GetVersions(Command, frozen=True, kw_only=True):
    """The texts a message had before, oldest first."""

    room: RoomRef
    seq: Seq


class GetChanges(Command, frozen=True, kw_only=True):
    """Every durable event of a room after a seq: how a client without a connection keeps up."""

    room: RoomRef
    after: Seq
    limit: Annotated[int, Meta(ge=1, le=500)] = 200


class MarkRead(Command, frozen=True, kw_only=True):
    """I have read a room up to `seq`, on whichever device. Never goes back."""

    room: RoomRef
    seq: Seq


# --- files -------------------------------------------------------------------------------------------------------------


class ListFiles(Command, frozen=True, kw_only=True):
    """Files shared in my rooms, newest first: those before `before`, in one `room` if named."""

    room: RoomRef | None = None
    before: Id | None = None
    limit: Annotated[int, Meta(ge=1, le=200)] = 100


class DeleteFile(Write, frozen=True, kw_only=True):
    """Take a file back; the message it came with stays as a tombstone."""

    file: Id


ChatCommand = (
    LogIn | Ping | SetPresence | SetTyping | ListOnline | Help | Quit
    | SignUp | ObtainToken | LogOut | LogOutEverywhere | ChangePassword | CreateToken | ListTokens | RevokeToken | GetMe
    | SetProfile | ListUsers | CreateUser | SetRole | SetDisabled | ResetPassword
    | CreateRoom | OpenDirect | UpdateRoom | ListRooms | BrowseRooms | GetRoom | JoinRoom | LeaveRoom | AddMember
    | RemoveMember | SetRoomRole | ListMembers
    | PostMessage | EditMessage | DeleteMessage | AddReaction | RemoveReaction | GetHistory | GetMessage | GetVersions
    | GetChanges | MarkRead
    | ListFiles | DeleteFile
)  # fmt: skip
"""Every command but those about code, which stand in `kibitz.wire.code_commands`."""


def fingerprint_of(command: Command) -> dict[str, Any]:
    """What makes two sendings of a command the same: all but the id and the nonce."""
    skip = ("id", "nonce")
    return {field: getattr(command, field) for field in command.__struct_fields__ if field not in skip}
