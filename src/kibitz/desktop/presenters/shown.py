"""What views are told to show.

Rule: immutable values, ready to be drawn: whatever had to be looked up, counted or worded has been.
"""

from dataclasses import dataclass
from typing import Literal

Status = Literal["online", "away", "offline"]


@dataclass(frozen=True, slots=True)
class RoomRow:
    """A conversation in the side bar. `person` is whose colour it has, `status` theirs, where it is a direct one."""

    room: int
    title: str
    kind: Literal["general", "group", "direct"]
    unread: int = 0
    mentions: int = 0
    person: int = 0
    status: Status = "offline"
    muted: bool = False
    private: bool = False


@dataclass(frozen=True, slots=True)
class PersonRow:
    """Someone who is here."""

    person: int
    name: str
    status: Status
    me: bool = False


@dataclass(frozen=True, slots=True)
class Tab:
    """A conversation that is open."""

    room: int
    title: str
    unread: int = 0
    mentions: int = 0
    person: int = 0


@dataclass(frozen=True, slots=True)
class Banner:
    """Something that lasts and that everyone at this window should know, such as a line that is down. `retry_in` is in seconds."""

    text: str
    kind: Literal["warning", "danger"] = "warning"
    retry_in: float = 0.0


@dataclass(frozen=True, slots=True)
class Me:
    """Whose window this is. `account` is false for whoever is here by name alone; `server` names the place."""

    person: int
    name: str
    status: Status
    account: bool
    server: str
