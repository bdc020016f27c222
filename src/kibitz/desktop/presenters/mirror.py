"""A text as a Tk widget shows it, and where its characters are there.

Rule: the one place that converts between characters, as Python counts them, and Tk's line and column; Tk 8.6 counts UTF-16 units within a
line, of which an emoji has two, Tk 9 characters. A place within a character is the place before it.
"""

from kibitz.domain.positions import from_utf16, utf16_size


class Mirror:
    """The text. It is asked about places near the last one most of the time, and answers those at once."""

    def __init__(self, *, wide: bool = True) -> None:
        self.text = ""
        self.lines = 1
        self._wide = wide
        self._line, self._start = 1, 0  # a line whose start is known

    def apply(self, at: int, removed: int, added: str) -> None:
        """So many characters go at a place, and others come."""
        gone = self.text[at : at + removed]
        lost, new = gone.count("\n"), added.count("\n")
        if at + removed < self._start:
            self._start += len(added) - removed
            self._line += new - lost
        elif at < self._start:
            self._line, self._start = 1, 0
        self.text = self.text[:at] + added + self.text[at + removed :]
        self.lines += new - lost

    def index(self, at: int) -> str:
        """Where a character is, as Tk writes it."""
        line, column = self.place(at)
        piece = self.text[self._start : self._start + column]
        return f"{line}.{utf16_size(piece) if self._wide else column}"

    def place(self, at: int) -> tuple[int, int]:
        """The line a character is on, from 1, and how many are before it there."""
        at = min(max(at, 0), len(self.text))
        start = self.text.rfind("\n", 0, at) + 1
        if start >= self._start:
            self._line += self.text.count("\n", self._start, start)
        else:
            self._line -= self.text.count("\n", start, self._start)
        self._start = start
        return self._line, at - start

    def at(self, line: int, column: int) -> int:
        """The character at a line and column of Tk's, whose `end` is the start of a line after the last."""
        if line > self.lines:
            return len(self.text)
        start = self.start(line)
        end = self.text.find("\n", start)
        piece = self.text[start : end if end >= 0 else len(self.text)]
        return start + min(from_utf16(piece, column) if self._wide else column, len(piece))

    def start(self, line: int) -> int:
        """Where a line begins."""
        line = min(max(line, 1), self.lines)
        while self._line < line:
            self._start = self.text.find("\n", self._start) + 1
            self._line += 1
        while self._line > line:
            self._start = self.text.rfind("\n", 0, self._start - 1) + 1
            self._line -= 1
        return self._start
