"""Compiled programs, so that nothing is compiled twice.

Rule: a program is kept under all that went into it, and only if the compiler took it. It is in this process's memory, where nothing that
a program does can reach it, and the least recently used goes first.
"""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from kibitz.sandbox.policy import MIB

MAX_BYTES: Final = 64 * MIB
"""Bytes of all programs: some thousand small ones in C, some hundred in C++."""

_VOLATILE: Final = (b"__DATE__", b"__TIME__", b"__TIMESTAMP__")
"""What makes a compiled program depend on when it was compiled."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """A program, and what the compiler said about it all the same."""

    program: bytes
    complaints: bytes


class Cache:
    """The programs that were compiled lately."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max = max_bytes
        self._size = 0
        self._kept: OrderedDict[bytes, Compiled] = OrderedDict()

    def get(self, key: bytes) -> Compiled | None:
        """What was compiled from this."""
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def put(self, key: bytes, compiled: Compiled) -> None:
        """Keep it, and let go of the oldest for that."""
        self._drop(key)
        self._kept[key] = compiled
        self._size += _size(compiled)
        while self._size > self._max:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: bytes) -> None:
        gone = self._kept.pop(key, None)
        if gone is not None:
            self._size -= _size(gone)

    def __len__(self) -> int:
        return len(self._kept)


def key_of(parts: Iterable[str | bytes]) -> bytes:
    """The key for what was made of all these, each told apart from its neighbour."""
    digest = sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(b"%d:" % len(data))
        digest.update(data)
    return digest.digest()


def is_lasting(source: bytes) -> bool:
    """Whether a program compiled from this will be the same tomorrow."""
    return not any(word in source for word in _VOLATILE)


def _size(compiled: Compiled) -> int:
    return len(compiled.program) + len(compiled.complaints)
