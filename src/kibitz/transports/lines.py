"""Lines out of a stream of bytes, however it was cut.

Rule: never more than one line's limit is kept of a line that has not ended, and no byte of it is looked at twice.
"""

from enum import Enum
from typing import Final

MAX_MESSAGE: Final = 64 * 1024
"""Bytes in a line without its end, and in a WebSocket message (protocol.md, section 1)."""


class Mark(Enum):
    """What `Lines.take` says where there is no line to give."""

    MORE = "the next line has not ended yet"
    OVERLONG = "a line was longer than may be, and dropped"


class Lines:
    """A buffer that is fed bytes and gives lines."""

    __slots__ = ("_buffer", "_dropping", "_searched", "_start")

    def __init__(self) -> None:
        self._buffer: bytes | bytearray = b""
        self._start = 0  # where the next line begins
        self._searched = 0  # up to where there is no line end after that
        self._dropping = False  # the line that begins here is too long

    def feed(self, data: bytes) -> None:
        """Take more bytes."""
        if not self._buffer:
            self._buffer = data
            return
        if isinstance(self._buffer, bytes):
            self._keep_rest()
        self._buffer += data

    def take(self) -> bytes | Mark:
        r"""The next line, without its `\n` or `\r\n`; or why there is none. `OVERLONG` comes once for each line it is true of."""
        while (end := self._buffer.find(b"\n", self._searched)) >= 0:
            start, self._start = self._start, end + 1
            self._searched = end + 1
            if self._dropping:
                self._dropping = False
                continue
            line = self._buffer[start : end - 1 if self._buffer[end - 1 : end] == b"\r" else end]
            return bytes(line) if len(line) <= MAX_MESSAGE else Mark.OVERLONG
        return self._no_end()

    def _no_end(self) -> Mark:
        overlong = len(self._buffer) - self._start > MAX_MESSAGE + 1  # one more, for it may be half of a line end
        if self._dropping or overlong:
            self._buffer, self._start, self._searched = b"", 0, 0
            already, self._dropping = self._dropping, True
            return Mark.MORE if already else Mark.OVERLONG
        self._keep_rest()
        self._searched = len(self._buffer)
        return Mark.MORE

    def _keep_rest(self) -> None:
        # A copy lets go of the large piece that the rest came in; a bytearray is what more can be added to in constant time.
        if self._start == len(self._buffer):
            self._buffer = b""
        elif isinstance(self._buffer, bytes):
            self._buffer = bytearray(self._buffer[self._start :])
        else:
            del self._buffer[: self._start]
        self._searched -= self._start
        self._start = 0
