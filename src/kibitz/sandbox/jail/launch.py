"""A new sandbox: its process, its pipes, and the limits on it before it does anything.

Rule: bubblewrap is started by the thread of the event loop (a sandbox dies with the *thread* that started it), with an empty environment
and no descriptor but those it needs. Its first process waits at a gate until every limit is on it; all others are its children, so
that nothing ever runs without.
"""

import os
import resource
import signal
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Final

from kibitz.sandbox.jail import seccomp
from kibitz.sandbox.jail.arguments import ACCOUNTS, arguments
from kibitz.sandbox.plan import Stage
from kibitz.sandbox.policy import KIB, Limits, cores

GATE: Final = "read -r gate || exit 125\n"
"""What every script begins with: nothing before the limits."""

OPEN_GATE: Final = b"\n"
"""What is written to the gate."""

MAX_LOCKED: Final = 64 * KIB
"""Bytes that may be locked in memory: the kernel's own default before 5.16."""

CPU_MARGIN: Final = 5.0
"""Seconds of computing beyond what the clock allows: the clock ends a run, this is the second lock."""

NO_CORE: Final = 1
"""Bytes of a core file. 0 would still hand the dump to a program of the host where `core_pattern` names one; 1 does not (core(5))."""

FIRST_TO_GO: Final = b"1000"
"""The highest oom_score_adj: when the machine runs out of memory the kernel ends a program, not the chat."""

_DEFAULT_SIGNALS: Final = tuple(signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP})
"""All that can be: Python ignores some, and whoever started the server may have, as `nohup` does."""


@dataclass(frozen=True, slots=True)
class Launched:
    """A sandbox at its gate: bubblewrap's process number, our ends of its pipes, and where bubblewrap tells of the first process."""

    pid: int
    stdin: int
    stdout: int
    stderr: int
    status: int


def launch(bubblewrap: str, stage: Stage, tools: str | None) -> Launched:
    """Start a sandbox. Raises `OSError` where bubblewrap is not there or the machine has no room for a process."""
    if os.geteuid() == 0:
        raise PermissionError("Bubblewrap is not started as root: its walls would not hold.")
    with ExitStack() as theirs, ExitStack() as ours:
        stdin, stdin_ours = _pipe(theirs, ours)
        stdout_ours, stdout = _pipe(ours, theirs)
        stderr_ours, stderr = _pipe(ours, theirs)
        status_ours, status = _pipe(ours, theirs)
        files = {path: _in_memory(theirs, content) for path, content in (*ACCOUNTS, *stage.files)}
        filter_ = _in_memory(theirs, seccomp.program())
        pid = os.posix_spawn(
            bubblewrap,
            [bubblewrap, *arguments(stage, tools, files, gate=GATE, seccomp=filter_, status=status)],
            {},
            file_actions=[
                *((os.POSIX_SPAWN_DUP2, one, target) for one, target in ((stdin, 0), (stdout, 1), (stderr, 2))),
                *((os.POSIX_SPAWN_CLOSE, one) for one in _inheritable()),
                *((os.POSIX_SPAWN_DUP2, one, one) for one in (status, filter_, *files.values())),  # now it is inherited
            ],
            setsigdef=_DEFAULT_SIGNALS,
        )
        ours.pop_all()
    return Launched(pid, stdin_ours, stdout_ours, stderr_ours, status_ours)


def restrain(pid: int, limits: Limits) -> None:
    """Put the limits on the first process while it waits at the gate. Raises `OSError`; then the sandbox must go.

    The number of processes counts only from inside a user namespace, which this process is in already: set on bubblewrap, one run's
    fork bomb would keep the next one from starting.
    """
    for which, value in _resources(limits):
        _, most = resource.prlimit(pid, which)
        limit = value if most == resource.RLIM_INFINITY else min(value, most)
        resource.prlimit(pid, which, (limit, limit))
    # A session of its own is an own group for the scheduler, in which being nice means nothing; being idle does.
    os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0))
    with suppress(OSError), open(f"/proc/{pid}/oom_score_adj", "wb", buffering=0) as file:
        file.write(FIRST_TO_GO)


def _resources(limits: Limits) -> list[tuple[int, int]]:
    found = [
        (resource.RLIMIT_NPROC, limits.processes + 1),  # the shell that waits is one
        (resource.RLIMIT_NOFILE, limits.descriptors),
        (resource.RLIMIT_CPU, int(limits.seconds * cores() + CPU_MARGIN)),
        (resource.RLIMIT_FSIZE, limits.disk),
        (resource.RLIMIT_DATA, limits.memory),
        (resource.RLIMIT_MEMLOCK, MAX_LOCKED),
        (resource.RLIMIT_CORE, NO_CORE),
    ]
    return found if limits.address_space is None else [*found, (resource.RLIMIT_AS, limits.address_space)]


def _inheritable() -> list[int]:
    """Descriptors that would be passed on by mistake: Python marks its own so that they are not, others may have come with us."""
    found = []
    for name in os.listdir("/proc/self/fd"):
        with suppress(OSError):  # the listing's own, which is closed by now
            if int(name) > 2 and os.get_inheritable(int(name)):
                found.append(int(name))
    return found


def _pipe(reader: ExitStack, writer: ExitStack) -> tuple[int, int]:
    read, write = os.pipe()
    reader.callback(os.close, read)
    writer.callback(os.close, write)
    return read, write


def _in_memory(stack: ExitStack, content: bytes) -> int:
    descriptor = os.memfd_create("kibitz")
    stack.callback(os.close, descriptor)
    os.write(descriptor, content)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor
