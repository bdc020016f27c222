"""Emoji where there is no font for them."""

from kibitz.desktop.presenters.glyphs import has_emoji, spoken, worded
from kibitz.desktop.presenters.rows import Piece, Row


def test_it_is_known_whether_they_can_be_drawn() -> None:
    assert has_emoji() in (True, False)


def test_they_are_named_and_code_is_left_alone() -> None:
    row = Row(
        "1", (Piece("so 👍\n"), Piece(" 👍 2 ", ("chip",)), Piece("x = '👍'\n", ("code", "mono")), Piece("↩ ben\n"))
    )
    assert [piece.text for piece in worded(row).pieces] == [
        "so :thumbs_up:\n",
        " thumbs up 2 ",
        "x = '👍'\n",
        "↩ ben\n",
    ]
    plain = Row("2", (Piece("nothing – here\n"),))
    assert worded(plain) is plain
    assert spoken("🎉") == "party popper"
