"""Who listens on a port of this machine.

Rule: it only looks. Linux tells it in /proc; elsewhere, and of other users' programs, there is no answer.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PROC: Final = Path("/proc")

_LISTEN: Final = "0A"
"""TCP_LISTEN in include/net/tcp_states.h, as /proc/net/tcp writes it."""


@dataclass(frozen=True, slots=True)
class Program:
    """A running program: its process id and its name."""

    pid: int
    name: str


def listener(port: int) -> Program | None:
    """The program that listens on this TCP port, as far as this user may know."""
    wanted = {f"socket:[{inode}]" for inode in _inodes(port)}
    if not wanted:
        return None
    for process in PROC.glob("[0-9]*"):
        if not wanted.isdisjoint(_open_files(process)):
            with suppress(OSError):
                return Program(int(process.name), (process / "comm").read_text().strip())
    return None


def _inodes(port: int) -> Iterator[str]:
    for table in ("tcp", "tcp6"):
        with suppress(OSError):
            for line in (PROC / "net" / table).read_text().splitlines()[1:]:
                _, local, _, state, *rest = line.split()
                if state == _LISTEN and int(local.rpartition(":")[2], 16) == port:
                    yield rest[5]


def _open_files(process: Path) -> Iterator[str]:
    with suppress(OSError):  # it has just ended, or is another user's
        for descriptor in (process / "fd").iterdir():
            with suppress(OSError):
                yield os.readlink(descriptor)
