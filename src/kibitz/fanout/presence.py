"""Who is here, gathered so that coming and going never costs a square.

Rule: changes are told at most once an `INTERVAL`, all in one event; whoever comes and goes between two is not told at all. Everyone is
kept in order by name, as they are shown: to sort them for each who comes would be a square again.
"""

from bisect import bisect_left, insort
from collections.abc import Callable
from typing import Final, Literal

from kibitz.wire import views
from kibitz.wire.codec import Viewer
from kibitz.wire.views import UserRef

INTERVAL: Final = 1.0
"""Seconds between two tellings (protocol.md: «at most once a second»)."""

Status = Literal["online", "away", "offline"]


class Presence:
    """The status of everyone who is connected, and what has not been told yet. `wake` is called when there is something to tell."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._now: dict[int, views.Presence] = {}
        self._in_order: list[tuple[str, int]] = []
        self._told: dict[int, Status] = {}
        self._pending: dict[int, Viewer] = {}

    def connected(self, viewer: Viewer, here: bool) -> None:
        """A person's first connection opened, or their last one closed."""
        if here:
            self._now[viewer.id] = _seen(viewer, "online")
            insort(self._in_order, _place(viewer))
        else:
            del self._now[viewer.id]
            del self._in_order[bisect_left(self._in_order, _place(viewer))]
        self._note(viewer)

    def set_status(self, viewer: Viewer, status: Literal["online", "away"]) -> None:
        """A person says whether they are at the keyboard."""
        if viewer.id in self._now:
            self._now[viewer.id] = _seen(viewer, status)
            self._note(viewer)

    def status(self, user: int) -> Status:
        """A person's status now."""
        return self._now[user].status if user in self._now else "offline"

    def names(self) -> tuple[str, ...]:
        """Everyone who is connected, by name in order."""
        return tuple([self._now[user].user.name for _, user in self._in_order])

    def __len__(self) -> int:
        return len(self._now)

    def everyone(self, limit: int | None = None) -> list[views.Presence]:
        """Everyone who is connected, by name in order, or the first `limit` of them."""
        return [self._now[user] for _, user in self._in_order[:limit]]

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


def _seen(viewer: Viewer, status: Status) -> views.Presence:
    return views.Presence(user=UserRef(id=viewer.id, name=viewer.name), status=status)


def _place(viewer: Viewer) -> tuple[str, int]:
    return viewer.name.casefold(), viewer.id
