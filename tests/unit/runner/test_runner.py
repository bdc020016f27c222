"""The runner: every run is told to its end, whatever becomes of the sandbox."""

import asyncio
import os
import signal
from typing import Any

import pytest
from structlog.testing import capture_logs
from tests.unit.runner.sandboxes import PATIENCE, Heard, acting, begin, real_command, running
from tests.unit.sandbox.boxes import until
from tests.unit.sandbox.workshops import needs

from kibitz.domain.errors import Refusal
from kibitz.runner import runner as runners
from kibitz.runner.runner import LOST, SERVER_STOPPED, Program, Runner, outcome
from kibitz.sandbox.messages import Output, Queued, Result, Started
from kibitz.sandbox.policy import MAX_INPUT, MAX_SOURCE


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start again without a pause."""
    monkeypatch.setattr(runners, "FIRST_PAUSE", 0.01)


@needs("python")
class TestARealSandbox:
    async def test_a_run_goes_from_its_start_to_its_end(self) -> None:
        with real_command() as command:
            async with running(command) as runner:
                assert runner.problem is None
                handle, heard = await begin(runner, "print(input('name? '))", keep_stdin_open=True)
                await heard.until("name? ")
                assert (runner.running, runner.queued) == (1, 0)
                runner.input(handle, "bob\n")
                assert (await heard.end()).exit_code == 0
                assert heard.text == "name? bob\n"
                assert isinstance(heard.events[0], Started)
                assert (runner.running, runner.queued) == (0, 0)
                assert runner.counters.finished == {("python", "success"): 1}

    async def test_a_run_can_be_stopped(self) -> None:
        with real_command() as command:
            async with running(command) as runner:
                runner.expect("python")
                handle, heard = await begin(runner, "print('up')\nimport time\ntime.sleep(1000)")
                await heard.until("up\n")
                runner.stop_run(handle)
                assert (await heard.end()).killed_for == "stopped"
                runner.stop_run(handle)
                runner.input(handle, "too late")

    async def test_when_the_sandbox_dies_its_runs_end_and_the_next_one_goes(self) -> None:
        with real_command() as command:
            async with running(command) as runner:
                _, heard = await begin(runner, "print('up')\nimport time\ntime.sleep(1000)")
                await heard.until("up\n")
                assert runner._process is not None
                os.kill(runner._process._process.pid, signal.SIGKILL)
                assert (await heard.end()).killed_for == LOST
                assert (await _again(runner)).exit_code == 0
                assert runner.counters.restarts == 1

    async def test_when_the_server_stops_its_runs_end(self) -> None:
        with real_command() as command:
            async with running(command) as runner:
                _, heard = await begin(runner, "print('up')\nimport time\ntime.sleep(1000)")
                await heard.until("up\n")
                await runner.stop()
                assert (await heard.end()).killed_for == SERVER_STOPPED
                with pytest.raises(Refusal, match="being started"):
                    await begin(runner, "print()")


async def _again(runner: Runner) -> Result:
    """The result of a run once there is a sandbox again."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                _, heard = await begin(runner, "print(1)")
            except Refusal as refusal:
                if refusal.code != "unavailable" or not refusal.retry_after:
                    raise
                await asyncio.sleep(0.02)
            else:
                return await heard.end()


TAKES = "hello()\nwhile True:\n    it = hear()\n    if it['type'] == 'start': "


async def test_languages_are_found_by_any_of_their_names_and_by_files() -> None:
    async with running(acting("hello()\nhear()")) as runner:
        for info in (runner.language("Python"), runner.language("py"), runner.language_of("a/b.PY")):
            assert info is not None
            assert info.name == "python"
        assert runner.language("cobol") is None
        assert runner.language_of("Makefile") is None


async def test_what_the_sandbox_refuses_is_raised() -> None:
    refuse = f"{TAKES}say('refused', run=it['run'], code='busy', message='Full.')"
    async with running(acting(refuse)) as runner:
        with pytest.raises(Refusal, match="Full") as caught:
            await begin(runner, "print()")
        assert caught.value.code == "busy"
        assert runner.queued == 0


