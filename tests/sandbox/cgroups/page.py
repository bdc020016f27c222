"""The public page: what came of each probe, and what the kernel counted.

Rule: it is written by the run that it tells of, and shows what was wrong first.
"""

import os
import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kibitz.sandbox.policy import MIB
from tests.sandbox.cgroups.session import SPARED, Row, Session

INTRODUCTION = """\
# The sandbox on cgroup v2

The attack suite's probes for resources, run by a stock Debian kernel in a virtual machine. Where a part of the cgroup tree was given to
the server, each sandbox has a group with limits of its own. In the arrangements that say «groups alone» everything else that could hold
the same limits is taken away: the watchdog's verdicts, the limits on one process, and every way to end a sandbox but `cgroup.kill`.
There the kernel must have counted what it did: processes it ended for their group's memory (`oom_kill` in `memory.events`), or
processes it refused (`max` in `pids.events`). Root tries every probe in C and Python that groups can hold in this way; the other
arrangements take a sample, and those with everything in place begin with a hello in each language. This file is written by the run.
"""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Who starts the sandbox (None for root), and whether groups hold its limits alone (`groups`) or with `all` the rest."""

    name: str
    title: str
    user: int | None
    kind: str


def page(sessions: Sequence[tuple[Arrangement, Session]]) -> str:
    """The page as Markdown."""
    rows = [row for _, session in sessions for row in session.rows]
    held = sum(not row.problems for row in rows)
    lines = [
        INTRODUCTION,
        "- Command: `make cgroups`",
        f"- Kernel: Linux {os.uname().release} ({os.uname().version}), {platform.machine()}, emulated by QEMU; "
        f"Python {platform.python_version()}",
        f"- Held: {held} of {len(rows)}",
        *(f"- **Wrong** ({one.name}): {problem}" for one, session in sessions for problem in session.problems),
    ]
    for arrangement, session in sessions:
        lines += ["", f"## {arrangement.title}", "", *_table(session, alone=arrangement.kind == "groups")]
    return "\n".join([*lines, ""])


def _table(session: Session, *, alone: bool) -> Iterator[str]:
    yield "| probe | tries to | in Kibitz | ended for memory | refused processes | peak, MiB |"
    yield "|---|---|---|---:|---:|---:|"
    for row in session.rows:
        cells = (
            f"`{row.name}`",
            row.title[0].lower() + row.title[1:],
            _verdict(row, alone=alone),
            row.ended,
            row.refused,
        )
        yield f"| {' | '.join(map(str, cells))} | {round(row.peak / MIB)} |"


def _verdict(row: Row, *, alone: bool) -> str:
    if row.problems:
        return "**falls**: " + row.problems[0].replace("|", "\\|")[:110]
    spared = SPARED.get(row.name) if alone else None
    return f"holds: {row.ending}" + (f" ({spared})" if spared else "")
