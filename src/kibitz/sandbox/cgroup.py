"""Limits for a whole run by the kernel itself, where a part of the cgroup tree was given to us.

Rule: cgroup v2 only, and only below a group that was delegated (`Delegate=yes` in a systemd unit, a group of our own elsewhere): nobody
else's groups are touched. Where there is none, the watchdog alone holds the limits; where there is one, it goes on counting what
cgroups do not, descriptors and files. The cpu controller stays off: being idle (SCHED_IDLE) means something only within one group.
"""

import itertools
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from kibitz.sandbox.policy import Limits

MOUNT: Final = Path("/sys/fs/cgroup")
"""Where systemd and containers mount cgroup v2."""

CONTROLLERS: Final = frozenset({"memory", "pids"})
"""What a run is limited by."""

_ENABLE: Final = " ".join(f"+{name}" for name in sorted(CONTROLLERS))
_PREFIX: Final = "sandbox-"
_SERVER: Final = "server"
_XATTRS: Final = ("user.delegate", "trusted.delegate")
"""How systemd marks a group that it gave away (systemd's Delegate=, since version 251 and before)."""


def delegated(mount: Path = MOUNT, own: Path = Path("/proc/self/cgroup")) -> Path | None:
    """The group below which this process may make its own, or None where nobody gave it one."""
    here = _own_group(mount, own)
    if here is None:
        return None
    base = _base(mount, here)
    return base if base and _words(base / "cgroup.controllers") >= CONTROLLERS else None


def _base(mount: Path, here: Path) -> Path | None:
    # A sandbox that ran before has moved the server one down, and the next one must not begin below that.
    if here.name == _SERVER and here != mount and _is_alone_in(here.parent):
        return here.parent
    if _is_marked(here) or _is_alone_in(here):
        return here
    # Systemd may have put the server into a group below the one it gave away (DelegateSubgroup=).
    return here.parent if _is_marked(here.parent) and here != mount else None


def _own_group(mount: Path, own: Path) -> Path | None:
    if not (mount / "cgroup.controllers").exists():
        return None
    for line in own.read_text().splitlines():
        if line.startswith("0::/"):
            return mount / line.removeprefix("0::/")
    return None


def _is_marked(group: Path) -> bool:
    return any(_xattr(group, name) == b"1" for name in _XATTRS)


def _is_alone_in(group: Path) -> bool:
    """Whether the group is our user's, and nobody is in it but the server and this process. Root owns all: for root that says nothing."""
    if os.geteuid() == 0 or _owner(group) != os.geteuid():
        return False
    return _words(group / "cgroup.procs") <= {str(os.getpid()), str(os.getppid())}


def _owner(group: Path) -> int:
    return group.stat().st_uid


def _xattr(group: Path, name: str) -> bytes:
    with suppress(OSError):
        return os.getxattr(group, name)
    return b""


def _words(file: Path) -> set[str]:
    return set(file.read_text().split())


class Leaf:
    """The group of one sandbox."""

    def __init__(self, group: Path, limits: Limits) -> None:
        self._group = group
        group.mkdir()
        for name, value in (
            ("memory.max", limits.memory),
            ("memory.swap.max", 0),
            ("memory.oom.group", 1),
            ("pids.max", limits.processes + 1),
        ):
            if name != "memory.swap.max" or (group / name).exists():  # a kernel without swap has no such limit
                (group / name).write_text(str(value))

    def take(self, pid: int) -> None:
        """Have this process, and so its children, in the group. Raises `OSError`."""
        (self._group / "cgroup.procs").write_text(str(pid))

    def kill(self) -> None:
        """End every process in the group, on a kernel that can (5.14)."""
        with suppress(OSError):
            (self._group / "cgroup.kill").write_text("1")

    @property
    def ran_out_of_memory(self) -> bool:
        """Whether the kernel ended something in the group for its memory."""
        with suppress(OSError, ValueError):
            words = (self._group / "memory.events").read_text().split()
            return int(words[words.index("oom_kill") + 1]) > 0
        return False

    def remove(self) -> None:
        """The group is empty: away with it."""
        with suppress(OSError):
            self._group.rmdir()


class Tree:
    """Our own groups below one that was delegated: `sandbox-N/service` for the sandbox process, and one beside it for each run."""

    def __init__(self, base: Path, *, owner: tuple[int, int] | None = None) -> None:
        """Move whoever is in `base` below it, since a group with processes can have none with limits, and this process with them.

        `owner` is the user and group who will go on here. Raises `OSError`.
        """
        self._numbers = itertools.count(1)
        self._clear(base)
        self.group = base / f"{_PREFIX}{os.getpid()}"
        service = self.group / "service"
        service.mkdir(parents=True)
        (service / "cgroup.procs").write_text(str(os.getpid()))
        self._empty(base)
        for group in (base, self.group):
            (group / "cgroup.subtree_control").write_text(_ENABLE)
        if owner is not None:
            for path in (self.group, *self.group.iterdir(), *service.iterdir(), service):
                with suppress(PermissionError, FileNotFoundError):
                    os.chown(path, *owner)

    def leaf(self, limits: Limits) -> Leaf:
        """A group for one more sandbox. Raises `OSError`."""
        return Leaf(self.group / str(next(self._numbers)), limits)

    @staticmethod
    def _empty(base: Path) -> None:
        server = base / _SERVER
        for pid in (base / "cgroup.procs").read_text().split():
            server.mkdir(exist_ok=True)
            with suppress(ProcessLookupError):
                (server / "cgroup.procs").write_text(pid)

    @staticmethod
    def _clear(base: Path) -> None:
        """Remove what processes that are gone have left; what is in use cannot be removed."""
        for group in base.glob(f"{_PREFIX}*"):
            for path in (*(one for one in group.iterdir() if one.is_dir()), group):
                with suppress(OSError):
                    path.rmdir()
