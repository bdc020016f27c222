"""Presence as y-protocols has it: for each client a clock and a state, which is JSON or null.

Rule: a state is passed on as it came, but only if it is JSON, since every receiver parses it.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

import msgspec

from kibitz.wire.yjs.lib0 import Malformed, read_bytes, read_uint, write_bytes, write_uint

GONE: Final = b"null"
"""The state of a client that has left."""

NOBODY: Final = b"\x00"
"""A payload that tells of nobody."""

MAX_STATE: Final = 16 * 1024
"""Bytes in one client's state: a name, a colour, a cursor and what an editor adds, a hundredfold."""

MAX_ENTRIES: Final = 5000
"""Clients in one message: ten for each of the people that a session may have."""

_json: Final = msgspec.json.Decoder(msgspec.Raw)


class Entry(NamedTuple):
    """One client's presence. A newer clock replaces an older one."""

    client: int
    clock: int
    state: bytes


def decode(payload: bytes) -> list[Entry]:
    """The entries of a payload. Raises `Malformed`."""
    count, at = read_uint(payload, 0)
    if count > MAX_ENTRIES:
        raise Malformed("there are too many clients in one message")
    entries: list[Entry] = []
    for _ in range(count):  # each takes three bytes at least, so that a made-up count ends with the payload
        client, at = read_uint(payload, at)
        clock, at = read_uint(payload, at)
        state, at = read_bytes(payload, at)
        entries.append(Entry(client, clock, state))
    if at != len(payload):
        raise Malformed("there are bytes after the presence")
    return entries


def encode(entries: Iterable[Entry]) -> bytes:
    """A payload that tells of these clients."""
    parts = [write_uint(client) + write_uint(clock) + write_bytes(state) for client, clock, state in entries]
    return write_uint(len(parts)) + b"".join(parts)


def is_sound(state: bytes) -> bool:
    """Whether every receiver can parse a state."""
    try:
        state.decode()
        _json.decode(state)
    except (UnicodeDecodeError, msgspec.DecodeError, RecursionError):
        return False
    return len(state) <= MAX_STATE
