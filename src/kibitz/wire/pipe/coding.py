"""Code sessions in the pipe protocol: what its JSON fields mean, and how sessions and runs are told.

Rule: field names and their order are those of the promise; a session's number may come as a number or as a text.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final

import msgspec

from kibitz.wire.code_commands import CreateSession, InviteToSession, JoinSession, LeaveSession, RunCode, UpdateCode
from kibitz.wire.codec import Context, Printed, Sheet, Viewer
from kibitz.wire.commands import Command, Id, UserName
from kibitz.wire.events import (
    BlockRun,
    CodeUpdated,
    Event,
    InvitedToSession,
    ParticipantJoined,
    ParticipantLeft,
    RunEnded,
    RunOutput,
    RunQueued,
    SessionInvited,
    SessionOpened,
    SessionUpdated,
)
from kibitz.wire.pipe.code_shapes import (
    CodeInvitation,
    CodeProblem,
    CodeSavedLine,
    CodeUpdateLine,
    Entered,
    ExecutionOutput,
    ExecutionResult,
    Participation,
    Result,
    SessionCreated,
    SessionJoinedLine,
    UserJoined,
    UserLeft,
)
from kibitz.wire.pipe.escape import json_line, notice
from kibitz.wire.results import CodeSaved, SessionChanged, SessionJoined
from kibitz.wire.views import Participant, RunResult

VERB: Final = "CODE_SESSION"

MAX_TOLD: Final = 256 * 1024
"""Characters of output in one EXECUTION_RESULT; all of it was sent as it came, and `get_run` has it."""

SessionId = int | str


# --- what a client says ------------------------------------------------------------------------------------------------


class _CodeUpdate(msgspec.Struct, frozen=True):
    """The whole text as a client now has it, and the version it started from."""

    session_id: SessionId
    code: str
    version: int | None = None
    cursor_pos: int | None = None


class _ExecuteCode(msgspec.Struct, frozen=True):
    """Run this code, or the session's own."""

    session_id: SessionId
    code: str | None = None
    language: str | None = None
    input: str | None = None


class _InviteToCode(msgspec.Struct, frozen=True):
    """Ask someone into a session."""

    session_id: SessionId
    recipient: UserName


def create(language: str) -> Command:
    """CREATE_CODE_SESSION."""
    return _checked(CreateSession, language=language)


def join(session: str) -> Command:
    """JOIN_CODE_SESSION."""
    return _checked(JoinSession, session=session)


def leave(session: str) -> Command:
    """LEAVE_CODE_SESSION."""
    return _checked(LeaveSession, session=session)


def update(field: str) -> Command:
    """CODE_UPDATE."""
    said = msgspec.json.decode(field, type=_CodeUpdate)
    return _checked(UpdateCode, session=said.session_id, code=said.code, version=said.version, cursor=said.cursor_pos)


def execute(field: str) -> Command:
    """EXECUTE_CODE. A program that is given no input can be sent some while it runs, by whoever speaks the structured protocol."""
    said = msgspec.json.decode(field, type=_ExecuteCode)
    given = {"input": said.input or "", "interactive": said.input is None}
    return _checked(RunCode, session=said.session_id, code=said.code, language=said.language, **given)


def invite(field: str) -> Command:
    """INVITE_TO_CODE."""
    said = msgspec.json.decode(field, type=_InviteToCode)
    return _checked(InviteToSession, session=said.session_id, user=said.recipient)


def _checked(kind: type[Command], *, session: SessionId | None = None, **fields: Any) -> Command:
    if session is not None:
        fields["session"] = msgspec.convert(session, Id, strict=False)
    return msgspec.convert(fields, kind)


# --- what it is told ---------------------------------------------------------------------------------------------------


def joined(command: Command, result: SessionJoined, _: Viewer) -> bytes:
    """The answer to whoever created or joined a session."""
    shape: type[Entered] = SessionCreated if isinstance(command, CreateSession) else SessionJoinedLine
    session, people = result.session, _names(result.participants)
    told = shape(
        session_id=session.id, language=session.language, code=result.code, version=result.version, participants=people
    )
    return json_line(VERB, told)


