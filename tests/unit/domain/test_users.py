"""Names, display names and passwords."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import String

from kibitz.domain.errors import Refusal
from kibitz.domain.users import (
    MAX_DISPLAY_NAME,
    MAX_NAME,
    MAX_PASSWORD,
    MIN_PASSWORD,
    RESERVED,
    check_password,
    clean_display_name,
    clean_name,
    leading_name,
    name_key,
)
from kibitz.storage.schema import users


def wide(text: str) -> str:
    """A text in the full-width letters that East Asian keyboards make."""
    return "".join(chr(ord(char) + 0xFEE0) for char in text)


@pytest.mark.parametrize(
    "name",
    [
        "alice",
        "Bob",
        "carol_2",
        "dave.m",
        "anne-marie",
        "007",
        "_x",
        "élan",
        "Ελένη",
        "नमस्ते",
        "ไทย",
        "李雷",
        "x" * MAX_NAME,
    ],
)
def test_a_name_is_one_word_of_any_script(name: str) -> None:
    assert clean_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "  ",
        "two words",
        "a|b",
        "a,b",
        "a@b",
        "#a",
        "{",
        "a\nb",
        "a\x00",
        ".a",
        "a.",
        "-a",
        "a-",
        "½",
        "👍",
        "·a",
        "x" * 33,
    ],
)
def test_what_is_no_word_is_no_name(name: str) -> None:
    with pytest.raises(Refusal) as refused:
        clean_name(name)
    assert refused.value.code == "invalid"


@pytest.mark.parametrize(
    "name",
    [
        "alice\ufe0f",
        "al\u034fice",
        "\u3164",
        "\u115falice",
        "alice\U000e0100",
        "al\u200dice",
        "\u202ealice",
        "alice\u00ad",
    ],
)
def test_nobody_gets_a_name_that_looks_like_another_by_what_cannot_be_seen(name: str) -> None:
    with pytest.raises(Refusal):
        clean_name(name)


def test_a_name_does_not_begin_with_a_mark() -> None:
    with pytest.raises(Refusal):
        clean_name("\u093fa")


@pytest.mark.parametrize("name", ["all", "ALL", "Server", wide("token")])
def test_a_name_that_means_something_else_is_nobodys(name: str) -> None:
    assert name_key(name) in RESERVED
    with pytest.raises(Refusal, match="choose another"):
        clean_name(name)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Alice", "alice"),
        (wide("alice"), "alice"),
        ("Straße", "STRASSE"),
        ("e\u0301lan", "élan"),
        (" bob ", "bob"),
        ("Ϊ́", "ΐ"),
    ],
)
def test_names_that_differ_in_case_or_width_are_one_name(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


@given(st.text(max_size=40))
def test_the_key_of_a_key_is_the_key(name: str) -> None:
    assert name_key(name_key(name)) == name_key(name)


@given(st.text(max_size=40))
def test_a_name_that_was_cleaned_is_clean_and_keeps_its_key(name: str) -> None:
    try:
        cleaned = clean_name(name)
    except Refusal:
        return
    assert clean_name(cleaned) == cleaned
    assert name_key(cleaned) == name_key(name)
    assert leading_name(cleaned) == cleaned


def test_every_name_and_its_key_fit_in_their_columns() -> None:
    longest = 0
    for number in range(sys.maxunicode + 1):
        try:
            name = clean_name("a" + chr(number))
        except Refusal:
            continue
        longest = max(longest, -(-len(name_key(name[1:])) // (len(name) - 1))) if len(name) > 1 else longest
    column = users.c.name_key.type
    assert isinstance(column, String)
    assert column.length is not None
    assert longest * MAX_NAME <= column.length


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("alice, hi", "alice"),
        ("alice.", "alice"),
        ("alice.b.", "alice.b"),
        ("a--", "a"),
        ("|a", ""),
        ("x" * 33, ""),
        ("", ""),
    ],
)
def test_a_text_begins_with_a_name(text: str, name: str) -> None:
    assert leading_name(text) == name


@pytest.mark.parametrize(
    ("given", "shown"),
    [("  Alice   Miller ", "Alice Miller"), ("", ""), ("e\u0301lan", "élan"), ("👩‍💻 Alice", "👩‍💻 Alice")],
)
def test_a_display_name_may_be_several_words(given: str, shown: str) -> None:
    assert clean_display_name(given) == shown


@pytest.mark.parametrize(
    "name", ["a\x00b", "a\x1b[31mb", "\u202eecila", "a\u2066b", "\ud800", "x" * (MAX_DISPLAY_NAME + 1)]
)
def test_a_display_name_can_neither_control_a_terminal_nor_turn_a_line_around(name: str) -> None:
    with pytest.raises(Refusal) as refused:
        clean_display_name(name)
    assert refused.value.code == "invalid"


@pytest.mark.parametrize("size", [MIN_PASSWORD, 64, MAX_PASSWORD])
def test_a_password_of_a_sensible_length_is_taken(size: int) -> None:
    check_password("x" * size)


@pytest.mark.parametrize("size", [0, MIN_PASSWORD - 1, MAX_PASSWORD + 1])
def test_a_password_that_is_too_short_or_too_long_is_refused(size: int) -> None:
    with pytest.raises(Refusal, match="8 to 256"):
        check_password("x" * size)
