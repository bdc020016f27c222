"""Who wrote which part of a text.

Rule: kept in bytes of UTF-8, as the engine tells its changes, and in as few runs as there are changes of author.
"""

from collections.abc import Iterable
from typing import NamedTuple

from kibitz.coedit.engine import Change
from kibitz.wire.yjs.lib0 import read_uint, write_uint


class Passage(NamedTuple):
    """A part of a text that one user wrote."""

    user: int
    text: str


class Authorship:
    """The authors of a text: runs of (user, bytes), in order."""

    def __init__(self, runs: Iterable[tuple[int, int]] = ()) -> None:
        self._runs = list(runs)

    def change(self, steps: Iterable[Change], user: int) -> None:
        """This user changed the text so."""
        new: list[tuple[int, int]] = []
        left = iter(self._runs)
        author, size = next(left, (0, 0))
        for kept, removed, added in steps:
            wanted = kept or removed
            while wanted and size:
                part = min(wanted, size)
                if kept:
                    _append(new, author, part)
                wanted, size = wanted - part, size - part
                if not size:
                    author, size = next(left, (0, 0))
            _append(new, user, added)
        _append(new, author, size)
        for author, size in left:
            _append(new, author, size)
        self._runs = new

    def of(self, text: str) -> list[Passage]:
        """The passages of the text this was kept for; joined they are the text."""
        raw = text.encode()
        passages: list[Passage] = []
        start = end = 0
        for user, size in self._runs:
            end = _at_character(raw, end + size)
            if end > start:
                passages.append(Passage(user, raw[start:end].decode()))
            start = end
        if start < len(raw):  # only where something that is no text stood in it
            passages.append(Passage(passages[-1].user if passages else 0, raw[start:].decode()))
        return passages

    def encode(self) -> bytes:
        """As it is stored."""
        return write_uint(len(self._runs)) + b"".join(write_uint(user) + write_uint(size) for user, size in self._runs)


def decode(data: bytes, at: int) -> Authorship:
    """What `encode` has written. Raises `Malformed`."""
    count, at = read_uint(data, at)
    runs: list[tuple[int, int]] = []
    for _ in range(count):
        user, at = read_uint(data, at)
        size, at = read_uint(data, at)
        runs.append((user, size))
    return Authorship(runs)


def _append(runs: list[tuple[int, int]], user: int, size: int) -> None:
    if not size:
        return
    if runs and runs[-1][0] == user:
        runs[-1] = (user, runs[-1][1] + size)
    else:
        runs.append((user, size))


def _at_character(raw: bytes, at: int) -> int:
    while at < len(raw) and raw[at] & 0xC0 == 0x80:
        at += 1
    return min(at, len(raw))
