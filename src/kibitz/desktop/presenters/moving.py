"""One file on its way up or down: how far it is, and in which words that is shown.

Rule: how far it is, is written by the thread that moves it and read ten times a second by whoever shows it; nothing waits for anything.
"""

import errno
import time
from asyncio import Task
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from kibitz.client.errors import Ended, Refused
from kibitz.client.nonces import new_nonce
from kibitz.wire.views import File

State = Literal["waiting", "moving", "done", "failed", "cancelled"]
Action = Literal["cancel", "retry", "open", "show", "dismiss"]

RATE_SECONDS: Final = 3.0
"""How far back a rate looks: long enough to be read, short enough to notice a change."""

SAMPLES: Final = 64
"""Moments of those that are remembered."""

_ACTIONS: Final[dict[State, tuple[Action, ...]]] = {
    "waiting": ("cancel",),
    "moving": ("cancel",),
    "done": ("dismiss",),
    "failed": ("retry", "dismiss"),
    "cancelled": ("retry", "dismiss"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A transfer as it is shown. `share` goes from 0 to 1; `detail` says how far it is or what went wrong."""

    transfer: int
    room: int
    name: str
    up: bool
    state: State
    detail: str
    share: float = 0.0
    actions: tuple[Action, ...] = ()


class Meter:
    """How much of something has gone, how fast, and how long the rest will take."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.done = self.size = 0
        self._clock = clock
        self._samples: deque[tuple[float, int]] = deque(maxlen=SAMPLES)

    def told(self, done: int, size: int) -> None:
        """So much has gone: called by the thread that moves it."""
        self.done, self.size = done, size

    def sample(self) -> None:
        """Look how far it is: called again and again by whoever shows it."""
        now = self._clock()
        if self._samples and self.done < self._samples[-1][1]:
            self._samples.clear()  # it begins again
        while self._samples and self._samples[0][0] < now - RATE_SECONDS:
            self._samples.popleft()
        self._samples.append((now, self.done))

    @property
    def rate(self) -> float:
        """Bytes a second; 0 where that cannot be said yet."""
        if len(self._samples) < 2:
            return 0.0
        (began, first), (ended, last) = self._samples[0], self._samples[-1]
        return (last - first) / (ended - began) if ended - began > 0.3 else 0.0

    @property
    def share(self) -> float:
        """How much of it has gone, from 0 to 1."""
        return min(1.0, self.done / self.size) if self.size else 0.0

    def words(self) -> str:
        """The same for people."""
        if self.size and self.done >= self.size:
            return "Finishing…"
        said = [f"{size_in_words(self.done)} of {size_in_words(self.size)}"]
        if (rate := self.rate) > 0:
            said += [f"{size_in_words(rate)}/s", f"{time_in_words((self.size - self.done) / rate)} left"]
        return " · ".join(said)


@dataclass(slots=True, eq=False)
class Transfer:
    """A file that goes up from `path`, or, where there is a `file`, down to it. `passing`: the file is ours and goes when it is shared."""

    id: int
    room: int
    path: Path
    file: File | None = None
    passing: bool = False
    state: State = "waiting"
    problem: str = ""
    nonce: str = field(default_factory=new_nonce)
    meter: Meter = field(default_factory=Meter)
    task: "Task[Any] | None" = None

    @property
    def up(self) -> bool:
        """Whether it goes up."""
        return self.file is None

    @property
    def over(self) -> bool:
        """Whether nothing more will happen to it by itself."""
        return self.state not in ("waiting", "moving")

    def row(self, *, connected: bool = True) -> Row:
        """It as it is to be shown."""
        actions = _ACTIONS[self.state]
        if self.state == "done" and not self.up:
            actions = ("open", "show", *actions)
        share = 1.0 if self.state == "done" else self.meter.share
        return Row(self.id, self.room, self.path.name, self.up, self.state, self._detail(connected), share, actions)

    def _detail(self, connected: bool) -> str:
        match self.state:
            case "waiting":
                return "Waiting for its turn…"
            case "moving":
                return self.meter.words() if connected else "Waiting for the connection…"
            case "done" if self.up:
                return f"Shared · {size_in_words(self.meter.size)}"
            case "done":
                return f"Saved in {self.path.parent.name or self.path.parent} · {size_in_words(self.meter.size)}"
            case "cancelled":
                return "Cancelled"
        return self.problem


def size_in_words(size: float) -> str:
    """A number of bytes for people, in powers of 1000 as file managers show them."""
    if size < 1000:
        return f"{size:.0f} B"
    for unit in ("kB", "MB", "GB"):
        size /= 1000
        if size < 999.95 or unit == "GB":
            break
    words = f"{size:.0f}" if size >= 100 else f"{size:.1f}".removesuffix(".0")
    return f"{words} {unit}"


def time_in_words(seconds: float) -> str:
    """A time for people, no finer than it can be known."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    if seconds < 3600:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"


def problem_of(error: BaseException, transfer: Transfer) -> str:
    """What to tell a person whose file did not get there."""
    match error:
        case Refused(code="not_found" | "gone") if not transfer.up:
            return "This file is not shared any more."
        case Refused(message=message):
            return message or "The server refused it."
        case Ended():
            return "You were logged out."
        case TimeoutError():
            return "The server does not answer; try again."
        case ConnectionError():
            return "The connection broke; try again."
        case OSError():
            return _disk_problem(error, transfer)
    return str(error) or type(error).__name__


def _disk_problem(error: OSError, transfer: Transfer) -> str:
    if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
        return "The disk is full: free some space, then try again."
    if isinstance(error, PermissionError):
        return "This file may not be read." if transfer.up else f"You may not write to {transfer.path.parent}."
    if isinstance(error, FileNotFoundError):
        return "This file is not there any more." if transfer.up else f"There is no folder {transfer.path.parent}."
    if isinstance(error, IsADirectoryError):
        return "This is a folder; only files can be shared." if transfer.up else "There is a folder of this name."
    return error.strerror or str(error)


def refusal_of(path: Path, largest: int) -> str | None:
    """Why this cannot be shared, before anything is sent; None: it can. It asks the disk, so it may take long."""
    try:
        if path.is_dir():
            return f"“{path.name}” is a folder; only files can be shared. Pack it into a ZIP file first."
        if not path.exists():
            return f"“{path.name}” is not there any more."
        if not path.is_file():
            return f"“{path.name}” is no file that can be shared."
        with path.open("rb"):
            size = path.stat().st_size
    except PermissionError:
        return f"“{path.name}” may not be read."
    except OSError as error:
        return f"“{path.name}” cannot be read: {error.strerror or error}."
    if size == 0:
        return f"“{path.name}” is empty: there is nothing to share."
    if size > largest:
        return f"“{path.name}” has {size_in_words(size)}; this server takes files of up to {size_in_words(largest)}."
    return None
