"""The structured protocol's bytes: golden vectors, precise refusals, and nothing that breaks the codec."""

import json
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.unit.wire.vectors import in_full, load

from kibitz.domain.errors import Refusal
from kibitz.wire import results, views
from kibitz.wire.catalogue import COMMANDS, EVENTS, AnyCommand, type_of
from kibitz.wire.closing import LOGGED_OUT, SHUTDOWN
from kibitz.wire.codec import NOBODY, Codec, Misread
from kibitz.wire.commands import LogIn, Ping, PostMessage
from kibitz.wire.events import AnyEvent, Heartbeat, MessagePosted
from kibitz.wire.frames import text_frame
from kibitz.wire.jsonlines import JSON_LINES, WS_TEXT
from kibitz.wire.results import Done, Posted, Result
from kibitz.wire.views import Message, UserRef

events = msgspec.json.Decoder(AnyEvent)
encode = msgspec.json.encode


def refused(raw: bytes) -> Misread:
    with pytest.raises(Misread) as caught:
        JSON_LINES.decode(raw)
    return caught.value


def as_fields(struct: msgspec.Struct) -> dict[str, Any]:
    return {"type": type_of(type(struct)), **in_full(struct)}


# --- golden vectors ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("vector", load("commands"), ids=lambda vector: vector["json"][:60])
def test_a_command_reads_and_writes_as_promised(vector: dict[str, Any]) -> None:
    command = JSON_LINES.decode(vector["json"].encode())
    assert command is not None
    assert as_fields(command) == vector["fields"]
    assert encode(command).decode() == vector["json"]


@pytest.mark.parametrize("vector", load("events")["events"], ids=lambda vector: vector["json"][:60])
def test_an_event_reads_and_writes_as_promised(vector: dict[str, Any]) -> None:
    event = events.decode(vector["json"])
    assert as_fields(event) == vector["fields"]
    assert JSON_LINES.encode_event(event, None, NOBODY) == vector["json"].encode() + b"\n"


@pytest.mark.parametrize("vector", load("events")["replies"], ids=lambda vector: vector["result"])
def test_a_reply_reads_and_writes_as_promised(vector: dict[str, Any]) -> None:
    kind = getattr(results, vector["result"], None) or getattr(views, vector["result"])
    reply = events.decode(vector["json"])
    result = msgspec.json.decode(reply.result, type=kind)
    assert {**as_fields(reply), "result": in_full(result)} == vector["fields"]
    assert JSON_LINES.encode_reply(Ping(id=reply.id), result, NOBODY) == vector["json"].encode() + b"\n"


def test_every_command_event_and_result_has_a_vector() -> None:
    vectors = load("events")
    assert {vector["fields"]["type"] for vector in load("commands")} == COMMANDS.keys()
    assert {vector["fields"]["type"] for vector in vectors["events"]} == EVENTS.keys()
    assert {vector["result"] for vector in vectors["replies"]} >= {
        kind.__name__ for kind in Result.__subclasses__() if kind.__module__ == Result.__module__
    }


# --- refusals ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "code", "says"),
    [
        (b"hello", "malformed", "This is not JSON: JSON is malformed: invalid character (byte 0)."),
        (b'{"type":"ping"', "malformed", "This is not JSON: Input data was truncated (byte 14)."),
        (b'{"type":"ping"} and more', "malformed", "trailing characters (byte 17)"),
        (b'["ping"]', "malformed", 'A message is a JSON object, as in {"type":"ping"}.'),
        (b"{}", "malformed", 'A message needs a "type", as in {"type":"ping"}.'),
        (b'{"type":5}', "malformed", 'A message needs a "type", as in {"type":"ping"}.'),
        (b'{"type":"ping","id":1,"x":"\xff"}', "invalid", "unknown field `x`"),
        (b'{"type":"set_profile","display_name":"\xff"}', "malformed", "byte 38 of this one is not"),
        (
            b'{"type":"pst_message"}',
            "unknown_command",
            "There is no command 'pst_message'. Did you mean 'post_message'?",
        ),
        (b'{"type":"zzz"}', "unknown_command", "There is no command 'zzz'. Send help for the list."),
        (b'{"type":"ping","room":1}', "invalid", "ping: Object contains unknown field `room`."),
        (b'{"type":"get_room","room":true}', "invalid", "get_room: Expected `int | str`, got `bool` - at `$.room`."),
        (b'{"type":"get_room"}', "invalid", "get_room: Object missing required field `room`."),
        (b'{"type":"set_presence","status":"asleep"}', "invalid", "Invalid enum value 'asleep' - at `$.status`."),
    ],
)
def test_a_refusal_says_what_is_wrong_and_where(raw: bytes, code: str, says: str) -> None:
    refusal = refused(raw)
    assert (refusal.code, refusal.id) == (code, 1 if b'"id":1' in raw else 0)
    assert says in refusal.message


