"""What one sandbox holds, measured from outside.

Rule: a sandbox is looked at through its own `/proc`, which lists its processes and no other, and only once that is there. What hides from
being counted, or takes too long to be counted, counts in full.
"""

import os
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from kibitz.sandbox.policy import KIB, MAX_ALL_DESCRIPTORS, Limits

MAX_LOOK: Final = 0.05
"""Seconds of computing that one look may take; 64 processes take 5 ms. A program can make it take a second, by letting processes with
tens of thousands of mappings die under the eye of who looks at them."""

_TICKS: Final = os.sysconf("SC_CLK_TCK")
_SCHED: Final = 2  # what the C library makes of a process for clock_getcpuclockid(3)

_MEMORY: Final = (b"RssAnon:", b"RssShmem:", b"VmPTE:", b"VmSwap:")
"""The lines of /proc/…/status that make up what only this process holds."""

_HAS_MEMORY: Final = b"\nVmRSS:"
"""What stands there as long as it holds any."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What all processes of a run hold together: `memory` in bytes, its files included, which are in memory too."""

    memory: int
    processes: int
    descriptors: int
    files: int


def breach(usage: Usage, limits: Limits) -> str | None:
    """The limit that is not kept, as `Result.killed_for` names it."""
    if usage.memory > limits.memory:
        return "memory"
    if usage.processes > limits.processes + 1:
        return "processes"
    if usage.descriptors > MAX_ALL_DESCRIPTORS:
        return "descriptors"
    if usage.files > limits.files:
        return "disk"
    return None


class Gauge:
    """Measures one sandbox, by the process number of its first process."""

    def __init__(self, pid: int, limits: Limits) -> None:
        self._root = f"/proc/{pid}/root"
        self._limits = limits
        self._descriptors: tuple[int, int] | None = None  # of the sandbox's /box and /proc

    def measure(self) -> Usage | None:
        """What the sandbox holds now; None before it is set up and after its end."""
        if self._descriptors is None:
            self._descriptors = self._look_in()
        if self._descriptors is None:
            return None
        box, proc = self._descriptors
        disk = os.fstatvfs(box)
        memory = (disk.f_blocks - disk.f_bfree) * disk.f_frsize
        processes = descriptors = 0
        began = time.thread_time()
        for name in filter(str.isdecimal, os.listdir(proc)):
            processes += 1
            thread, status = _living_thread(proc, name)
            memory += _memory_in(status)
            descriptors += _descriptors_of(proc, thread, self._limits.descriptors) if thread else 0
            if time.thread_time() > began + MAX_LOOK:
                memory = max(memory, self._limits.memory + 1)
            if memory > self._limits.memory:
                break
        return Usage(memory, processes, descriptors, disk.f_files - disk.f_ffree) if processes else None

    def cpu_seconds(self) -> float:
        """What its processes have computed so far, those included that have ended and were waited for; each good to 20 ms."""
        if self._descriptors is None:
            return 0.0
        proc, began, found = self._descriptors[1], time.thread_time(), 0.0
        for name in filter(str.isdecimal, os.listdir(proc)):
            found += _cpu_of(proc, name)
            if time.thread_time() > began + MAX_LOOK:
                break
        return found

    def close(self) -> None:
        """Let go of the sandbox."""
        for descriptor in self._descriptors or ():
            os.close(descriptor)
        self._descriptors = None

    def _look_in(self) -> tuple[int, int] | None:
        """The sandbox's own places, or None while it still sees the host's: those of the host must not be measured."""
        try:
            box = os.open(f"{self._root}/box", os.O_PATH | os.O_DIRECTORY)
        except OSError:
            return None
        size = os.fstatvfs(box)
        if size.f_blocks * size.f_frsize == self._limits.disk:
            with suppress(OSError):
                return box, os.open(f"{self._root}/proc", os.O_RDONLY | os.O_DIRECTORY)
        os.close(box)
        return None


def _living_thread(proc: int, name: str) -> tuple[str, bytes]:
    """A thread of the process that still has what they share, and its status; no name where all have ended.

    The first thread may end before the others, and who looks only at that one sees a process that holds nothing.
    """
    status = _text(proc, f"{name}/status")
    if _HAS_MEMORY in status:
        return name, status
    for thread in _listing(proc, f"{name}/task"):
        status = _text(proc, f"{name}/task/{thread}/status")
        if _HAS_MEMORY in status:
            return f"{name}/task/{thread}", status
    return "", b""


def _memory_in(status: bytes) -> int:
    return sum(int(line.split()[1]) for line in status.splitlines() if line.startswith(_MEMORY)) * KIB


def _cpu_of(proc: int, name: str) -> float:
    fields = _text(proc, f"{name}/stat").rpartition(b")")[2].split()
    return sum(int(ticks) for ticks in fields[11:15]) / _TICKS  # utime, stime, cutime, cstime (proc(5))


def _text(proc: int, path: str) -> bytes:
    """A file of a process; empty for one that is gone."""
    try:
        file = os.open(path, os.O_RDONLY, dir_fd=proc)
    except OSError:
        return b""
    try:
        return os.read(file, 8192)
    except OSError:
        return b""
    finally:
        os.close(file)


def _descriptors_of(proc: int, thread: str, most: int) -> int:
    try:
        return len(_listing(proc, f"{thread}/fd"))
    except PermissionError:
        return most


def _listing(proc: int, path: str) -> list[str]:
    """The names in a directory of a process; none for one that is gone. Raises `PermissionError` where we may not look."""
    try:
        directory = os.open(path, os.O_RDONLY | os.O_DIRECTORY, dir_fd=proc)
    except PermissionError:
        raise
    except OSError:
        return []
    try:
        return os.listdir(directory)
    except OSError:
        return []
    finally:
        os.close(directory)


def cpu_of_family(pid: int) -> float:
    """Seconds that a process and its descendants have computed, exactly; for a family in which only main threads have children."""
    return sum(_cpu_clock(one) for one in _family(pid))


def _family(pid: int) -> list[int]:
    found = [pid]
    for one in found:
        with suppress(OSError), open(f"/proc/{one}/task/{one}/children", "rb", buffering=0) as file:
            found.extend(int(child) for child in file.read(4096).split())
    return found


def _cpu_clock(pid: int) -> float:
    with suppress(OSError):
        return time.clock_gettime((~pid << 3) | _SCHED)
    return 0.0
