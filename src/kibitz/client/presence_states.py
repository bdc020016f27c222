"""Who is in a document and where, as each says of themselves (y-protocols' awareness).

Rule: the newest clock counts; who has said nothing for too long is gone; and what others say of me is believed by nobody, me least.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from kibitz.client.shared_text import Anchor
from kibitz.wire.yjs.awareness import GONE, Entry

EXPIRE_SECONDS: Final = 30.0
"""How long someone is there after the last word of them, as everywhere in Yjs."""

RENEW_SECONDS: Final = 15.0
"""How often this client says that it is still there, as everywhere in Yjs."""

MAX_PEERS: Final = 1000
"""Clients that are remembered: two for each of the people that a session may have."""

MAX_NAME: Final = 64
"""Characters of a name that are kept: longer than any user name."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A client that is here: who they say they are, and what they have selected, from `anchor` to the cursor at `head`."""

    client: int
    name: str
    colour: str
    anchor: Anchor | None = None
    head: Anchor | None = None


@dataclass(slots=True)
class _Seen:
    clock: int
    at: float
    peer: Peer | None


class PresenceStates:
    """What one client knows of the others, and what it says itself."""

    def __init__(self, client: int, clock: Callable[[], float]) -> None:
        self._client, self._now = client, clock
        self._clock = 0
        self._state: dict[str, Any] | None = None
        self._seen: dict[int, _Seen] = {}
        self._said_at = clock()

    # --- what I say ----------------------------------------------------------------------------------------------------

    def say(self, state: dict[str, Any] | None) -> Entry:
        """I am here, and this is what there is to know of me; none: I am gone."""
        self._state = state
        return self.again()

    def again(self) -> Entry:
        """The same once more, so that nobody takes me for gone."""
        self._clock += 1
        self._said_at = self._now()
        return Entry(self._client, self._clock, GONE if self._state is None else msgspec.json.encode(self._state))

    @property
    def is_due(self) -> bool:
        """Whether it has to be said again."""
        return self._state is not None and self._now() - self._said_at >= RENEW_SECONDS

    # --- what others say -----------------------------------------------------------------------------------------------

    def take(self, entries: Iterable[Entry]) -> bool:
        """Take what was said; returns whether that changes anything."""
        changes = [self._take(entry) for entry in entries]
        return any(changes)

    def expire(self) -> bool:
        """Let go of whoever has said nothing for too long; returns whether there was someone."""
        late = self._now() - EXPIRE_SECONDS
        gone = [client for client, seen in self._seen.items() if seen.at < late]
        shown = [self._seen.pop(client).peer is not None for client in gone]
        return any(shown)

    def clear(self) -> bool:
        """There is no connection any more, and nobody is known to be here; returns whether somebody was."""
        shown = bool(self.peers)
        self._seen.clear()
        return shown

    @property
    def peers(self) -> tuple[Peer, ...]:
        """Who is here besides me, in the order they came."""
        return tuple(seen.peer for seen in self._seen.values() if seen.peer is not None)

    def _take(self, entry: Entry) -> bool:
        if entry.client == self._client:
            self._clock = max(self._clock, entry.clock)
            return False
        seen = self._seen.get(entry.client)
        if seen is not None and (entry.clock < seen.clock or (entry.clock == seen.clock and entry.state != GONE)):
            return False
        if seen is None and len(self._seen) >= MAX_PEERS:
            return False
        peer, before = _peer_of(entry), seen.peer if seen is not None else None
        self._seen[entry.client] = _Seen(entry.clock, self._now(), peer)
        return peer != before


def _peer_of(entry: Entry) -> Peer | None:
    try:
        state = msgspec.json.decode(entry.state)
    except (msgspec.DecodeError, RecursionError):
        return None
    if not isinstance(state, dict):
        return None
    user, cursor = state.get("user"), state.get("cursor")
    user, cursor = user if isinstance(user, dict) else {}, cursor if isinstance(cursor, dict) else {}
    name, colour = str(user.get("name") or "someone")[:MAX_NAME], str(user.get("color") or "")[:32]
    return Peer(
        entry.client, name, colour, Anchor.of_yjs(cursor.get("anchor")), Anchor.of_yjs(cursor.get("head"))
    )  # fmt: skip
