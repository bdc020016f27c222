"""What a command is answered with: the `result` of a `Reply`, and the body of the same call over HTTP.

Rule: every command names its result in the one table (`kibitz.api.verbs`), so that the documents served are true.
"""

import msgspec

from kibitz.wire.events import DurableEvent
from kibitz.wire.masking import masked
from kibitz.wire.views import File, Member, Message, MyRoom, Presence, Room, Token, User, UserRef, Version


class Result(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of all results."""

    def __repr__(self) -> str:
        return masked(self)


class Done(Result, frozen=True, kw_only=True):
    """It is done, and there is nothing more to say."""


class Guide(Result, frozen=True, kw_only=True):
    """Every command by its `type`, and what it is for."""

    commands: dict[str, str]


class Posted(Result, frozen=True, kw_only=True):
    """The message is stored for good, at this place of its room."""

    room: int
    seq: int
    sent_at: str


class Changed(Result, frozen=True, kw_only=True):
    """The change is stored for good as this event of its room; `seq` is 0 where nothing had to change."""

    room: int
    seq: int


class ServerFacts(Result, frozen=True, kw_only=True):
    """What a client needs to know of this server. Sizes in bytes, times in seconds.

    `http_url` is the address of the HTTP side without a slash at its end, as this client reaches it.
    """

    version: str
    max_text: int
    max_file: int
    heartbeat: float
    http_port: int
    http_url: str
    supported_languages: list[str] = []


class Welcome(Result, frozen=True, kw_only=True):
    """A connection is open: who I am, my rooms, who is here; events I missed follow, then `caught_up`."""

    user: User
    epoch: str
    server: ServerFacts
    rooms: list[MyRoom]
    online: list[Presence]
    online_count: int = 0
    token: str | None = None


class LoggedIn(Result, frozen=True, kw_only=True):
    """A login token: shown once, to be kept as a password is."""

    user: User
    token: str
    expires_at: str | None


class TokenCreated(Result, frozen=True, kw_only=True):
    """An access token: its `secret` is shown once."""

    token: Token
    secret: str


class Tokens(Result, frozen=True, kw_only=True):
    """My tokens."""

    tokens: list[Token]


class Users(Result, frozen=True, kw_only=True):
    """A page of people; `more` says whether another follows."""

    users: list[User]
    more: bool = False


class Online(Result, frozen=True, kw_only=True):
    """Who is connected now, by name."""

    people: list[Presence]


class Rooms(Result, frozen=True, kw_only=True):
    """My rooms."""

    rooms: list[MyRoom]
    epoch: str


class PublicRooms(Result, frozen=True, kw_only=True):
    """A page of rooms one could join."""

    rooms: list[Room]
    more: bool = False


class Members(Result, frozen=True, kw_only=True):
    """A page of a room's members."""

    members: list[Member]
    more: bool = False


class History(Result, frozen=True, kw_only=True):
    """A page of messages, oldest first; whether there is more on either side; the room's newest seq and the epoch."""

    messages: list[Message]
    more_before: bool
    more_after: bool
    head: int
    epoch: str


class Versions(Result, frozen=True, kw_only=True):
    """A message's earlier texts, oldest first."""

    versions: list[Version]


class Changes(Result, frozen=True, kw_only=True):
    """Durable events of a room in order; `more` says whether another page follows; a changed `epoch` means: start afresh."""

    events: list[DurableEvent]
    more: bool
    head: int
    epoch: str


class Read(Result, frozen=True, kw_only=True):
    """How far I have now read a room and what is left."""

    room: int
    read_seq: int
    unread: int
    mentions: int


class SharedFile(Result, frozen=True, kw_only=True):
    """A shared file and where it was shared."""

    file: File
    room: int
    seq: int
    sender: UserRef
    shared_at: str


class Files(Result, frozen=True, kw_only=True):
    """A page of files, newest first."""

    files: list[SharedFile]
    more: bool = False
