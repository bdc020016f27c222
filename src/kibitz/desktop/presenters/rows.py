"""What stands in a conversation, ready to be drawn: rows of pieces of text.

Rule: immutable values. A row is drawn anew only where it differs from what is shown, so whatever changes often is a row of its own.
"""

from dataclasses import dataclass
from typing import Literal

Verb = Literal[
    "open",  # a link in the browser
    "copy",  # a code block
    "run",
    "stop",
    "edit_block",
    "react",
    "pick",  # a reaction out of those offered
    "jump",  # to another message
    "thread",  # to the answers
    "reply",
    "edit",
    "delete",
    "copy_text",
    "copy_link",
    "download",
    "session",
    "take_back",  # what was refused, into the place where one writes
    "discard",
    "newest",
]


@dataclass(frozen=True, slots=True)
class Act:
    """What a click or a key does: to the message `seq`, its code block `block`, with what `arg` says."""

    verb: Verb
    seq: int = 0
    block: int = 0
    arg: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some text that looks the same all through. `picture` names an image that stands there instead; `tip` is shown under the pointer."""

    text: str
    styles: tuple[str, ...] = ()
    act: Act | None = None
    tip: str = ""
    picture: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One or more whole lines. `seq` is the message they belong to, 0 for none; `run` one that a line of input below them goes to."""

    key: str
    pieces: tuple[Piece, ...]
    seq: int = 0
    run: int = 0

    @property
    def text(self) -> str:
        """What it says."""
        return "".join(piece.text for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Update:
    """How to get from what is shown to what should be: rows to take away, and rows to put behind others (None: at the top).

    `pictures` are PNGs by name, `forgotten` names that no row has any more. `jump` is a row to bring into view, `to_end` whether to go to the newest instead; `at_end` whether the
    last row is the newest there is; `new` how many came that were not seen.
    """

    removed: tuple[str, ...] = ()
    put: tuple[tuple[str | None, Row], ...] = ()
    pictures: tuple[tuple[str, bytes], ...] = ()
    forgotten: tuple[str, ...] = ()
    jump: str = ""
    to_end: bool = False
    at_end: bool = True
    new: int = 0


@dataclass(frozen=True, slots=True)
class Choice:
    """An entry of a message's menu; without an act it is a line between others."""

    label: str = ""
    act: Act | None = None


def changes(before: list[Row], after: list[Row]) -> tuple[tuple[str, ...], tuple[tuple[str | None, Row], ...]]:
    """What to take away and what to put where, so that `before` becomes `after`."""
    places = {row.key: at for at, row in enumerate(after)}
    known: dict[str, Row] = {}
    removed, least = [], -1
    for row in before:
        at = places.get(row.key, -1)
        if at > least:
            known[row.key], least = row, at
        else:  # gone, or elsewhere: then it is put anew
            removed.append(row.key)
    put: list[tuple[str | None, Row]] = []
    last: str | None = None
    for row in after:
        old = known.get(row.key)
        if old is None or (old is not row and old != row):
            put.append((last, row))
        last = row.key
    return tuple(removed), tuple(put)
