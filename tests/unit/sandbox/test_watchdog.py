"""The watchdog: it looks at whoever is under way, and keeps the machine from running short."""

import asyncio

import pytest
from tests.unit.sandbox.boxes import PATIENCE, Trial, needs_sandbox, until

from kibitz.sandbox import watchdog as watchdogs
from kibitz.sandbox.gauge import Usage
from kibitz.sandbox.policy import MIB, Limits
from kibitz.sandbox.watchdog import Watchdog, machine_memory


class Sheep:
    """Something to look after."""

    def __init__(self, memory: int | None = 1) -> None:
        self.usage = None if memory is None else Usage(memory, 1, 1, 1)
        self.looks = 0
        self.killed_for: str | None = None

    def look(self) -> None:
        self.looks += 1

    def kill(self, reason: str) -> None:
        self.killed_for = reason


def test_the_machine_says_how_much_memory_it_has() -> None:
    available, total = machine_memory()
    assert 0 < available < total


async def test_whoever_is_added_is_looked_at_at_once_and_again_until_removed() -> None:
    watchdog, sheep = Watchdog(), Sheep()
    watchdog.add(sheep)
    assert sheep.looks == 1
    task = asyncio.get_running_loop().create_task(watchdog.work())
    await until(lambda: sheep.looks >= 3)
    watchdog.remove(sheep)
    seen = sheep.looks
    watchdog.round()
    assert sheep.looks == seen
    task.cancel()


async def test_the_largest_goes_when_the_machine_runs_short(monkeypatch: pytest.MonkeyPatch) -> None:
    watchdog = Watchdog()
    flock = [Sheep(5), Sheep(70), Sheep(None)]
    for sheep in flock:
        watchdog.add(sheep)
    watchdog.round()
    assert [sheep.killed_for for sheep in flock] == [None, None, None]
    monkeypatch.setattr(watchdogs, "machine_memory", lambda: (1, 1000))
    watchdog.round()
    assert [sheep.killed_for for sheep in flock] == [None, "machine_memory", None]


async def test_who_cannot_be_looked_at_ends_and_the_others_do_not() -> None:
    class Ghost(Sheep):
        def look(self) -> None:
            if self.looks:
                raise OSError("gone")
            self.looks += 1

    watchdog = Watchdog()
    flock = [Sheep(), Ghost(), Sheep()]
    for sheep in flock:
        watchdog.add(sheep)
    watchdog.round()
    assert [sheep.killed_for for sheep in flock] == [None, "sandbox_lost", None]
    assert [sheep.looks for sheep in flock] == [2, 1, 2]


@needs_sandbox
@pytest.mark.usefixtures("ordinary_user")
@pytest.mark.parametrize(
    ("script", "reason"),
    [
        # Each process keeps to its own limit; together they do not.
        (
            "for i in 1 2 3 4; do head -c 30000000 /dev/zero | tail -c 30000000 | sleep 1000 & done; sleep 1000",
            "memory",
        ),
        ("i=0; while [ $i -lt 200 ]; do : >f$i; i=$((i+1)); done; sleep 1000", "disk"),
    ],
)
async def test_a_run_over_a_limit_ends(script: str, reason: str) -> None:
    limits = Limits(seconds=PATIENCE, memory=60 * MIB, files=100)
    trial = Trial(script, limits=limits).give()
    watchdog = Watchdog()
    watchdog.add(trial.box)
    task = asyncio.get_running_loop().create_task(watchdog.work())
    assert (await trial.end()).killed_for == reason
    task.cancel()
