"""Runs for a test, written down without a sandbox."""

from typing import Final

from kibitz.domain.access import Actor
from kibitz.features.running import ending
from kibitz.features.running.asking import Program
from kibitz.storage import Tx, runs
from kibitz.wire.results import Run
from kibitz.wire.views import Piece, RunResult
from tests.support.database import NOW

LATER: Final = "2026-01-31T12:05:00.000Z"
GOOD: Final = RunResult(exit_code=0, duration_ms=41, cpu_ms=30, peak_memory=9_437_184)
PROGRAM: Final = Program("print(input())\n", "python", "hi\n", {"timeout": 30.0})


def run_of(
    tx: Tx,
    user: Actor,
    code: str = "print(1)\n",
    *,
    session: int | None = None,
    block: tuple[int, int, int] | None = None,
    given: str = "",
) -> Run:
    """A run that is under way."""
    run = runs.create(
        tx,
        user=user.id,
        session=session,
        block=block,
        language="python",
        code=code,
        given=given,
        limits={"timeout": 30.0},
        now=NOW,
    )
    return runs.whole(tx, run)


def end(
    tx: Tx,
    run: Run,
    result: RunResult = GOOD,
    *,
    output: tuple[Piece, ...] = (Piece(stream="stdout", text="1\n"),),
    toolchain: str = "Python 3.11.2",
) -> None:
    """Its end."""
    ending.finish(tx, run.run, result, output, given=run.input, toolchain=toolchain, now=LATER)
