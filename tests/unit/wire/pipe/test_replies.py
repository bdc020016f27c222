"""Answers, refusals and last words: golden vectors, and every refusal in one line."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.wire.vectors import load

from kibitz.domain.errors import CODES, Refusal
from kibitz.wire import results
from kibitz.wire.catalogue import AnyCommand
from kibitz.wire.closing import CLOSES
from kibitz.wire.code_commands import CodeCommand, JoinSession, RunCode
from kibitz.wire.codec import NOBODY, Viewer
from kibitz.wire.commands import Command, DeleteFile, Help, LogIn, Ping
from kibitz.wire.pipe.replies import encode_close, encode_refusal, encode_reply, encode_welcome
from kibitz.wire.pipe.verbs import SPOKEN
from kibitz.wire.results import Done, History, Welcome

VECTORS = load("pipe")


def lines_of(data: bytes) -> list[str]:
    *lines, rest = data.decode().split("\n")
    assert rest == ""
    return lines


def command_of(vector: dict[str, Any]) -> Command | None:
    return msgspec.convert(vector["command"], AnyCommand) if vector["command"] is not None else None


@pytest.mark.parametrize(
    "vector", VECTORS["replies"], ids=lambda vector: f"{vector['command']['type']} {vector['lines'][:1]}"[:80]
)
def test_a_command_is_answered_as_promised(vector: dict[str, Any]) -> None:
    command, viewer = command_of(vector), Viewer(**vector["viewer"])
    result = msgspec.convert(vector["fields"], getattr(results, vector["result"]))
    if isinstance(command, LogIn):
        data = encode_welcome(command, result, msgspec.convert(vector["history"], History), viewer)
    else:
        assert command is not None
        data = encode_reply(command, result, viewer)
    assert lines_of(data) == vector["lines"]


@pytest.mark.parametrize("vector", VECTORS["refusals"], ids=lambda vector: vector["lines"][0][:60])
def test_a_refusal_is_told_as_promised(vector: dict[str, Any]) -> None:
    refusal = Refusal(vector["code"], vector["message"], retry_after=vector["retry_after"])
    assert lines_of(encode_refusal(command_of(vector), refusal)) == vector["lines"]


@pytest.mark.parametrize("vector", VECTORS["closings"], ids=lambda vector: str(vector["code"]))
def test_the_last_words_are_as_promised(vector: dict[str, Any]) -> None:
    assert lines_of(encode_close(CLOSES[vector["code"]])) == vector["lines"]


def test_every_way_to_close_has_a_vector() -> None:
    assert {vector["code"] for vector in VECTORS["closings"]} == CLOSES.keys()


@given(
    st.sampled_from(sorted(CODES)),
    st.text(),
    st.sampled_from([None, LogIn(), Ping(), DeleteFile(file=9), JoinSession(session=7), RunCode()]),
)
def test_a_refusal_is_always_exactly_one_line(code: str, message: str, command: Command | None) -> None:
    if isinstance(command, DeleteFile | CodeCommand):
        message = message.encode("utf-8", "replace").decode()  # what goes into JSON is valid Unicode by then
    (line,) = lines_of(encode_refusal(command, Refusal(code, message)))
    assert len(line.splitlines()) == 1


def test_a_name_is_taken_only_at_the_login() -> None:
    taken = Refusal("name_taken", "The name 'alice' is taken; choose another.")
    assert encode_refusal(LogIn(name="alice"), taken) == b"NAME_TAKEN\n"
    assert encode_refusal(Ping(), taken).startswith(b"ERROR|name_taken|The name 'alice'")


def test_an_answer_that_was_kept_says_nothing_new_to_whoever_hears_the_event() -> None:
    command = msgspec.convert({"type": "post_message", "room": 1, "text": "hi"}, AnyCommand)
    assert encode_reply(command, msgspec.Raw(b'{"room":1,"seq":2,"sent_at":""}'), NOBODY) == b""


def test_a_deleted_file_is_confirmed_from_the_answer_that_was_kept() -> None:
    assert lines_of(encode_reply(DeleteFile(file=9), msgspec.Raw(b'{"room":1,"seq":2}'), NOBODY)) == [
        'FILE_DELETE_RESPONSE|{"type":"FILE_DELETE_RESPONSE","success":true,"file_id":9,"message":null}'
    ]


def test_help_shows_how_every_verb_is_written() -> None:
    lines = lines_of(encode_reply(Help(), Done(), NOBODY))
    assert [line.partition(" - ")[0] for line in lines] == [f"SERVER: {verb.usage}" for verb in SPOKEN]


def test_whoever_is_in_no_group_is_told_of_none_at_the_login() -> None:
    with_groups, without = (vector for vector in VECTORS["replies"] if vector["result"] == "Welcome")
    verbs = [line.partition("|")[0] for line in with_groups["lines"]]
    assert verbs == ["CONNECTED", "SERVER_INFO", "USER_GROUPS", "MESSAGE_HISTORY", "USER_LIST"]
    welcome = msgspec.convert(without["fields"], Welcome)
    history = msgspec.convert(without["history"], History)
    verbs = [line.partition("|")[0] for line in lines_of(encode_welcome(LogIn(), welcome, history, NOBODY))]
    assert verbs == ["CONNECTED", "SERVER_INFO", "MESSAGE_HISTORY", "USER_LIST"]
