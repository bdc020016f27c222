"""Titles, programs and inputs have limits, and a refusal says which."""

import pytest

from kibitz.domain.coding import MAX_CODE_BYTES, MAX_INPUT_BYTES, MAX_TITLE, check_code, check_input, clean_title
from kibitz.domain.errors import Refusal


@pytest.mark.parametrize(("title", "clean"), [("", ""), ("  two   words ", "two words"), ("e\u0301", "é")])
def test_a_title_is_one_line(title: str, clean: str) -> None:
    assert clean_title(title) == clean


@pytest.mark.parametrize("title", ["x" * (MAX_TITLE + 1), "a\x00b", "a\x1bb"])
def test_a_title_that_cannot_be_shown_is_refused(title: str) -> None:
    with pytest.raises(Refusal, match="title") as refused:
        clean_title(title)
    assert refused.value.code == "invalid"


@pytest.mark.parametrize(("check", "limit"), [(check_code, MAX_CODE_BYTES), (check_input, MAX_INPUT_BYTES)])
def test_a_text_is_counted_in_bytes(check: object, limit: int) -> None:
    assert callable(check)
    check("é" * (limit // 2))
    with pytest.raises(Refusal) as refused:
        check("é" * (limit // 2) + "x")
    assert refused.value.code == "too_long"
    assert str(limit) in refused.value.message


@pytest.mark.parametrize("check", [check_code, check_input])
def test_half_a_surrogate_pair_is_refused(check: object) -> None:
    assert callable(check)
    with pytest.raises(Refusal, match="surrogate"):
        check("\ud800")
