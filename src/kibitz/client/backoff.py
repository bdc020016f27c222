"""How long to wait before connecting again.

Rule: the wait is drawn evenly between nothing and a bound that doubles («full jitter»: Brooker, «Exponential Backoff And Jitter», AWS
Architecture Blog, 2015), so that the clients of a server that restarts do not all come at once.
"""

from collections.abc import Callable
from typing import Final

FIRST_SECONDS: Final = 0.5
"""The first bound: a restart takes about as long."""

CAP_SECONDS: Final = 30.0
"""The last bound: as long as a person waits before they look what is wrong."""


class Backoff:
    """The waits of one client. `random` is even over [0, 1)."""

    def __init__(self, random: Callable[[], float], *, first: float = FIRST_SECONDS, cap: float = CAP_SECONDS) -> None:
        self._random = random
        self._first = first
        self._cap = cap
        self._bound = first

    def next(self, retry_after: float = 0.0) -> float:
        """Seconds to wait now, never less than the server asked for."""
        bound, self._bound = self._bound, min(self._bound * 2, self._cap)
        return retry_after + self._random() * bound

    def lasted(self, seconds: float) -> None:
        """A connection was open for so long; one that outlived the last bound shows that all is well again."""
        if seconds >= self._cap:
            self._bound = self._first
