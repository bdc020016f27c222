"""What a program writes, as it would look in a terminal.

Rule: colours are kept, everything else that steers a terminal is left out; a sequence that is cut in two is put together, and one that
never ends is no sequence.
"""

import re
from typing import Final, Literal

from kibitz.desktop.presenters.code_shown import Segment

MAX_SEQUENCE: Final = 64
"""Characters that a sequence may have before it is taken for text."""

_SEQUENCE: Final = re.compile(
    r"\x1b\[([0-9;:?<=>]*)[ -/]*([@-~])"  # CSI: SGR (`m`) colours, the others move and clear
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # OSC: titles, links
    r"|\x1b[ -/]*[0-Z\\^-~]"  # other escapes
    r"|(\r+\n)|(\r)|[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]"
)
_OPEN: Final = re.compile(r"\x1b(?:\[[0-9;:?<=>]*[ -/]*|\][^\x07\x1b]*\x1b?|[ -/]*)?\Z|\r+\Z")

COLOURS: Final = ("muted", "danger", "success", "warning", "link", "keyword", "builtin", "")
"""The eight colours of a terminal, as tokens of `kibitz.design` that can be read on our grounds; white is the usual colour."""


class Ansi:
    """The state of one stream of one run."""

    def __init__(self, stream: Literal["stdout", "stderr"]) -> None:
        self._stream = stream
        self._colour, self._bold, self._over = "", False, False
        self._left = ""

    def feed(self, text: str) -> list[Segment]:
        """More of it."""
        text, self._left = self._left + text, ""
        cut = _OPEN.search(text, max(0, len(text) - MAX_SEQUENCE))
        if cut is not None:
            text, self._left = text[: cut.start()], cut.group()
        found: list[Segment] = []
        at = 0
        for match in _SEQUENCE.finditer(text):
            self._add(found, text[at : match.start()])
            at = match.end()
            self._obey(match, found)
        self._add(found, text[at:])
        return found

    def _obey(self, match: re.Match[str], found: list[Segment]) -> None:
        numbers, kind, line_end, over = match.groups()
        if kind == "m":
            self._colours(numbers)
        elif line_end:
            self._add(found, "\n")
        elif over or (kind in {"G", "K"} and numbers in {"", "1", "2"}):
            self._over = bool(over) or self._over

    def _add(self, found: list[Segment], text: str) -> None:
        if text:
            over, self._over = self._over and not text.startswith("\n"), False
            found.append(Segment(text, self._stream, self._colour, self._bold, over))

    def _colours(self, numbers: str) -> None:
        codes = [int(code) if code.isdecimal() else 0 for code in re.split("[;:]", numbers)][:32]
        at = 0
        while at < len(codes):
            code = codes[at]
            if code == 0:
                self._colour, self._bold = "", False
            elif code in {1, 22}:
                self._bold = code == 1
            elif 30 <= code <= 37 or 90 <= code <= 97:
                self._colour = COLOURS[code % 10]
            elif code in {38, 48}:
                at += 4 if codes[at + 1 : at + 2] == [2] else 2  # 256 colours and more: left as it was
            elif code == 39:
                self._colour = ""
            at += 1
