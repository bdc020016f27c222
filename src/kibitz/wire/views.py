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


class CodeSession(View, frozen=True, kw_only=True):
    """A document that people edit together. `room`, `seq` and `block` say where it belongs, where it belongs somewhere.

    `access` says who may join it; `part` is mine: none if I was neither invited nor joined.
    """

    id: int
    language: str
    title: str = ""
    access: Literal["open", "private", "room"]
    created_by: UserRef
    created_at: str
    closed_at: str | None = None
    room: int | None = None
    seq: int | None = None
    block: int | None = None
    part: Literal["owner", "editor", "viewer"] | None = None
    joined: bool = False


class SessionRef(View, frozen=True, kw_only=True):
    """Which session, in the log of a conversation: as it was called then."""

    id: int
    language: str
    title: str = ""


class Participant(View, frozen=True, kw_only=True):
    """A person's part in a session; `joined_at` is none for whoever is invited and has not come yet."""

    user: UserRef
    role: Literal["owner", "editor", "viewer"]
    joined_at: str | None = None


class RunResult(View, frozen=True, kw_only=True):
    """What came of a run. `exit_code` is none where a signal ended it, and `signal` names that one.

    `killed_for` says which limit it met or who ended it; times are in milliseconds, `peak_memory` in bytes; `truncated` means that it
    wrote more than is kept; `compiled` is false where the compiler refused it.
    """

    exit_code: int | None
    signal: str | None = None
    timed_out: bool = False
    killed_for: str | None = None
    duration_ms: int
    cpu_ms: int = 0
    peak_memory: int = 0
    truncated: bool = False
    compiled: bool = True

    @property
    def success(self) -> bool:
        """Whether it ended by itself and says that all went well."""
        return self.exit_code == 0 and self.killed_for is None


class RunRef(View, frozen=True, kw_only=True):
    """A run as it is listed: what it belongs to, who asked for it and how it ended (not yet where `result` is none)."""

    id: int
    user: UserRef
    language: str
    toolchain: str = ""
    code_hash: str
    asked_at: str
    ended_at: str | None = None
    session: int | None = None
    room: int | None = None
    seq: int | None = None
    block: int | None = None
    result: RunResult | None = None


class Piece(View, frozen=True, kw_only=True, array_like=True):
    """A piece of a program's output, in the order it came."""

    stream: Literal["stdout", "stderr"]
    text: str


class LiveBlock(View, frozen=True, kw_only=True):
    """A code block of a message that has become a session, or was run: its text as it is now, and its newest run."""

    block: int
    session: int | None = None
    language: str = ""
    text: str | None = None
    run: RunRef | None = None


class Message(View, frozen=True, kw_only=True):
    """A message as it stands now. (`room`, `seq`) names it for good; `thread` is the `seq` of the message it answers.

    `text` is Markdown, kept to the letter; it is empty once `deleted`. `blocks` are those of its code blocks that live on; they come
    where a message is read, not where it is told as an event.
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
    blocks: list[LiveBlock] = []


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
