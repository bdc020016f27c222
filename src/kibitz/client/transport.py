"""A way to send messages to a server and to receive its own.

Rule: this is all that the rest of the client knows of sockets; a message is one JSON text, whole.
"""

from typing import Final, Protocol

OPEN_SECONDS: Final = 10.0
"""How long connecting may take, TLS and the WebSocket handshake included; `websockets` has the same default."""

MAX_MESSAGE: Final = 16 * 1024 * 1024
"""Bytes of one message from the server. Its pages are far smaller; a welcome with 10,000 rooms has some 3 MB."""


class Gone(Exception):
    """The connection is over. `code` is the WebSocket's close code, where there was one."""

    def __init__(self, code: int | None = None) -> None:
        super().__init__(f"connection closed ({code})" if code is not None else "connection lost")
        self.code = code


class Transport(Protocol):
    """An open connection."""

    async def send(self, message: bytes) -> None:
        """Send one message. Raises `Gone`."""
        ...

    async def receive(self) -> bytes:
        """The next message. Raises `Gone` after the last one."""
        ...

    async def close(self) -> None:
        """Send what was given, then end the connection. Returns soon, whatever the peer does."""
        ...

    def abort(self) -> None:
        """End it at once: whoever waits in `receive` is told `Gone`."""
        ...
