"""One run: what it is given before, while and after it goes."""

from typing import Any

import pytest

from kibitz.sandbox.languages import languages
from kibitz.sandbox.messages import Event, Output, Start
from kibitz.sandbox.policy import MAX_INPUT
from kibitz.sandbox.run import Run


class FakeBox:
    """What happens to a box."""

    def __init__(self) -> None:
        self.given = b""
        self.has_ended = False
        self.killed_for: list[str] = []

    def write(self, data: bytes) -> None:
        assert not self.has_ended
        self.given += data

    def end_input(self) -> None:
        self.has_ended = True

    def kill(self, reason: str) -> None:
        self.killed_for.append(reason)


def a_run(*, input: str = "", keep_stdin_open: bool = False) -> tuple[Run, list[Event]]:
    told: list[Event] = []
    start = Start(run="1", user="alice", language="c", source="x", input=input, keep_stdin_open=keep_stdin_open)
    return Run(start, languages()["c"], 30.0, told.append), told


def enter(run: Run, *, reads: bool = True) -> FakeBox:
    box: Any = FakeBox()
    run.enter(box, reads=reads)
    found: FakeBox = box
    return found


async def test_the_first_input_is_all_unless_it_is_kept_open() -> None:
    run, _ = a_run(input="one\n")
    assert run.give("two\n", eof=False)
    box = enter(run)
    assert (box.given, box.has_ended) == (b"one\n", True)


async def test_what_comes_before_and_while_it_runs_is_given_in_order() -> None:
    run, _ = a_run(input="one\n", keep_stdin_open=True)
    run.give("two\n", eof=False)
    box = enter(run)
    assert (box.given, box.has_ended) == (b"one\ntwo\n", False)
    run.give("three\n", eof=True)
    assert (box.given, box.has_ended) == (b"one\ntwo\nthree\n", True)
    assert run.give("four\n", eof=False), "what comes after the end is dropped"
    assert box.given == b"one\ntwo\nthree\n"


async def test_an_end_that_came_early_is_kept() -> None:
    run, _ = a_run(keep_stdin_open=True)
    run.give("all\n", eof=True)
    box = enter(run)
    assert (box.given, box.has_ended) == (b"all\n", True)


async def test_a_compiler_reads_none_of_it() -> None:
    run, _ = a_run(input="one\n", keep_stdin_open=True)
    compiler = enter(run, reads=False)
    run.give("two\n", eof=False)
    assert (compiler.given, compiler.has_ended) == (b"", True)
    run.leave()
    run.give("three\n", eof=False)
    assert enter(run).given == b"one\ntwo\nthree\n"


async def test_more_than_it_may_be_given_is_not_given_at_all() -> None:
    run, _ = a_run(input="x" * (MAX_INPUT - 2), keep_stdin_open=True)
    assert not run.give("ü1", eof=True)
    assert run.give("ü", eof=False)
    box = enter(run)
    assert box.given.endswith("xü".encode())
    assert not box.has_ended


async def test_a_run_that_is_stopped_before_it_begins_ends_when_it_does() -> None:
    run, _ = a_run()
    run.end("stopped")
    assert enter(run).killed_for == ["stopped"]


@pytest.mark.parametrize("reason", ["output", "stopped"])
async def test_a_run_that_is_under_way_ends_at_once(reason: str) -> None:
    run, _ = a_run()
    box = enter(run)
    run.end(reason)
    assert box.killed_for == [reason]
    run.leave()
    run.end(reason)
    assert box.killed_for == [reason]


async def test_what_it_writes_is_told_under_its_name() -> None:
    run, told = a_run()
    run.output.write("stderr", b"oh")
    run.output.finish()
    assert told == [Output(run="1", stream="stderr", data="oh")]
