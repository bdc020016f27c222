"""Whole texts: made sound, and their differences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibitz.coedit import texts
from kibitz.coedit.engine import Edit, Replica
from kibitz.coedit.texts import MAX_EDITS, edits_between, tidy
from kibitz.domain.coding import MAX_TEXT
from kibitz.domain.errors import Refusal

words = st.lists(st.sampled_from(["print(1)\n", "😀", "😁", "e\u0301", "漢字", " ", "\n", "x"]), max_size=12).map(
    "".join
)


def test_line_ends_of_every_system_become_lf() -> None:
    assert tidy("a\r\nb\rc\n") == "a\nb\nc\n"


def test_a_text_that_is_no_unicode_or_too_long_is_refused_with_what_to_do() -> None:
    with pytest.raises(Refusal, match="surrogate") as refused:
        tidy("a\ud83d")
    assert refused.value.code == "invalid"
    with pytest.raises(Refusal, match="Split it") as refused:
        tidy("é" * (MAX_TEXT // 2 + 1))
    assert refused.value.code == "too_long"


@given(words, words)
def test_edits_make_one_text_of_another(old: str, new: str) -> None:
    replica = Replica()
    replica.edit([Edit(0, 0, old)])
    replica.edit(edits_between(old, new))
    assert replica.text == new


def test_what_is_equal_is_left_alone() -> None:
    assert edits_between("one\ntwo\nthree\n", "one\n2\nthree\n") == [Edit(4, 3, "2")]
    assert edits_between("same", "same") == []
    assert edits_between("é😀", "é😀!") == [Edit(6, 0, "!")]


def test_a_character_is_replaced_whole() -> None:
    assert edits_between("a😀b", "a😁b") == [Edit(1, 4, "😁")]


def test_many_small_edits_become_fewer_larger_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "MAX_EDITS", 10)
    old = "".join(f"line {number}\n" for number in range(95))
    new = old.replace("line", "  line")
    edits = edits_between(old, new)
    assert len(edits) == 10
    replica = Replica()
    replica.edit([Edit(0, 0, old)])
    replica.edit(edits)
    assert replica.text == new


def test_the_limit_is_not_met_by_ordinary_edits() -> None:
    assert MAX_EDITS >= 1000
