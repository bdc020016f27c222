"""From how a sandbox ended to what is told of the run.

Rule: a signal's number comes back as a shell tells it, 128 and the number. A program that ends with such a number itself is told apart
by nothing, there as here.
"""

import signal
from typing import Final

from kibitz.sandbox.box import Ending
from kibitz.sandbox.messages import Result

_SHELL: Final = 128

_LIMITS: Final = {"SIGXCPU": "timeout", "SIGXFSZ": "disk"}
"""Signals by which the kernel ends a program that is over one of its own limits."""


def result_of(ending: Ending, *, compiled: bool, truncated: bool) -> Result:
    """The result of a run whose last sandbox ended like this."""
    name = _signal(ending.status)
    reason = ending.killed_for or _LIMITS.get(name or "")
    return Result(
        exit_code=None if name or reason else ending.status,
        signal=name,
        timed_out=reason == "timeout",
        killed_for=reason,
        duration_ms=round(ending.seconds * 1000),
        cpu_ms=round(ending.cpu_seconds * 1000),
        peak_memory=ending.peak_memory,
        truncated=truncated,
        compiled=compiled,
    )


def _signal(status: int) -> str | None:
    number = status - _SHELL if status > _SHELL else -status  # negative: it hit bubblewrap itself
    try:
        return signal.Signals(number).name
    except ValueError:
        return None
