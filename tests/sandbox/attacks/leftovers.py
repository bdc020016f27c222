"""What a run left on the host: processes, files, shared memory.

Rule: a run is known by its mark, a name that its processes, its files and its keys carry; nothing else is ever looked at or ended.
"""

import asyncio
import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Final

from tests.sandbox.attacks.world import World

PLACES: Final = ("/tmp", "/var/tmp", "/dev/shm", "/run/lock", "/")  # noqa: S108 - where programs leave things
"""Folders of the host that anybody may write to."""

PATIENCE: Final = 3.0
"""Seconds in which the kernel may finish what was ended already; a process that was left stays far longer."""


async def found(world: World) -> list[str]:
    """What is left, in words, and then no longer there."""
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while processes := _processes(world):
        if asyncio.get_running_loop().time() > deadline:
            break
        await asyncio.sleep(0.02)
    left = [f"{len(processes)} processes were left"] if processes else []
    if files := _files(world.mark):
        left.append(f"{len(files)} files were left, {files[0].parent}/… among them")
    left += [f"System V {kind} was left" for kind, _ in _keys(world.values["KEY"])]
    if left:
        await _clean(world)
    return left


async def _clean(world: World) -> None:
    while processes := _processes(world, zombies=False):
        for process in processes:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        await asyncio.sleep(0.02)
    _remove(world)


def _remove(world: World) -> None:
    for path in _files(world.mark):
        if path.is_dir() and not path.is_symlink():
            # A tool in C: what was left may be nested more deeply than Python can follow.
            subprocess.run(["rm", "-rf", "--one-file-system", str(path)], check=True)
        else:
            path.unlink()
    for kind, number in _keys(world.values["KEY"]):
        subprocess.run(["ipcrm", f"--{kind}-id", number], check=True)


def _processes(world: World, *, zombies: bool = True) -> list[int]:
    """Processes with the mark in their command line or in the name of one of their threads."""
    names = [name for name in os.listdir("/proc") if name.isdigit() and name not in world.strangers]
    return [int(name) for name in names if _is_marked(f"/proc/{name}", world.mark.encode(), zombies)]


def _is_marked(process: str, mark: bytes, zombies: bool) -> bool:
    try:
        if mark in _read(f"{process}/cmdline"):
            return True
        if not zombies and _read(f"{process}/stat").rpartition(b")")[2].split()[0] == b"Z":
            return False
        return any(mark in _read(f"{process}/task/{thread}/comm") for thread in os.listdir(f"{process}/task"))
    except OSError:
        return False  # it ended meanwhile


def _read(path: str) -> bytes:
    with open(path, "rb", buffering=0) as file:
        return file.read()


def _files(mark: str) -> list[Path]:
    return [path for place in PLACES if os.path.isdir(place) for path in Path(place).iterdir() if mark in path.name]


def _keys(key: str) -> list[tuple[str, str]]:
    """Kinds and numbers of System V objects with this key."""
    return [
        (kind, line.split()[1])
        for kind, table in (("shmem", "shm"), ("semaphore", "sem"), ("queue", "msg"))
        for line in Path(f"/proc/sysvipc/{table}").read_text(encoding="ascii").splitlines()
        if line.split()[0] == key
    ]
