"""A text's colours by lines and Tk's columns."""

from kibitz.desktop.presenters.painting import painted


def test_every_line_has_its_pieces_and_a_string_over_several_is_on_each() -> None:
    lines = painted('x = """a\n\nb"""\ndef f(): pass\n', "python", wide=True)
    assert len(lines) == 5
    assert (4, 8, "string") in lines[0]
    assert lines[1] == ()
    assert lines[2] == ((0, 4, "string"),)
    assert (0, 3, "keyword") in lines[3]
    assert lines[4] == ()


def test_columns_are_units_where_tk_counts_those() -> None:
    text = 'x = "😀" + 1'
    assert (4, 8, "string") in painted(text, "python", wide=True)[0]
    assert (4, 7, "string") in painted(text, "python", wide=False)[0]
    assert (11, 12, "number") in painted(text, "python", wide=True)[0]


def test_a_language_nobody_knows_is_plain() -> None:
    assert painted("a\nb", "klingon", wide=True) == ((), ())
    assert painted("", "python", wide=True) == ((),)
