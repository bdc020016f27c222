"""What the code blocks of a conversation have printed, as it comes.

Rule: a block shows its newest run; of what a program writes only the end is kept, since nobody reads more under a message.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from kibitz.wire import events as e
from kibitz.wire.results import Run
from kibitz.wire.views import Piece, RunRef, RunResult

MAX_OUTPUT: Final = 20_000
"""Characters of a run's output that are shown: a few hundred lines."""

MAX_LINES: Final = 200

MAX_RUNS: Final = 300
"""Blocks whose runs are remembered."""

Place = tuple[int, int]
"""The seq of a message, and the number of a code block in it."""


@dataclass
class BlockRun:
    """A run under its block. `version` changes with whatever is shown of it."""

    run: int
    by: str
    language: str
    state: str = "queued"  # running, ended
    result: RunResult | None = None
    output: list[Piece] = field(default_factory=list)
    cut: bool = False  # something before this is not shown
    known: bool = True  # False: it ran before this window saw it, and its output has not been asked for
    written: int = 0
    version: int = 0

    def add(self, piece: Piece) -> None:
        """It has written something."""
        last = self.output[-1] if self.output else None
        if last is not None and last.stream == piece.stream:
            self.output[-1] = Piece(stream=last.stream, text=last.text + piece.text)
        else:
            self.output.append(piece)
        self.written += len(piece.text)
        self._shorten()
        self.version += 1

    def _shorten(self) -> None:
        size = sum(len(piece.text) for piece in self.output)
        while size > MAX_OUTPUT or len(self.output) > MAX_LINES:
            first = self.output[0]
            extra = size - MAX_OUTPUT
            self.cut = True
            if len(first.text) <= extra or len(self.output) > MAX_LINES:
                self.output.pop(0)
                size -= len(first.text)
            else:
                self.output[0] = Piece(stream=first.stream, text=first.text[extra:])
                size -= extra


class Runs:
    """The runs of one room's blocks."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._of: dict[Place, BlockRun] = {}
        self._places: dict[int, Place] = {}
        self._blocks: dict[int, set[int]] = {}

    def at(self, seq: int, block: int) -> BlockRun | None:
        """The newest run of a block, as far as it is known."""
        return self._of.get((seq, block))

    def versions(self, seq: int) -> tuple[int, ...]:
        """What changes whenever something is to be shown differently under a message."""
        if seq not in self._blocks:
            return ()
        shown = [self._of[seq, block] for block in sorted(self._blocks[seq])]
        return tuple(number for run in shown for number in (run.run, run.version))

    def unknown(self) -> list[BlockRun]:
        """Those whose output is to be asked for."""
        return [one for one in self._of.values() if not one.known]

    def see(self, seq: int, block: int, ref: RunRef | None) -> None:
        """A message was read, and this is the newest run of its block."""
        if ref is None:
            return
        shown = self._of.get((seq, block))
        if shown is None or shown.run < ref.id:
            state = "running" if ref.result is None else "ended"
            self._put((seq, block), BlockRun(ref.id, ref.user.name, ref.language, state, ref.result, known=False))
        elif shown.run == ref.id and shown.result is None and ref.result is not None:
            self._end(shown, ref.result)

    def fill(self, run: Run) -> None:
        """All about a run that was asked for."""
        shown = self._shown(run.run.id)
        if shown is None:
            return
        shown.known = True
        shown.output, shown.cut, shown.written = [], False, 0
        for piece in run.output:
            shown.add(piece)
        if run.run.result is not None:
            self._end(shown, run.run.result)
        shown.version += 1

    def give_up(self, run: int) -> None:
        """It cannot be asked for."""
        if (shown := self._shown(run)) is not None:
            shown.known = True

    def hear(self, event: object) -> bool:
        """Something happened to a run; whether it is one of these."""
        match event:
            case e.RunQueued(run=ref) | e.RunBegan(run=ref) | e.RunEnded(run=ref) if ref.room == self._room:
                self._follow(event, ref)
                return True
            case e.RunOutput(run=run) if (shown := self._shown(run)) is not None:
                if event.offset > shown.written:
                    shown.known = False  # some was dropped on the way
                if fresh := event.text[max(shown.written - event.offset, 0) :]:
                    shown.add(Piece(stream=event.stream, text=fresh))
                return True
            case e.BlockRun(room=self._room):
                self._durable(event)
                return True
        return False

    def _follow(self, event: object, ref: RunRef) -> None:
        if ref.seq is None:
            return
        place = (ref.seq, ref.block or 0)
        shown = self._of.get(place)
        if shown is not None and shown.run > ref.id:
            return
        if shown is None or shown.run < ref.id:
            shown = BlockRun(ref.id, ref.user.name, ref.language, known=not isinstance(event, e.RunEnded))
            self._put(place, shown)
        if isinstance(event, e.RunEnded) and ref.result is not None:
            self._end(shown, ref.result)
        elif isinstance(event, e.RunBegan):
            shown.state = "running"
            shown.version += 1

    def _durable(self, event: e.BlockRun) -> None:
        place = (event.target, event.block)
        shown = self._of.get(place)
        if shown is None or shown.run < event.run:
            shown = BlockRun(event.run, event.by.name, event.language, known=False)
            self._put(place, shown)
        if shown.run == event.run:
            self._end(shown, event.result)

    def _end(self, shown: BlockRun, result: RunResult) -> None:
        shown.state, shown.result = "ended", result
        shown.version += 1

    def _shown(self, run: int) -> BlockRun | None:
        place = self._places.get(run)
        return self._of.get(place) if place is not None else None

    def _put(self, place: Place, run: BlockRun) -> None:
        old = self._of.pop(place, None)
        if old is not None:
            self._places.pop(old.run, None)
            run.version = old.version + 1
        self._of[place] = run
        self._places[run.run] = place
        self._blocks.setdefault(place[0], set()).add(place[1])
        if len(self._of) > MAX_RUNS:
            self._drop(next(iter(self._of)))

    def _drop(self, place: Place) -> None:
        self._places.pop(self._of.pop(place).run, None)
        left = self._blocks[place[0]] - {place[1]}
        if left:
            self._blocks[place[0]] = left
        else:
            del self._blocks[place[0]]


def outcome(result: RunResult, reasons: Mapping[str, str]) -> str:
    """How a run ended, for people; `reasons` words why one was killed."""
    took = f"{result.duration_ms / 1000:.2f} s"
    if not result.compiled:
        return f"Not compiled · {took}"
    if result.killed_for:
        return f"Stopped: {reasons.get(result.killed_for, result.killed_for)} · {took}"
    if result.signal:
        return f"Ended by {result.signal} · {took}"
    return f"Exit {result.exit_code} · {took}"
