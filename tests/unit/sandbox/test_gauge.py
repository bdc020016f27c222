"""What a sandbox holds, measured from outside."""

import asyncio
import itertools
import os
import subprocess
import time
from collections.abc import Callable

import pytest
from tests.unit.sandbox.boxes import PATIENCE, Trial, needs_sandbox
from tests.unit.sandbox.workshops import needs

from kibitz.sandbox import gauge as gauges
from kibitz.sandbox.gauge import Gauge, Usage, breach, cpu_of_family
from kibitz.sandbox.policy import MAX_ALL_DESCRIPTORS, MIB, Limits

LIMITS = Limits(seconds=PATIENCE)


@pytest.mark.parametrize(
    ("usage", "reason"),
    [
        (Usage(LIMITS.memory, LIMITS.processes, MAX_ALL_DESCRIPTORS, LIMITS.files), None),
        (Usage(LIMITS.memory + 1, 1, 1, 1), "memory"),
        (Usage(1, LIMITS.processes + 2, 1, 1), "processes"),
        (Usage(1, 1, MAX_ALL_DESCRIPTORS + 1, 1), "descriptors"),
        (Usage(1, 1, 1, LIMITS.files + 1), "disk"),
    ],
)
def test_a_breach_is_called_by_its_limit(usage: Usage, reason: str | None) -> None:
    assert breach(usage, LIMITS) == reason


async def measured(script: str, is_enough: Callable[[Usage], bool]) -> Usage:
    """What a sandbox holds once it holds enough; it ends then."""
    trial = Trial(f"{script}\necho done; read -r wait", limits=LIMITS).give()
    await trial.until(lambda it: it.stdout.endswith("done\n"))
    async with asyncio.timeout(PATIENCE):
        while trial.box.usage is None or not is_enough(trial.box.usage):
            trial.box.look()
            await asyncio.sleep(0.01)
    trial.box.kill("measured")
    await trial.end()
    return trial.box.usage


@needs_sandbox
@pytest.mark.usefixtures("ordinary_user")
class TestARealSandbox:
    async def test_a_shell_that_waits_holds_little(self) -> None:
        usage = await measured(":", lambda _: True)
        assert usage.processes == 1
        assert 0 < usage.memory < 4 * MIB
        assert 3 <= usage.descriptors < 8

    async def test_files_count_as_memory_and_as_files(self) -> None:
        usage = await measured(
            "head -c 20000000 /dev/zero >fill; mkdir d; touch d/1 d/2 d/3", lambda usage: usage.memory > 20_000_000
        )
        assert usage.memory < 30_000_000
        assert 5 <= usage.files < 10

    async def test_processes_and_their_descriptors_count(self) -> None:
        usage = await measured("for i in 1 2 3; do sleep 1000 & done", lambda usage: usage.processes == 4)
        assert 12 <= usage.descriptors < 30

    async def test_whoever_hides_its_descriptors_has_as_many_as_it_may(self) -> None:
        hide = "cp /bin/sleep hidden; chmod 0111 hidden; ./hidden 1000 &"
        usage = await measured(hide, lambda usage: usage.descriptors >= LIMITS.descriptors)
        assert usage.processes == 2

    async def test_what_has_ended_and_was_not_waited_for_holds_nothing(self) -> None:
        # The shell's children end under a program that does not wait.
        heedless = "sh -c 'for i in 1 2 3; do sleep 0 & done; exec sleep 1000' &"
        usage = await measured(heedless, lambda usage: usage.processes == 5 and usage.descriptors < 12)
        assert usage.descriptors >= 6

    @needs("python")
    async def test_a_process_whose_first_thread_has_ended_holds_what_its_others_hold(self) -> None:
        source = (
            "import ctypes, threading, time\n"
            "threading.Thread(target=lambda: (bytearray(30_000_000), time.sleep(1000)), daemon=True).start()\n"
            "time.sleep(0.2)\n"
            "ctypes.CDLL(None).pthread_exit(None)\n"
        )
        usage = await measured(f"python3 -c '{source}' &", lambda usage: usage.memory > 30_000_000)
        assert usage.descriptors >= 6

    async def test_what_takes_too_long_to_measure_counts_in_full(self, monkeypatch: pytest.MonkeyPatch) -> None:
        trial = Trial("for i in 1 2 3; do sleep 1000 & done; echo up; sleep 1000", limits=LIMITS).give()
        await trial.until(lambda it: it.stdout == "up\n")
        assert trial.box._gauge is not None
        clock = itertools.count(step=gauges.MAX_LOOK * 0.75)
        monkeypatch.setattr(time, "thread_time", lambda: next(clock))
        usage = trial.box._gauge.measure()
        assert usage is not None
        assert breach(usage, LIMITS) == "memory"
        assert usage.processes == 2
        trial.box._gauge.cpu_seconds()
        trial.box.kill("measured")
        await trial.end()

    async def test_nothing_is_measured_before_the_sandbox_is_set_up_nor_after_its_end(self) -> None:
        # This process sees the host's /proc and /tmp, as bubblewrap's child does before the sandbox is its own.
        gauge = Gauge(os.getpid(), LIMITS)
        assert gauge.measure() is None
        trial = Trial("echo up; read -r wait", limits=LIMITS).give()
        await trial.until(lambda it: it.stdout == "up\n")
        trial.box.look()
        gauge_of_box = trial.box._gauge
        assert gauge_of_box is not None
        assert gauge_of_box.measure() is not None
        trial.box.kill("measured")
        await trial.end()
        assert gauge_of_box.measure() is None
        assert gauge_of_box.cpu_seconds() == 0.0


def test_the_computing_of_a_family_is_that_of_all_in_it() -> None:
    busy = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; echo; read -r wait"
    with subprocess.Popen(["sh", "-c", f"sh -c '{busy}'; :"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert cpu_of_family(process.pid) > 0.01
        process.communicate(b"\n")
    assert cpu_of_family(process.pid) == 0.0
