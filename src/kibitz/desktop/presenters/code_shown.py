"""What the windows about code are told to show.

Rule: as everywhere in `shown`: immutable values, ready to be drawn.
"""

from dataclasses import dataclass
from typing import Literal

Tone = Literal["plain", "good", "bad", "warning"]
Role = Literal["owner", "editor", "viewer"]


@dataclass(frozen=True, slots=True)
class LanguageRow:
    """A language of the server; `missing` says what to install there before it can be run."""

    name: str
    title: str
    version: str = ""
    missing: str | None = None


@dataclass(frozen=True, slots=True)
class PersonHere:
    """Someone who takes part in a session, or is invited. `here`: they have its text open just now; `colour` is an index into the palette."""

    person: int
    name: str
    role: Role
    joined: bool
    here: bool = False
    me: bool = False

    @property
    def colour(self) -> int:
        """Which of the colours of people is theirs."""
        return self.person


@dataclass(frozen=True, slots=True)
class SessionShown:
    """A session as its window's head shows it. `why_not` is why this person cannot edit; `can_run` is for its language on this server."""

    session: int
    title: str
    language: str
    role: Role | None
    people: tuple[PersonHere, ...]
    closed: bool = False
    why_not: str = ""
    can_run: bool = True

    @property
    def can_write(self) -> bool:
        """Whether the person here may edit."""
        return not self.why_not


@dataclass(frozen=True, slots=True)
class LineShown:
    """How it stands with the connection to the text."""

    text: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class RunShown:
    """The run that the output belongs to: what is going on, or what came of it."""

    run: int
    head: str
    state: Literal["queued", "running", "ended"]
    result: str = ""
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of output: which stream, in which colour (an ANSI colour's token, or empty), and whether it writes over the line it is on."""

    text: str
    stream: Literal["stdout", "stderr", "note"] = "stdout"
    colour: str = ""
    bold: bool = False
    over: bool = False


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run in the history."""

    run: int
    who: str
    when: str
    language: str
    result: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A step of the text's history."""

    version: int
    who: str
    when: str
    size: str


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session in the list."""

    session: int
    title: str
    language: str
    where: str
    who: str
    when: str
    closed: bool
    joined: bool


@dataclass(frozen=True, slots=True)
class RemoteCursor:
    """Where somebody else is in the text, in characters; they have selected from `anchor` to `head`."""

    client: int
    name: str
    person: int
    colour: str
    anchor: int
    head: int


@dataclass(frozen=True, slots=True)
class NewSession:
    """What a person wants of a new session."""

    language: str
    title: str
    access: Literal["open", "private", "room"]
