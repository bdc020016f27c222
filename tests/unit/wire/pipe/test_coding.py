"""Code sessions in the pipe protocol: texts come through to the letter, and what people see is about who is there."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kibitz.wire.code_commands import InviteToSession, JoinSession, RunCode, UpdateCode
from kibitz.wire.codec import NOBODY, Label, Printed, Sheet
from kibitz.wire.events import BlockRun, CodeUpdated, Event, RunEnded, RunOutput, SessionUpdated
from kibitz.wire.pipe import coding
from kibitz.wire.pipe.coding import MAX_TOLD
from kibitz.wire.pipe.encode import encode_event
from kibitz.wire.views import CodeSession, RunRef, RunResult, UserRef

ALICE = UserRef(id=1, name="alice")
RUN = RunRef(id=12, user=ALICE, language="python", code_hash="", asked_at="", session=7)
texts = st.text(st.characters(codec="utf-8"))


def told(event: Event, context: Sheet | Printed | Label | None) -> dict[str, Any]:
    """The JSON of the one line that an event makes."""
    data = encode_event(event, context, NOBODY).decode()
    assert len(data.splitlines()) == 1
    verb, _, field = data.removesuffix("\n").partition("|")
    assert verb == "CODE_SESSION"
    found: dict[str, Any] = json.loads(field)
    return found


@given(texts)
@example("\x1b[2J\u2028\x85\r\n|\\n")
def test_a_text_goes_out_and_comes_back_to_the_letter(code: str) -> None:
    update = told(CodeUpdated(session=7, version=3, users=[ALICE]), Sheet(code, "alice"))
    assert update["code"] == code
    sent = json.dumps({"session_id": update["session_id"], "code": update["code"], "version": update["version"]})
    assert coding.update(sent) == UpdateCode(session=7, code=code, version=3)


@given(texts)
@example("\x1b[2J\x07")
def test_what_a_program_writes_comes_to_the_letter_and_moves_no_cursor(text: str) -> None:
    output = RunOutput(run=12, stream="stdout", text=text, offset=0, session=7)
    assert told(output, None)["data"] == text
    assert not any(
        ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0 for char in encode_event(output, None, NOBODY).decode()[:-1]
    )


def test_a_program_that_wrote_much_is_told_up_to_a_limit_on_each_stream() -> None:
    ended = RunEnded(run=msgspec.structs.replace(RUN, result=RunResult(exit_code=0, duration_ms=1)))
    result = told(ended, Printed("o" * (MAX_TOLD + 1), "e" * (MAX_TOLD + 2)))["result"]
    assert (result["output"], result["error"]) == ("o" * MAX_TOLD, "e" * MAX_TOLD)


@pytest.mark.parametrize(
    ("result", "success"),
    [
        (RunResult(exit_code=0, duration_ms=1), True),
        (RunResult(exit_code=1, duration_ms=1), False),
        (RunResult(exit_code=None, signal="SIGSEGV", duration_ms=1), False),
        (RunResult(exit_code=0, killed_for="output", duration_ms=1), False),
    ],
)
def test_a_run_is_a_success_if_it_ended_well_by_itself(result: RunResult, success: bool) -> None:
    ended = RunEnded(run=msgspec.structs.replace(RUN, result=result))
    assert told(ended, Printed("", ""))["result"]["success"] is success


def test_a_run_outside_of_sessions_is_not_told_as_one_of_a_session() -> None:
    elsewhere = msgspec.structs.replace(RUN, session=None, result=RunResult(exit_code=0, duration_ms=1))
    assert encode_event(RunEnded(run=elsewhere), None, NOBODY) == b""
    assert encode_event(RunOutput(run=12, stream="stdout", text="hi", offset=0), None, NOBODY) == b""


@pytest.mark.parametrize(
    ("result", "how"),
    [
        (RunResult(exit_code=3, duration_ms=1), "exit code 3"),
        (RunResult(exit_code=None, signal="SIGSEGV", duration_ms=1), "ended by SIGSEGV"),
        (RunResult(exit_code=None, killed_for="stopped", duration_ms=1), "ended by stopped"),
    ],
)
def test_a_conversation_is_told_how_the_code_of_a_message_ended(result: RunResult, how: str) -> None:
    run = BlockRun(room=1, seq=2, target=1, block=0, run=12, language="c", result=result, by=ALICE, at="")
    line = encode_event(run, Label(1, "general", "general"), NOBODY)
    assert line.decode() == f"SERVER: alice ran the c code of a message: {how}\n"


@given(texts)
def test_a_title_stays_in_the_line_of_its_session(title: str) -> None:
    session = CodeSession(id=7, language="c", title=title, access="open", created_by=ALICE, created_at="")
    lines = encode_event(SessionUpdated(session=session, by=ALICE), None, NOBODY).decode().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("SERVER: alice changed code session 7")


def test_a_session_may_be_named_by_its_number_or_by_the_same_as_a_text() -> None:
    for number in ("7", '"7"'):
        field = f'{{"session_id":{number},"recipient":"bob"}}'
        assert coding.invite(field) == InviteToSession(session=7, user="bob")
    assert coding.join("7") == JoinSession(session=7)


@pytest.mark.parametrize("number", ["seven", "", "7.5", "-7", "0", "9007199254740992", "9" * 5000, "\u0667"])
def test_what_is_no_number_of_a_session_is_a_mistake(number: str) -> None:
    for read in (coding.join, coding.leave):
        with pytest.raises(msgspec.ValidationError):
            read(number)
    with pytest.raises(msgspec.ValidationError):
        coding.execute(json.dumps({"session_id": number}))


def test_a_program_that_was_given_no_input_can_be_given_some_while_it_runs() -> None:
    assert coding.execute('{"session_id":7}') == RunCode(session=7, interactive=True)
    assert coding.execute('{"session_id":7,"input":""}') == RunCode(session=7, interactive=False)
    assert coding.execute('{"session_id":7,"input":"1"}') == RunCode(session=7, input="1", interactive=False)
