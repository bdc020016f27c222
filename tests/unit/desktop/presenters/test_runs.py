"""What blocks have printed."""

from typing import Any

from kibitz.desktop.presenters.runs import MAX_OUTPUT, MAX_RUNS, Runs, outcome
from kibitz.wire import events as e
from kibitz.wire.results import Run
from kibitz.wire.views import Piece, RunRef, RunResult, UserRef

ANN = UserRef(id=1, name="ann")
GOOD = RunResult(exit_code=0, duration_ms=120)


def ref(run: int, seq: int = 5, result: RunResult | None = None, room: int = 1) -> RunRef:
    return RunRef(
        id=run, user=ANN, language="python", code_hash="", asked_at="", room=room, seq=seq, block=0, result=result
    )


def output(run: int, text: str, offset: int, stream: Any = "stdout") -> e.RunOutput:
    return e.RunOutput(run=run, stream=stream, text=text, offset=offset)


def test_a_run_is_followed_to_its_end() -> None:
    runs = Runs(1)
    assert runs.hear(e.RunBegan(run=ref(7)))
    assert runs.hear(output(7, "one\n", 0))
    assert runs.hear(output(7, "oops\n", 4, "stderr"))
    assert runs.hear(e.RunEnded(run=ref(7, result=GOOD)))
    shown = runs.at(5, 0)
    assert shown is not None
    assert [(piece.stream, piece.text) for piece in shown.output] == [("stdout", "one\n"), ("stderr", "oops\n")]
    assert shown.result == GOOD
    assert shown.known


def test_runs_of_other_rooms_and_of_nobody_are_not_its_business() -> None:
    runs = Runs(1)
    assert not runs.hear(e.RunBegan(run=ref(7, room=2)))
    assert not runs.hear(output(8, "x", 0))


def test_a_block_shows_its_newest_run() -> None:
    runs = Runs(1)
    runs.hear(e.RunBegan(run=ref(7)))
    runs.hear(e.RunBegan(run=ref(9)))
    runs.hear(e.RunEnded(run=ref(7, result=GOOD)))
    shown = runs.at(5, 0)
    assert shown is not None
    assert (shown.run, shown.result) == (9, None)


def test_a_gap_is_noticed_and_filled_and_nothing_shown_twice() -> None:
    runs = Runs(1)
    runs.hear(e.RunBegan(run=ref(7)))
    runs.hear(output(7, "later", 100))
    assert [one.run for one in runs.unknown()] == [7]
    runs.fill(Run(run=ref(7), code="", output=[Piece(stream="stdout", text="x" * 105)]))
    runs.hear(output(7, "xxxxxand more", 100))
    shown = runs.at(5, 0)
    assert shown is not None
    assert "".join(piece.text for piece in shown.output) == "x" * 105 + "and more"
    assert not runs.unknown()


def test_output_and_runs_are_bounded() -> None:
    runs = Runs(1)
    runs.hear(e.RunBegan(run=ref(7)))
    for at in range(100):
        runs.hear(output(7, "y" * 1000, at * 1000))
    shown = runs.at(5, 0)
    assert shown is not None
    assert sum(len(piece.text) for piece in shown.output) <= MAX_OUTPUT
    assert shown.cut
    for number in range(2 * MAX_RUNS):
        runs.hear(e.RunBegan(run=ref(100 + number, seq=100 + number)))
    assert runs.at(5, 0) is None
    assert runs.versions(5) == ()


def test_an_end_is_put_into_words() -> None:
    assert outcome(GOOD, {}) == "Exit 0 · 0.12 s"
    assert outcome(
        RunResult(exit_code=None, killed_for="timeout", duration_ms=1000), {"timeout": "it took too long"}
    ).startswith("Stopped: it took too long")
    assert outcome(RunResult(exit_code=None, signal="SIGSEGV", duration_ms=1), {}).startswith("Ended by SIGSEGV")
    assert outcome(RunResult(exit_code=1, compiled=False, duration_ms=1), {}).startswith("Not compiled")
