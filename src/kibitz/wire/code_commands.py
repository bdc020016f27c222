"""What a client asks of code sessions and of runs.

Rule: as for all commands (`kibitz.wire.commands`). The document itself travels over `/collab`; what stands here is what a client without
Yjs can do, and what is about a session rather than in it.
"""

from typing import Annotated, Literal

from msgspec import Meta

from kibitz.wire.commands import Command, Id, RoomRef, Seq, UserName, Write

Code = Annotated[str, Meta(max_length=262_144)]
Language = Annotated[str, Meta(min_length=1, max_length=32)]
"""A language by its name or by one of the other names people have for it, such as `c++` or `js`."""

Title = Annotated[str, Meta(max_length=512)]
Block = Annotated[int, Meta(ge=0, le=1000)]
"""Which fenced code block of a message, counted from 0."""


# --- sessions ----------------------------------------------------------------------------------------------------------


class CreateSession(Write, frozen=True, kw_only=True):
    """Begin a session: open to all, for those who are invited, or for the members of `room`, which makes an entry there.

    With `seq` and `block` a code block of that message of the room becomes the session; if it is one already, that one is answered.
    """

    language: Language | None = None
    title: Title = ""
    access: Literal["open", "private", "room"] = "open"
    room: RoomRef | None = None
    seq: Seq | None = None
    block: Block = 0
    code: Code = ""


class JoinSession(Write, frozen=True, kw_only=True):
    """Take part in a session, and hear on this connection what happens in it; whoever takes part already hears it again."""

    session: Id


class LeaveSession(Write, frozen=True, kw_only=True):
    """Take part no more. The last owner hands the session to whoever has been an editor for longest."""

    session: Id


class InviteToSession(Write, frozen=True, kw_only=True):
    """Ask someone into a session, as an editor or as a viewer. They hear of it at once, and find it in their conversation with me."""

    session: Id
    user: UserName
    role: Literal["editor", "viewer"] = "editor"


class SetSessionRole(Write, frozen=True, kw_only=True):
    """Give a participant another role; `owner` hands the session over, and I become an editor."""

    session: Id
    user: UserName
    role: Literal["owner", "editor", "viewer"]


class RemoveParticipant(Write, frozen=True, kw_only=True):
    """Put someone out of a session, at once and until they are invited again."""

    session: Id
    user: UserName


class UpdateSession(Write, frozen=True, kw_only=True):
    """Change a session's title or language, close it (all can read it, nobody can change it) or reopen it; what is left out stays."""

    session: Id
    title: Title | None = None
    language: Language | None = None
    closed: bool | None = None


class ListSessions(Command, frozen=True, kw_only=True):
    """Sessions I take part in or am invited to, newest first: those before `before`; with `room` all of that conversation."""

    room: RoomRef | None = None
    before: Id | None = None
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


class GetSession(Command, frozen=True, kw_only=True):
    """One session that I may see, and who takes part in it."""

    session: Id


# --- the text of a session ---------------------------------------------------------------------------------------------


class GetCode(Command, frozen=True, kw_only=True):
    """The text of a session as it is now, or as it was at `version`."""

    session: Id
    version: Seq | None = None


class UpdateCode(Command, frozen=True, kw_only=True):
    """The whole text as I now have it, and the version I started from (without it: the newest).

    What is different is merged as an edit, so that what others do meanwhile is not lost; sending the same text twice changes nothing.
    """

    session: Id
    code: Code
    version: Seq | None = None
    cursor: Seq | None = None


class GetCodeHistory(Command, frozen=True, kw_only=True):
    """How the text came to be: its versions, newest first, those before `before`."""

    session: Id
    before: Seq | None = None
    limit: Annotated[int, Meta(ge=1, le=500)] = 100


class GetAuthors(Command, frozen=True, kw_only=True):
    """Who wrote what of the text, as it is now or as it was at `version`."""

    session: Id
    version: Seq | None = None


class ExportCode(Command, frozen=True, kw_only=True):
    """The whole document with all that it remembers, as one Yjs update (V1): for any program that knows Yjs."""

    session: Id


class RestoreCode(Command, frozen=True, kw_only=True):
    """Make the text again what it was at `version`, as a new edit: nothing that came since is lost from the history."""

    session: Id
    version: Seq


# --- runs --------------------------------------------------------------------------------------------------------------


class RunCode(Write, frozen=True, kw_only=True):
    """Run a program in the sandbox: a session's text (or `code` in its stead), a code block of a message, or `code` by itself.

    `input` is what it reads first; with `interactive` its standard input stays open for `send_input`. `timeout` is in seconds.
    """

    session: Id | None = None
    room: RoomRef | None = None
    seq: Seq | None = None
    block: Block = 0
    code: Code | None = None
    language: Language | None = None
    input: Code = ""
    interactive: bool = False
    timeout: Annotated[float, Meta(gt=0, le=3600)] | None = None


class RunAgain(Write, frozen=True, kw_only=True):
    """Run what was run before, with the same text and input, in the same place."""

    run: Id


class SendInput(Command, frozen=True, kw_only=True):
    """Text for the standard input of a program that runs; `end` closes it."""

    run: Id
    text: Annotated[str, Meta(max_length=65_536)] = ""
    end: bool = False


class StopRun(Command, frozen=True, kw_only=True):
    """End a run, or take it out of the queue."""

    run: Id


class GetRun(Command, frozen=True, kw_only=True):
    """A run: the text that was run, its input, its output and what came of it."""

    run: Id


class ListRuns(Command, frozen=True, kw_only=True):
    """Runs of a session, of a message, or (without either) my own, newest first: those before `before`."""

    session: Id | None = None
    room: RoomRef | None = None
    seq: Seq | None = None
    before: Id | None = None
    limit: Annotated[int, Meta(ge=1, le=100)] = 20


class CompareRuns(Command, frozen=True, kw_only=True):
    """How one run differs from another in text, input, toolchain, result and output."""

    run: Id
    other: Id


class ListLanguages(Command, frozen=True, kw_only=True):
    """The languages of this server, their versions, and what is missing for those that cannot be run."""


CodeCommand = (
    CreateSession | JoinSession | LeaveSession | InviteToSession | SetSessionRole | RemoveParticipant | UpdateSession
    | ListSessions | GetSession | GetCode | UpdateCode | GetCodeHistory | GetAuthors | ExportCode | RestoreCode
    | RunCode | RunAgain | SendInput | StopRun | GetRun | ListRuns | CompareRuns | ListLanguages
)  # fmt: skip
"""Every command about code."""
