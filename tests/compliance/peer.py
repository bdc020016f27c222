"""A WebSocket client that can break every rule.

One rule: it writes and reads frames by itself, byte by byte, and shares no code with the server that is tested.
"""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

CONT, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
MASK = b"\x37\xfa\x21\x3d"  # the one of the examples in RFC 6455, section 5.7
KEY = "dGhlIHNhbXBsZSBub25jZQ=="  # and of section 1.3
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


@dataclass(frozen=True)
class Frame:
    """A frame as it came, which a server must not mask."""

    opcode: int
    payload: bytes
    fin: bool = True
    rsv: int = 0


def frame(opcode: int, payload: bytes = b"", *, fin: bool = True, rsv: int = 0, mask: bytes | None = MASK) -> bytes:
    """A frame as a client sends it, or as none may."""
    size = len(payload)
    flag = 0x80 if mask else 0
    head = bytes([fin << 7 | rsv << 4 | opcode])
    if size < 126:
        head += bytes([flag | size])
    elif size < 1 << 16:
        head += struct.pack("!BH", flag | 126, size)
    else:
        head += struct.pack("!BQ", flag | 127, size)
    if mask is None:
        return head + payload
    key = int.from_bytes((mask * (size // 4 + 1))[:size], "big")
    return head + mask + (int.from_bytes(payload, "big") ^ key).to_bytes(size, "big")


def close_payload(code: int, reason: bytes = b"") -> bytes:
    """What a close frame carries."""
    return struct.pack("!H", code) + reason


def request(path: str, port: int, *more: str, method: str = "GET", version: str = "HTTP/1.1") -> bytes:
    """The handshake, with more headers after those it needs."""
    return request_of(
        f"{method} {path} {version}",
        f"Host: 127.0.0.1:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {KEY}",
        "Sec-WebSocket-Version: 13",
        *more,
    )


def request_of(*lines: str) -> bytes:
    """A request of exactly these lines."""
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode("latin-1")


class Peer:
    """A connection of such a client."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def head(self) -> tuple[int, dict[str, str]]:
        """The status and headers of the server's answer."""
        status, *lines = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").rstrip("\r\n").split("\r\n")
        return int(status.split()[1]), dict(line.lower().split(": ", 1) for line in lines)

    async def next(self) -> Frame | None:
        """The next frame; None where the stream ends between two."""
        head = await self.reader.read(1)
        if not head:
            return None
        size = (await self.reader.readexactly(1))[0]
        if size == 126:
            size = int.from_bytes(await self.reader.readexactly(2), "big")
        elif size == 127:
            size = int.from_bytes(await self.reader.readexactly(8), "big")
        assert size < 1 << 40, "a server does not mask its frames"
        payload = await self.reader.readexactly(size)
        return Frame(head[0] & 0x0F, payload, bool(head[0] & 0x80), head[0] >> 4 & 7)

    async def rest(self) -> list[Frame]:
        """Every frame until the server ends the stream."""
        frames = []
        while (one := await self.next()) is not None:
            frames.append(one)
        return frames


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[Peer]:
    """A connection without a handshake, which is cut at the end if it is still there."""
    peer = Peer(*await asyncio.open_connection("127.0.0.1", port, limit=1 << 20))
    try:
        yield peer
    finally:
        peer.writer.transport.abort()


@asynccontextmanager
async def open_at(path: str, port: int) -> AsyncIterator[Peer]:
    """A connection after its handshake."""
    async with connected(port) as peer:
        peer.send(request(path, port))
        status, _ = await peer.head()
        assert status == 101
        yield peer
