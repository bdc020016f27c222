"""The same messages over WebSocket.

Rule: one message a text message, both ways; whether the other side is there is watched above, for both transports alike.
"""

import ssl
from typing import Final

from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as open_websocket
from websockets.exceptions import ConnectionClosed, WebSocketException

from kibitz.client.address import Address
from kibitz.client.errors import Untrusted
from kibitz.client.transport import MAX_MESSAGE, OPEN_SECONDS, Gone
from kibitz.client.trust import Trust

CLOSE_SECONDS: Final = 1.0
"""How long a peer may take to answer the closing handshake of a connection that is given up anyway."""


class WsTransport:
    """A connection whose messages are WebSocket messages."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket

    async def send(self, message: bytes) -> None:
        """Send one text message. Raises `Gone`."""
        try:
            await self._socket.send(message, text=True)
        except ConnectionClosed as closed:
            raise _gone(closed) from closed

    async def receive(self) -> bytes:
        """The next message. Raises `Gone` with the close code."""
        try:
            return await self._socket.recv(decode=False)
        except ConnectionClosed as closed:
            raise _gone(closed) from closed

    async def close(self) -> None:
        """Say goodbye and close."""
        await self._socket.close()

    def abort(self) -> None:
        """Close without a word."""
        self._socket.transport.abort()


async def connect(address: Address, trust: Trust) -> WsTransport:
    """Connect and, with TLS, see whom to. Raises `OSError`, `TimeoutError` or `Untrusted`."""
    try:
        socket = await open_websocket(
            f"{'wss' if address.tls else 'ws'}://{address.authority}/ws",
            ssl=trust.context() if address.tls else None,
            compression=None,  # the server sends each event's bytes to everyone and compresses for nobody
            max_size=MAX_MESSAGE,
            open_timeout=OPEN_SECONDS,
            close_timeout=CLOSE_SECONDS,
            ping_interval=None,
        )
    except ssl.SSLCertVerificationError as error:
        raise Untrusted(f"The server's certificate cannot be trusted: {error.verify_message}.") from error
    except WebSocketException as error:
        raise OSError(f"no WebSocket at {address.authority}/ws: {error}") from error
    transport = WsTransport(socket)
    try:
        if address.tls:
            trust.check(socket.transport.get_extra_info("ssl_object"))
    except Untrusted:
        transport.abort()
        raise
    return transport


def _gone(closed: ConnectionClosed) -> Gone:
    return Gone(closed.rcvd.code if closed.rcvd is not None else None)
