"""The run whose output a session's window shows: the newest.

Rule: what a program writes is gathered and handed on a piece at a time, as fast as it is drawn; of what waits only the end is kept, and
what was lost on the way is fetched once the run is over.
"""

from collections import deque
from typing import Final

from kibitz.desktop.presenters.ansi import Ansi
from kibitz.desktop.presenters.code_shown import RunShown, Segment
from kibitz.desktop.presenters.code_words import outcome
from kibitz.wire import events as e
from kibitz.wire.results import Run
from kibitz.wire.views import Piece, RunRef

MAX_WAITING: Final = 256 * 1024
"""Characters of output that may wait to be drawn: what the pane keeps, so that no more would be seen anyway."""

AT_ONCE: Final = 16 * 1024
"""Characters that are drawn in one go: a few milliseconds' work."""

LEFT_OUT: Final = Segment("… output left out …\n", "note")


class CodeRun:
    """One run."""

    def __init__(self, ref: RunRef, place: int = 0) -> None:
        self.ref = ref
        self.place = place
        self.begun = False
        self.written = 0
        self.gap = False
        self._ansi = {"stdout": Ansi("stdout"), "stderr": Ansi("stderr")}
        self._waiting: deque[Segment] = deque()
        self._size = 0

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.ref.result is not None

    @property
    def shown(self) -> RunShown:
        """How it stands."""
        head = f"{self.ref.user.name} ran {self.ref.toolchain or self.ref.language}"
        if self.ref.result is not None:
            return RunShown(self.ref.id, head, "ended", *outcome(self.ref.result))
        if not self.begun:
            turn = "next in the queue" if self.place <= 1 else f"number {self.place} in the queue"
            return RunShown(self.ref.id, head, "queued", f"Waiting – {turn}")
        return RunShown(self.ref.id, head, "running", "Running…")

    def fill(self, run: Run) -> None:
        """All about it, as the server has it stored: instead of what was heard so far."""
        self.ref, self.gap, self.written = run.run, False, 0
        self.begun = True
        self._waiting.clear()
        self._size = 0
        self._ansi = {"stdout": Ansi("stdout"), "stderr": Ansi("stderr")}
        for piece in run.output:
            self._add(piece)

    def hear(self, event: e.RunOutput) -> None:
        """It has written something."""
        self.begun = True
        self.gap = self.gap or event.offset != self.written
        self.written = event.offset
        self._add(Piece(stream=event.stream, text=event.text))

    def take(self) -> tuple[Segment, ...]:
        """What is to be drawn next; empty when there is nothing."""
        taken: list[Segment] = []
        size = 0
        while self._waiting and size < AT_ONCE:
            one = self._waiting.popleft()
            self._size -= len(one.text)
            size += len(one.text)
            taken.append(one)
        return tuple(taken)

    def _add(self, piece: Piece) -> None:
        self.written += len(piece.text)
        text = piece.text
        for start in range(0, len(text), AT_ONCE):
            for segment in self._ansi[piece.stream].feed(text[start : start + AT_ONCE]):
                self._waiting.append(segment)
                self._size += len(segment.text)
        if self._size > MAX_WAITING:
            while self._size > MAX_WAITING // 2:
                self._size -= len(self._waiting.popleft().text)
            self._waiting.appendleft(LEFT_OUT)
            self._size += len(LEFT_OUT.text)
