"""Where a server is, and by what way to reach it.

Rule: one URL says it all: `tcp://host:5555` and `tcps://…` are JSON lines, `ws://host:8080` and `wss://…` are WebSocket; the `s` is TLS.
"""

from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlsplit

_WAYS: Final = {
    "tcp": (False, False, 5555),
    "tcps": (False, True, 5555),
    "ws": (True, False, 8080),
    "wss": (True, True, 8080),
}
"""Scheme: whether it is WebSocket, whether it is TLS, the port where none is named (protocol.md)."""


@dataclass(frozen=True, slots=True)
class Address:
    """A server's host and port, and how to speak to it."""

    websocket: bool
    tls: bool
    host: str
    port: int

    @classmethod
    def parse(cls, url: str) -> "Address":
        """The address in a URL. Raises `ValueError` with a sentence that says what is wrong."""
        parts = urlsplit(url)
        if parts.scheme not in _WAYS:
            raise ValueError(
                f"An address begins with {', '.join(f'{scheme}://' for scheme in _WAYS)}, as in tcp://127.0.0.1:5555."
            )
        if not parts.hostname or parts.path.rstrip("/") not in ("", "/ws") or parts.query or parts.username:
            raise ValueError("An address is a scheme, a host and a port, as in tcp://127.0.0.1:5555, and nothing more.")
        websocket, tls, port = _WAYS[parts.scheme]
        return cls(websocket, tls, parts.hostname, port if parts.port is None else parts.port)

    @property
    def authority(self) -> str:
        """Host and port as a URL has them."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def http(self, port: int) -> str:
        """The address of the same server's HTTP side, given the port it says that has; a WebSocket is there already."""
        beside = self if self.websocket else replace(self, port=port)
        return f"{'https' if self.tls else 'http'}://{beside.authority}"
