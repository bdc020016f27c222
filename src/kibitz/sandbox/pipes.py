"""Our ends of a sandbox's pipes.

Rule: nothing blocks, nothing is lost, and each descriptor is closed exactly once.
"""

import asyncio
import os
from collections import deque
from collections.abc import Callable
from typing import Final

READ_SIZE: Final = 64 * 1024
"""Bytes read at once: what a pipe holds."""


class InputPipe:
    """What a program reads. Until `open`, what is written waits."""

    def __init__(self, loop: asyncio.AbstractEventLoop, descriptor: int) -> None:
        os.set_blocking(descriptor, False)
        self._loop = loop
        self._descriptor = descriptor
        self._waiting: deque[memoryview] = deque()
        self._is_open = False
        self._ends = False
        self._closed = False

    def open(self, first: bytes) -> None:
        """Send this, then what waits."""
        self._is_open = True
        self._waiting.appendleft(memoryview(first))
        self._send()

    def write(self, data: bytes) -> None:
        """Send this after all that was written before; nothing once it has ended."""
        if data and not self._ends:
            self._waiting.append(memoryview(data))
            self._send()

    def end(self) -> None:
        """Close it after all that was written."""
        self._ends = True
        self._send()

    def close(self) -> None:
        """Close it now."""
        self._ends = True
        if not self._closed:
            self._closed = True
            self._loop.remove_writer(self._descriptor)
            os.close(self._descriptor)
            self._waiting.clear()

    def _send(self) -> None:
        if not self._is_open or self._closed:
            return
        try:
            while self._waiting:
                sent = os.write(self._descriptor, self._waiting[0])
                rest = self._waiting.popleft()[sent:]
                if rest:
                    self._waiting.appendleft(rest)
        except BlockingIOError:
            self._loop.add_writer(self._descriptor, self._send)
        except BrokenPipeError:  # nobody reads any more
            self.close()
        else:
            self._loop.remove_writer(self._descriptor)
            if self._ends:
                self.close()


class OutputPipe:
    """What a program writes: `hear` is called with it as it comes."""

    def __init__(self, loop: asyncio.AbstractEventLoop, descriptor: int, hear: Callable[[bytes], None]) -> None:
        os.set_blocking(descriptor, False)
        self._loop = loop
        self._descriptor = descriptor
        self._hear = hear
        self._closed = False
        loop.add_reader(descriptor, self._read)

    def drain(self) -> None:
        """Hear what is left, and close it: nobody writes any more."""
        while self._read():
            pass
        self.close()

    def close(self) -> None:
        """Hear no more."""
        if not self._closed:
            self._closed = True
            self._loop.remove_reader(self._descriptor)
            os.close(self._descriptor)

    def _read(self) -> bool:
        if self._closed:
            return False
        try:
            data = os.read(self._descriptor, READ_SIZE)
        except BlockingIOError:
            return False
        if data:
            self._hear(data)
        else:
            self.close()
        return bool(data)
