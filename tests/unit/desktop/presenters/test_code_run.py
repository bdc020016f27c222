"""A run's output, as it waits to be drawn."""

from kibitz.desktop.presenters.code_run import AT_ONCE, LEFT_OUT, MAX_WAITING, CodeRun
from kibitz.wire.events import RunOutput
from kibitz.wire.results import Run
from kibitz.wire.views import Piece, RunRef, RunResult, UserRef

ANN = UserRef(id=1, name="ann")


def ref(result: RunResult | None = None) -> RunRef:
    return RunRef(id=5, user=ANN, language="python", code_hash="", asked_at="", result=result)


def wrote(text: str, offset: int) -> RunOutput:
    return RunOutput(run=5, stream="stdout", text=text, offset=offset)


def drawn(run: CodeRun) -> str:
    found = ""
    while output := run.take():
        found += "".join(one.text for one in output)
    return found


def test_it_waits_runs_and_ends() -> None:
    run = CodeRun(ref(), 3)
    assert run.shown.result == "Waiting – number 3 in the queue"
    run.place = 1
    assert "next" in run.shown.result
    run.hear(wrote("a", 0))
    assert run.shown.state == "running"
    run.ref = ref(RunResult(exit_code=0, duration_ms=1))
    assert run.over
    assert run.shown.tone == "good"


def test_a_gap_is_noticed_and_filled() -> None:
    run = CodeRun(ref())
    run.hear(wrote("ab", 0))
    run.hear(wrote("ef", 4))
    before = run.gap
    run.fill(Run(run=ref(), code="", output=[Piece(stream="stdout", text="abcdef")]))
    assert (before, run.gap) == (True, False)
    assert drawn(run) == "abcdef"


def test_of_much_output_the_end_is_kept_and_drawn_in_pieces() -> None:
    run = CodeRun(ref())
    text = "".join(f"{number}\n" for number in range(100_000))
    run.hear(wrote(text, 0))
    assert run._size <= MAX_WAITING + AT_ONCE
    first = run.take()
    assert first[0] == LEFT_OUT
    assert sum(len(one.text) for one in first) <= 2 * AT_ONCE
    assert drawn(run).endswith("99999\n")
    assert run.take() == ()
