"""What is shown: the nouns that replies and events are made of.

Rule: a view holds only what its receiver may see; times are RFC 3339 in UTC with milliseconds, ids are whole numbers.
"""

from typing import Literal

import msgspec


class View(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of all views: immutable, defaults left out on the wire."""


class UserRef(View, frozen=True, kw_only=True):
    """Who, wherever a person is mentioned."""

    id: int
    name: str


class User(View, frozen=True, kw_only=True):
    """A person as everyone on the server may see them. `guest` is true for name-only users."""

    id: int
    name: str
    role: Literal["owner", "admin", "member", "guest"]
    display_name: str = ""
    guest: bool = False
    disabled: bool = False
    last_seen: str | None = None


class Presence(View, frozen=True, kw_only=True):
    """Whether a person is here; `last_seen` is when an offline one was."""

    user: UserRef
    status: Literal["online", "away", "offline"]
    last_seen: str | None = None


class Member(View, frozen=True, kw_only=True):
    """A person's place in a room."""

    user: UserRef
    role: Literal["owner", "moderator", "member"]


class Reaction(View, frozen=True, kw_only=True):
    """One emoji under a message and the ids of those who chose it, in order."""

    emoji: str
    users: list[int]


class File(View, frozen=True, kw_only=True):
    """A shared file. `url` is the path its bytes are downloaded from; `size` is in bytes."""

    id: int
    name: str
    size: int
    mime_type: str
    url: str


class Message(View, frozen=True, kw_only=True):
    """A message as it stands now. (`room`, `seq`) names it for good; `thread` is the `seq` of the message it answers.

    `text` is Markdown, kept to the letter; it is empty once `deleted`.
    """

    room: int
    seq: int
    sender: UserRef
    text: str
    sent_at: str
    thread: int | None = None
    replies: int = 0
    edited_at: str | None = None
    deleted: bool = False
    mentions: list[int] = []
    mentions_all: bool = False
    reactions: list[Reaction] = []
    file: File | None = None
    nonce: str | None = None


class Version(View, frozen=True, kw_only=True):
    """A text a message had before an edit, and when it was replaced."""

    text: str
    replaced_at: str


class Room(View, frozen=True, kw_only=True):
    """A room. A direct room has no name of its own: its `members` are its two people. `head` is the newest `seq`."""

    id: int
    kind: Literal["general", "group", "direct"]
    visibility: Literal["public", "private"]
    name: str | None = None
    topic: str = ""
    head: int = 0
    created_at: str = ""
    members: list[UserRef] = []


class MyRoom(View, frozen=True, kw_only=True):
    """A room of mine: my role, how far I have read, how much is new. `unread` counts up to 1,000.

    `resume` is set in a `Welcome`: `resumed` means every event after what I had follows; `reset` means forget what you had
    of this room and ask for its newest page; `fresh` means you named no position for it.
    """

    room: Room
    role: Literal["owner", "moderator", "member"]
    read_seq: int = 0
    unread: int = 0
    mentions: int = 0
    resume: Literal["resumed", "reset", "fresh"] = "fresh"


class Token(View, frozen=True, kw_only=True):
    """An access token as its owner may see it: never the secret again."""

    id: int
    name: str
    kind: Literal["login", "access"]
    created_at: str
    expires_at: str | None = None
    last_used_at: str | None = None
