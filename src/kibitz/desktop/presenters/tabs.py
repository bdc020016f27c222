"""Which conversations are open, in which order, and which is in front.

Rule: it is a list and knows nothing of what is in it; what is remembered from one start to the next is this and no more.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

MAX_TABS: Final = 40
"""Open at once: the one that was not looked at for longest gives way."""

MAX_CLOSED: Final = 20
"""How many of the last closed can be brought back."""


class OpenTabs(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is remembered: rooms by id in their order, and the one in front."""

    rooms: list[int] = []
    front: int | None = None


class Tabs:
    """The open rooms. `front` is None where there is none."""

    def __init__(self) -> None:
        self.rooms: list[int] = []
        self.front: int | None = None
        self._seen: list[int] = []  # the one looked at last is last
        self._closed: list[tuple[int, int]] = []

    def restore(self, saved: OpenTabs, known: Iterable[int]) -> None:
        """As they were, less what is gone."""
        there = set(known)
        self.rooms = [room for room in dict.fromkeys(saved.rooms) if room in there][:MAX_TABS]
        self._seen = list(self.rooms)
        if saved.front in self.rooms:
            self.show(saved.front)

    @property
    def saved(self) -> OpenTabs:
        """What is to be remembered."""
        return OpenTabs(list(self.rooms), self.front)

    def open(self, room: int) -> int | None:
        """Bring a room to the front, in a tab of its own; returns the one that had to give way, if one had to."""
        evicted = None
        if room not in self.rooms:
            if len(self.rooms) >= MAX_TABS:
                evicted = self._seen[0]
                self._take(evicted)
            self.rooms.append(room)
        self.show(room)
        return evicted

    def show(self, room: int | None) -> None:
        """Bring an open one to the front."""
        if room in self.rooms:
            self.front = room
            if room in self._seen:
                self._seen.remove(room)
            self._seen.append(room)

    def close(self, room: int) -> bool:
        """Close one; its neighbour comes to the front if it was there. False: it was not open."""
        if room not in self.rooms:
            return False
        at = self.rooms.index(room)
        self._closed = [*(one for one in self._closed if one[0] != room), (room, at)][-MAX_CLOSED:]
        self._take(room)
        if self.front == room:
            self.front = None
            if self.rooms:
                self.show(self.rooms[min(at, len(self.rooms) - 1)])
        return True

    def reopen(self, known: Iterable[int]) -> int | None:
        """Bring back the last that was closed, where it was; None where there is none."""
        there = set(known)
        while self._closed:
            room, at = self._closed.pop()
            if room in there and room not in self.rooms:
                self.open(room)
                self.move(room, at)
                return room
        return None

    def move(self, room: int, to: int) -> None:
        """Put one elsewhere among the others."""
        if room in self.rooms:
            self.rooms.remove(room)
            self.rooms.insert(max(0, min(to, len(self.rooms))), room)

    def beside(self, by: int) -> int | None:
        """The one so many places after the one in front, round and round."""
        if not self.rooms:
            return None
        at = self.rooms.index(self.front) if self.front in self.rooms else 0
        return self.rooms[(at + by) % len(self.rooms)]

    def number(self, number: int) -> int | None:
        """The one at this place, from 1 on; 9 is the last, as in browsers."""
        if number == 9:
            return self.rooms[-1] if self.rooms else None
        return self.rooms[number - 1] if 1 <= number <= len(self.rooms) else None

    def _take(self, room: int) -> None:
        self.rooms.remove(room)
        if room in self._seen:
            self._seen.remove(room)
