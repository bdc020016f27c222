"""Who is here, gathered so that coming and going never costs a square.

Rule: changes are told at most once an `INTERVAL`, all in one event; whoever comes and goes between two is not told at all.
"""

from collections.abc import Callable
from typing import Final, Literal

from kibitz.wire.codec import Viewer

INTERVAL: Final = 1.0
"""Seconds between two tellings (protocol.md: «at most once a second»)."""

Status = Literal["online", "away", "offline"]


class Presence:
    """The status of everyone who is connected, and what has not been told yet. `wake` is called when there is something to tell."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._now: dict[int, tuple[Viewer, Status]] = {}
        self._told: dict[int, Status] = {}
        self._pending: dict[int, Viewer] = {}

    def connected(self, viewer: Viewer, here: bool) -> None:
        """A person's first connection opened, or their last one closed."""
        if here:
            self._now[viewer.id] = (viewer, "online")
        else:
            self._now.pop(viewer.id, None)
        self._note(viewer)

    def set_status(self, viewer: Viewer, status: Literal["online", "away"]) -> None:
        """A person says whether they are at the keyboard."""
        if viewer.id in self._now:
            self._now[viewer.id] = (viewer, status)
            self._note(viewer)

    def status(self, user: int) -> Status:
        """A person's status now."""
        return self._now[user][1] if user in self._now else "offline"

    def names(self) -> tuple[str, ...]:
        """Everyone who is connected, by name in order."""
        return tuple(sorted((viewer.name for viewer, _ in self._now.values()), key=str.casefold))

    def __len__(self) -> int:
        return len(self._now)

    def everyone(self) -> list[tuple[Viewer, Status]]:
        """Everyone who is connected, with their status."""
        return list(self._now.values())

    def take(self) -> list[tuple[Viewer, Status, Status]]:
        """What is to be told now: each person's old and new status. It counts as told from here on."""
        changed = []
        for user, viewer in self._pending.items():
            old, new = self._told.get(user, "offline"), self.status(user)
            if old != new:
                changed.append((viewer, old, new))
            if new == "offline":
                self._told.pop(user, None)
            else:
                self._told[user] = new
        self._pending.clear()
        return changed

    def _note(self, viewer: Viewer) -> None:
        if not self._pending:
            self._wake()
        self._pending[viewer.id] = viewer
