"""Reading a stranger's bytes: a text, or what is wrong with them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibitz.wire.codec import Misread
from kibitz.wire.reading import MAX_QUOTE, hint, quoted, utf8


@given(st.text(st.characters(codec="utf-8")))
def test_every_text_comes_through(text: str) -> None:
    assert utf8(text.encode()) == text


def test_what_is_not_utf8_is_refused_with_its_place() -> None:
    with pytest.raises(Misread, match=r"byte 2 of this one is not") as refused:
        utf8(b"ab\xffcd")
    assert refused.value.code == "malformed"


def test_half_a_surrogate_pair_is_not_utf8() -> None:
    with pytest.raises(Misread):
        utf8("\ud800".encode("utf-8", "surrogatepass"))


def test_a_close_word_is_suggested() -> None:
    assert hint("pst_message", ["post_message", "ping"]) == "Did you mean 'post_message'? "


def test_nothing_is_suggested_for_a_word_that_is_like_no_other() -> None:
    assert hint("zzz", ["post_message", "ping"]) == ""


def test_a_long_word_is_said_back_only_in_part() -> None:
    assert quoted("x" * 100_000) == f"'{'x' * MAX_QUOTE}'"
