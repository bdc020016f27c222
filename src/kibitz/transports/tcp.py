"""Port 5555: one message a line.

Rule: a line that is too long costs its sender an answer, and not the connection.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable
from typing import Final

from kibitz.transports.connection import Connection, Receiver
from kibitz.transports.lines import Lines, Mark
from kibitz.wire.closing import Close

HANDSHAKE_SECONDS: Final = 10.0
"""How long a client may take over the TLS handshake; asyncio's default is 60."""

BACKLOG: Final = 2048
"""Connections the kernel keeps until we get to them, for when everyone comes back after a restart: uvicorn's default."""

Begin = Callable[["LineConnection"], Receiver]
"""Makes the session of a new connection."""


class LineConnection(Connection):
    """A connection whose messages are lines."""

    __slots__ = ("_begin", "_lines")

    def __init__(self, begin: Begin) -> None:
        super().__init__()
        self._begin = begin
        self._lines = Lines()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin a session."""
        super().connection_made(transport)
        self._session = self._begin(self)

    def _feed(self, data: bytes) -> None:
        self._lines.feed(data)

    def _step(self) -> bool:
        line = self._lines.take()
        if line is Mark.MORE:
            return False
        if line is Mark.OVERLONG:
            self._session.overlong()
        else:
            self._session.receive(line)
        return True

    def _say_goodbye(self, close: Close | None) -> None:
        self._finish()


async def serve_tcp(begin: Begin, sock: socket.socket, tls: ssl.SSLContext | None) -> asyncio.Server:
    """Serve on a bound socket, which belongs to the server from now on."""
    return await asyncio.get_running_loop().create_server(
        lambda: LineConnection(begin),
        sock=sock,
        ssl=tls,
        ssl_handshake_timeout=HANDSHAKE_SECONDS if tls else None,
        backlog=BACKLOG,
    )