@pytest.mark.parametrize(
    "raw",
    [
        b'{"id":7,"type":"pst_message"}',
        b'{"type":"get_room","id":7}',
        b'{"type":"set_profile","display_name":"\xff","id":7}',
        b'{"type":["ping"],"id":7}',
        b'{"id":7}',
    ],
)
def test_a_refusal_bears_the_id_of_a_message_that_could_not_be_read(raw: bytes) -> None:
    error = events.decode(JSON_LINES.encode_refusal(None, refused(raw)))
    assert error.id == 7


@pytest.mark.parametrize("id", [b"-1", b"1.5", b"true", b"null", b'"7"', b"9007199254740992", b"9" * 6000])
def test_an_id_that_is_no_id_is_not_said_back(id: bytes) -> None:
    refusal = refused(b'{"type":"ping","id":' + id + b"}")
    assert refusal.id == 0
    JSON_LINES.encode_refusal(None, refusal)


def test_a_refused_command_is_answered_under_its_id() -> None:
    refusal = Refusal("rate_limited", "Too fast: wait 2 seconds and send this again.", retry_after=2.0)
    line = JSON_LINES.encode_refusal(Ping(id=9), refusal)
    assert json.loads(line) == {
        "type": "error",
        "id": 9,
        "code": "rate_limited",
        "number": 400,
        "message": refusal.message,
        "retry_after": 2.0,
    }


def test_a_long_word_of_a_stranger_is_not_said_back_in_full() -> None:
    assert len(refused(b'{"type":"' + b"x" * 60_000 + b'"}').message) < 200
    assert len(refused(b'{"type":"ping","' + b"x" * 60_000 + b'":1}').message) < 300


# --- hostile bytes -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("raw", [b"[" * 65_000, b'{"x":' * 13_000, b'{"type":"ping","id":' + b"[" * 65_000])
def test_deep_nesting_is_refused(raw: bytes) -> None:
    assert refused(raw).code == "malformed"


@pytest.mark.parametrize(
    "digits", ["9007199254740992", "9223372036854775808", "18446744073709551616", "9" * 30, "9" * 5000]
)
@pytest.mark.parametrize("field", ["id", "room", "seq"])
def test_no_number_is_larger_than_json_keeps(field: str, digits: str) -> None:
    numbers = {"id": "1", "room": "1", "seq": "1", field: digits}
    fields = ",".join(f'"{name}":{number}' for name, number in numbers.items())
    assert refused(f'{{"type":"get_message",{fields}}}'.encode()).code == "invalid"


@pytest.mark.parametrize(
    "half", [rb"\ud800", rb"\udfff", rb"\ud800\ud800", rb"\ud800A", rb"\udc00\ud800", b"\xed\xa0\x80"]
)
@pytest.mark.parametrize("tail", [b"", b" and some more text"])
def test_half_of_a_surrogate_pair_is_refused(half: bytes, tail: bytes) -> None:
    assert refused(b'{"type":"post_message","room":1,"text":"' + half + tail + b'"}').code == "malformed"


def test_a_whole_surrogate_pair_is_one_character() -> None:
    command = JSON_LINES.decode(rb'{"type":"post_message","room":1,"text":"\ud83d\udc4b"}')
    assert command == PostMessage(room=1, text="👋")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
    max_leaves=10,
)
messages = st.fixed_dictionaries(
    {"type": st.sampled_from(sorted(COMMANDS))},
    optional={name: json_values for kind in COMMANDS.values() for name in kind.__struct_fields__},
)


