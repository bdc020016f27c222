"""What a program writes, on its way to those who watch.

Rule: the first byte goes out at once, what follows within a thirtieth of a second in as few pieces as that allows, in the order it came,
and never more than `MAX_OUTPUT` in all.
"""

import asyncio
import codecs
from collections.abc import Callable
from typing import Final

from kibitz.sandbox.messages import Stream
from kibitz.sandbox.policy import MAX_OUTPUT, MIB

INTERVAL: Final = 1 / 30
"""Seconds between two pieces: eyes see no difference."""

NOTE: Final = f"\n[Kibitz: the output ends here; a program may write {MAX_OUTPUT // MIB} MB.]\n"
"""What those who watch see where the rest is not passed on."""

_UTF8: Final = codecs.getincrementaldecoder("utf-8")


class Output:
    """The output of one run. `tell` is called with each piece, `overflow` once, when the program has written more than it may."""

    def __init__(self, tell: Callable[[Stream, str], None], overflow: Callable[[], None]) -> None:
        self._tell = tell
        self._overflow = overflow
        self._loop = asyncio.get_running_loop()
        self._decoders: dict[Stream, codecs.IncrementalDecoder] = {
            "stdout": _UTF8(errors="replace"),
            "stderr": _UTF8(errors="replace"),
        }
        self._pieces: list[tuple[Stream, str]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._next = 0.0  # the loop's time from which on a piece may go out
        self._left = MAX_OUTPUT
        self.truncated = False

    def write(self, stream: Stream, data: bytes) -> None:
        """The program wrote this."""
        if self.truncated:
            return
        kept, self._left = data[: self._left], max(0, self._left - len(data))
        self._add(stream, self._decoders[stream].decode(kept))
        if len(kept) < len(data):
            self.truncated = True
            self.finish()
            self._tell("stderr", NOTE)
            self._overflow()

    def finish(self) -> None:
        """The program writes no more: pass on what is left, half a character included."""
        for stream, decoder in self._decoders.items():
            self._add(stream, decoder.decode(b"", final=True))
        self._flush()

    def _add(self, stream: Stream, text: str) -> None:
        if not text:
            return
        text = text.replace("\0", "\ufffd")
        if self._pieces and self._pieces[-1][0] == stream:
            text = self._pieces.pop()[1] + text
        self._pieces.append((stream, text))
        if self._timer is None:
            self._timer = self._loop.call_at(self._next, self._flush)

    def _flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        pieces, self._pieces = self._pieces, []
        for stream, text in pieces:
            self._tell(stream, text)
        if pieces:
            self._next = self._loop.time() + INTERVAL
