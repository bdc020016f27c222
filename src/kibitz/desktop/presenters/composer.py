"""What one writes: completing names, counting, and what an Enter will do.

Rule: it decides from the text alone and knows no widget; whatever was typed is kept until it is taken over by the outbox.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from kibitz.domain.users import MAX_NAME, name_key

TYPING_SECONDS: Final = 3.0
"""How often others are told that one is typing."""

NEAR: Final = 0.9
"""The part of the limit from which on it is shown."""

SUGGESTED: Final = 8
"""Names offered at once."""

_CALLING = re.compile(rf"(?<![\w@.])@([\w.-]{{0,{MAX_NAME}}})\Z")


@dataclass(frozen=True, slots=True)
class Purpose:
    """What is being written, beyond a message: an edit of one of mine, or an answer to one. `about` is shown above it."""

    edits: int = 0
    answers: int = 0
    about: str = ""


@dataclass(frozen=True, slots=True)
class Room:
    """How much of a limit is used. `shown` is empty where nobody needs to know."""

    shown: str = ""
    over: bool = False


def room_for(text: str, limit: int) -> Room:
    """What to say about the length of a text of which at most `limit` bytes of UTF-8 may be sent."""
    if len(text) * 4 < limit * NEAR:
        return Room()
    size = len(text.encode("utf-8", "replace"))
    if size < limit * NEAR:
        return Room()
    if size <= limit:
        return Room(f"{limit - size:,} bytes left")
    return Room(f"{size - limit:,} bytes too long – send it as a file", over=True)


def suggestions(before: str, names: Iterable[str]) -> tuple[str, tuple[str, ...]]:
    """The beginning of a name that stands in front of the cursor, and the names it could be."""
    found = _CALLING.search(before[-MAX_NAME - 2 :])
    if found is None:
        return "", ()
    begun = name_key(found[1])
    fitting = [name for name in names if name_key(name).startswith(begun)]
    fitting.sort(key=lambda name: (name == "all", name.casefold()))
    if [name_key(name) for name in fitting] == [begun]:
        return "", ()
    return found[1], tuple(fitting[:SUGGESTED])


def someone_types(names: list[str]) -> str:
    """Who is typing, in words."""
    match names:
        case []:
            return ""
        case [one]:
            return f"{one} is typing…"
        case [one, other]:
            return f"{one} and {other} are typing…"
        case [one, other, third]:
            return f"{one}, {other} and {third} are typing…"
        case _:
            return f"{len(names)} people are typing…"
