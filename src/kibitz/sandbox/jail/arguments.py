"""The sandbox's walls, as bubblewrap is told them.

Rule: nothing writable comes from the host, and nothing that a program could ever have written is bound (CVE-2026-87766 led out through a
symbolic link in a directory that was): programs come in by pipe, results go out by pipe, and every place is made afresh. The order
matters: what is remounted read-only comes last.
"""

import glob
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from kibitz.sandbox.plan import TOOLS, Stage
from kibitz.sandbox.policy import MAX_SHARED_MEMORY

PATH: Final = "/usr/local/bin:/usr/bin:/bin"
"""Where programs are looked for, inside and out."""

HOME: Final = "/box"
"""The one place a program can write to. /tmp is the same place, so that one size holds for both."""

_NAMESPACES: Final = (
    "--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try", "--disable-userns",
    "--uid", "1000", "--gid", "1000", "--hostname", "kibitz",
    # The shell is process 1 itself: when it ends nothing of the run is left, and bubblewrap, its parent, can tell what all of it took.
    "--as-pid-1", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv",
)  # fmt: skip

_ETC: Final = ("alternatives", "ld.so.cache", "localtime")
"""What loaders and libraries look for in /etc; none of it is secret."""

_SYSTEM: Final = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
"""Links into /usr nowadays, directories on older systems."""

ACCOUNTS: Final = (
    ("/etc/passwd", b"kibitz:x:1000:1000::/box:/bin/sh\n"),
    ("/etc/group", b"kibitz:x:1000:\n"),
)
"""The one account there is inside."""


def arguments(
    stage: Stage, tools: str | None, files: Mapping[str, int], *, gate: str, seccomp: int, status: int
) -> list[str]:
    """The command line for a stage.

    `tools` is the host's directory of what was made for the language, `files` are descriptors by path inside; `seccomp` is the
    descriptor of the filter, `gate` what its script begins with, and `status` where bubblewrap tells the process number of the shell.
    """
    made = [] if tools is None else ["--ro-bind", tools, f"{TOOLS}/made"]
    return [
        *_NAMESPACES,
        *_system(),
        *_etc(stage.configuration),
        *("--proc", "/proc", "--ro-bind", "/dev/null", "/proc/cmdline", "--dev", "/dev"),
        *("--size", str(MAX_SHARED_MEMORY), "--tmpfs", "/dev/shm"),  # noqa: S108 - inside
        *("--size", str(stage.limits.disk), "--perms", "0700", "--tmpfs", HOME, "--symlink", HOME[1:], "/tmp"),  # noqa: S108 - inside
        *made,
        *(word for path, descriptor in files.items() for word in ("--perms", "0444", "--file", str(descriptor), path)),
        *("--remount-ro", "/proc", "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", HOME),
        *_environment(stage.environment),
        *("--seccomp", str(seccomp), "--json-status-fd", str(status)),
        *("--", "/bin/sh", "-c", gate + stage.script),
    ]


def _system() -> Iterator[str]:
    yield from ("--ro-bind", "/usr", "/usr")
    for place in _SYSTEM:
        if os.path.islink(place):
            yield from ("--symlink", os.readlink(place), place)
        elif os.path.isdir(place):
            yield from ("--ro-bind", place, place)


def _etc(configuration: Sequence[str]) -> Iterator[str]:
    for name in _ETC:
        yield from ("--ro-bind-try", f"/etc/{name}", f"/etc/{name}")
    for pattern in configuration:
        for path in sorted(glob.glob(f"/etc/{pattern}")):
            yield from ("--ro-bind-try", path, path)


def _environment(more: Sequence[tuple[str, str]]) -> Iterator[str]:
    basic = (("PATH", PATH), ("HOME", HOME), ("LANG", "C.UTF-8"), ("TMPDIR", "/tmp"), ("TERM", "dumb"))  # noqa: S108 - inside
    for name, value in (*basic, *more):
        yield from ("--setenv", name, value)
