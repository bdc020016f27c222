"""What a few letters find."""

import pytest

from kibitz.desktop.presenters.lists import match


@pytest.mark.parametrize(
    ("needle", "text"),
    [("ki", "kitchen"), ("KI", "kitchen"), ("tch", "kitchen"), ("kcn", "kitchen"), ("bjorn", "Björn"), ("", "kitchen")],
)
def test_letters_find_a_text_that_has_them_in_their_order(needle: str, text: str) -> None:
    assert match(needle, text) is not None


@pytest.mark.parametrize(("needle", "text"), [("nk", "kitchen"), ("x", "kitchen"), ("kitchens", "kitchen"), ("a", "")])
def test_and_no_other(needle: str, text: str) -> None:
    assert match(needle, text) is None


def test_a_beginning_is_better_than_a_word_and_that_than_a_middle_and_that_than_scattered_letters() -> None:
    texts = ["go", "let us go", "cargo", "grow the office"]
    scores = [match("go", text) for text in texts]
    assert None not in scores
    assert scores == sorted(scores, key=lambda score: score or 0)
    assert len(set(scores)) == 4


def test_letters_that_lie_close_are_better_than_those_that_lie_apart() -> None:
    close, apart = match("ktc", "kitchen"), match("ktc", "knows that cat")
    assert close is not None
    assert apart is not None
    assert close < apart