@given(st.binary() | messages.map(lambda message: json.dumps(message).encode()))
@example(b"")
@example(b"\x00")
@example(b'{"type":"ping","id":' + b"9" * 400 + b"}")
def test_any_bytes_are_a_command_or_a_refusal_that_can_be_sent(raw: bytes) -> None:
    try:
        command = JSON_LINES.decode(raw)
    except Misread as misread:
        refusal = misread
    else:
        assert command is None or JSON_LINES.decode(encode(command)) == command
        return
    error = events.decode(JSON_LINES.encode_refusal(None, refusal))
    assert error.code in {"malformed", "unknown_command", "invalid"}


@given(st.text(st.characters(codec="utf-8")))
def test_an_event_is_one_line_whatever_was_said(text: str) -> None:
    message = Message(room=1, seq=1, sender=UserRef(id=1, name="alice"), text=text, sent_at="")
    event = MessagePosted(room=1, seq=1, message=message)
    line = JSON_LINES.encode_event(event, None, NOBODY)
    assert line.endswith(b"\n")
    assert b"\n" not in line[:-1]
    assert events.decode(line) == event


# --- the two packings --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("codec", [JSON_LINES, WS_TEXT], ids=lambda codec: codec.name)
def test_a_blank_message_says_nothing(codec: Codec) -> None:
    assert codec.decode(b"") is None
    assert codec.decode_first(b" \r") is None


@pytest.mark.parametrize("command", get_args(AnyCommand), ids=lambda kind: kind.__name__)
def test_the_first_message_may_be_any_command(command: type) -> None:
    vector = next(vector for vector in load("commands") if vector["fields"]["type"] == type_of(command))
    assert isinstance(JSON_LINES.decode_first(vector["json"].encode()), command)


def test_an_answer_that_was_kept_is_sent_as_it_was() -> None:
    line = JSON_LINES.encode_reply(Ping(id=5), msgspec.Raw(b'{"room":1,  "seq":2}'), NOBODY)
    assert line == b'{"type":"reply","id":5,"result":{"room":1,  "seq":2}}\n'


def test_an_empty_result_is_there_all_the_same() -> None:
    assert JSON_LINES.encode_reply(Ping(id=5), Done(), NOBODY) == b'{"type":"reply","id":5,"result":{}}\n'


def test_a_websocket_gets_the_same_json_in_frames() -> None:
    command, result = PostMessage(id=5, room=1, text="hi"), Posted(room=1, seq=2, sent_at="")
    refusal = Refusal("forbidden", "No.")
    for on_tcp, on_websocket in (
        (JSON_LINES.encode_event(Heartbeat(), None, NOBODY), WS_TEXT.encode_event(Heartbeat(), None, NOBODY)),
        (JSON_LINES.encode_reply(command, result, NOBODY), WS_TEXT.encode_reply(command, result, NOBODY)),
        (JSON_LINES.encode_refusal(command, refusal), WS_TEXT.encode_refusal(command, refusal)),
    ):
        assert on_websocket == text_frame(on_tcp.removesuffix(b"\n"))


def test_a_login_is_answered_as_any_other_command() -> None:
    vector = next(vector for vector in load("events")["replies"] if vector["result"] == "Welcome")
    welcome = msgspec.convert(vector["fields"]["result"], results.Welcome)
    assert JSON_LINES.encode_welcome(LogIn(id=35), welcome, None, NOBODY) == vector["json"].encode() + b"\n"


def test_the_last_line_over_tcp_says_whether_to_come_back() -> None:
    assert json.loads(JSON_LINES.encode_close(SHUTDOWN)) == {
        "type": "closing",
        "code": 3001,
        "reason": "shutdown",
        "retry_after": 1.0,
    }


def test_a_websocket_says_it_in_its_close_frame() -> None:
    assert WS_TEXT.encode_close(LOGGED_OUT) == b""
