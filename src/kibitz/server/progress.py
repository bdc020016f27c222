"""How far something is, for whoever waits at a terminal.

Rule: what is over within a second draws nothing, and nothing is drawn where no person looks.
"""

import sys
import time
from collections.abc import Callable
from typing import Any, Final, TextIO

import click

PATIENCE: Final = 1.0
"""Seconds before a bar appears: the limit within which a person's thought is not interrupted (Nielsen, «Response Times»)."""


class ProgressLine:
    """A bar for each part of the work, one after another; call it with what is being done, the bytes done, and of how many."""

    def __init__(self, stream: TextIO | None = None, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream or sys.stderr
        self._monotonic = monotonic
        self._began = monotonic()
        self._what = ""
        self._bar: Any = None
        self._done = 0

    def __call__(self, what: str, done: int, of: int) -> None:
        """Show how far it is, if it is time to."""
        if what != self._what:
            self.close()
            self._what, self._done = what, 0
        if self._bar is None and self._stream.isatty() and self._monotonic() - self._began >= PATIENCE:
            self._bar = click.progressbar(length=of, label=f"{what:<22}", file=self._stream)
            self._bar.__enter__()
        if self._bar is not None:
            self._bar.update(done - self._done)
            self._done = done

    def close(self) -> None:
        """End the bar's line."""
        if self._bar is not None:
            self._bar.__exit__(None, None, None)
            self._bar = None
