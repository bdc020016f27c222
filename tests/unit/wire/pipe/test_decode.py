"""Lines of a client: golden vectors, and an answer to everything else."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.unit.wire.vectors import load

from kibitz.domain.errors import Refusal
from kibitz.wire.commands import LogIn, PostMessage
from kibitz.wire.jsonlines import JSON_LINES
from kibitz.wire.pipe.decode import decode, decode_first
from kibitz.wire.pipe.verbs import VERBS

VECTORS = load("pipe")
lines = st.binary() | st.builds(
    lambda verb, rest: f"{verb}|{rest}".encode(), st.sampled_from(sorted(VERBS)), st.text(st.characters(codec="utf-8"))
)


@pytest.mark.parametrize("vector", VECTORS["commands"], ids=lambda vector: vector["line"])
def test_a_line_is_the_command_it_stands_for(vector: dict[str, str]) -> None:
    assert decode(vector["line"].encode()) == JSON_LINES.decode(vector["json"].encode())


@pytest.mark.parametrize("vector", VECTORS["first"], ids=lambda vector: vector["line"])
def test_a_first_line_logs_in(vector: dict[str, str]) -> None:
    assert decode_first(vector["line"].encode()) == JSON_LINES.decode(vector["json"].encode())


@pytest.mark.parametrize("vector", VECTORS["refused"], ids=lambda vector: vector["line"][:40])
def test_a_line_that_cannot_be_carried_out_is_refused_with_a_reason(vector: dict[str, Any]) -> None:
    with pytest.raises(Refusal) as refused:
        decode(vector["line"].encode())
    assert refused.value.code == vector["code"]
    assert 10 < len(refused.value.message) < 400


def test_every_verb_has_a_vector() -> None:
    assert {vector["line"].partition("|")[0].strip().upper() for vector in VECTORS["commands"]} == VERBS.keys()


@pytest.mark.parametrize("blank", [b"", b"\r", b"   ", b"\t\r"])
def test_a_blank_line_says_nothing(blank: bytes) -> None:
    assert decode(blank) is None
    assert decode_first(blank) is None


def test_whoever_just_talks_is_told_how() -> None:
    with pytest.raises(Refusal, match=r"send BROADCAST\|text; HELP lists"):
        decode(b"hello everyone")


def test_a_mistyped_verb_is_recognised() -> None:
    with pytest.raises(Refusal, match="Did you mean 'BROADCAST'"):
        decode(b"BRODCAST|hi")


def test_a_verb_without_its_fields_is_shown_with_them() -> None:
    with pytest.raises(Refusal, match=r"It is written PERSONAL\|user\|text\."):
        decode(b"PERSONAL|bob")


def test_bytes_that_are_no_text_are_refused_with_their_place() -> None:
    with pytest.raises(Refusal, match="byte 10") as refused:
        decode(b"BROADCAST|\xff")
    assert refused.value.code == "malformed"


@pytest.mark.parametrize("first", [b"x" * 257, b"alice|" + b"x" * 1025, b"token|" + b"x" * 1025])
def test_a_login_that_is_too_long_is_refused_without_its_secret(first: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        decode_first(first)
    assert refused.value.code == "invalid"
    assert "xx" not in refused.value.message


def test_a_group_begins_with_no_more_people_than_a_command_may_name() -> None:
    names = ",".join(f"user{number}" for number in range(501))
    with pytest.raises(Refusal) as refused:
        decode(f"CREATE_GROUP|kitchen|{names}".encode())
    assert refused.value.code == "invalid"


@pytest.mark.parametrize("verb", ["CODE_UPDATE", "EXECUTE_CODE", "INVITE_TO_CODE"])
@pytest.mark.parametrize(
    "field", ['{"x":' * 13_000, "[" * 65_000, '{"session_id":' + "9" * 5000 + "}", r'{"code":"\ud800"}']
)
def test_a_json_bomb_is_only_a_mistake(verb: str, field: str) -> None:
    with pytest.raises(Refusal) as refused:
        decode(f"{verb}|{field}".encode())
    assert refused.value.code in {"malformed", "invalid"}


@given(lines)
@example(b"|" * 100)
@example(b"PERSONAL|" + b"\\|" * 1000)
@example(b"DELETE_FILE|" + b"9" * 5000)
@example(b"CODE_UPDATE|\x00")
@example(b"JOIN_CODE_SESSION|" + b"9" * 5000)
@example(b'INVITE_TO_CODE|{"session_id":"' + b"9" * 5000 + b'","recipient":"bob"}')
def test_any_bytes_are_a_command_or_a_refusal(raw: bytes) -> None:
    for read in (decode, decode_first):
        try:
            command = read(raw)
        except Refusal:
            continue
        assert command is None or isinstance(command, LogIn) == (read is decode_first)


@given(
    st.text(st.characters(codec="utf-8", exclude_characters="\n"), min_size=1).filter(
        lambda text: not text.endswith("\r")
    )
)
def test_a_text_without_backslashes_is_said_to_the_letter(text: str) -> None:
    plain = text.replace("\\", "/")
    assert decode(f"BROADCAST|{plain}".encode()) == PostMessage(room="#general", text=plain)