def saved(_: Command, result: CodeSaved, __: Viewer) -> bytes:
    """The answer to a CODE_UPDATE."""
    return json_line(VERB, CodeSavedLine(session_id=result.session, version=result.version))


def invited(command: InviteToSession, _: SessionChanged, __: Viewer) -> bytes:
    """The answer to whoever invites."""
    return notice(f"You invited {command.user} to code session {command.session}")


def problem(message: str) -> bytes:
    """Why a command about a session was not carried out."""
    return json_line(VERB, CodeProblem(message=message))


def _names(people: Iterable[Participant]) -> list[str]:
    return [person.user.name for person in people if person.joined_at is not None]


def _came(event: ParticipantJoined, _: Context, __: Viewer) -> bytes:
    return _participation(UserJoined, event.session, event.participant.user.name, event.participants)


def _went(event: ParticipantLeft, _: Context, __: Viewer) -> bytes:
    return _participation(UserLeft, event.session, event.user.name, event.participants)


def _participation(shape: type[Participation], session: int, user: str, people: Iterable[Participant]) -> bytes:
    return json_line(VERB, shape(session_id=session, user=user, participants=_names(people)))


def _updated(event: CodeUpdated, sheet: Sheet, _: Viewer) -> bytes:
    told = CodeUpdateLine(
        session_id=event.session, code=sheet.code, version=event.version, user=sheet.author, cursor_pos=sheet.cursor
    )
    return json_line(VERB, told)


def _output(event: RunOutput, _: Context, __: Viewer) -> bytes:
    if event.session is None:
        return b""
    told = ExecutionOutput(session_id=event.session, run_id=event.run, stream=event.stream, data=event.text)
    return json_line(VERB, told)


def _queued(event: RunQueued, _: Context, __: Viewer) -> bytes:
    return notice(f"Run {event.run.id} waits, at place {event.place} of the queue")


def _ended(event: RunEnded, printed: Printed, _: Viewer) -> bytes:
    run = event.run
    if run.session is None or run.result is None:
        return b""
    result = _result(run.result, printed)
    return json_line(
        VERB, ExecutionResult(session_id=run.session, run_id=run.id, executed_by=run.user.name, result=result)
    )


def _result(result: RunResult, printed: Printed) -> Result:
    return Result(
        success=result.success,
        output=printed.stdout[:MAX_TOLD],
        error=printed.stderr[:MAX_TOLD],
        exit_code=result.exit_code,
        timed_out=result.timed_out,
        duration_ms=result.duration_ms,
    )


def _asked_in(event: InvitedToSession, _: Context, __: Viewer) -> bytes:
    session = event.session
    return json_line(VERB, CodeInvitation(by=event.by.name, session_id=session.id, language=session.language))


def _changed(event: SessionUpdated, _: Context, __: Viewer) -> bytes:
    session = event.session
    state = "closed" if session.closed_at is not None else "open"
    title = f" '{session.title}'" if session.title else ""
    return notice(f"{event.by.name} changed code session {session.id}{title}: it is {state}, in {session.language}")


def _opened(event: SessionOpened, _: Context, __: Viewer) -> bytes:
    return notice(f"{event.by.name} began code session {event.session.id} in {event.session.language}")


def _in_log(event: SessionInvited, _: Context, __: Viewer) -> bytes:
    return notice(f"{event.by.name} invited {event.user.name} to code session {event.session.id}")


def _block_run(event: BlockRun, _: Context, __: Viewer) -> bytes:
    result = event.result
    how = (
        f"exit code {result.exit_code}"
        if result.exit_code is not None
        else f"ended by {result.signal or result.killed_for}"
    )
    return notice(f"{event.by.name} ran the {event.language} code of a message: {how}")


TOLD: Final[dict[type[Event], Callable[[Any, Any, Viewer], bytes]]] = {
    ParticipantJoined: _came,
    ParticipantLeft: _went,
    CodeUpdated: _updated,
    RunOutput: _output,
    RunQueued: _queued,
    RunEnded: _ended,
    InvitedToSession: _asked_in,
    SessionUpdated: _changed,
    SessionOpened: _opened,
    SessionInvited: _in_log,
    BlockRun: _block_run,
}
"""The events of code that this protocol tells."""
