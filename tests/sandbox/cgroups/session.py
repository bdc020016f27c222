"""One arrangement: the attack suite's probes for resources, given to a sandbox that lives in a cgroup of ours.

Rule: probes run one after the other, so that what the groups counted meanwhile is known to be theirs.

Usage, inside the group: `python -m tests.sandbox.cgroups.session GROUP RESULTS all|groups PATTERN`
"""

import asyncio
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import Final

import msgspec

from kibitz.runner.examine import examine
from kibitz.runner.once import a_runner
from kibitz.sandbox.jail import identity
from kibitz.sandbox.policy import MIB
from tests.sandbox.attacks.harness import Outcome, attack
from tests.sandbox.attacks.probe import Probe, load
from tests.sandbox.attacks.sandboxed import LONGEST, Sandboxed
from tests.sandbox.attacks.world import secret_environment
from tests.sandbox.cgroups.process import Counted

HELD_BY: Final = {"memory": "ended", "process bombs": "refused"}
"""Areas that groups can hold by themselves, and what they count then."""

LANGUAGES: Final = {"c", "python"}
"""What those are written in that try the groups alone: an emulated machine takes half a minute for a compiler of C++ or Java."""

SAMPLE: Final = (
    "c/daemon", "c/deaf_daemon", "c/fill_disk", "c/fork_bomb", "c/many_descriptors", "c/memory_of_many", "c/output_flood",
    "python/fills_memory_files", "python/floods_output", "python/leaves_daemon", "python/opens_files", "python/shell_bomb",
)  # fmt: skip
"""Probes for every kind of resource, where not all are tried."""

_BUFFERS: Final = "the buffers of as many sockets as its processes may have come to 190 MiB"

SPARED: Final[dict[str, str]] = {
    "c/fork_comet": "there are never more than a few of its processes at once",
    "c/mappings_bomb": "the limit of processes refuses the next one at 180 MiB",
    "c/socket_buffers": _BUFFERS,
    "c/socket_buffers_unseen": _BUFFERS,
    "c/socket_buffers_within_limits": _BUFFERS,
    "c/sysv_memory_bomb": "seccomp refuses shmget",
    "c/unmapped_memory_bomb": "seccomp refuses memfd_create",
    "python/fills_memory_files": "what can be written to is full at 64 MiB",
}
"""Probes of these areas that never come as far as the group's limit, and why."""


class Row(msgspec.Struct, frozen=True):
    """What came of one probe; `peak` is in bytes."""

    name: str
    title: str
    ending: str
    ended: int
    refused: int
    peak: int
    problems: tuple[str, ...]


class Session(msgspec.Struct, frozen=True):
    """What came of all of them, and what was wrong beside them."""

    rows: list[Row]
    problems: list[str]


def main() -> None:
    """Do as the command line says."""
    group, results, kind, pattern = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4]
    notes = results.with_suffix(".notes")
    notes.touch()
    with tempfile.TemporaryDirectory(prefix="kibitz-cgroups-") as folder, secret_environment():
        os.chmod(folder, 0o755)  # noqa: S103 - for the user that the sandbox becomes
        command = _command(notes, Path(folder, "tools"), alone=kind == "groups")
        problems = _greetings(command) if kind == "all" else []
        rows, found = asyncio.run(_hold(command, group, notes, pattern, alone=kind == "groups"))
    results.write_bytes(msgspec.json.encode(Session(rows, [*problems, *found, *_unlimited(notes)])))


def _command(notes: Path, tools: Path, *, alone: bool) -> Sequence[str]:
    code = f"from tests.sandbox.cgroups.process import main; main({str(notes)!r}, groups_alone={alone})"
    words = ("-c", code, "--timeout", str(LONGEST), "--tools", str(tools))
    return ["env", f"PYTHONPATH={os.environ['PYTHONPATH']}", sys.executable, *words]


def _greetings(command: Sequence[str]) -> list[str]:
    """What was wrong with a hello in each language."""
    found = examine(command)
    problems = [f"{info.name}: {info.missing}" for info in found.languages if info.missing]
    problems += [f"{name} did not say hello: {said[:200]}" for name, said in found.failed.items()]
    if found.problem:
        problems.append(found.problem)
    for info in found.languages:
        print(f"{'':7} hello in {info.version}: {'FAILS' if info.name in found.failed else 'well'}", flush=True)
    return problems


async def _hold(
    command: Sequence[str], group: Path, notes: Path, pattern: str, *, alone: bool
) -> tuple[list[Row], list[str]]:
    async with a_runner(seconds=LONGEST, command=command) as runner:
        if runner.problem is not None:
            return [], [runner.problem]
        user = identity.find()[0] if os.geteuid() == 0 else os.geteuid()
        executor = Sandboxed(runner, user)
        rows = [await _try(executor, probe, notes, alone=alone) for probe in _probes(pattern, alone=alone)]
        problems = _misplaced(group)
        if runner.counters.restarts:
            problems.append("a program ended the sandbox process itself")
    return rows, problems


def _probes(pattern: str, *, alone: bool) -> list[Probe]:
    """Root tries on the groups alone whatever they can hold; otherwise it is the sample."""
    probes = [probe for probe in load() if fnmatch(probe.name, pattern)]
    if alone:
        probes = [probe for probe in probes if probe.area in HELD_BY and probe.language in LANGUAGES]
    if not alone or os.geteuid() != 0:
        probes = [probe for probe in probes if probe.name in SAMPLE]
    return probes


async def _try(executor: Sandboxed, probe: Probe, notes: Path, *, alone: bool) -> Row:
    before = len(_read(notes))
    [outcome] = await attack(executor, [probe])
    counted = _read(notes)[before:]
    row = _row(outcome, counted, alone=alone)
    verdict = f"FALLS: {row.problems[0][:90]!a}" if row.problems else f"holds: {row.ending}"
    counts = f"{row.ended} ended, {row.refused} refused, peak {row.peak // MIB} MiB"
    print(f"{outcome.seconds:5.1f} s  {row.name:32} {verdict} ({counts})", flush=True)
    return row


def _row(outcome: Outcome, counted: Sequence[Counted], *, alone: bool) -> Row:
    probe = outcome.probe
    row = Row(
        name=probe.name,
        title=probe.title,
        ending=", ".join(dict.fromkeys(map(str, outcome.endings))),
        ended=sum(one.ended for one in counted),
        refused=sum(one.refused for one in counted),
        peak=max((one.peak for one in counted), default=0),
        problems=outcome.breaches,
    )
    if alone and not getattr(row, HELD_BY[probe.area]) and probe.name not in SPARED:
        return msgspec.structs.replace(row, problems=(*row.problems, "the kernel counted nothing for its group"))
    return row


def _read(notes: Path) -> list[Counted]:
    return [msgspec.json.decode(line, type=Counted) for line in notes.read_bytes().splitlines()]


def _unlimited(notes: Path) -> Iterator[str]:
    """Groups that were made without a limit."""
    counted = _read(notes)
    if not counted:
        yield "no sandbox had a group"
    for one in counted:
        if "max" in one.limits.values() or one.limits["memory.oom.group"] != "1":
            yield f"a group had no limit: {one.limits}"


def _misplaced(group: Path) -> list[str]:
    """Groups that are not where they should be: though a sandbox ran here before, there is one sandbox's, just below ours."""
    found = sorted(str(path.relative_to(group).parent) for path in group.rglob("sandbox-*"))
    return [] if found == ["."] else [f"sandboxes have their groups in {found}"]


if __name__ == "__main__":
    main()
