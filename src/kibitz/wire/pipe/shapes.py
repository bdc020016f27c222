"""The JSON that pipe lines carry.

Rule: fields stand in the order and by the names that were promised, and what is not there is null, not left out.
"""

import msgspec

from kibitz.wire.codec import Label
from kibitz.wire.results import SharedFile
from kibitz.wire.views import File, Message, UserRef


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all shapes."""


class FileShared(Shape, frozen=True, kw_only=True):
    """A file in a conversation: `recipient` where it is private, `group_name` where it is a group's, neither where it is everyone's."""

    file_id: int
    filename: str
    file_size: int
    mime_type: str
    sender: str
    recipient: str | None
    group_name: str | None
    url: str


class ListedFile(Shape, frozen=True, kw_only=True):
    """A file in a FILE_LIST."""

    file_id: int
    filename: str
    file_size: int
    mime_type: str
    sender: str
    timestamp: str
    url: str


class Said(Shape, frozen=True, kw_only=True):
    """One message of a MESSAGE_HISTORY."""

    sender: str
    content: str
    timestamp: str
    file_data: FileShared | None


class MessageHistory(Shape, frozen=True, kw_only=True, tag_field="type", tag="MESSAGE_HISTORY"):
    """A page of a conversation, oldest first. `msg_type` is BROADCAST, PERSONAL or GROUP; `target` the user or the group."""

    msg_type: str
    target: str | None
    messages: list[Said]


class ServerInfo(Shape, frozen=True, kw_only=True, tag_field="type", tag="SERVER_INFO"):
    """What a client needs to know of the server; `token` is its bearer token for HTTP."""

    supported_languages: list[str]
    active_users: int
    http_port: int
    file_upload_url: str
    file_download_url: str
    file_list_url: str
    token: str | None


class UserGroups(Shape, frozen=True, kw_only=True, tag_field="type", tag="USER_GROUPS"):
    """The groups one is in."""

    groups: list[str]


class UserListUpdate(Shape, frozen=True, kw_only=True, tag_field="type", tag="USER_LIST_UPDATE"):
    """Everyone who is online."""

    users: tuple[str, ...]


class UserListChange(Shape, frozen=True, kw_only=True, tag_field="type", tag="USER_LIST_CHANGE"):
    """Who came and went, where there are too many to list."""

    joined: tuple[str, ...]
    left: tuple[str, ...]


class GroupCreated(Shape, frozen=True, kw_only=True, tag_field="type", tag="GROUP_CREATED"):
    """A group one is in has begun."""

    group_name: str
    creator: str
    members: list[str]


class FileList(Shape, frozen=True, kw_only=True, tag_field="type", tag="FILE_LIST"):
    """The files one may see, newest first."""

    files: list[ListedFile]


class FileDeleteResponse(Shape, frozen=True, kw_only=True, tag_field="type", tag="FILE_DELETE_RESPONSE"):
    """What came of DELETE_FILE; `message` says why not."""

    success: bool
    file_id: int
    message: str | None


def file_shared(file: File, sender: UserRef, label: Label) -> FileShared:
    """A file as it was shared in a room."""
    return FileShared(
        file_id=file.id,
        filename=file.name,
        file_size=file.size,
        mime_type=file.mime_type,
        sender=sender.name,
        recipient=other(label, sender.id).name if label.kind == "direct" else None,
        group_name=label.name if label.kind == "group" else None,
        url=file.url,
    )


def listed(shared: SharedFile) -> ListedFile:
    """A file as FILE_LIST shows it."""
    return ListedFile(
        file_id=shared.file.id,
        filename=shared.file.name,
        file_size=shared.file.size,
        mime_type=shared.file.mime_type,
        sender=shared.sender.name,
        timestamp=shared.shared_at,
        url=shared.file.url,
    )


def said(message: Message, label: Label) -> Said:
    """A message as MESSAGE_HISTORY shows it."""
    file = file_shared(message.file, message.sender, label) if message.file is not None else None
    return Said(sender=message.sender.name, content=message.text, timestamp=message.sent_at, file_data=file)


def other(label: Label, user: int) -> UserRef:
    """Whom a person talks to in a direct room: the other one, or themselves in the room of their notes."""
    return next((member for member in label.members if member.id != user), label.members[0])
