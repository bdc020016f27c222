"""The messages of y-websocket (y-protocols' `PROTOCOL.md`): one a frame.

Rule: a message is decoded whole; bytes after its end are refused, so that nothing rides along unseen.
"""

from typing import Final

import msgspec

from kibitz.wire.yjs.lib0 import Malformed, read_bytes, read_uint, write_bytes, write_string

SYNC: Final = 0
AWARENESS: Final = 1
AUTH: Final = 2
QUERY_AWARENESS: Final = 3

EMPTY_UPDATE: Final = b"\x00\x00"
"""An update with no structs and nothing deleted."""


class SyncStep1(msgspec.Struct, frozen=True, gc=False):
    """What a side has, as a state vector: the other answers with what it lacks."""

    state: bytes


class SyncStep2(msgspec.Struct, frozen=True, gc=False):
    """The answer to step 1: an update with all that was lacking."""

    update: bytes


class Update(msgspec.Struct, frozen=True, gc=False):
    """What was just done to the document."""

    update: bytes


class Awareness(msgspec.Struct, frozen=True, gc=False):
    """Presence: see `kibitz.wire.yjs.awareness`."""

    payload: bytes


class QueryAwareness(msgspec.Struct, frozen=True, gc=False):
    """A request for everyone's presence."""


class Unknown(msgspec.Struct, frozen=True, gc=False):
    """A message of a kind that is not for a server, or not of this protocol."""

    kind: int


Message = SyncStep1 | SyncStep2 | Update | Awareness | QueryAwareness | Unknown
_SYNC_KINDS: Final = (SyncStep1, SyncStep2, Update)
_UPDATE: Final = bytes((SYNC, 2))


def decode(raw: bytes, at: int = 0) -> Message:
    """The message that begins at a position and ends with the bytes. Raises `Malformed`."""
    if raw.startswith(_UPDATE, at):  # what comes most
        return Update(_last(raw, at + 2))
    kind, at = read_uint(raw, at)
    if kind == SYNC:
        step, at = read_uint(raw, at)
        if step >= len(_SYNC_KINDS):
            raise Malformed(f"there is no sync message {step}")
        return _SYNC_KINDS[step](_last(raw, at))
    if kind == AWARENESS:
        return Awareness(_last(raw, at))
    if kind == QUERY_AWARENESS:
        return QueryAwareness()
    return Unknown(kind)


def _last(raw: bytes, at: int) -> bytes:
    payload, after = read_bytes(raw, at)
    if after != len(raw):
        raise Malformed("there are bytes after the message")
    return payload


def sync_step_1(state: bytes) -> bytes:
    """Say what this side has."""
    return b"\x00\x00" + write_bytes(state)


def sync_step_2(update: bytes) -> bytes:
    """Answer a step 1."""
    return b"\x00\x01" + write_bytes(update)


def update(payload: bytes) -> bytes:
    """Tell what was done."""
    return b"\x00\x02" + write_bytes(payload)


def awareness(payload: bytes) -> bytes:
    """Tell who is where."""
    return b"\x01" + write_bytes(payload)


def permission_denied(reason: str) -> bytes:
    """Say why not; clients of y-websocket log it."""
    return b"\x02\x00" + write_string(reason)
