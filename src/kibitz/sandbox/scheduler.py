"""Whose turn it is.

Rule: a user who has fewer runs under way or ahead in the queue goes first, and among those who came first: however much one user asks
for, the others wait for one of their runs at most. Nobody may fill the queue alone.
"""

from collections import Counter
from typing import Final, Generic, Protocol, TypeVar

from kibitz.sandbox.messages import Code
from kibitz.sandbox.policy import MAX_WAITING, MAX_WAITING_PER_USER

FULL: Final = f"{MAX_WAITING} runs are waiting, which is all the queue holds; try again in a moment."
ENOUGH: Final = f"You have {MAX_WAITING_PER_USER} runs waiting; wait until some are done, or stop some."


class Waiting(Protocol):
    """A run, as far as its turn depends on it."""

    @property
    def user(self) -> str:
        """Whose it is."""
        ...


R = TypeVar("R", bound=Waiting)


class NoPlace(Exception):
    """The queue does not take the run, and why."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code: Code = code
        self.message = message


class Scheduler(Generic[R]):
    """The queue, and who has how many runs under way; `at_once` of them may be."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._waiting: dict[R, None] = {}  # in the order they came
        self._running: Counter[str] = Counter()

    def add(self, run: R) -> None:
        """Have a run wait for its turn. Raises `NoPlace`."""
        if sum(one.user == run.user for one in self._waiting) >= MAX_WAITING_PER_USER:
            raise NoPlace("rate_limited", ENOUGH)
        if len(self._waiting) >= MAX_WAITING:
            raise NoPlace("busy", FULL)
        self._waiting[run] = None

    def remove(self, run: R) -> bool:
        """Take a run out of the queue. False if it does not wait."""
        return self._waiting.pop(run, self) is None

    def next(self) -> R | None:
        """The run whose turn it is, which is under way from now on; None if none waits or enough are."""
        if self._running.total() >= self._at_once or not self._waiting:
            return None
        run = self.order()[0]
        del self._waiting[run]
        self._running[run.user] += 1
        return run

    def done(self, run: R) -> None:
        """A run that was under way has ended."""
        self._running[run.user] -= 1
        if not self._running[run.user]:
            del self._running[run.user]

    def order(self) -> list[R]:
        """The runs that wait, next first."""
        ahead = self._running.copy()
        turns: list[tuple[int, int, R]] = []
        for arrival, run in enumerate(self._waiting):
            turns.append((ahead[run.user], arrival, run))
            ahead[run.user] += 1
        turns.sort(key=lambda turn: turn[:2])
        return [run for _, _, run in turns]

    @property
    def running(self) -> int:
        """Runs under way."""
        return self._running.total()
