"""Runs probes, and judges from outside what each of them did.

Rule: a probe holds only if its program is known to have run, ended as it may, admitted no success, and left the world around it, the
host's memory and the time as they were.
"""

import asyncio
import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final

from tests.sandbox.attacks import leftovers
from tests.sandbox.attacks.executor import Ending, Executor, Program
from tests.sandbox.attacks.memory import MemoryWatch, alone
from tests.sandbox.attacks.probe import Probe
from tests.sandbox.attacks.world import World, world

MAX_OUTPUT: Final = 1024 * 1024 + 64 * 1024
"""Characters of output: the cap, and room for notes about it."""

MAX_MEMORY_MIB: Final = 1024
"""MiB that the host's free memory may shrink by during a probe that is alone: twice what a run may have."""

MARGIN: Final = 60.0
"""Seconds beyond its own limit that a run may take: a compiler's time, and that of a busy machine. What hangs takes for ever."""

STARVED: Final = (8.0, 60.0)
"""How much longer a program may take at its second attempt, and at most: programs come last, and the machine may be busy."""

FLOOD: Final = "input that nobody reads\n" * 40_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a probe: how it ended, each time it ran, what it was told, and every way in which it did not hold."""

    probe: Probe
    endings: tuple[Ending, ...]
    breaches: tuple[str, ...]
    seconds: float

    @property
    def told(self) -> list[str]:
        """The refusals it reported."""
        return [line[5:] for ending in self.endings for line in ending.output.splitlines() if line.startswith("TOLD ")]


async def attack(
    executor: Executor, probes: Iterable[Probe], report: Callable[[Outcome], None] = lambda _: None
) -> list[Outcome]:
    """Run the probes, as many at once as there are cores, those that need the room one by one; what came of them, in the same order."""
    probes = list(probes)
    outcomes: dict[str, Outcome] = {}
    free = asyncio.Semaphore(len(os.sched_getaffinity(0)))

    async def one(probe: Probe) -> None:
        outcomes[probe.name] = await _try(executor, probe)
        report(outcomes[probe.name])

    async def one_of_several(probe: Probe) -> None:
        async with free:
            await one(probe)

    async with asyncio.TaskGroup() as tasks:
        for probe in probes:
            if not probe.alone and probe.runs != "at once":
                tasks.create_task(one_of_several(probe), name=probe.name)
    for probe in probes:
        if probe.alone:
            async with alone():
                await one(probe)
        elif probe.runs == "at once":
            await one(probe)  # the two of them need all the room there is
    return [outcomes[probe.name] for probe in probes]


async def _try(executor: Executor, probe: Probe) -> Outcome:
    """Run it; once more with more time if it had not enough to show what it is."""
    outcome = await _once(executor, probe)
    if any(_starved(probe, ending) for ending in outcome.endings):
        patient = replace(probe, wall=min(probe.wall * STARVED[0], STARVED[1]))
        again = await _once(executor, patient)
        return replace(again, probe=probe, breaches=tuple(dict.fromkeys(_kept(outcome, probe) + again.breaches)))
    return outcome


def _starved(probe: Probe, ending: Ending) -> bool:
    late = ending.killed_for == "timeout"
    return late and (str(ending) not in probe.ends or (ending.built and "RAN" not in ending.output))


def _kept(outcome: Outcome, probe: Probe) -> tuple[str, ...]:
    """The breaches of a first attempt that more time does not excuse."""
    excused = {problem for ending in outcome.endings for problem in _ended_badly(probe, ending)}
    return tuple(breach for breach in outcome.breaches if breach not in excused)


async def _once(executor: Executor, probe: Probe) -> Outcome:
    async with world(executor.user) as host:
        begin = time.monotonic()
        with MemoryWatch() as memory:
            try:
                async with asyncio.timeout(probe.wall * len(_roles(probe)) + MARGIN):
                    endings = await _run(executor, probe, host)
                raised = []
            except Exception as error:
                endings, raised = (
                    (),
                    [f"the executor raised {type(error).__name__}: {error}"[:200]],
                )  # TimeoutError: it hangs
        seconds = time.monotonic() - begin
        left = await leftovers.found(host)
        breaches = [
            *raised,
            *host.touched,
            *left,
            *(said for ending in endings for said in _judge(probe, ending, host)),
        ]
        if probe.alone and memory.taken > MAX_MEMORY_MIB:
            breaches.append(f"the host lost {memory.taken} MiB of memory")
    return Outcome(probe, endings, tuple(dict.fromkeys(breaches)), seconds)


async def _run(executor: Executor, probe: Probe, host: World) -> tuple[Ending, ...]:
    programs = [
        Program(
            language=probe.language,
            source=probe.program(host.values),
            stdin=FLOOD if probe.stdin == "flood" else role,
            keep_open=probe.stdin == "open",
            wall=probe.wall,
            mark=host.mark,
        )
        for role in _roles(probe)
    ]
    if probe.runs == "in turn":
        return tuple([await executor.run(program) for program in programs])
    return tuple(await asyncio.gather(*(executor.run(program) for program in programs)))


def _roles(probe: Probe) -> tuple[str, ...]:
    return ("",) if probe.runs == "once" else ("first\n", "second\n")


def _judge(probe: Probe, ending: Ending, host: World) -> list[str]:
    found = _ended_badly(probe, ending)
    found += [f"it says: {line[7:150]}" for line in ending.output.splitlines() if line.startswith("BREACH ")]
    if len(ending.output) > MAX_OUTPUT:
        found.append(f"{len(ending.output) // 2**20} MiB of output came through")
    if any(secret in ending.output for secret in host.secrets):
        found.append("a secret is in its output")
    return found


def _ended_badly(probe: Probe, ending: Ending) -> list[str]:
    # A compiler that had to be killed was at work, though it says nothing before it is done.
    ran = "RAN" in ending.output or (not ending.built and ending.killed_for is not None)
    found = [] if ran else [f"it did not run ({ending}): {ending.output[:300]!r}"]
    if str(ending) not in probe.ends:
        found.append(f"it ended with {ending}")
    if probe.told and "TOLD " not in ending.output and "BREACH " not in ending.output:
        found.append("it was told nothing")
    return found
