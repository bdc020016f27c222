"""The colours of a whole text, line by line, so that a window paints only the lines that look different from before.

Rule: it is slow and runs on a thread of its own; what comes out is compared with what is shown and thrown away if the text has changed.
"""

from itertools import pairwise

from kibitz.desktop.presenters.highlight import spans
from kibitz.domain.positions import utf16_size

Painted = tuple[tuple[int, int, str], ...]
"""The coloured pieces of one line: Tk's columns from and up to, and the token of `kibitz.design.Syntax`."""


def painted(code: str, language: str, *, wide: bool) -> tuple[Painted, ...]:
    """Every line of a text. `wide` is whether Tk counts UTF-16 units."""
    starts = [0, *(at + 1 for at, char in enumerate(code) if char == "\n"), len(code) + 1]
    lines: list[list[tuple[int, int, str]]] = [[] for _ in range(len(starts) - 1)]
    line = 0
    for span in spans(code, language):
        while span.start >= starts[line + 1]:
            line += 1
        at, over = span.start, line
        while at < span.end:
            end = min(span.end, starts[over + 1] - 1)
            if end > at:
                lines[over].append((at - starts[over], end - starts[over], span.kind))
            over += 1
            at = starts[over]
    if wide and not code.isascii() and max(code) > "\uffff":
        lines = [
            _widened(code[start : end - 1], found) for (start, end), found in zip(pairwise(starts), lines, strict=True)
        ]
    return tuple(tuple(found) for found in lines)


def _widened(line: str, found: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    if line.isascii() or not found:
        return found
    return [(utf16_size(line[:start]), utf16_size(line[:end]), kind) for start, end, kind in found]
