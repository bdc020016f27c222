"""The workshop: programs are compiled, kept, run and ended as they should be."""

import asyncio
from pathlib import Path

import pytest
from tests.unit.sandbox.boxes import needs_sandbox, until
from tests.unit.sandbox.workshops import Room, needs

from kibitz.sandbox.box import Box
from kibitz.sandbox.languages import languages
from kibitz.sandbox.plan import Stage
from kibitz.sandbox.policy import MAX_OUTPUT
from kibitz.sandbox.watchdog import LOST
from kibitz.sandbox.workshop import NO_SANDBOX

HELLO = '#include <stdio.h>\nint main(void) { puts("hello"); return 3; }\n'


@needs("python")
async def test_a_program_runs_and_its_result_says_how_it_went(room: Room) -> None:
    told = await room.run("python", "print('hello, ' + input())\nraise SystemExit(7)", "bob\n")
    assert told.text() == "hello, bob\n"
    assert (told.result.exit_code, told.result.killed_for, told.result.compiled) == (7, None, True)
    assert told.result.duration_ms > 0


@needs("python")
async def test_a_program_that_runs_too_long_ends(room: Room) -> None:
    told = await room.run("python", "while True: pass", timeout=0.5)
    assert (told.result.exit_code, told.result.killed_for, told.result.timed_out) == (None, "timeout", True)
    assert told.result.duration_ms >= 500


@needs("python")
async def test_a_program_that_is_stopped_ends(room: Room) -> None:
    told = room.a_run("python", "print('up')\nimport time\ntime.sleep(1000)")
    task = asyncio.get_running_loop().create_task(told.carry_out(room.workshop))
    await told.until("up\n")
    told.run.end("stopped")
    await task
    assert told.result.killed_for == "stopped"


@needs("python")
async def test_a_program_that_writes_without_end_ends_and_its_output_is_cut(room: Room) -> None:
    told = await room.run("python", "while True: print('x' * 1000)")
    assert (told.result.killed_for, told.result.truncated) == ("output", True)
    assert len(told.text()) <= MAX_OUTPUT


@needs("python")
async def test_input_reaches_a_program_while_it_runs(room: Room) -> None:
    told = room.a_run("python", "for _ in range(2): print(input('? '))", keep_stdin_open=True)
    task = asyncio.get_running_loop().create_task(told.carry_out(room.workshop))
    await told.until("? ")
    told.run.give("one\n", eof=False)
    await told.until("? one\n? ")
    told.run.give("two\n", eof=False)
    await task
    assert told.text() == "? one\n? two\n"
    assert told.result.peak_memory > 0


def names_taken(room: Room, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The stages that sandboxes are taken for from now on."""
    made: list[str] = []
    take = room.workshop.pool.take

    def noting(stage: Stage) -> Box:
        made.append(stage.name)
        return take(stage)

    monkeypatch.setattr(room.workshop.pool, "take", noting)
    return made


@needs("c")
async def test_a_program_is_compiled_once(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    warning = '#include <stdio.h>\nint main(void) { int *p = 5; puts("hello"); return !p; }\n'
    first = await room.run("c", warning)
    made = names_taken(room, monkeypatch)
    second = await room.run("c", warning)
    assert made == ["native"]
    for told in (first, second):
        assert (told.text(), told.result.exit_code) == ("hello\n", 0)
        assert "warning" in told.text("stderr")
    await room.run("c", warning + "\n")
    assert made == ["native", "c", "native"]


@needs("c")
async def test_a_program_that_holds_the_time_is_compiled_each_time(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    made = names_taken(room, monkeypatch)
    for _ in range(2):
        await room.run("c", "#include <stdio.h>\nint main(void) { puts(__TIME__); }")
    assert made == ["c", "native", "c", "native"]


@needs("c")
async def test_what_the_compiler_does_not_take_is_told_and_not_run(room: Room) -> None:
    told = await room.run("c", "int main(void) { retrun 0; }")
    assert (told.result.compiled, told.result.exit_code) == (False, 1)
    assert "retrun" in told.text("stderr")
    assert told.text() == ""


@needs("c")
async def test_a_compiler_that_writes_too_much_is_cut_off(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kibitz.sandbox.workshop.MAX_PRODUCT", 100)
    told = await room.run("c", HELLO)
    assert (told.result.compiled, told.result.killed_for) == (False, "disk")


@needs("c")
async def test_a_program_that_is_stopped_while_it_is_compiled_does_not_run(room: Room) -> None:
    told = room.a_run("c", HELLO)
    told.run.end("stopped")
    await told.carry_out(room.workshop)
    assert (told.result.killed_for, told.text()) == ("stopped", "")


@needs("c")
async def test_without_what_a_language_needs_there_is_no_run_and_a_word_about_it(
    room: Room, monkeypatch: pytest.MonkeyPatch, place: Path
) -> None:
    async def fails(*_: object) -> bool:
        return False

    monkeypatch.setattr(room.workshop._toolbox, "_make", fails)
    monkeypatch.setattr(room.workshop._toolbox, "_root", place)
    told = await room.run("c", HELLO)
    assert told.result.killed_for == LOST
    assert told.text("stderr") == NO_SANDBOX


@needs_sandbox
async def test_a_machine_without_room_for_a_sandbox_is_told(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> Box:
        raise BlockingIOError("no room")

    monkeypatch.setattr("kibitz.sandbox.workshop.Box", fails)
    told = await room.run("python", "print()")
    assert told.result.killed_for == LOST
    assert told.text("stderr") == NO_SANDBOX


@needs("python")
async def test_after_a_run_others_of_its_language_wait_and_the_next_takes_one(room: Room) -> None:
    await room.run("python", "print(1)")
    stage = languages()["python"].run
    await until(lambda: len(room.workshop.pool) >= stage.warm)
    told = await room.run("python", "import os; print(open('main.py').read())")
    assert told.text().startswith("import os")


@needs("c")
async def test_what_is_expected_is_made_ready(room: Room) -> None:
    language = languages()["c"]
    await room.workshop.expect(language)
    assert len(room.workshop.pool) == sum(stage.warm for stage in language.stages)


@needs_sandbox
async def test_a_tool_that_cannot_be_made_is_not_there(room: Room, place: Path) -> None:
    with (place / "tool").open("wb") as file:
        assert not await room.workshop._make_tool(Stage(name="tool", script="read -r n; exit 1"), b"", file)
        assert not await room.workshop._make_tool(Stage(name="tool", script="read -r n; exit 0"), b"", file)
        good = Stage(name="tool", script='read -r n; head -c "$n"')
        assert await room.workshop._make_tool(good, b"content", file)
    assert (place / "tool").read_bytes() == b"content"
