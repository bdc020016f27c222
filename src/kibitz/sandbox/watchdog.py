"""Limits that the kernel does not hold for a whole run: memory, descriptors and files of all its processes together.

Rule: every run is looked at again and again, and one over a limit ends; so does the largest when the machine itself runs short.
"""

import asyncio
import logging
import time
from typing import Final, Protocol

from kibitz.sandbox.gauge import Usage
from kibitz.sandbox.policy import KIB, MACHINE_MEMORY_FLOOR

LOST: Final = "sandbox_lost"
"""Why a run ends that can be watched no more, or whose sandbox could not be made."""

PERIOD: Final = 0.03
"""Seconds from one look to the next: bombs got 40 MB past the limit at most, at a limit of 512 MB."""

MAX_SHARE: Final = 0.2
"""The part of a core that looking may take; above it the looks get rarer."""

LONGEST_PERIOD: Final = 0.1
"""Seconds, however rare they get: a run can fill some 200 MB meanwhile."""


def machine_memory() -> tuple[int, int]:
    """Bytes that are available on this machine, and that it has."""
    with open("/proc/meminfo", "rb", buffering=0) as file:
        lines = file.read(4096).splitlines()
    figures = {line.partition(b":")[0]: int(line.split()[1]) * KIB for line in lines[:4]}
    return figures.get(b"MemAvailable", figures[b"MemFree"]), figures[b"MemTotal"]


log = logging.getLogger(__name__)


class Watched(Protocol):
    """A sandbox with a program in it."""

    @property
    def usage(self) -> Usage | None:
        """What it held when it was last measured."""
        ...

    def look(self) -> None:
        """Measure it, and end it if it is over a limit."""
        ...

    def kill(self, reason: str) -> None:
        """End it."""
        ...


class Watchdog:
    """Looks after every run that is under way."""

    def __init__(self) -> None:
        self._watched: dict[Watched, None] = {}
        self._some = asyncio.Event()

    def add(self, one: Watched) -> None:
        """Look at it from now on, and at once."""
        self._watched[one] = None
        self._some.set()
        one.look()

    def remove(self, one: Watched) -> None:
        """Look at it no more."""
        self._watched.pop(one, None)
        if not self._watched:
            self._some.clear()

    async def work(self) -> None:
        """Look, for ever."""
        while True:
            await self._some.wait()
            # What it costs, not how long it takes: on a busy machine a look that had to wait is no reason to look less often.
            began = time.thread_time()
            self.round()
            taken = time.thread_time() - began
            await asyncio.sleep(min(max(PERIOD, taken / MAX_SHARE), LONGEST_PERIOD))

    def round(self) -> None:
        """Look at each, and keep the machine from running short."""
        for one in tuple(self._watched):
            try:
                one.look()
            except Exception:  # what cannot be watched must not go on, and harms no other
                log.exception("a run could not be looked at")
                one.kill(LOST)
        available, total = machine_memory()
        if self._watched and available < total * MACHINE_MEMORY_FLOOR:
            largest = max(self._watched, key=lambda one: one.usage.memory if one.usage else 0)
            largest.kill("machine_memory")
