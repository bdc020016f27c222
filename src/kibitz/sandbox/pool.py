"""Sandboxes that wait for their one program, so that nobody waits for a sandbox.

Rule: a waiting sandbox differs from a new one in nothing but how long it has waited: the limits are on it before it does anything, and
each takes one program and goes. The pool only decides how many wait.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from kibitz.sandbox.box import Box
from kibitz.sandbox.plan import Stage
from kibitz.sandbox.policy import KEPT_WARM

REFILL: Final = 0.1
"""Seconds from taking a sandbox to making the next: a small program that took it has ended by then."""

RETRY: Final = 5.0
"""Seconds until another sandbox is made for one that ended while it waited: what ended it may go away."""


class Pool:
    """The sandboxes that wait. `make` starts one for a stage; it raises `OSError` where that is not possible."""

    def __init__(self, make: Callable[[Stage], Box]) -> None:
        self._make = make
        self._loop = asyncio.get_running_loop()
        self._waiting: dict[Box, None] = {}  # in the order they were made
        self._refills: dict[str, asyncio.TimerHandle] = {}
        self._expiries: dict[str, asyncio.TimerHandle] = {}
        self._is_closed = False

    def take(self, stage: Stage) -> Box:
        """A sandbox for this stage, warm if one waits; another one will take its place. Raises `OSError`."""
        box = next((box for box in self._waiting if box.stage.name == stage.name), None)
        if box is None:
            box = self._make(stage)
        self._waiting.pop(box, None)
        self._later(self._refills, REFILL, self.warm, stage)
        return box

    def warm(self, stage: Stage) -> None:
        """Have as many wait as the stage says, until nobody has wanted one for `KEPT_WARM` seconds."""
        if self._is_closed:
            return
        missing = stage.warm - sum(box.stage.name == stage.name for box in self._waiting)
        try:
            for _ in range(missing):
                box = self._make(stage)
                self._waiting[box] = None
                box.ended.add_done_callback(lambda _, box=box: self._gone(box))  # type: ignore[misc]
        except OSError:
            self._later(self._refills, RETRY, self.warm, stage)
        self._later(self._expiries, KEPT_WARM, self._chill, stage)

    def close(self) -> None:
        """End all that wait, and make no more."""
        self._is_closed = True
        for timer in (*self._refills.values(), *self._expiries.values()):
            timer.cancel()
        for box in self._waiting:
            box.kill("unused")
        self._waiting.clear()

    def __len__(self) -> int:
        return len(self._waiting)

    def _chill(self, stage: Stage) -> None:
        for box in [box for box in self._waiting if box.stage.name == stage.name]:
            del self._waiting[box]
            box.kill("unused")

    def _gone(self, box: Box) -> None:
        if box in self._waiting:
            del self._waiting[box]
            self._later(self._refills, RETRY, self.warm, box.stage)

    def _later(
        self, timers: dict[str, asyncio.TimerHandle], seconds: float, what: Callable[[Stage], None], stage: Stage
    ) -> None:
        if stage.name in timers:
            timers[stage.name].cancel()
        if not self._is_closed:
            timers[stage.name] = self._loop.call_later(seconds, what, stage)
