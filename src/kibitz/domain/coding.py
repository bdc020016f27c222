"""Code sessions and runs: what kinds there are, who is what in them, what they are called.

Rule: whoever has joined a session may read it; whether they may also change it and run it is their role's matter.
"""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from kibitz.domain.errors import Refusal
from kibitz.domain.rooms import RoomFacts

MAX_TITLE: Final = 120
"""Characters in a session's title: a line of a list."""

MAX_CODE_BYTES: Final = 256 * 1024
"""UTF-8 bytes of a program that is run or begins a session: some 6,000 lines; Codeforces takes 64 KB, Piston has no limit of its own."""

MAX_TEXT: Final = 1024 * 1024
"""Bytes of text in one document: what GitHub gives of a gist's file, and more than anyone reads."""

MAX_INPUT_BYTES: Final = 1024 * 1024
"""UTF-8 bytes a run may be given on its standard input, all told."""

MAX_PARTICIPANTS: Final = 500
"""People in one session: a large lecture; Live Share takes 30, Replit 15."""


class Openness(StrEnum):
    """Who may join a session: anyone on the server, those who were invited, or the members of the conversation it belongs to."""

    OPEN = "open"
    PRIVATE = "private"
    ROOM = "room"


class Part(StrEnum):
    """What someone is in a session. `REMOVED` is whoever was put out of it: only an invitation brings them back."""

    OWNER = "owner"
    EDITOR = "editor"
    VIEWER = "viewer"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """What `access.may` needs to know of a session, seen from one actor.

    `room` is the conversation it belongs to, where it belongs to one; `part` is None for whoever was neither invited nor has joined.
    """

    id: int
    openness: Openness
    room: RoomFacts | None
    part: Part | None
    joined: bool
    closed: bool


@dataclass(frozen=True, slots=True)
class PartFacts:
    """A person's part in a session, for acts on participants: None for whoever has none."""

    session: SessionFacts
    user_id: int
    user_name: str
    part: Part | None


@dataclass(frozen=True, slots=True)
class RunFacts:
    """A run: whose it is, and the session or the message it belongs to, where it belongs to one."""

    id: int
    user_id: int
    session: SessionFacts | None = None
    room: RoomFacts | None = None


def clean_title(title: str) -> str:
    """A session's title as it is stored; empty for one that has none. Raises `Refusal("invalid")`."""
    cleaned = " ".join(unicodedata.normalize("NFC", title).split())
    if len(cleaned) > MAX_TITLE:
        raise Refusal("invalid", f"A title may have {MAX_TITLE} characters; this one has {len(cleaned)}.")
    if any(unicodedata.category(char) in ("Cc", "Cs") for char in cleaned):
        raise Refusal("invalid", "A title may not contain control characters.")
    return cleaned


def check_code(code: str) -> None:
    """Raises `Refusal` for a program that is too long or cannot be written as UTF-8."""
    _check("A program", code, MAX_CODE_BYTES)


def check_input(text: str) -> None:
    """Raises `Refusal` for an input that is too long or cannot be written as UTF-8."""
    _check("The input of a run", text, MAX_INPUT_BYTES)


def _check(what: str, text: str, limit: int) -> None:
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        raise Refusal("invalid", f"{what} must be valid Unicode; this has half of a surrogate pair.") from None
    if size > limit:
        raise Refusal("too_long", f"{what} may have {limit} bytes; this has {size}.")
