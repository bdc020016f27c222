"""How a client that is gone without a word is noticed: by the kernel under every connection, and by pings over WebSocket.

Rule: no connection has a timer of its own; one serves them all.
"""

import asyncio
import contextlib
import socket
from typing import Final, Protocol

_OPTIONS: Final = (
    (socket.SOL_SOCKET, "SO_KEEPALIVE", 1),
    (socket.IPPROTO_TCP, "TCP_KEEPIDLE", 45),
    (socket.IPPROTO_TCP, "TCP_KEEPINTVL", 15),
    (socket.IPPROTO_TCP, "TCP_KEEPCNT", 3),
    (socket.IPPROTO_TCP, "TCP_USER_TIMEOUT", 90_000),
    (socket.IPPROTO_TCP, "TCP_NODELAY", 1),
)
"""A peer that answers nothing is given up after 45 s and three probes 15 s apart, or 90 s (in ms) with bytes under way; tcp(7)."""


def probe(sock: socket.socket) -> None:
    """Have the kernel end this connection when its peer is gone, and send small pieces at once."""
    for level, name, value in _OPTIONS:
        if hasattr(socket, name):  # not every system has them all
            with contextlib.suppress(OSError):  # the peer may be gone already
                sock.setsockopt(level, getattr(socket, name), value)


PERIOD: Final = 5.0
"""Seconds from one beat of a connection to the next."""

SLOTS: Final = 5
"""Parts the connections are divided into, which have their beats one after another: so that pinging thousands is no stutter."""


class Beating(Protocol):
    """What has a beat."""

    def beat(self) -> None:
        """Called once a `PERIOD`."""
        ...


class Heart:
    """The one timer. It runs as long as there is anything to beat for."""

    def __init__(self) -> None:
        self._slots: list[set[Beating]] = [set() for _ in range(SLOTS)]
        self._next = 0
        self._timer: asyncio.TimerHandle | None = None

    def add(self, one: Beating) -> None:
        """Give this a beat from now on."""
        min(self._slots, key=len).add(one)
        if self._timer is None:
            self._wait()

    def discard(self, one: Beating) -> None:
        """Let it beat no more. Harmless if it never did."""
        for slot in self._slots:
            slot.discard(one)
        if self._timer is not None and not any(self._slots):
            self._timer.cancel()
            self._timer = None

    def beat(self) -> None:
        """The next part's turn."""
        self._wait()
        slot = self._slots[self._next]
        self._next = (self._next + 1) % SLOTS
        for one in tuple(slot):  # a beat can end a connection, which takes it out of the set
            one.beat()

    def _wait(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(PERIOD / SLOTS, self.beat)
