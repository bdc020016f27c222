"""Who is in a document, and where: what clients say of themselves, passed on as it came.

Rule: a client's state comes from the connection that announced it and from no other, since clients send what they heard of each other
back; the newest clock counts; and whoever leaves is gone at the clock they left with, so that they are seen when they come back.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Final

from kibitz.wire.yjs.awareness import GONE, Entry, is_sound

MAX_CLIENTS: Final = 16
"""Clients that one connection may announce: a stock client announces itself alone."""

MAX_REMEMBERED: Final = 1000
"""Clients that have left and are remembered, so that an echo of what they said does not bring them back."""


@dataclass(slots=True)
class _Seen:
    clock: int
    state: bytes
    owner: Hashable | None  # None: gone


class Presence:
    """The clients of one document."""

    def __init__(self) -> None:
        self._seen: dict[int, _Seen] = {}
        self._gone = 0

    def __len__(self) -> int:
        return len(self._seen) - self._gone

    def take(self, owner: Hashable, entries: Iterable[Entry]) -> list[Entry]:
        """What of this is news. Entries about other connections' clients, old ones and unsound ones are none."""
        return [entry for entry in entries if self._takes(owner, entry)]

    def leave(self, owner: Hashable) -> list[Entry]:
        """A connection is gone, and its clients with it: what the others are to be told."""
        left = [client for client, seen in self._seen.items() if seen.owner is owner]
        for client in left:
            self._go(client)
        self._forget()
        return [Entry(client, self._seen[client].clock, GONE) for client in left if client in self._seen]

    def everyone(self) -> list[Entry]:
        """Everybody who is there."""
        return [Entry(client, seen.clock, seen.state) for client, seen in self._seen.items() if seen.owner is not None]

    def everything(self) -> list[Entry]:
        """The same, and who has left: for whoever may have missed it."""
        return [Entry(client, seen.clock, seen.state) for client, seen in self._seen.items()]

    def _takes(self, owner: Hashable, entry: Entry) -> bool:
        client, clock, state = entry
        seen = self._seen.get(client)
        if seen is None or seen.owner is None:
            return self._announced(owner, entry, seen)
        if seen.owner is not owner or clock < seen.clock or (clock == seen.clock and state != GONE):
            return False
        if state == GONE:
            seen.clock = clock
            self._go(client)
            return True
        if not is_sound(state):
            return False
        seen.clock, seen.state = clock, state
        return True

    def _announced(self, owner: Hashable, entry: Entry, before: _Seen | None) -> bool:
        client, clock, state = entry
        own = sum(seen.owner is owner for seen in self._seen.values())
        # Someone who comes back does so at the clock they left with, and says so before anything else.
        if before is not None and (clock < before.clock or (clock == before.clock and own)):
            return False
        if state == GONE or own >= MAX_CLIENTS or not is_sound(state):
            return False
        self._gone -= before is not None
        self._seen[client] = _Seen(clock, state, owner)
        return True

    def _go(self, client: int) -> None:
        seen = self._seen.pop(client)  # to the end, so that who left first is forgotten first
        seen.owner, seen.state = None, GONE
        self._seen[client] = seen
        self._gone += 1

    def _forget(self) -> None:
        if self._gone > MAX_REMEMBERED:
            gone = [client for client, seen in self._seen.items() if seen.owner is None]
            for client in gone[: self._gone - MAX_REMEMBERED]:
                del self._seen[client]
                self._gone -= 1
