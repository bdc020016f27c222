"""What has happened → the lines a viewer is sent.

Rule: an event is words for a person, JSON for a program, or both; what nobody can act on at `nc` (reactions, typing, read marks)
or has just heard otherwise (`RoomLeft` follows `MemberRemoved`) is not said. Events of a room come with its `Label`, presence with
the `Roster`.
"""

from collections.abc import Callable
from typing import Any, Final

from kibitz.wire.codec import Context, Label, Roster, Viewer
from kibitz.wire.events import (
    Event,
    MemberAdded,
    MemberRemoved,
    MemberRoleChanged,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    PresenceChanged,
    RoomCreated,
    RoomJoined,
    RoomUpdated,
)
from kibitz.wire.pipe import coding
from kibitz.wire.pipe.escape import json_line, line, notice
from kibitz.wire.pipe.shapes import GroupCreated, UserListChange, UserListUpdate, file_shared, other
from kibitz.wire.views import Message

CROWD: Final = 100
"""People online above whom coming and going is told as a change only: what the protocol promises."""


def encode_event(event: Event, context: Context, viewer: Viewer) -> bytes:
    """The lines of an event; empty where there is nothing to say of it."""
    say = _SAY.get(type(event))
    return say(event, context, viewer) if say is not None else b""


def _posted(event: MessagePosted, label: Label, viewer: Viewer) -> bytes:
    message = event.message
    said = line(f"{_speaker(message, label, viewer)}: {message.text}") if message.text else b""
    if message.file is None:
        return said
    return json_line("FILE_SHARED", file_shared(message.file, message.sender, label)) + said


def _speaker(message: Message, label: Label, viewer: Viewer) -> str:
    sender = message.sender
    if label.kind == "general":
        return sender.name
    if label.kind == "group":
        return f"[{label.name}] {sender.name}"
    return f"PM to {other(label, sender.id).name}" if sender.id == viewer.id else f"PM from {sender.name}"


def _edited(event: MessageEdited, label: Label, viewer: Viewer) -> bytes:
    message = event.message
    return notice(f"{message.sender.name} edited a message{_place(label, viewer)}: {message.text}")


def _deleted(event: MessageDeleted, label: Label, viewer: Viewer) -> bytes:
    return notice(f"{event.by.name} deleted a message{_place(label, viewer)}")


def _place(label: Label, viewer: Viewer) -> str:
    if label.kind == "general":
        return ""
    if label.kind == "group":
        return f" in '{label.name}'"
    partner = other(label, viewer.id)
    return f" between you and {partner.name}" if partner.id != viewer.id else " in your notes"


def _room_created(event: RoomCreated, label: Label, _: Viewer) -> bytes:
    if label.kind != "group":
        return b""
    members = [member.name for member in event.members]
    return json_line("GROUP_CREATED", GroupCreated(group_name=event.name or "", creator=event.by.name, members=members))


def _room_updated(event: RoomUpdated, label: Label, _: Viewer) -> bytes:
    if event.name != label.name:
        return notice(f"{event.by.name} renamed '{label.name}' to '{event.name}'")
    about = f", its topic is '{event.topic}'" if event.topic else ""
    return notice(f"{event.by.name} changed '{event.name}': it is {event.visibility}{about}")


def _member_added(event: MemberAdded, label: Label, _: Viewer) -> bytes:
    if event.user.id == event.by.id:
        return notice(f"{event.user.name} joined '{label.name}'")
    return notice(f"{event.by.name} added {event.user.name} to '{label.name}'")


def _member_removed(event: MemberRemoved, label: Label, _: Viewer) -> bytes:
    if event.user.id == event.by.id:
        return notice(f"{event.user.name} left '{label.name}'")
    return notice(f"{event.by.name} removed {event.user.name} from '{label.name}'")


def _role_changed(event: MemberRoleChanged, label: Label, _: Viewer) -> bytes:
    return notice(f"{event.by.name} gave {event.user.name} the role of {event.role} in '{label.name}'")


def _room_joined(event: RoomJoined, _: Context, viewer: Viewer) -> bytes:
    room = event.room.room
    if event.by is None or event.by.id == viewer.id or room.kind != "group":
        return b""
    return notice(f"{event.by.name} added you to '{room.name}'")


def _presence(event: PresenceChanged, roster: Roster, _: Viewer) -> bytes:
    if not roster.joined and not roster.left:
        return b""
    if len(roster.names) > CROWD:
        return json_line("USER_LIST", UserListChange(joined=roster.joined, left=roster.left))
    came = [notice(f"{name} has joined the chat!") for name in roster.joined]
    went = [notice(f"{name} has left the chat") for name in roster.left]
    return b"".join((*came, *went, json_line("USER_LIST", UserListUpdate(users=roster.names))))


_SAY: Final[dict[type[Event], Callable[[Any, Any, Viewer], bytes]]] = {
    MessagePosted: _posted,
    MessageEdited: _edited,
    MessageDeleted: _deleted,
    RoomCreated: _room_created,
    RoomUpdated: _room_updated,
    MemberAdded: _member_added,
    MemberRemoved: _member_removed,
    MemberRoleChanged: _role_changed,
    RoomJoined: _room_joined,
    PresenceChanged: _presence,
    **coding.TOLD,
}
