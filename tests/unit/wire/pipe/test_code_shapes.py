"""The JSON of CODE_SESSION lines: exactly the fields that were promised, in their order."""

import json
from typing import Final

import msgspec
import pytest

from kibitz.wire.pipe import code_shapes
from kibitz.wire.pipe.code_shapes import (
    CodeInvitation,
    CodeProblem,
    CodeSavedLine,
    CodeUpdateLine,
    ExecutionOutput,
    ExecutionResult,
    Result,
    SessionCreated,
    SessionJoinedLine,
    UserJoined,
    UserLeft,
)
from kibitz.wire.pipe.shapes import Shape

RESULT = Result(success=False, output="o", error="e", exit_code=None, timed_out=True, duration_ms=30_000)
ENTERED: Final = {"session_id": 7, "language": "c", "code": "", "version": 0, "participants": ["alice"]}

PROMISED: Final[list[tuple[Shape, str]]] = [
    (SessionCreated(**ENTERED), "session_created session_id language code version participants"),  # type: ignore[arg-type] # a dict of all sorts
    (SessionJoinedLine(**ENTERED), "session_joined session_id language code version participants"),  # type: ignore[arg-type] # the same
    (UserJoined(session_id=7, user="bob", participants=[]), "user_joined session_id user participants"),
    (UserLeft(session_id=7, user="bob", participants=[]), "user_left session_id user participants"),
    (
        CodeUpdateLine(session_id=7, code="", version=1, user="bob", cursor_pos=None),
        "code_update session_id code version user cursor_pos",
    ),
    (CodeSavedLine(session_id=7, version=1), "code_saved session_id version"),
    (
        ExecutionOutput(session_id=7, run_id=12, stream="stdout", data=""),
        "execution_output session_id run_id stream data",
    ),
    (
        ExecutionResult(session_id=7, run_id=12, executed_by="bob", result=RESULT),
        "execution_result session_id run_id executed_by result",
    ),
    (CodeInvitation(by="alice", session_id=7, language="c"), "code_invitation from session_id language"),
    (CodeProblem(message="Session not found."), "error message"),
]
"""What protocol and documents promise: the `type` of each, then its fields."""


@pytest.mark.parametrize(
    ("shape", "promise"), PROMISED, ids=lambda value: value.split()[0] if isinstance(value, str) else ""
)
def test_a_line_has_the_fields_that_were_promised_in_their_order(shape: Shape, promise: str) -> None:
    kind, *fields = promise.split()
    written = json.loads(msgspec.json.encode(shape))
    assert written["type"] == kind
    assert list(written) == ["type", *fields]


def test_every_kind_of_line_is_promised() -> None:
    tagged = {thing for thing in vars(code_shapes).values() if isinstance(thing, type) and issubclass(thing, Shape)}
    lines = {kind for kind in tagged if kind.__struct_config__.tag is not None}
    assert {type(shape) for shape, _ in PROMISED} == lines


def test_a_result_says_null_where_a_signal_ended_the_program() -> None:
    assert json.loads(msgspec.json.encode(RESULT)) == {
        "success": False,
        "output": "o",
        "error": "e",
        "exit_code": None,
        "timed_out": True,
        "duration_ms": 30_000,
    }
