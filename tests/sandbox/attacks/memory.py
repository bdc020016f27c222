"""How much of the host's memory a run takes, whoever it is counted for.

Rule: it is seen in what the whole machine has left, since page tables and the buffers of sockets are in no process's account.
"""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Final, Self

INTERVAL: Final = 0.02
"""Seconds between two looks."""

_NAME: Final = "\0kibitz-attacks-alone"
"""An abstract socket that only one process can have, and that goes with it."""


@asynccontextmanager
async def alone() -> AsyncIterator[None]:
    """Wait until no other process on this machine is in such a block: two bombs at once could not be told apart."""
    with socket.socket(socket.AF_UNIX) as lock:
        while True:
            try:
                lock.bind(_NAME)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                break
        yield


class MemoryWatch:
    """Looks for as long as its block lasts; `taken` is the most that was missing, in MiB."""

    def __init__(self) -> None:
        self._before = _available()
        self._least = self._before
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, name="memory watch")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    @property
    def taken(self) -> int:
        """MiB that were missing at the worst moment."""
        return (self._before - self._least) // 1024

    def _look(self) -> None:
        while not self._over.wait(INTERVAL):
            self._least = min(self._least, _available())


def _available() -> int:
    """KiB that programs could still have."""
    for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1])
    raise LookupError("/proc/meminfo has no MemAvailable: this kernel is older than 3.14")
