"""Kinds of settings: what each takes, and that it raises nothing but `ValueError`."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibitz.server import kinds


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("4096", 4096),
        ("50MB", 50_000_000),
        ("1GiB", 2**30),
        ("1.5 kib", 1536),
        ("2kB", 2000),
        ("7 b", 7),
        ("1TiB", 2**40),
    ],
)
def test_a_size_is_read_with_decimal_and_binary_units(text: str, size: int) -> None:
    assert kinds.parse_size(text) == size


@pytest.mark.parametrize("text", ["", "0", "-1", "50M", "MB", "1e3", "2TiB", "0.1", "५", "1 2"])
def test_what_is_no_size_in_the_range_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        kinds.parse_size(text)


@pytest.mark.parametrize(
    ("text", "value"), [("1", True), ("Yes", True), (" on ", True), ("FALSE", False), ("0", False)]
)
def test_a_switch_is_read_in_the_usual_words(text: str, value: bool) -> None:
    assert kinds.parse_switch(text) is value


def test_a_path_may_begin_at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/alice")
    assert kinds.PATH.parse("~/chat") == Path("/home/alice/chat")


def test_a_choice_takes_its_words_in_any_case() -> None:
    assert kinds.choice("human", "json").parse("JSON") == "json"


ALL = (kinds.TEXT, kinds.PATH, kinds.PORT, kinds.COUNT, kinds.SIZE, kinds.SECONDS, kinds.SWITCH, kinds.choice("a", "b"))


@given(st.sampled_from(ALL), st.text() | st.from_regex(r"-?[0-9.eE_ ]{0,12}[kKMGT]?i?B?"))
def test_whatever_is_written_is_a_value_or_a_value_error(kind: kinds.Kind, text: str) -> None:
    try:
        value = kind.parse(text)
    except ValueError:
        return
    assert isinstance(kind.show(value), str)


@given(st.integers(1, 2**40))
def test_every_number_of_bytes_can_be_written_plainly(size: int) -> None:
    assert kinds.parse_size(str(size)) == size
