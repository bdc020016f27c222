"""The envelope of Hocuspocus 4: each message says which document it is about, so that one socket serves several.

Rule: the address a client wrote is given back as it came, since a client may have added a part of its own (`document`, NUL, session).
"""

from typing import Final

import msgspec

from kibitz.wire.yjs import messages
from kibitz.wire.yjs.lib0 import Malformed, read_string, read_uint, write_string, write_uint

_SYNC_REPLY: Final = 4
_CLOSE: Final = 7
_SYNC_STATUS: Final = 8
_PING: Final = 9
_PONG: Final = 10

PING: Final = bytes((_PING,))
"""Asks a client whether it is there; like `PONG` it is about no document, and a byte of its own."""

PONG: Final = bytes((_PONG,))
"""The answer to `PING`."""

MAX_ADDRESS: Final = 256
"""Bytes in an address: a session's number and what a client adds, ten times over."""


class Token(msgspec.Struct, frozen=True, gc=False):
    """A client's login for one document; empty where it has none of its own."""

    token: str

    def __repr__(self) -> str:
        return "Token(***)"


class Close(msgspec.Struct, frozen=True, gc=False):
    """A client leaves a document, and may stay with others."""


Message = messages.Message | Token | Close


class Addressed(msgspec.Struct, frozen=True, gc=False):
    """A message and the document it is about."""

    address: str
    message: Message

    @property
    def document(self) -> str:
        """The address without what the client added."""
        return self.address.partition("\0")[0]


def decode(raw: bytes) -> Addressed | None:
    """A message of a client; None for a ping or pong. Raises `Malformed`."""
    if raw in {PING, PONG}:
        return None
    address, at = read_string(raw, 0)
    if at > MAX_ADDRESS:
        raise Malformed("the address of a document is too long")
    kind, after = read_uint(raw, at)
    if kind == messages.AUTH:
        return Addressed(address, _token(raw, after))
    if kind == _CLOSE:
        return Addressed(address, Close())
    if kind == _SYNC_REPLY:
        return Addressed(address, messages.decode(b"\x00" + raw[after:]))
    return Addressed(address, messages.decode(raw, at))


def _token(raw: bytes, at: int) -> Token:
    kind, at = read_uint(raw, at)
    if kind != 0:
        raise Malformed("only a token is expected here")
    return Token(read_string(raw, at)[0])  # the version of the client's library may follow


def prefix(address: str) -> bytes:
    """What every message about this document begins with."""
    return write_string(address)


def authenticated(*, can_write: bool) -> bytes:
    """The login holds, to write or only to read."""
    return b"\x02\x02" + write_string("read-write" if can_write else "readonly")


def permission_denied(reason: str) -> bytes:
    """The login does not hold, or not any more."""
    return b"\x02\x01" + write_string(reason)


def sync_status(*, saved: bool) -> bytes:
    """The answer to one update: it is stored for good, or it was not taken."""
    return bytes((_SYNC_STATUS, saved))


def close(reason: str) -> bytes:
    """The document is closed to this client."""
    return write_uint(_CLOSE) + write_string(reason)
