"""A sandbox from its start to its end."""

import asyncio
import os
import secrets
import signal
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import pytest
from tests.unit.sandbox.boxes import BUBBLEWRAP, Trial, needs_sandbox, until

from kibitz.sandbox.box import Box
from kibitz.sandbox.messages import Stream
from kibitz.sandbox.plan import Stage
from kibitz.sandbox.watchdog import LOST

pytestmark = [needs_sandbox, pytest.mark.usefixtures("ordinary_user")]


def processes_with(word: str) -> list[str]:
    """The command lines on this machine that hold this word."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with suppress(OSError):
                line = (entry / "cmdline").read_bytes().decode(errors="replace")
                if word in line:
                    found.append(line)
    return found


async def test_what_is_written_is_heard_and_the_status_is_the_scripts() -> None:
    trial = Trial("echo out; echo err >&2; exit 3").give()
    ending = await trial.end()
    assert (trial.stdout, trial.stderr) == ("out\n", "err\n")
    assert (ending.status, ending.killed_for) == (3, None)


async def test_the_program_is_read_as_it_was_given_and_what_follows_is_its_input() -> None:
    program = bytes(range(256)) * 1000
    stage = Stage(name="trial", script='read -r size; head -c "$size" | sha256sum; cat')
    trial = Trial("", stage=stage).give(program)
    trial.box.write(b"input\n")
    trial.box.end_input()
    await trial.end()
    assert trial.stdout == f"{sha256(program).hexdigest()}  -\ninput\n"


async def test_a_prompt_comes_before_its_answer_is_given() -> None:
    trial = Trial("printf 'name? '; read -r name; echo \"hello, $name\"").give()
    await trial.until(lambda it: it.stdout == "name? ")
    trial.box.write(b"bob\n")
    await trial.end()
    assert trial.stdout == "name? hello, bob\n"


async def test_a_box_that_is_killed_tells_the_first_reason() -> None:
    trial = Trial("echo here; sleep 1000").give()
    await trial.until(lambda it: it.stdout == "here\n")
    trial.box.kill("timeout")
    trial.box.kill("stopped")
    ending = await trial.end()
    assert ending.killed_for == "timeout"
    assert ending.status == 128 + signal.SIGKILL


async def test_a_box_that_is_killed_before_it_began_ends_too() -> None:
    trial = Trial("echo never")
    trial.box.kill("stopped")
    assert (await trial.end()).killed_for == "stopped"
    assert trial.stdout == ""


async def test_nothing_is_left_of_a_box_not_even_what_wanted_to_stay() -> None:
    word = f"1000.{secrets.randbelow(10**9):09}"
    trial = Trial(f"setsid sleep {word} & setsid sh -c 'trap \"\" TERM HUP; sleep {word}' & echo up; exit 0").give()
    assert processes_with(word)
    await trial.end()
    assert trial.stdout == "up\n"
    assert processes_with(word) == []


async def test_a_box_without_a_child_is_lost() -> None:
    assert BUBBLEWRAP is not None
    stage = Stage(name="trial", script="", environment=(("", "no such name"),))
    box = Box(stage, bubblewrap=BUBBLEWRAP)
    said = bytearray()

    def hear(_: Stream, data: bytes) -> None:
        said.extend(data)

    box.give(b"", hear)
    ending = await asyncio.wait_for(asyncio.shield(box.ended), 60)
    assert ending.killed_for == LOST
    assert said.startswith(b"bwrap:")


async def test_what_was_written_before_the_program_came_is_heard_with_it() -> None:
    stage = Stage(name="trial", script="echo early; read -r size; echo late")
    trial = Trial("", stage=stage)
    await until(lambda: bool(trial.box._unheard))
    trial.give()
    await trial.end()
    assert trial.stdout == "early\nlate\n"


async def test_time_and_computing_count_from_when_the_program_is_given() -> None:
    busy = "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done"
    trial = Trial("", stage=Stage(name="trial", script=f"{busy}; echo warm; read -r size; exit 0"))
    await until(lambda: bool(trial.box._unheard))
    spent = _cpu(trial)
    trial.give()
    ending = await trial.end()
    assert ending.cpu_seconds < spent


def _cpu(trial: Trial) -> float:
    trial.box.look()
    assert trial.box._gauge is not None
    return trial.box._gauge.cpu_seconds()


async def test_computing_is_counted_for_what_ends_and_for_what_is_killed() -> None:
    endless = Trial("echo on; while :; do :; done").give()
    await endless.until(lambda it: it.stdout == "on\n")
    await until(lambda: _cpu(endless) >= 0.1)
    endless.box.kill("stopped")
    assert (await endless.end()).cpu_seconds >= 0.1
    ending = Trial("sh -c 'i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done'").give()
    assert (await ending.end()).cpu_seconds > 0.005


async def test_no_descriptor_of_ours_is_left_open() -> None:
    def open_now() -> int:
        return len(os.listdir("/proc/self/fd"))

    await Trial("exit 0").give().end()
    before = open_now()
    for _ in range(3):
        await Trial("exit 0").give().end()
        killed = Trial("sleep 1000").give()
        killed.box.kill("stopped")
        await killed.end()
    assert open_now() == before
