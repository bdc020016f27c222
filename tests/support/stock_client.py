"""A Yjs client without a socket: it speaks to a session as a stock client does, and may be slow, rude or cut off.

One rule: what it shows is what it was sent and what it wrote, merged by an engine of its own.
"""

import itertools
import struct
from collections.abc import Iterator
from typing import Any

from kibitz.coedit.engine import Edit, Replica
from kibitz.coedit.hocuspocus import HocuspocusSession
from kibitz.coedit.session import CollabSession
from kibitz.coedit.ywebsocket import YWebsocketSession
from kibitz.wire.closing import Close
from kibitz.wire.yjs import awareness, hocuspocus, messages
from kibitz.wire.yjs.awareness import Entry
from kibitz.wire.yjs.lib0 import read_string, read_uint, write_bytes, write_string
from tests.support.collab import SESSION, Desk

_numbers = itertools.count(1)


class StockClient:
    """Someone with a copy of the document. `hocuspocus` chooses the envelope."""

    def __init__(self, desk: Desk, name: str, *, envelope: bool = False) -> None:
        self.desk = desk
        self.name = name
        self.envelope = envelope
        self.replica = Replica()
        self.client = next(_numbers)  # for presence
        self.clock = 0
        self.others: dict[int, Entry] = {}
        self.said: list[bytes] = []  # everything it heard, in order
        self.synced = False
        self.unsynced = 0
        self.scope: str | None = None
        self.denied: str | None = None
        self.closed: Close | None = None
        self.session: CollabSession | None = None
        self._paused = False
        self._unsent: list[bytes] = []

    # --- what a session needs of its transport -------------------------------------------------------------------------

    def write(self, data: bytes) -> None:
        for message in frames(data):
            self.said.append(message)
            self._hear(message)

    def close(self, close: Close | None) -> None:
        self.closed, self.session = close, None

    def pause_reading(self) -> None:
        self._paused = True

    def resume_reading(self) -> None:
        self._paused = False
        while self._unsent and not self._paused and self.session is not None:
            self.session.receive(self._unsent.pop(0))

    # --- coming and going ----------------------------------------------------------------------------------------------

    def connect(self, token: str | None = None) -> None:
        """Open a connection, and say what stock clients say first."""
        self.closed, self.synced, self.denied, self.scope = None, False, None, None
        self._unsent, self._paused = [], False
        desk, token = self.desk, self.name if token is None else token
        number = next(_numbers)
        if self.envelope:
            self.session = HocuspocusSession(desk.door, self, "127.0.0.1", number, None)
            self.say(b"\x02\x00" + write_string(token) + write_string("4.0.0"))
            self.unsynced = 1
        else:
            self.session = YWebsocketSession(desk.door, self, "127.0.0.1", number, token, SESSION)
        self.say(messages.sync_step_1(self.replica.state()))
        self.announce()

    def disconnect(self) -> None:
        """Be cut off."""
        session, self.session = self.session, None
        self.synced = False
        self.others.clear()
        if session is not None:
            session.lost()

    def slow(self) -> None:
        """Read no more."""
        if self.session is not None:
            self.session.outbox.pause()

    def fast(self) -> None:
        """Read again."""
        if self.session is not None:
            self.session.outbox.resume()

    # --- saying --------------------------------------------------------------------------------------------------------

    def say(self, message: bytes) -> None:
        """Send a message, wrapped as its protocol has it."""
        self.say_raw(write_string(str(SESSION)) + message if self.envelope else message)

    def say_raw(self, raw: bytes) -> None:
        """Send bytes as they are."""
        if self.session is None:
            return
        if self._paused:
            self._unsent.append(raw)
        else:
            self.session.receive(raw)

    def edit(self, at: int, removed: int, added: str) -> None:
        """Edit the text, counted in code points, and tell the server where there is one."""
        text = self.replica.text
        at = min(at, len(text))
        edit = Edit(len(text[:at].encode()), len(text[at : at + removed].encode()), added)
        with self.replica.changing() as news:
            self.replica.edit([edit])
        for update in news:
            self.unsynced += 1
            self.say(messages.update(update))

    def announce(self, state: bytes = b"{}", *, newer: bool = False) -> None:
        """Say that it is here."""
        self.clock += newer
        self.say(messages.awareness(awareness.encode([Entry(self.client, self.clock, state)])))

    @property
    def text(self) -> str:
        """What it shows."""
        return self.replica.text

    @property
    def present(self) -> set[int]:
        """Whom it sees, itself among them once it was echoed."""
        return {client for client, entry in self.others.items() if entry.state != awareness.GONE}

    # --- hearing -------------------------------------------------------------------------------------------------------

    def _hear(self, message: bytes) -> None:
        if self.envelope:
            if message == hocuspocus.PING:
                return
            address, at = read_string(message, 0)
            assert address == str(SESSION)
            message = message[at:]
        kind, at = read_uint(message, 0)
        if kind == messages.AUTH:
            self._hear_auth(message, at)
        elif kind == 8:
            self.unsynced -= message[1]
        elif kind != 7:
            self._obey(messages.decode(message))

    def _hear_auth(self, message: bytes, at: int) -> None:
        kind, at = read_uint(message, at)
        word, _ = read_string(message, at)
        if self.envelope and kind == 2:
            self.scope = word
        else:
            self.denied = word

    def _obey(self, message: Any) -> None:
        match message:
            case messages.SyncStep1(state):
                self.say(messages.sync_step_2(self.replica.since(state)))
            case messages.SyncStep2(update):
                self.replica.apply(update)
                self.synced = True
            case messages.Update(update):
                self.replica.apply(update)
            case messages.Awareness(payload):
                self._meet(payload)

    def _meet(self, payload: bytes) -> None:
        """As y-protocols does, whose provider sends back whatever was news."""
        news: list[Entry] = []
        for entry in awareness.decode(payload):
            known = self.others.get(entry.client)
            newer = known is None or entry.clock > known.clock
            left = known is not None and entry.clock == known.clock and entry.state == awareness.GONE != known.state
            if newer or left:
                self.others[entry.client] = entry
                news.append(entry)
        if news and not self.envelope:
            self.say(messages.awareness(awareness.encode(news)))


def frames(data: bytes) -> Iterator[bytes]:
    """The payloads of a server's frames."""
    at = 0
    while at < len(data):
        assert data[at] == 0x82
        size, start = data[at + 1], at + 2
        if size == 126:
            (size,), start = struct.unpack_from("!H", data, start), start + 2
        elif size == 127:
            (size,), start = struct.unpack_from("!Q", data, start), start + 8
        yield data[start : start + size]
        at = start + size


def oversized(size: int) -> bytes:
    """An update message of so many bytes."""
    return b"\x00\x02" + write_bytes(b"\x00" * size)
