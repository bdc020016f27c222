"""Running code from end to end of the server's inside: what is run, where it is kept, and why not."""

from collections.abc import AsyncIterator, Awaitable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from tests.support.rooms import say
from tests.support.studio import Studio, studio

from kibitz.domain.coding import MAX_CODE_BYTES
from kibitz.domain.errors import Refusal
from kibitz.runner.runner import Handle, Program
from kibitz.storage import runs
from kibitz.storage.seed import GENERAL_ID
from kibitz.wire.code_commands import (
    CompareRuns,
    CreateSession,
    GetRun,
    JoinSession,
    ListLanguages,
    ListRuns,
    RunAgain,
    RunCode,
    SendInput,
    SetSessionRole,
    StopRun,
    UpdateCode,
    UpdateSession,
)
from kibitz.wire.events import RunEnded, RunOutput
from kibitz.wire.results import Run, RunStarted
from kibitz.wire.views import Piece

NONCE = "7f3c9a1e5b2d4860"


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Studio]:
    async with studio(tmp_path) as made:
        yield made


async def refused(work: Awaitable[Any]) -> tuple[str, str]:
    with pytest.raises(Refusal) as refusal:
        await work
    return refusal.value.code, refusal.value.message


def stdout(run: Run) -> str:
    return "".join(piece.text for piece in run.output if piece.stream == "stdout")


async def ended(home: Studio, who: str, command: RunCode | RunAgain) -> Run:
    """A run from its asking to its end, as it is stored."""
    seat = await home.sit(who).listen()
    started = await seat.call(command)
    await seat.next(RunEnded, lambda event: event.run.id == started.run)
    found: Run = await seat.call(GetRun(run=started.run))
    return found


async def of_alice(home: Studio) -> list[int]:
    return [run.id for run in (await home.call("alice", ListRuns())).runs]


# --- what is run -------------------------------------------------------------------------------------------------------


async def test_of_a_session_its_text_is_run_as_it_is_this_moment(home: Studio) -> None:
    alice = home.sit("alice")
    session = (await alice.call(CreateSession(language="python", code="print('old')\n"))).session.id
    await alice.call(UpdateCode(session=session, code="print('new')\n", version=1))
    started = await alice.call(RunCode(session=session))
    await alice.next(RunEnded)
    run = await alice.call(GetRun(run=started.run))
    assert (run.code, stdout(run), run.run.session) == ("print('new')\n", "new\n", session)


