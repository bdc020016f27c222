"""How the load speaks to each server: the bytes it sends and the bytes it waits for.

One rule: all that differs between two servers of one benchmark stands here.
"""

import struct
from dataclasses import dataclass, replace
from typing import Final

INDEX: Final = b"@INDEX-@"
NUMBER: Final = b"@NUMBER@"
VALUE: Final = b"@VALUE-@"
"""What bench/load.c puts other words of eight bytes in the place of."""

MARK: Final = b"^^"
"""Stands before a message's number; `^` occurs nowhere else in what any of the servers sends."""

TEXT: Final = (MARK + NUMBER + b" " + b"a message as long as most of those that people write; " * 2)[:100]
"""A message of 100 bytes."""


@dataclass(frozen=True, slots=True)
class Speech:
    """What one kind of client says: the steps of its opening, each with what it waits for, and what it posts.

    `mark` shows that a message has come; `numbered` says that its number follows. `pulse` is what a client says from time to time
    that says nothing else.
    """

    name: str
    steps: tuple[tuple[bytes, bytes], ...]
    message: bytes
    mark: bytes = MARK
    numbered: bool = True
    over_http: bool = False
    ping: tuple[bytes, bytes] | None = None
    pulse: bytes = b""


PIPE: Final = Speech(
    "TCP, pipe protocol",
    ((b"r" + INDEX + b"\n", b"USER_LIST|"),),
    b"BROADCAST|" + TEXT + b"\n",
    ping=(b"PING\n", b"PONG"),
)

_LOGIN: Final = b'{"type":"log_in","id":1,"name":"r' + INDEX + b'"}'
_POST: Final = b'{"type":"post_message","id":2,"room":1,"text":"' + TEXT + b'","nonce":"bench-' + NUMBER + b'"}'
_PING: Final = b'{"type":"ping","id":3}'
_PONG: Final = b'"id":3'
_OPEN: Final = b'"caught_up"'

JSON: Final = Speech("TCP, JSON lines", ((_LOGIN + b"\n", _OPEN),), _POST + b"\n", ping=(_PING + b"\n", _PONG))


def posting(room: bytes) -> Speech:
    """JSON lines, whose sender waits for the acknowledgement, which goes out when a message is durable."""
    message = _POST.replace(b'"room":1', b'"room":' + room) + b"\n"
    return replace(JSON, message=message, mark=b'"type":"reply"', numbered=False)


def _frame(payload: bytes, kind: int = 0x81) -> bytes:
    """A text message as a client sends it. A mask of zeros is a mask (RFC 6455, section 5.3) and leaves numbers to be filled in."""
    size = len(payload)
    head = struct.pack("!BB", kind, 0x80 | size) if size < 126 else struct.pack("!BBH", kind, 0xFE, size)
    return head + bytes(4) + payload


_HANDSHAKE: Final = (
    b"GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
)

WEBSOCKET: Final = Speech(
    "WebSocket",
    ((_HANDSHAKE, b"\r\n\r\n"), (_frame(_LOGIN), _OPEN)),
    _frame(_POST),
    over_http=True,
    ping=(_frame(_PING), _PONG),
    # The load answers no pings; a pong that nobody asked for says the same (section 5.5.3).
    pulse=_frame(b"", 0x8A),
)

NATS: Final = Speech(
    "nats-server",
    ((b'CONNECT {"verbose":false,"pedantic":false}\r\nSUB bench 1\r\nPING\r\n', b"PONG"),),
    b"PUB bench 100\r\n" + TEXT + b"\r\n",
)

FLOOR: Final = Speech("C, one send() per connection per batch", ((b"", b"welcome"),), TEXT + b"\n")
