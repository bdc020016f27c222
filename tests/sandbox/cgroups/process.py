"""The sandbox process with a witness: what the kernel counted for a sandbox's group is noted before the group is removed.

Rule: it is the sandbox process that the server starts. Only `groups_alone` takes something away from it, and never a part of the groups.
"""

import resource
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final, TextIO
from unittest.mock import patch

import msgspec

from kibitz.sandbox import __main__ as sandbox
from kibitz.sandbox import box, selftest
from kibitz.sandbox.cgroup import Leaf
from kibitz.sandbox.jail import launch
from kibitz.sandbox.policy import Limits

_SAME_LIMITS: Final = {resource.RLIMIT_NPROC, resource.RLIMIT_DATA, resource.RLIMIT_AS}
"""Limits on one process that hold what a group holds."""


class Counted(msgspec.Struct, frozen=True):
    """One group at its end. `ended` is how often memory made the kernel kill, `refused` how often it refused a process; `peak` in bytes.

    `limits` are the group's own settings by file name, as the kernel tells them.
    """

    limits: dict[str, str]
    ended: int
    refused: int
    peak: int


def main(notes: str, *, groups_alone: bool) -> None:
    """Be the sandbox process, and append what each group counted to the file `notes`, a line of JSON each."""
    with ExitStack() as changes, open(notes, "a", encoding="utf-8") as file:
        changes.enter_context(_witness(file))
        if groups_alone:
            changes.enter_context(_groups_alone())
        sandbox.main()


@contextmanager
def _witness(file: TextIO) -> Iterator[None]:
    remove = Leaf.remove

    def note_and_remove(leaf: Leaf) -> None:
        file.write(msgspec.json.encode(_counted(leaf._group)).decode() + "\n")
        file.flush()
        remove(leaf)

    with patch.object(Leaf, "remove", note_and_remove):
        yield


def _counted(group: Path) -> Counted:
    limits = ("memory.max", "memory.swap.max", "memory.oom.group", "pids.max")
    return Counted(
        limits={name: (group / name).read_text().strip() for name in limits if (group / name).exists()},
        ended=_event(group / "memory.events", "oom_kill"),
        refused=_event(group / "pids.events", "max"),
        peak=int((group / "memory.peak").read_text()),
    )


def _event(file: Path, name: str) -> int:
    words = file.read_text().split()
    return int(words[words.index(name) + 1])


@contextmanager
def _groups_alone() -> Iterator[None]:
    """Without the watchdog's verdicts, the limits on one process that would come first, and any other way to end a sandbox."""
    resources = launch._resources

    def without(limits: Limits) -> list[tuple[int, int]]:
        # The self-test insists on all of them, and runs before any program.
        is_test = limits is selftest._LIMITS
        return [one for one in resources(limits) if is_test or one[0] not in _SAME_LIMITS]

    with (
        patch.object(box, "breach", lambda _usage, _limits: None),
        patch.object(launch, "_resources", without),
        patch.object(signal, "pidfd_send_signal"),
    ):
        yield
