"""One arrangement: the attack suite's probes for resources, given to a sandbox that lives in a cgroup of ours.

Rule: probes run one after the other, so that what the groups counted meanwhile is known to be theirs.

Usage, inside the group: `python -m tests.sandbox.cgroups.session GROUP RESULTS all|groups`
"""

import asyncio
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import msgspec

from kibitz.runner.examine import examine
from kibitz.runner.once import a_runner
from kibitz.sandbox.jail import identity
from tests.sandbox.attacks.harness import Outcome, attack
from tests.sandbox.attacks.probe import Probe, load
from tests.sandbox.attacks.sandboxed import LONGEST, Sandboxed
from tests.sandbox.attacks.world import secret_environment
from tests.sandbox.cgroups.process import Counted

LANGUAGES: Final = {"c", "python"}
"""What the probes are written in: the compilers of C++ and Java take a quarter of a minute each time in an emulated machine."""

HELD_BY: Final = {"memory": "ended", "process bombs": "refused"}
"""Areas that groups can hold by themselves, and what they count then."""

AREAS: Final = {*HELD_BY, "descriptors", "disk", "output", "leftovers"}

SPARED: Final[dict[str, str]] = {}
"""Probes of these areas that never come as far as the group's limit, and why."""

SLOWER: Final = 4
"""How much more time a probe is given than on a real machine."""

COMPILE_SECONDS: Final = 90
"""The same for compilers."""


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
    group, results, kind = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    notes = results.with_suffix(".notes")
    notes.touch()
    with tempfile.TemporaryDirectory(prefix="kibitz-cgroups-") as folder, secret_environment():
        os.chmod(folder, 0o755)  # noqa: S103 - for the user that the sandbox becomes
        command = _command(notes, Path(folder, "tools"), alone=kind == "groups")
        problems = [] if kind == "groups" else _greetings(command)
        rows, found = asyncio.run(_hold(command, group, notes, alone=kind == "groups"))
    results.write_bytes(msgspec.json.encode(Session(rows, [*problems, *found, *_unlimited(notes)])))


def _command(notes: Path, tools: Path, *, alone: bool) -> Sequence[str]:
    lines = (
        f"from kibitz.sandbox import policy; policy.COMPILE_SECONDS = {COMPILE_SECONDS}",
        f"from tests.sandbox.cgroups.process import main; main({str(notes)!r}, groups_alone={alone})",
    )
    words = ("-c", "; ".join(lines), "--timeout", str(LONGEST), "--tools", str(tools))
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


async def _hold(command: Sequence[str], group: Path, notes: Path, *, alone: bool) -> tuple[list[Row], list[str]]:
    async with a_runner(seconds=LONGEST, command=command) as runner:
        if runner.problem is not None:
            return [], [runner.problem]
        user = identity.find()[0] if os.geteuid() == 0 else os.geteuid()
        executor = Sandboxed(runner, user)
        rows = [await _try(executor, probe, notes, alone=alone) for probe in _probes(alone=alone)]
        problems = _misplaced(group)
        if runner.counters.restarts:
            problems.append("a program ended the sandbox process itself")
    return rows, problems


def _probes(*, alone: bool) -> list[Probe]:
    areas = HELD_BY if alone else AREAS
    return [probe for probe in load() if probe.language in LANGUAGES and probe.area in areas]


async def _try(executor: Sandboxed, probe: Probe, notes: Path, *, alone: bool) -> Row:
    before = len(_read(notes))
    [outcome] = await attack(executor, [replace(probe, wall=min(probe.wall * SLOWER, LONGEST))])
    counted = _read(notes)[before:]
    row = _row(outcome, counted, alone=alone)
    verdict = f"FALLS: {row.problems[0][:90]!a}" if row.problems else f"holds: {row.ending}"
    print(f"{outcome.seconds:5.1f} s {row.name:32} {verdict} ({row.ended} ended, {row.refused} refused)", flush=True)
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
    """What is not where it should be: below the group there are the server's and, though it was started before, one sandbox's."""
    below = sorted(path.name.partition("-")[0] for path in group.iterdir() if path.is_dir())
    return [] if below == ["sandbox", "server"] else [f"the groups are not as they should be: {below}"]


if __name__ == "__main__":
    main()
