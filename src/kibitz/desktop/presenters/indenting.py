"""What an editor of code does to lines: indents them, comments them out, goes on where the last one stood, and finds the other bracket.

Rule: text in, changes out, counted in characters; nothing here knows a window.
"""

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from kibitz.client.shared_text import Change

COMMENTS: Final = {"python": "#", "javascript": "//", "java": "//", "cpp": "//", "c": "//"}
"""What begins a comment that ends with its line."""

WIDTH: Final = {"javascript": 2, "cpp": 4, "java": 4, "c": 4, "python": 4}
"""Spaces of one step, where the text does not show another."""

FAR: Final = 20_000
"""Characters that are looked through for the other bracket: several screens in either direction."""

_PAIRS: Final = {"(": ")", "[": "]", "{": "}"}
_BACK: Final = {after: before for before, after in _PAIRS.items()}
_LEADING: Final = re.compile(r"[ \t]*")


class Edit(NamedTuple):
    """Changes, and what is selected after them, from `anchor` to the cursor at `head`."""

    changes: tuple[Change, ...]
    anchor: int
    head: int


def step(text: str, language: str) -> str:
    """One step of indentation, as the text has it already, else as the language is usually written."""
    found = re.search(r"^(\t| {2,8})\S", text[:FAR], re.MULTILINE)
    if found is not None and (found[1] == "\t" or len(found[1]) in {2, 4, 8}):
        return found[1]
    return " " * WIDTH.get(language, 4)


def new_line(text: str, start: int, end: int, language: str) -> Edit:
    """Return was pressed with this selected: go on as deep as the line was, one step deeper after what opens a block."""
    before = text[text.rfind("\n", 0, start) + 1 : start]
    leading = _LEADING.match(before)
    deep = leading[0] if leading else ""
    opens = before.rstrip()[-1:]
    added = f"\n{deep}"
    if opens in _PAIRS or (opens == ":" and language == "python"):
        added += step(text, language)
    head = start + len(added)
    if opens in _PAIRS and text[end : end + 1] == _PAIRS[opens]:
        added += f"\n{deep}"
    return Edit((Change(start, end - start, added),), head, head)


def tab(text: str, start: int, end: int, language: str) -> Edit:
    """Tab was pressed: a selection over several lines goes in as a whole, else as many spaces come as lead to the next step."""
    if "\n" in text[start:end]:
        return _each_line(text, start, end, lambda line: (0, step(text, language) if line else ""))
    deeper = step(text, language)
    column = start - (text.rfind("\n", 0, start) + 1)
    added = deeper if deeper == "\t" else deeper[: len(deeper) - column % len(deeper)]
    head = start + len(added)
    return Edit((Change(start, end - start, added),), head, head)


def back_tab(text: str, start: int, end: int, language: str) -> Edit:
    """Shift and Tab were pressed: the lines come out by one step."""
    width = len(step(text, language).expandtabs(4))

    def out(line: str) -> tuple[int, str]:
        if line.startswith("\t"):
            return 1, ""
        return min(len(line) - len(line.lstrip(" ")), width), ""

    return _each_line(text, start, end, out)


def comment(text: str, start: int, end: int, language: str) -> Edit:
    """Comment the lines out, or back in where all of them are."""
    sign = COMMENTS.get(language, "#")
    lines = [line for line in _lines(text, start, end) if line.strip()]
    if lines and all(line.lstrip().startswith(sign) for line in lines):
        pattern = re.compile(rf"([ \t]*){re.escape(sign)} ?")
        return _each_line(
            text, start, end, lambda line: (len(m[0]) - len(m[1]) if (m := pattern.match(line)) else 0, ""), lead=True
        )
    shallow = min((len(line) - len(line.lstrip()) for line in lines), default=0)
    return _each_line(text, start, end, lambda line: (0, f"{sign} " if line.strip() else ""), lead=True, most=shallow)


def matching(text: str, at: int) -> tuple[int, int] | None:
    """The bracket at the cursor, or before it, and the one that belongs to it."""
    for here in (at, at - 1):
        char = text[here : here + 1] if here >= 0 else ""
        if char in _PAIRS:
            other = _forward(text, here, char, _PAIRS[char])
        elif char in _BACK:
            other = _backward(text, here, char, _BACK[char])
        else:
            continue
        if other is not None:
            return here, other
    return None


def _forward(text: str, at: int, opens: str, closes: str) -> int | None:
    depth = 0
    for found in re.finditer(rf"[{re.escape(opens + closes)}]", text[at : at + FAR]):
        depth += 1 if found[0] == opens else -1
        if not depth:
            return at + found.start()
    return None


def _backward(text: str, at: int, closes: str, opens: str) -> int | None:
    depth, first = 0, max(0, at + 1 - FAR)
    for here in range(at, first - 1, -1):
        depth += (text[here] == closes) - (text[here] == opens)
        if not depth:
            return here
    return None


def _bounds(text: str, start: int, end: int) -> tuple[int, int]:
    """From the start of the first line to the end of the last; a line that is only touched at its start is none of them."""
    if end > start and text[end - 1] == "\n":
        end -= 1
    after = text.find("\n", end)
    return text.rfind("\n", 0, start) + 1, after if after >= 0 else len(text)


def _lines(text: str, start: int, end: int) -> list[str]:
    first, last = _bounds(text, start, end)
    return text[first:last].split("\n")


def _each_line(
    text: str,
    start: int,
    end: int,
    how: Callable[[str], tuple[int, str]],
    *,
    lead: bool = False,
    most: int | None = None,
) -> Edit:
    """Change the start of each line: `how` says how many characters go and what comes; with `lead` after what leads it."""
    first, _ = _bounds(text, start, end)
    changes: list[Change] = []
    at, anchor, head = first, start, end
    for line in _lines(text, start, end):
        leading = _LEADING.match(line)
        into = len(leading[0]) if lead and leading else 0
        into = into if most is None else min(into, most)
        removed, added = how(line)
        if removed or added:
            changes.append(Change(at + into, removed, added))
            anchor, head = (_moved(place, at + into, removed, added) for place in (anchor, head))
        at += len(line) + 1 + len(added) - removed
    return Edit(tuple(changes), anchor, head)


def _moved(place: int, at: int, removed: int, added: str) -> int:
    if place < at:
        return place
    return max(at, place - removed) + len(added)
