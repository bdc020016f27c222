"""The clients of one document, and what they hear of each other.

Rule: what comes during a tick of the loop is merged at its end, each author's as one, and everyone hears of it in one frame that was
encoded once. Whoever sent it hears it too: a client of y-websocket that hears nothing for half a minute takes its server for gone.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from functools import partial
from typing import Final

from kibitz.coedit.document import Document, Piece
from kibitz.coedit.engine import merged
from kibitz.coedit.intake import Verdict
from kibitz.coedit.peer import Peer
from kibitz.coedit.presence import Presence
from kibitz.wire.closing import Close
from kibitz.wire.frames import binary_frame
from kibitz.wire.yjs import awareness, messages
from kibitz.wire.yjs.awareness import Entry
from kibitz.wire.yjs.closing import MALFORMED, SPLIT, TOO_LARGE, UNSAVED
from kibitz.wire.yjs.update import clocks_of, survey

PRESENCE_SECONDS: Final = 0.05
"""How long presence is gathered: a cursor that lags so little is not seen to, and every client sends back what it hears."""

STRUCTS_A_UNIT: Final = 100
"""Structs in one update that cost as much as one command."""

BYTES_A_UNIT: Final = 16 * 1024
"""Bytes, sent or asked for, that cost as much as one command."""

MAX_MISSING: Final = 16
"""Updates in a row that build on what is missing before a client is cut: asked again, a stock client sends what is missing at once."""

_CUTS: Final = {Verdict.SPLIT: SPLIT, Verdict.LARGE: TOO_LARGE, Verdict.UNSOUND: MALFORMED}


class Room:
    """A document and its clients. `emptied` is called when the last client has left."""

    def __init__(self, document: Document, emptied: Callable[[], None]) -> None:
        self.document = document
        self.leases = 0
        document.changing = self._remember
        document.told = self._tell
        self._emptied = emptied
        self._peers: dict[bytes, list[Peer]] = defaultdict(list)
        self._presence = Presence()
        self._came: list[tuple[Peer, Piece]] = []
        self._news: list[bytes] = []
        self._moved: dict[int, Entry] = {}
        self._said: deque[bytes] = deque(maxlen=8)  # what was last said of presence: clients send it back
        self._full: set[Peer] = set()
        self._due = False
        self._presence_due: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()

    # --- coming and going ----------------------------------------------------------------------------------------------

    @property
    def peers(self) -> list[Peer]:
        """Every client."""
        return [peer for group in self._peers.values() for peer in group]

    @property
    def is_empty(self) -> bool:
        """Whether nobody needs the document."""
        return not self.leases and not any(self._peers.values())

    @property
    def is_idle(self) -> bool:
        """Whether the document may be let go of: nobody needs it, and all of it is stored."""
        return self.is_empty and self.document.is_saved

    def join(self, peer: Peer) -> None:
        """Let a client in: ask it what it has, and tell it who is there."""
        self._peers[peer.prefix].append(peer)
        # Hocuspocus asks when it is asked, so that there is one acknowledgement to count for each question.
        if peer.answer is None:
            peer.send(messages.sync_step_1(self.document.state()))
        self._tell_presence_to(peer, self._presence.everyone())

    def leave(self, peer: Peer) -> None:
        """A client is gone. Harmless if it has left already."""
        group = self._peers.get(peer.prefix, [])
        if peer not in group:
            return
        group.remove(peer)
        if not group:
            del self._peers[peer.prefix]
        self._full.discard(peer)
        self._move(self._presence.leave(peer))
        if self.is_empty:
            self._emptied()

    def cut_all(self, close: Close) -> None:
        """Take everybody out, once what they have sent is merged."""
        self.flush()
        for peer in self.peers:
            peer.cut(close)

    # --- from a client -------------------------------------------------------------------------------------------------

    def take(self, peer: Peer, message: messages.Message) -> float:
        """What a client says; returns what that costs besides its length, as commands do. Raises `Malformed`."""
        match message:
            case messages.Update(update) | messages.SyncStep2(update):
                return self._take_update(peer, update)
            case messages.SyncStep1(state):
                return self._answer(peer, state)
            case messages.Awareness(payload):
                if payload not in self._said:
                    self._move(self._presence.take(peer, awareness.decode(payload)))
            case messages.QueryAwareness():
                self._tell_presence_to(peer, self._presence.everyone())
            case _:
                pass  # an answer to what was never asked, or a kind that newer clients know
        return 0.0

    def _take_update(self, peer: Peer, update: bytes) -> float:
        found = survey(update)
        if found and not peer.access.can_write:
            if peer.answer is not None:
                self.flush()
                peer.answer(1, self.document.has(found))
        elif self.document.is_overfull:
            peer.cut(UNSAVED)
        else:
            self._came.append((peer, Piece(update, found)))
            self._flush_soon()
        return (found.structs - 1) / STRUCTS_A_UNIT if found.structs > 1 else 0.0

    def _answer(self, peer: Peer, state: bytes) -> float:
        clocks_of(state)  # the engine believes what it is given
        self.flush()
        lacking = self.document.since(state)
        peer.send(messages.sync_step_2(lacking))
        peer.live, peer.behind = True, None
        if peer.answer is not None:
            peer.send(messages.sync_step_1(self.document.state()))
        return 1.0 + len(lacking) / BYTES_A_UNIT

    # --- merging -------------------------------------------------------------------------------------------------------

    def _flush_soon(self) -> None:
        if not self._due:
            self._due = True
            self._loop.call_soon(self.flush)

    def flush(self) -> None:
        """Merge what has come, and tell everyone."""
        self._due = False
        came, self._came = self._came, []
        of_user: dict[int, list[tuple[Peer, Piece]]] = defaultdict(list)
        for peer, piece in came:
            of_user[peer.access.user].append((peer, piece))
        for user, sent in of_user.items():
            verdicts = self.document.merge(user, [piece for _, piece in sent])
            self._judged(zip((peer for peer, _ in sent), verdicts, strict=True))
        self._spread()

    def _judged(self, verdicts: Iterable[tuple[Peer, Verdict]]) -> None:
        taken: dict[Peer, int] = {}
        for peer, verdict in verdicts:
            if verdict is Verdict.READY:
                peer.missing = 0
                if peer.answer is not None:
                    taken[peer] = taken.get(peer, 0) + 1
            elif verdict is Verdict.AHEAD:
                self._ask_again(peer)
            else:
                peer.cut(_CUTS[verdict])
        for peer, count in taken.items():
            self.document.when_saved(partial(_saved, peer, count))

    def _ask_again(self, peer: Peer) -> None:
        peer.missing += 1
        if peer.missing == 1:
            peer.send(messages.sync_step_1(self.document.state()))
        elif peer.missing > MAX_MISSING:
            peer.cut(MALFORMED)

    def _tell(self, update: bytes) -> None:
        self._news.append(update)
        self._flush_soon()

    def _spread(self) -> None:
        news, self._news = self._news, []
        if not news:
            return
        message = messages.update(merged(news))
        for prefix, group in self._peers.items():
            frame = binary_frame(prefix + message)
            for peer in tuple(group):
                if peer.live and peer.behind is None:
                    peer.outbox.put(frame)

    # --- slow readers --------------------------------------------------------------------------------------------------

    def filled(self, peer: Peer, full: bool) -> None:
        """A client's socket takes no more, or takes more again."""
        if full:
            self._full.add(peer)
        elif peer in self._full:
            self._full.discard(peer)
            self._catch_up(peer)

    def _remember(self) -> None:
        lagging = [peer for peer in self._full if peer.live and peer.behind is None]
        if lagging:
            self._spread()  # so that what was merged before is owed to them, and what comes now is not
            state = self.document.state()
            for peer in lagging:
                peer.behind = state

    def _catch_up(self, peer: Peer) -> None:
        state, peer.behind = peer.behind, None
        if state is not None:
            peer.send(messages.update(self.document.since(state)))
        self._tell_presence_to(peer, self._presence.everything())

    # --- presence ------------------------------------------------------------------------------------------------------

    def _move(self, entries: list[Entry]) -> None:
        for entry in entries:
            self._moved.pop(entry.client, None)
            self._moved[entry.client] = entry
        if entries and self._presence_due is None:
            self._presence_due = self._loop.call_later(PRESENCE_SECONDS, self._tell_presence)

    def _tell_presence(self) -> None:
        self._presence_due = None
        moved, self._moved = self._moved, {}
        payload = awareness.encode(sorted(moved.values(), key=lambda entry: entry.state == awareness.GONE))
        self._said.append(payload)
        message = messages.awareness(payload)
        for prefix, group in self._peers.items():
            frame = binary_frame(prefix + message)
            for peer in tuple(group):
                if peer not in self._full:
                    peer.outbox.put(frame)

    def _tell_presence_to(self, peer: Peer, entries: list[Entry]) -> None:
        if entries:
            peer.send(messages.awareness(awareness.encode(entries)))

    def keep_alive(self) -> None:
        """Say something to everyone."""
        message = messages.awareness(awareness.NOBODY)
        for peer in self.peers:
            if peer not in self._full:
                peer.send(message)


def _saved(peer: Peer, count: int, version: int | None) -> None:
    if peer.answer is not None and version is not None:
        peer.answer(count, True)