async def test_what_is_not_stored_yet_is_run_too(home: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    alice = home.sit("alice")
    session = (await alice.call(CreateSession(language="python", code="print('old')\n"))).session.id
    with await home.gate.workspace.documents.open(session) as document:
        monkeypatch.setattr(type(document), "text", property(lambda _: "print('typed just now')\n"))
        started = await alice.call(RunCode(session=session))
    await alice.next(RunEnded)
    assert stdout(await alice.call(GetRun(run=started.run))) == "typed just now\n"


async def test_in_a_session_another_text_and_language_may_be_run(home: Studio) -> None:
    alice = home.sit("alice")
    session = (await alice.call(CreateSession(language="c", code="int main() {}\n"))).session.id
    started = await alice.call(RunCode(session=session, code="print(1)\n", language="py"))
    await alice.next(RunEnded)
    run = await alice.call(GetRun(run=started.run))
    assert (run.run.language, stdout(run), run.run.session) == ("python", "1\n", session)


async def test_a_code_block_is_run_in_its_language_and_its_run_belongs_to_the_message(home: Studio) -> None:
    text = "```py\nprint(1)\n```\n```py\nprint(input())\n```\n"
    seq = await home.write(lambda tx: say(tx, GENERAL_ID, home.people["alice"], text=text))
    run = await ended(home, "bob", RunCode(room="#general", seq=seq, block=1, input="hi\n"))
    assert (stdout(run), run.input) == ("hi\n", "hi\n")
    assert (run.run.room, run.run.seq, run.run.block, run.run.language) == (GENERAL_ID, seq, 1, "python")
    assert [one.id for one in (await home.call("carol", ListRuns(room="#general", seq=seq))).runs] == [run.run.id]


async def test_a_run_ends_in_time(home: Studio) -> None:
    run = await ended(home, "alice", RunCode(code="while True: pass\n", language="python", timeout=0.3))
    assert run.limits == {"timeout": 0.3}
    assert run.run.result is not None
    assert (run.run.result.timed_out, run.run.result.killed_for) == (True, "timeout")


async def test_nobody_may_run_longer_than_the_server_allows(tmp_path: Path) -> None:
    async with studio(tmp_path, code_timeout=5.0) as home:
        for asked, given in ((None, 5.0), (4.0, 4.0), (60.0, 5.0)):
            run = await ended(home, "alice", RunCode(code="print(1)\n", language="python", timeout=asked))
            assert run.limits == {"timeout": given}


# --- why not -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "code", "says"),
    [
        (RunCode(), "invalid", "a code and its language"),
        (RunCode(code="x", language="cobol"), "invalid", "There is no language 'cobol'"),
        (RunCode(code=" \n", language="python"), "invalid", "nothing to run"),
        (RunCode(code="é" * (MAX_CODE_BYTES // 2 + 1), language="python"), "too_long", str(MAX_CODE_BYTES)),
        (RunCode(session=9), "not_found", "Session not found"),
        (RunCode(session=1, room="#general", seq=1), "invalid", "not both"),
        (RunCode(room="#general", seq=9), "not_found", "Message not found"),
        (RunAgain(run=9), "not_found", "Run not found"),
    ],
)
async def test_what_cannot_be_run_is_refused_and_leaves_nothing(
    home: Studio, command: RunCode | RunAgain, code: str, says: str
) -> None:
    refusal = await refused(home.call("alice", command))
    assert refusal[0] == code
    assert says in refusal[1]
    assert await of_alice(home) == []
    assert len(home.gate.workspace.runs) == 0


async def test_what_is_missing_on_this_machine_is_said_with_what_to_install(home: Studio) -> None:
    runner = home.gate.workspace.runner
    hello = runner._hello
    assert hello is not None
    missing = tuple(replace(one, missing="install python3") if one.name == "python" else one for one in hello.languages)
    runner._hello = replace(hello, languages=missing)
    refusal = await refused(home.call("alice", RunCode(code="print(1)", language="py")))
    assert refusal == ("not_available", "Python cannot be run on this server: install python3")
    assert {one.name: one.missing for one in (await home.call("alice", ListLanguages())).languages}["python"] == (
        "install python3"
    )
    assert (await home.call("alice", CreateSession(language="py"))).session.language == "python"
    runner._hello = replace(hello, problem="install bubblewrap")
    refusal = await refused(home.call("alice", RunCode(code="print(1)", language="c")))
    assert refusal == ("not_available", "Nothing can be run on this server: install bubblewrap")
    assert await of_alice(home) == []


async def test_what_the_sandbox_does_not_take_was_never_asked_for(
    home: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner = home.gate.workspace.runner
    take, full = runner.run, [True]

    async def run(program: Program, listener: Any) -> Handle:
        if full.pop(0):
            raise Refusal("busy", "Too many wait.", retry_after=1.0)
        return await take(program, listener)

    monkeypatch.setattr(runner, "run", run)
    command = RunCode(code="print(1)\n", language="python", nonce=NONCE)
    assert await refused(home.call("alice", command)) == ("busy", "Too many wait.")
    assert await of_alice(home) == []
    assert len(home.gate.workspace.runs) == 0
    full.append(False)
    assert stdout(await ended(home, "alice", command)) == "1\n"


async def test_whoever_only_looks_on_runs_nothing_and_steers_nothing(home: Studio) -> None:
    alice = home.sit("alice")
    session = (await alice.call(CreateSession(language="python", code="input()\n"))).session.id
    for name in ("bob", "carol"):
        await home.call(name, JoinSession(session=session))
    await alice.call(SetSessionRole(session=session, user="bob", role="viewer"))
    started = await alice.call(RunCode(session=session, interactive=True))
    run = started.run
    assert (await home.call("bob", GetRun(run=run))).code == "input()\n"
    for who, code in (("bob", "forbidden"), ("dave", "not_found")):
        commands = (SendInput(run=run, text="x"), StopRun(run=run), RunAgain(run=run))
        assert [(await refused(home.call(who, command)))[0] for command in commands] == [code] * 3
    assert (await refused(home.call("bob", RunCode(session=session))))[0] == "forbidden"
    assert (await refused(home.call("dave", RunCode(session=session))))[0] == "forbidden"
    assert (await refused(home.call("dave", GetRun(run=run))))[0] == "not_found"
    await home.call("carol", SendInput(run=run, text="\n"))
    await alice.next(RunEnded)


async def test_in_a_closed_session_nothing_is_run_any_more(home: Studio) -> None:
    session = await home.session(code="print(1)\n")
    await home.call("alice", UpdateSession(session=session, closed=True))
    assert (await refused(home.call("alice", RunCode(session=session))))[0] == "forbidden"


# --- again -------------------------------------------------------------------------------------------------------------


async def test_a_command_sent_again_runs_once(home: Studio) -> None:
    command = RunCode(code="print(1)\n", language="python", nonce=NONCE)
    alice = home.sit("alice")
    first = await alice.call(command)
    again = await alice.call(command)
    await alice.next(RunEnded)
    assert isinstance(again, RunStarted)
    assert again.run == first.run == (await alice.call(command)).run
    assert await of_alice(home) == [first.run]
    assert len(alice.heard(RunEnded)) == 1


async def test_what_was_run_is_run_again_with_all_that_it_was_given(home: Studio) -> None:
    alice = home.sit("alice")
    program = "print(input())\nprint(input())\n"
    started = await alice.call(RunCode(code=program, language="python", input="1\n", interactive=True, timeout=7.0))
    await alice.next(RunOutput)
    await alice.call(SendInput(run=started.run, text="2\n"))
    await alice.next(RunEnded)
    again = await ended(home, "alice", RunAgain(run=started.run))
    assert again.run.id != started.run
    assert (again.code, again.input, again.limits) == (program, "1\n2\n", {"timeout": 7.0})
    assert stdout(again) == "1\n2\n"
    compared = await alice.call(CompareRuns(run=started.run, other=again.run.id))
    same = (
        compared.same_code,
        compared.same_input,
        compared.same_output,
        compared.same_result,
        compared.same_toolchain,
    )
    assert (same, compared.code, compared.output) == ((True,) * 5, "", "")


async def test_the_run_of_a_message_is_run_again_at_the_message(home: Studio) -> None:
    seq = await home.write(lambda tx: say(tx, GENERAL_ID, home.people["alice"], text="~~~py\nprint(1)\n~~~"))
    first = await ended(home, "alice", RunCode(room=GENERAL_ID, seq=seq))
    again = await ended(home, "bob", RunAgain(run=first.run.id))
    assert (again.run.room, again.run.seq, again.run.block) == (GENERAL_ID, seq, 0)
    assert (again.run.user.name, again.output) == ("bob", [Piece(stream="stdout", text="1\n")])


async def test_what_is_written_down_is_what_is_handed_to_the_sandbox(
    home: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner = home.gate.workspace.runner
    take, handed = runner.run, []

    async def run(program: Program, listener: Any) -> Handle:
        handed.append(program)
        return await take(program, listener)

    monkeypatch.setattr(runner, "run", run)
    done = await ended(
        home, "bob", RunCode(code="print(1)\n", language="py", input="x", interactive=False, timeout=3.0)
    )
    (program,) = handed
    assert program == Program(
        user=str(home.people["bob"].id),
        language="python",
        source="print(1)\n",
        input="x",
        keep_stdin_open=False,
        timeout=3.0,
    )
    assert await home.read(lambda tx: runs.whole(tx, done.run.id)) == done
