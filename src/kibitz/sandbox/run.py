"""One run, from the moment it is asked for until its result.

Rule: what is given to a run before its program has begun waits for it, and what comes after its end is dropped; a run that is stopped is
over once its sandbox is.
"""

from collections.abc import Callable
from typing import Final

from kibitz.sandbox.box import Box
from kibitz.sandbox.messages import Event, Start, Stream
from kibitz.sandbox.messages import Output as Written
from kibitz.sandbox.output import Output
from kibitz.sandbox.plan import Language
from kibitz.sandbox.policy import MAX_INPUT

TOO_MUCH: Final = f"A run may be given {MAX_INPUT} bytes on its standard input, all told; this was not given to it."


class Run:
    """A run that is waited for or under way."""

    def __init__(self, start: Start, language: Language, seconds: float, tell: Callable[[Event], None]) -> None:
        self.id = start.run
        self.user = start.user
        self.language = language
        self.source = start.source.encode()
        self.seconds = seconds
        self.place = 0
        self.stopped = False
        self.output = Output(self._wrote, lambda: self.end("output"))
        self._tell = tell
        self._box: Box | None = None
        self._reads = False  # the box is the program's own, which reads its input
        self._early = [start.input.encode()]
        self._given = len(self._early[0])
        self._input_ended = not start.keep_stdin_open

    def give(self, data: str, *, eof: bool) -> bool:
        """More input. False if it would be more than `MAX_INPUT`; then nothing of it is given."""
        encoded = data.encode(errors="replace")
        if self._given + len(encoded) > MAX_INPUT:
            return False
        if self._input_ended:
            return True
        self._given += len(encoded)
        self._input_ended = eof
        if self._box is None or not self._reads:
            self._early.append(encoded)
        else:
            self._box.write(encoded)
            if eof:
                self._box.end_input()
        return True

    def enter(self, box: Box, *, reads: bool) -> None:
        """The run is now in this sandbox; `reads` if that is the one its input is for. What came early is given to it."""
        self._box, self._reads = box, reads
        if self.stopped:
            self.end("stopped")
        if reads:
            for data in self._early:
                box.write(data)
        if not reads or self._input_ended:
            box.end_input()

    def leave(self) -> None:
        """The sandbox has ended."""
        self._box = None

    def end(self, reason: str) -> None:
        """End it, or see to it that it ends as soon as it begins."""
        self.stopped = self.stopped or reason == "stopped"
        if self._box is not None:
            self._box.kill(reason)

    def _wrote(self, stream: Stream, text: str) -> None:
        self._tell(Written(run=self.id, stream=stream, data=text))
