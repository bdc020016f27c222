"""WebSocket frames as a server sends them.

Rule: a server's frames are not masked (RFC 6455, section 5.1), so that the same bytes serve every receiver.
"""

import struct
from typing import Final

_TEXT: Final = 0x81
"""A text message in one frame: FIN and opcode 1 (section 5.2)."""

_BINARY: Final = 0x82
"""The same for bytes: opcode 2."""


def text_frame(payload: bytes) -> bytes:
    """One whole text message. The payload is UTF-8; frames of several messages may simply follow one another."""
    return _frame(_TEXT, payload)


def binary_frame(payload: bytes) -> bytes:
    """One whole message of bytes."""
    return _frame(_BINARY, payload)


def _frame(first: int, payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        return bytes((first, size)) + payload
    if size < 1 << 16:
        return struct.pack("!BBH", first, 126, size) + payload
    return struct.pack("!BBQ", first, 127, size) + payload
