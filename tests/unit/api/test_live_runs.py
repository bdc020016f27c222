"""Runs under way: who hears what they write, and that an end which was told is stored."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.rooms import group, ref, say
from tests.support.studio import Seat, Studio, studio
from tests.support.waiting import until

from kibitz.api import live_runs as module
from kibitz.api.live_runs import PIECE, LiveRun
from kibitz.domain.coding import MAX_INPUT_BYTES
from kibitz.domain.errors import Refusal
from kibitz.runner.runner import SERVER_STOPPED
from kibitz.storage import runs
from kibitz.storage.committer import Job
from kibitz.wire.code_commands import CreateSession, GetRun, JoinSession, RunCode, SendInput, StopRun
from kibitz.wire.codec import Printed
from kibitz.wire.events import BlockRun, Event, Reply, RunBegan, RunEnded, RunOutput, RunQueued
from kibitz.wire.jsonlines import JSON_LINES
from kibitz.wire.pipe.codec import PIPE
from kibitz.wire.results import Run
from kibitz.wire.views import Piece, RunRef, UserRef

TELLING = (RunQueued, RunBegan, RunOutput, RunEnded)
ASKS = "print('name?', end='', flush=True)\nprint('hello', input())\n"


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Studio]:
    async with studio(tmp_path) as made:
        yield made


def told(seat: Seat) -> list[Event]:
    """Everything a connection heard of runs, in order."""
    return [event for kind in TELLING for event in seat.heard(kind)]


async def stored(home: Studio, run: int) -> Run:
    return await home.read(lambda tx: runs.whole(tx, run))


# --- what it has written -----------------------------------------------------------------------------------------------

streams = st.sampled_from(("stdout", "stderr"))
pieces = st.lists(
    st.tuples(streams, st.text(max_size=3) | st.integers(1, 2 * PIECE).map(lambda size: "x" * size)), max_size=30
)
RUN = RunRef(id=1, user=UserRef(id=1, name="alice"), language="c", code_hash="", asked_at="")


@given(pieces)
def test_what_a_program_writes_is_kept_in_order_in_few_pieces(written: list[tuple[Any, str]]) -> None:
    live = LiveRun(Run(run=RUN, code=""))
    for stream, text in written:
        live.add(stream, text)
    assert live.written == sum(len(text) for _, text in written)
    marked = [(stream, char) for stream, text in written for char in text]
    assert [(piece.stream, char) for piece in live.pieces for char in piece.text] == marked
    for one, next_one in zip(live.pieces, live.pieces[1:], strict=False):
        assert one.stream != next_one.stream or len(one.text) >= PIECE
    out = "".join(text for stream, text in written if stream == "stdout")
    err = "".join(text for stream, text in written if stream == "stderr")
    assert live.printed() == Printed(out, err)


def test_a_run_under_way_is_shown_with_what_it_was_given_and_has_written() -> None:
    live = LiveRun(Run(run=RUN, code="x", input="1\n"), given=["1\n"], toolchain="GCC 12")
    live.add("stdout", "hi")
    live.given.append("2\n")
    shown = live.shown()
    assert (shown.run.toolchain, shown.input, shown.output) == ("GCC 12", "1\n2\n", [Piece(stream="stdout", text="hi")])
    live.add("stdout", " ho")
    assert shown.output == [Piece(stream="stdout", text="hi")]


# --- who hears it ------------------------------------------------------------------------------------------------------


async def test_whoever_runs_a_program_alone_hears_it_on_all_their_connections_and_nobody_else_does(
    home: Studio,
) -> None:
    desk, phone, bob = home.sit("alice"), home.sit("alice"), home.sit("bob")
    ended = await desk.runs("import sys\nprint('out')\nprint('err', file=sys.stderr)\n")
    await phone.next(RunEnded)
    assert (ended.session, ended.room, ended.user) == (None, None, ref(home.people["alice"]))
    for seat in (desk, phone):
        assert [type(event) for event in told(seat) if not isinstance(event, RunOutput)][-2:] == [RunBegan, RunEnded]
        assert "".join(one.text for one in seat.heard(RunOutput) if one.stream == "stdout") == "out\n"
        assert "".join(one.text for one in seat.heard(RunOutput) if one.stream == "stderr") == "err\n"
    assert told(bob) == []


async def test_everyone_in_a_session_hears_its_runs_each_in_their_own_protocol(home: Studio) -> None:
    alice, bob, outside = home.sit("alice"), home.sit("bob", PIPE), home.sit("carol")
    session = (await alice.call(CreateSession(language="python"))).session.id
    await bob.joins(session)
    await home.call("carol", JoinSession(session=session))
    ended = await alice.runs("print('hi')\n", session=session)
    await bob.until(lambda: bob.told("execution_result"))
    assert "".join(told["data"] for told in bob.told("execution_output")) == "hi\n"
    (result,) = bob.told("execution_result")
    assert (result["session_id"], result["run_id"], result["executed_by"]) == (session, ended.id, "alice")
    assert result["result"] | {"duration_ms": 0} == {
        "success": True, "output": "hi\n", "error": "", "exit_code": 0, "timed_out": False, "duration_ms": 0,
    }  # fmt: skip
    assert told(outside) == []


async def test_the_run_of_a_code_block_is_heard_in_its_conversation(home: Studio) -> None:
    await home.write(lambda tx: group(tx, home.people["alice"], home.people["bob"]))
    seq = await home.write(lambda tx: say(tx, 2, home.people["alice"], text="```python\nprint(1)\n```"))
    alice, bob, carol = [await home.sit(name).listen() for name in ("alice", "bob", "carol")]
    started = await bob.call(RunCode(room="#kitchen", seq=seq))
    for seat in (alice, bob):
        block = await seat.next(BlockRun)
        assert (block.target, block.block, block.run, block.result.exit_code) == (seq, 0, started.run, 0)
        assert "".join(one.text for one in seat.heard(RunOutput)) == "1\n"
        await seat.next(RunEnded)
    assert told(carol) == []


async def test_output_comes_in_order_without_gaps(home: Studio) -> None:
    alice = home.sit("alice")
    ended = await alice.runs(
        "import sys\nfor n in range(2000):\n    print(n, file=sys.stderr if n % 3 else sys.stdout)\n"
    )
    outputs = alice.heard(RunOutput)
    assert [one.offset for one in outputs] == [
        sum(len(one.text) for one in outputs[:index]) for index in range(len(outputs))
    ]
    whole = await stored(home, ended.id)
    for stream in ("stdout", "stderr"):
        heard = "".join(one.text for one in outputs if one.stream == stream)
        assert heard == "".join(piece.text for piece in whole.output if piece.stream == stream)
        assert heard.splitlines() == [str(n) for n in range(2000) if bool(n % 3) == (stream == "stderr")]


async def test_nothing_is_told_of_a_run_before_whoever_asked_knows_its_number(home: Studio) -> None:
    alice, command = home.sit("alice"), RunCode(id=7, code="print(1)\n", language="python")
    for turn in range(1, 4):  # from the second one on a sandbox is warm
        before = len(alice.lines)
        started = await alice.call(command)
        alice.listener.outbox.send(JSON_LINES.encode_reply(command, started, alice.listener.viewer))
        await alice.until(lambda turn=turn: len(alice.heard(RunEnded)) == turn)  # type: ignore[misc] # mypy cannot infer it
        heard = [type(event) for event in alice.heard(Event)[before:] if isinstance(event, (Reply, *TELLING))]
        assert [kind for kind in heard if kind is not RunQueued] == [Reply, RunBegan, RunOutput, RunEnded]
        assert heard[0] is Reply


# --- its end -----------------------------------------------------------------------------------------------------------


async def test_an_end_that_is_told_is_stored_with_all_that_was_given_and_written(home: Studio) -> None:
    alice = home.sit("alice")
    seen: list[Run] = []
    ended = await alice.runs("print(input())\nimport sys\nsys.exit(3)\n", input="42\n")
    seen.append(await stored(home, ended.id))
    (whole,) = seen
    assert whole.run == ended
    assert whole.run.result is not None
    assert (whole.run.result.exit_code, whole.run.result.success) == (3, False)
    assert (whole.input, whole.output) == ("42\n", [Piece(stream="stdout", text="42\n")])
    assert whole.run.toolchain.startswith("Python 3.")
    assert len(home.gate.workspace.runs) == 0


class Full:
    """A committer that cannot write, in two ways, before it can."""

    def __init__(self, home: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
        self.refused = 0
        self._submit = home.gate.workspace.committer.submit
        self.on = False
        monkeypatch.setattr(home.gate.workspace.committer, "submit", self._try)

    def _try(self, job: Job) -> None:
        if not self.on:
            self._submit(job)
            return
        self.refused += 1
        if self.refused == 1:
            raise Refusal("busy", "More waits than may.", retry_after=1.0)
        if self.refused == 2:
            asyncio.get_running_loop().call_soon(job.done, Refusal("unavailable", "The disk is full."))
            return
        self._submit(job)


async def test_an_end_that_cannot_be_stored_is_stored_later_and_told_then(
    home: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RETRY", 0.01)
    alice, full = home.sit("alice"), Full(home, monkeypatch)
    started = await alice.call(RunCode(code=ASKS, language="python", interactive=True))
    await alice.next(RunOutput)
    await alice.call(SendInput(run=started.run, text="alice\n"))
    full.on = True
    await until(lambda: full.refused == 1)
    assert alice.heard(RunEnded) == []
    assert (await stored(home, started.run)).run.result is None
    ended = (await alice.next(RunEnded)).run
    assert full.refused >= 3
    assert (await stored(home, started.run)).run == ended
    assert (await stored(home, started.run)).input == "alice\n"


async def test_what_is_under_way_when_the_server_stops_is_stored_as_ended(tmp_path: Path) -> None:
    async with studio(tmp_path) as home:
        alice = home.sit("alice")
        started = await alice.call(RunCode(code=ASKS, language="python", interactive=True))
        await alice.next(RunOutput)
    async with studio(tmp_path) as home:
        whole = await stored(home, started.run)
        assert whole.run.result is not None
        assert (whole.run.result.killed_for, whole.run.result.exit_code) == (SERVER_STOPPED, None)
        assert whole.output == [Piece(stream="stdout", text="name?")]


# --- steering ----------------------------------------------------------------------------------------------------------


async def test_a_program_is_answered_while_it_runs(home: Studio) -> None:
    alice, bob = home.sit("alice"), home.sit("bob")
    session = (await alice.call(CreateSession(language="python", code=ASKS))).session.id
    await bob.joins(session)
    started = await alice.call(RunCode(session=session, interactive=True))
    assert (await bob.next(RunOutput)).text == "name?"
    await bob.call(SendInput(run=started.run, text="bob\n"))
    ended = (await alice.next(RunEnded)).run
    assert ended.result is not None
    assert ended.result.success
    whole = await stored(home, ended.id)
    assert ("".join(piece.text for piece in whole.output), whole.input) == ("name?hello bob\n", "bob\n")


async def test_whoever_comes_late_finds_what_was_written_before(home: Studio) -> None:
    alice, bob = home.sit("alice"), home.sit("bob")
    session = (await alice.call(CreateSession(language="python", code=ASKS))).session.id
    started = await alice.call(RunCode(session=session, interactive=True))
    await alice.next(RunOutput)
    (running,) = (await bob.joins(session)).running
    assert (running.run.id, running.output) == (started.run, [Piece(stream="stdout", text="name?")])
    assert await home.call("bob", GetRun(run=started.run)) == running
    await bob.call(SendInput(run=started.run, text="bob\n"))
    rest = await bob.next(RunOutput)
    assert (rest.offset, rest.text) == (5, "hello bob\n")
    other = await home.session()
    assert (await bob.joins(other)).running == []


async def test_the_end_of_its_input_ends_a_program_that_waits_for_it(home: Studio) -> None:
    alice = home.sit("alice")
    started = await alice.call(
        RunCode(code="import sys\nprint(len(sys.stdin.read()))\n", language="python", interactive=True)
    )
    await alice.call(SendInput(run=started.run, text="12"))
    await alice.call(SendInput(run=started.run, text="3", end=True))
    await alice.next(RunEnded)
    assert "".join(one.text for one in alice.heard(RunOutput)) == "3\n"


async def test_a_program_that_was_not_to_be_asked_sees_its_input_end(home: Studio) -> None:
    alice = home.sit("alice")
    await alice.runs("import sys\nprint(repr(sys.stdin.read()))\n", input="1\n2")
    assert "".join(one.text for one in alice.heard(RunOutput)) == "'1\\n2'\n"


async def test_a_run_can_be_stopped(home: Studio) -> None:
    alice = home.sit("alice")
    started = await alice.call(RunCode(code=ASKS, language="python", interactive=True))
    await alice.next(RunOutput)
    await alice.call(StopRun(run=started.run))
    result = (await alice.next(RunEnded)).run.result
    assert result is not None
    assert (result.killed_for, result.success) == ("stopped", False)


async def test_a_run_that_is_over_can_be_neither_answered_nor_stopped(home: Studio) -> None:
    alice = home.sit("alice")
    ended = await alice.runs("print(1)\n")
    for command in (SendInput(run=ended.id, text="x"), StopRun(run=ended.id)):
        with pytest.raises(Refusal, match="Run under way not found") as refused:
            await alice.call(command)
        assert refused.value.code == "not_found"


async def test_a_run_is_given_only_so_much(home: Studio) -> None:
    alice = home.sit("alice")
    started = await alice.call(RunCode(code=ASKS, language="python", interactive=True))
    await alice.next(RunOutput)
    for _ in range(MAX_INPUT_BYTES // 65_536):
        home.gate.workspace.runs.give(started.run, "x" * 65_536, end=False)
    with pytest.raises(Refusal) as refused:
        await alice.call(SendInput(run=started.run, text="x"))
    assert refused.value.code == "too_long"
    await alice.call(SendInput(run=started.run, end=True))
    await alice.next(RunEnded)
    assert len((await stored(home, started.run)).input) == MAX_INPUT_BYTES
