"""JSON lines over TCP.

Rule: one message a line, both ways; a line that never ends ends the connection.
"""

import asyncio
import ssl
from contextlib import suppress
from typing import Final

from kibitz.client.address import Address
from kibitz.client.errors import Untrusted
from kibitz.client.transport import MAX_MESSAGE, OPEN_SECONDS, Gone
from kibitz.client.trust import Trust

CLOSE_SECONDS: Final = 1.0
"""How long a peer may take over the end of a connection that is given up anyway."""


class TcpTransport:
    """A connection whose messages are lines."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def send(self, message: bytes) -> None:
        """Send one line. Raises `Gone`."""
        if self._writer.is_closing():
            raise Gone
        try:
            self._writer.write(message + b"\n")
            await self._writer.drain()
        except OSError as error:
            raise Gone from error

    async def receive(self) -> bytes:
        """The next line. Raises `Gone`."""
        try:
            return await self._reader.readuntil(b"\n")
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
            raise Gone from error

    async def close(self) -> None:
        """Flush and close."""
        self._writer.close()
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                with suppress(OSError):
                    await self._writer.wait_closed()
        except TimeoutError:
            self.abort()

    def abort(self) -> None:
        """Close without a word."""
        self._writer.transport.abort()


async def connect(address: Address, trust: Trust) -> TcpTransport:
    """Connect and, with TLS, see whom to. Raises `OSError`, `TimeoutError` or `Untrusted`."""
    context = trust.context() if address.tls else None
    try:
        async with asyncio.timeout(OPEN_SECONDS):
            reader, writer = await asyncio.open_connection(address.host, address.port, ssl=context, limit=MAX_MESSAGE)
    except ssl.SSLCertVerificationError as error:
        raise Untrusted(f"The server's certificate cannot be trusted: {error.verify_message}.") from error
    transport = TcpTransport(reader, writer)
    try:
        if context is not None:
            trust.check(writer.get_extra_info("ssl_object"))
    except Untrusted:
        transport.abort()
        raise
    return transport
