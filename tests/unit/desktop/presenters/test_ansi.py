"""What a terminal would make of output: colours stay, the rest of its commands goes, wherever they are cut in two."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibitz.desktop.presenters.ansi import MAX_SEQUENCE, Ansi
from kibitz.desktop.presenters.code_shown import Segment


def words(*texts: str) -> str:
    ansi = Ansi("stdout")
    return "".join(one.text for text in texts for one in ansi.feed(text))


def test_colours_are_kept_as_tokens() -> None:
    found = Ansi("stderr").feed("a\x1b[31mb\x1b[1mc\x1b[0md\x1b[95me\x1b[38;5;9mf\x1b[39mg")
    assert found == [
        Segment("a", "stderr"),
        Segment("b", "stderr", "danger"),
        Segment("c", "stderr", "danger", bold=True),
        Segment("d", "stderr"),
        Segment("e", "stderr", "keyword"),
        Segment("f", "stderr", "keyword"),
        Segment("g", "stderr"),
    ]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("\x1b[2J\x1b[Hhello", "hello"),
        ("\x1b]0;title\x07hello", "hello"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("bell\x07", "bell"),
        ("a\r\nb", "a\nb"),
        ("tab\tstays", "tab\tstays"),
        ("\x1b(Bx", "x"),
    ],
)
def test_what_steers_a_terminal_is_left_out(written: str, shown: str) -> None:
    assert words(written) == shown
    assert words(*written) == shown  # a character at a time


def test_a_line_that_is_written_over_says_so() -> None:
    assert Ansi("stdout").feed("10%\r20%") == [Segment("10%"), Segment("20%", over=True)]
    ansi = Ansi("stdout")
    assert [*ansi.feed("10%\r"), *ansi.feed("20%")] == [Segment("10%"), Segment("20%", over=True)]


@given(st.lists(st.text(st.sampled_from("ab\x1b[]0;1m\r\n\x07\\(漢")), max_size=6))
def test_nothing_is_held_back_for_ever(pieces: list[str]) -> None:
    ansi = Ansi("stdout")
    for piece in pieces:
        ansi.feed(piece)
    assert len(ansi._left) <= MAX_SEQUENCE + max(map(len, pieces), default=0)
    ansi.feed("x" * MAX_SEQUENCE)
    assert "end" in "".join(one.text for one in ansi.feed("end"))
