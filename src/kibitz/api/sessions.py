"""Every connection of this process.

Rule: a connection is counted from the moment it is accepted, logged in or not.
"""

import asyncio
from typing import Protocol

from kibitz.wire.closing import Close


class Session(Protocol):
    """An open connection, as far as it is watched here."""

    def login_timed_out(self) -> None:
        """Know that the time to log in is over."""
        ...

    def end(self, close: Close) -> None:
        """Say why and close."""
        ...


class Sessions:
    """The open connections, at most `limit`."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._open: set[Session] = set()
        self.http = 0  # connections of plain HTTP, which have no session; their transport counts them

    def __len__(self) -> int:
        return len(self._open)

    @property
    def full(self) -> bool:
        """Whether there are more than may be."""
        return len(self._open) + self.http > self._limit

    def watch(self, session: Session, seconds: float) -> asyncio.TimerHandle:
        """Count a new connection; it has so many seconds to log in."""
        self._open.add(session)
        return asyncio.get_running_loop().call_later(seconds, session.login_timed_out)

    def forget(self, session: Session) -> None:
        """A connection is gone."""
        self._open.discard(session)

    def all(self) -> list[Session]:
        """Every connection, for telling them something."""
        return list(self._open)

    def end_all(self, close: Close) -> None:
        """End every connection."""
        for session in self.all():
            session.end(close)
