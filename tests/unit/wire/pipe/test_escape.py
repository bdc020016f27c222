"""Fields and lines: nothing is lost on the way, and nothing gets out of its line."""

import json
import unicodedata

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kibitz.wire.pipe.escape import fields, json_line, line, notice, shown, unescape

texts = st.text(st.characters(codec="utf-8"))
printable = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Zl", "Zp"), include_characters="\n\t"))


def inner(field: str) -> str:
    """A field as a client writes it where others follow."""
    return field.replace("\\", "\\\\").replace("\n", "\\n").replace("|", "\\|")


@given(st.lists(printable, min_size=1, max_size=4))
def test_fields_come_through_as_they_were(values: list[str]) -> None:
    *first, last = values
    written = "|".join([*map(inner, first), shown(last)])
    assert "\n" not in written
    assert fields(written, len(values)) == values


@pytest.mark.parametrize(
    ("written", "count", "meant"),
    [
        ("a|b|c", 2, ["a", "b|c"]),
        ("a|b|c", 3, ["a", "b", "c"]),
        ("a|b|c", 1, ["a|b|c"]),
        ("a", 3, ["a"]),
        ("a|", 2, ["a", ""]),
        ("|b", 2, ["", "b"]),
        (r"a\|b|c", 2, ["a|b", "c"]),
        (r"a\\|b", 2, ["a\\", "b"]),
        (r"a|b\|c\nd", 2, ["a", "b|c\nd"]),
        (r"a\|b", 2, ["a|b"]),
    ],
)
def test_a_pipe_parts_fields_unless_it_is_escaped_or_in_the_last(written: str, count: int, meant: list[str]) -> None:
    assert fields(written, count) == meant


@pytest.mark.parametrize("written", [r"C:\temp", r"\d+", "a\\"])
def test_a_backslash_before_anything_else_is_a_backslash(written: str) -> None:
    assert unescape(written) == written


def test_escapes_are_read_from_left_to_right() -> None:
    assert unescape(r"\\n") == r"\n"
    assert unescape(r"\\\n") == "\\\n"


@given(texts)
@example("".join(map(chr, range(0x100))))
@example("\u2028\u2029\r\n\x85")
def test_a_line_is_one_line_to_everyone_and_moves_no_cursor(text: str) -> None:
    written = line(text)
    assert written.endswith(b"\n")
    body = written[:-1].decode()
    assert len(body.splitlines()) <= 1
    assert not any(unicodedata.category(char) in {"Cc", "Zl", "Zp"} for char in body if char != "\t")


@pytest.mark.parametrize(
    ("said", "seen"),
    [
        ("one\ntwo", r"one\ntwo"),
        ("one\r\ntwo", r"one\ntwo"),
        ("one\u2028two", r"one\ntwo"),
        ("a\\b", r"a\\b"),
        ("a|b\tc", "a|b\tc"),
        ("\x1b[2J", "␛[2J"),
        ("\rSERVER: no", "␍SERVER: no"),
        ("\x07\x00\x7f", "␇␀␡"),
        ("\x9b2J\x85", "\ufffd2J\ufffd"),
        ("👋🏽 é", "👋🏽 é"),
    ],
)
def test_what_would_act_on_a_terminal_is_seen_instead(said: str, seen: str) -> None:
    assert shown(said) == seen


def test_half_of_a_surrogate_pair_can_be_sent() -> None:
    assert line("a\ud800b") == b"a?b\n"


def test_a_notice_is_the_servers() -> None:
    assert notice("hello") == b"SERVER: hello\n"


class Shape(msgspec.Struct):
    text: str


@given(texts)
@example("".join(map(chr, range(0x100))) + "\u2028\u2029")
def test_json_keeps_every_character_and_shows_none_that_acts(text: str) -> None:
    written = json_line("VERB", Shape(text)).decode()
    verb, _, field = written.removesuffix("\n").partition("|")
    assert verb == "VERB"
    assert json.loads(field) == {"text": text}
    assert not any(unicodedata.category(char) in {"Cc", "Zl", "Zp"} for char in field)
