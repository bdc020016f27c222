"""What can be said and what one can react with."""

import pytest

from kibitz.domain.errors import Refusal
from kibitz.domain.messages import MAX_TEXT_BYTES, check_emoji, check_text


@pytest.mark.parametrize(
    "text", ["hi", "  indented\n\ttabs\n", "```c\nint main() {}\n```", "é" * (MAX_TEXT_BYTES // 2)]
)
def test_a_text_is_taken_to_the_letter(text: str) -> None:
    check_text(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "invalid"),
        (" \n\t ", "invalid"),
        ("a\x00b", "invalid"),
        ("half \ud83d of a pair", "invalid"),
        ("x" * (MAX_TEXT_BYTES + 1), "too_long"),
        ("é" * (MAX_TEXT_BYTES // 2) + "x", "too_long"),
    ],
)
def test_a_text_that_is_empty_too_long_or_not_unicode_is_refused(text: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        check_text(text)
    assert refused.value.code == code


def test_a_file_needs_no_text() -> None:
    check_text("", has_file=True)


@pytest.mark.parametrize("symbol", ["👍", "👩‍💻", "🇫🇷", "👋🏽", "❤️"])
def test_one_emoji_is_a_reaction_of_however_many_characters(symbol: str) -> None:
    check_emoji(symbol)


@pytest.mark.parametrize("symbol", ["", "a", "👍👍", "👍 ", ":+1:", "<b>"])
def test_anything_else_is_no_reaction(symbol: str) -> None:
    with pytest.raises(Refusal) as refused:
        check_emoji(symbol)
    assert refused.value.code == "invalid"
