"""Looking runs up, and comparing them.

Rule: whoever may read a run may read all of it.
"""

from collections.abc import Sequence
from difflib import unified_diff
from io import StringIO
from itertools import islice
from typing import Final

from kibitz.domain.coding import RunFacts, SessionFacts
from kibitz.domain.messages import MessageFacts
from kibitz.features.call import Call
from kibitz.storage import runs
from kibitz.wire.code_commands import CompareRuns, GetRun, ListRuns
from kibitz.wire.results import Compared, Run, Runs
from kibitz.wire.views import Piece

MAX_DIFF_LINES: Final = 2000
"""Lines of each text that are compared: difflib takes quadratic time for texts that have little in common."""

_UNENDED: Final = "\n\\ No newline at end of file\n"
"""How diff(1) and patch(1) say that a last line does not end."""


def get_run(call: Call[GetRun, RunFacts]) -> Run:
    """A run, whole."""
    return runs.whole(call.tx, call.thing.id)


def list_runs(call: Call[ListRuns, SessionFacts | MessageFacts | None]) -> Runs:
    """A page of runs of a session, of a message, or of my own."""
    place, before, limit = call.thing, call.command.before, call.command.limit
    if isinstance(place, SessionFacts):
        found = runs.of_session(call.tx, place.id, before, limit + 1)
    elif isinstance(place, MessageFacts):
        found = runs.of_message(call.tx, place.room.id, place.seq, before, limit + 1)
    else:
        found = runs.of_user(call.tx, call.actor.id, before, limit + 1)
    return Runs(runs=found[:limit], more=len(found) > limit)


def compare_runs(call: Call[CompareRuns, tuple[RunFacts, RunFacts]]) -> Compared:
    """How two runs differ."""
    one, other = (runs.whole(call.tx, facts.id) for facts in call.thing)
    first, second = one.run.result, other.run.result
    ended_alike = (first and (first.exit_code, first.signal, first.killed_for)) == (
        second and (second.exit_code, second.signal, second.killed_for)
    )
    return Compared(
        same_code=one.code == other.code,
        same_input=one.input == other.input,
        same_toolchain=one.run.toolchain == other.run.toolchain,
        same_result=ended_alike,
        same_output=_joined(one.output) == _joined(other.output),
        code=_diff(one.code, other.code, one.run.id, other.run.id),
        output=_diff(_text(one.output), _text(other.output), one.run.id, other.run.id),
    )


def _text(output: Sequence[Piece]) -> str:
    return "".join(piece.text for piece in output)


def _joined(output: Sequence[Piece]) -> tuple[str, str]:
    """What came on each stream: how it was cut on its way is chance."""
    out, err = (_text([piece for piece in output if piece.stream == stream]) for stream in ("stdout", "stderr"))
    return out, err


def _diff(one: str, other: str, first: int, second: int) -> str:
    before, after = (list(islice(StringIO(text), MAX_DIFF_LINES)) for text in (one, other))
    lines = unified_diff(before, after, f"run {first}", f"run {second}")
    return "".join(line if line.endswith("\n") else f"{line}{_UNENDED}" for line in lines)
