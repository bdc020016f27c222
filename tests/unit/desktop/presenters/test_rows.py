"""From the rows that are shown to those that should be."""

from hypothesis import given
from hypothesis import strategies as st

from kibitz.desktop.presenters.rows import Piece, Row, changes


def row(key: str, text: str = "") -> Row:
    return Row(key, (Piece(text or key),))


def carried_out(before: list[Row], after: list[Row]) -> list[Row]:
    """What a view shows that does as it is told."""
    removed, put = changes(before, after)
    shown = [one for one in before if one.key not in removed]
    for behind, new in put:
        keys = [one.key for one in shown]
        if new.key in keys:
            shown[keys.index(new.key)] = new
        else:
            shown.insert(0 if behind is None else keys.index(behind) + 1, new)
    return shown


def test_nothing_is_drawn_that_is_there_already() -> None:
    rows = [row("1"), row("2")]
    assert changes(rows, [row("1"), row("2")]) == ((), ())


def test_a_row_that_differs_is_drawn_in_its_place() -> None:
    assert changes([row("1"), row("2")], [row("1"), row("2", "other")]) == ((), (("1", row("2", "other")),))


_rows = st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("xy")), unique_by=lambda one: one[0])


@given(_rows, _rows)
def test_whatever_was_shown_becomes_what_should_be(before: list[tuple[str, str]], after: list[tuple[str, str]]) -> None:
    wanted = [row(*one) for one in after]
    assert carried_out([row(*one) for one in before], wanted) == wanted
