"""The JSON that `CODE_SESSION` lines carry.

Rule: as in `shapes`: fields stand in the order and by the names that were promised, and what is not there is null, not left out.
"""

import msgspec

from kibitz.wire.pipe.shapes import Shape


class Entered(Shape, frozen=True, kw_only=True):
    """A session as whoever comes into it finds it."""

    session_id: int
    language: str
    code: str
    version: int
    participants: list[str]


class SessionCreated(Entered, frozen=True, kw_only=True, tag_field="type", tag="session_created"):
    """To whoever created a session."""


class SessionJoinedLine(Entered, frozen=True, kw_only=True, tag_field="type", tag="session_joined"):
    """To whoever joined one."""


class Participation(Shape, frozen=True, kw_only=True):
    """Someone came or went."""

    session_id: int
    user: str
    participants: list[str]


class UserJoined(Participation, frozen=True, kw_only=True, tag_field="type", tag="user_joined"):
    """Someone joined a session."""


class UserLeft(Participation, frozen=True, kw_only=True, tag_field="type", tag="user_left"):
    """Someone left it, or was put out."""


class CodeUpdateLine(Shape, frozen=True, kw_only=True, tag_field="type", tag="code_update"):
    """The text as it is now, and who changed it last."""

    session_id: int
    code: str
    version: int
    user: str
    cursor_pos: int | None


class CodeSavedLine(Shape, frozen=True, kw_only=True, tag_field="type", tag="code_saved"):
    """A CODE_UPDATE is stored."""

    session_id: int
    version: int


class ExecutionOutput(Shape, frozen=True, kw_only=True, tag_field="type", tag="execution_output"):
    """What a program wrote just now."""

    session_id: int
    run_id: int
    stream: str
    data: str


class Result(Shape, frozen=True, kw_only=True):
    """What came of a run; `exit_code` is null where a signal ended it."""

    success: bool
    output: str
    error: str
    exit_code: int | None
    timed_out: bool
    duration_ms: int


class ExecutionResult(Shape, frozen=True, kw_only=True, tag_field="type", tag="execution_result"):
    """A run is over."""

    session_id: int
    run_id: int
    executed_by: str
    result: Result


class CodeInvitation(Shape, frozen=True, kw_only=True, tag_field="type", tag="code_invitation"):
    """To whoever is invited."""

    by: str = msgspec.field(name="from")
    session_id: int
    language: str


class CodeProblem(Shape, frozen=True, kw_only=True, tag_field="type", tag="error"):
    """Why something was not done."""

    message: str
