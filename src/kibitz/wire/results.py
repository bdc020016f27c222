"""What a command is answered with: the `result` of a `Reply`, and the body of the same call over HTTP.

Rule: every command names its result in the one table (`kibitz.api.verbs`), so that the documents served are true.
"""

import msgspec

from kibitz.wire.events import DurableEvent
from kibitz.wire.masking import masked
from kibitz.wire.views import (
    CodeSession,
    File,
    Member,
    Message,
    MyRoom,
    Participant,
    Piece,
    Presence,
    Room,
    RunRef,
    Token,
    User,
    UserRef,
    Version,
)


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


# --- code --------------------------------------------------------------------------------------------------------------


class Run(Result, frozen=True, kw_only=True):
    """A run, whole."""

    run: RunRef
    code: str
    input: str = ""
    limits: dict[str, float] = {}
    output: list[Piece] = []


class SessionJoined(Result, frozen=True, kw_only=True):
    """A session I take part in: its people, its text at `version`, and the runs that are under way with their output so far."""

    session: CodeSession
    participants: list[Participant]
    code: str
    version: int
    running: list[Run] = []


class SessionShown(Result, frozen=True, kw_only=True):
    """A session and its people."""

    session: CodeSession
    participants: list[Participant]


class Sessions(Result, frozen=True, kw_only=True):
    """A page of sessions, newest first."""

    sessions: list[CodeSession]
    more: bool = False


class SessionChanged(Result, frozen=True, kw_only=True):
    """The change of this session is stored for good."""

    session: int


class CodeText(Result, frozen=True, kw_only=True):
    """The text of a session at a version."""

    session: int
    code: str
    version: int
    language: str


class CodeExport(Result, frozen=True, kw_only=True):
    """A document as one Yjs update (V1), in base64; its text is the `Y.Text` named `code`."""

    session: int
    version: int
    language: str
    update: str


class CodeSaved(Result, frozen=True, kw_only=True):
    """My edit is stored for good; the text is at this version now, which may hold what others did as well."""

    session: int
    version: int


class CodeVersion(Result, frozen=True, kw_only=True):
    """One step of a session's history: what one person did in one moment; `size` is in bytes."""

    version: int
    user: UserRef
    at: str
    size: int


class CodeHistory(Result, frozen=True, kw_only=True):
    """A page of a session's history, newest first."""

    versions: list[CodeVersion]
    more: bool = False


class WrittenBy(Result, frozen=True, kw_only=True):
    """A part of a text that one person wrote: `user` is none for what was there before anybody is known to have written."""

    text: str
    user: UserRef | None


class Authors(Result, frozen=True, kw_only=True):
    """Who wrote what: the parts in order, which make up the whole text of this version."""

    version: int
    parts: list[WrittenBy]


class RunStarted(Result, frozen=True, kw_only=True):
    """The run is stored and will begin; its output and its end come as events. `place` is its place in the queue, 0 if it runs."""

    run: int
    place: int = 0


class Runs(Result, frozen=True, kw_only=True):
    """A page of runs, newest first."""

    runs: list[RunRef]
    more: bool = False


class Compared(Result, frozen=True, kw_only=True):
    """How two runs differ: `same` names what is equal; `output` and `code` are unified diffs, empty where they are equal."""

    same_code: bool
    same_input: bool
    same_toolchain: bool
    same_result: bool
    same_output: bool
    code: str = ""
    output: str = ""


class Language(Result, frozen=True, kw_only=True):
    """A language: `version` of the toolchain here, `missing` what to install where it cannot be run, `aliases` its other names."""

    name: str
    title: str
    version: str = ""
    missing: str | None = None
    aliases: list[str] = []


class Languages(Result, frozen=True, kw_only=True):
    """The languages of this server; `problem` says why nothing can be run, where that is so."""

    languages: list[Language]
    problem: str | None = None
