"""Whole texts, as clients send them that know no other way: made sound, and compared.

Rule: a text ends its lines with LF alone, since editors that speak Yjs count a line end as one; and a difference never cuts a
character.
"""

from math import ceil
from typing import Final

from fast_diff_match_patch import diff

from kibitz.coedit.engine import Edit
from kibitz.domain.coding import MAX_TEXT
from kibitz.domain.errors import Refusal
from kibitz.domain.positions import Ruler, utf8_size

DIFF_SECONDS: Final = 1.0
"""How long a difference may be looked for, without the interpreter lock; then the rest is taken for changed as a whole, which is right
if not small. Texts that share half of their lines take some 50 ms for a megabyte."""

MAX_EDITS: Final = 2000
"""Edits in one step: their cost grows with their square, and this many take some 40 ms."""


def tidy(text: str) -> str:
    """A text as it is kept. Raises `Refusal` for one that is too long or no Unicode."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    try:
        size = utf8_size(text)
    except UnicodeEncodeError:
        raise Refusal("invalid", "Code must be valid Unicode; this one has half of a surrogate pair.") from None
    if size > MAX_TEXT:
        raise Refusal(
            "too_long", f"Code may have {MAX_TEXT} bytes; this one has {size}. Split it into several sessions."
        )
    return text


def edits_between(old: str, new: str) -> list[Edit]:
    """The edits that make one text of another, in order, counted in bytes of the old one."""
    steps = diff(old, new, timelimit=DIFF_SECONDS, counts_only=True)
    edits: list[
        tuple[int, int, int, int]
    ] = []  # what is replaced of the old text, by what of the new one, in code points
    there = here = 0
    for kind, count in steps:
        if kind == "=":
            there, here = there + count, here + count
            continue
        if not edits or edits[-1][1] < there or edits[-1][3] < here:
            edits.append((there, there, here, here))
        first, _, begin, _ = edits[-1]
        there, here = (there + count, here) if kind == "-" else (there, here + count)
        edits[-1] = (first, there, begin, here)
    ruler = Ruler(old)
    return [
        Edit(at, ruler.utf8(after) - at, new[begin:end])
        for first, after, begin, end in _fewer(edits)
        for at in (ruler.utf8(first),)
    ]


def _fewer(edits: list[tuple[int, int, int, int]]) -> list[tuple[int, int, int, int]]:
    """The same edits, neighbours taken together where there are too many."""
    together = ceil(len(edits) / MAX_EDITS)
    if together <= 1:
        return edits
    groups = (edits[index : index + together] for index in range(0, len(edits), together))
    return [(group[0][0], group[-1][1], group[0][2], group[-1][3]) for group in groups]