async def test_a_run_that_waits_is_counted_and_told_its_place() -> None:
    async with running(acting(f"{TAKES}say('queued', run=it['run'], place=4)")) as runner:
        _, heard = await begin(runner, "print()")
        assert heard.events == [Queued(run="1", place=4)]
        assert (runner.running, runner.queued) == (0, 1)


async def test_with_a_problem_every_run_is_refused_with_it() -> None:
    async with running(acting("hello('Install it.')\nhear()")) as runner:
        assert runner.problem == "Install it."
        with pytest.raises(Refusal, match="Install it"):
            await begin(runner, "print()")


@pytest.mark.parametrize(
    ("source", "more", "says"),
    [("x" * (MAX_SOURCE + 1), {}, "A program"), ("", {"input": "x" * (MAX_INPUT + 1)}, "input")],
)
async def test_what_is_too_long_is_refused_here(source: str, more: dict[str, Any], says: str) -> None:
    async with running(acting("hello()\nhear()")) as runner:
        with pytest.raises(Refusal, match=says) as caught:
            await begin(runner, source, **more)
        assert caught.value.code == "too_long"


async def test_more_input_than_a_run_may_be_given_is_refused_here() -> None:
    async with running(acting(f"{TAKES}say('started', run=it['run'], toolchain='')")) as runner:
        handle, _ = await begin(runner, "", input="xy")
        runner.input(handle, "x" * (MAX_INPUT - 2))
        with pytest.raises(Refusal, match="all told"):
            runner.input(handle, "x")


async def test_whoever_gives_up_waiting_for_a_run_stops_it() -> None:
    silent = "hello()\nit = hear()\nit = hear()\nassert it['type'] == 'stop'\nsay('ended', run=it['run'], result={'exit_code': None, 'duration_ms': 0})\nhear()"
    async with running(acting(silent)) as runner:
        heard = Heard()
        task = asyncio.get_running_loop().create_task(runner.run(Program(user="", language="python", source=""), heard))
        await until(lambda: runner.queued == 1)
        task.cancel()
        await heard.end()


async def test_a_listener_that_fails_harms_nobody() -> None:
    async with running(acting(f"{TAKES}say('started', run=it['run'], toolchain='')")) as runner:

        def fails(_: object) -> None:
            raise ZeroDivisionError

        with capture_logs() as logs:
            await runner.run(Program(user="", language="python", source=""), fails)
        assert [log["event"] for log in logs] == ["what heard a run failed"]
        await begin(runner, "")


@pytest.mark.parametrize(
    "nonsense", ["link.write('what?\\n'); link.flush(); hear()", "link.write('x' * 2**25); hear()", "pass"]
)
async def test_a_sandbox_that_makes_no_sense_is_started_again(nonsense: str) -> None:
    async with running(acting(nonsense)) as runner:
        assert runner.languages == ()
        await until(lambda: runner.counters.restarts >= 2)


async def test_a_sandbox_that_cannot_be_started_is_tried_again() -> None:
    async with running(["/no/such/program"]) as runner:
        with pytest.raises(Refusal, match="being started"):
            await begin(runner, "print()")
        await until(lambda: runner.counters.restarts >= 2)


async def test_what_is_told_of_nobodys_run_is_ignored() -> None:
    late = "hello()\nit = hear()\nsay('started', run='77', toolchain='')\nsay('started', run=it['run'], toolchain='')\n"
    late += "say('refused', run=it['run'], code='invalid', message='late')\nsay('output', run=it['run'], stream='stdout', data='x')\nhear()"
    async with running(acting(late)) as runner:
        _, heard = await begin(runner, "")
        await heard.until("x")
        assert [type(event) for event in heard.events] == [Started, Output]


@pytest.mark.parametrize(
    ("result", "word"),
    [
        (Result(exit_code=0, duration_ms=1), "success"),
        (Result(exit_code=3, duration_ms=1), "failure"),
        (Result(exit_code=None, signal="SIGSEGV", duration_ms=1), "crash"),
        (Result(exit_code=1, compiled=False, duration_ms=1), "compile_error"),
        (Result(exit_code=None, killed_for="timeout", compiled=False, duration_ms=1), "timeout"),
    ],
)
def test_an_outcome_is_a_word(result: Result, word: str) -> None:
    assert outcome(result) == word
