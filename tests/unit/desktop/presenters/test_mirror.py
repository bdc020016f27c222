"""Characters, as Python counts them, and Tk's lines and columns: one conversion, whatever is written."""

from hypothesis import given
from hypothesis import strategies as st

from kibitz.desktop.presenters.mirror import Mirror

PIECES = st.lists(
    st.sampled_from(["a", "\n", "\n\n", "é", "e\u0301", "漢", "😀", "👩\u200d👩\u200d👧", "👍🏽", "\U0010ffff"]),
    max_size=5,
).map("".join)
EDITS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 6), PIECES, st.floats(0, 1)), max_size=12)


def columns(text: str, *, wide: bool) -> int:
    return len(text.encode("utf-16-le")) // 2 if wide else len(text)


@given(EDITS, st.booleans())
def test_places_are_those_of_the_text_wherever_it_was_asked_and_edited_before(
    edits: list[tuple[float, int, str, float]], wide: bool
) -> None:
    mirror, text = Mirror(wide=wide), ""
    for where, removed, added, asked in edits:
        at = round(where * len(text))
        mirror.apply(at, len(text[at : at + removed]), added)
        text = text[:at] + added + text[at + removed :]
        place = round(asked * len(text))
        before = text[:place]
        line, column = before.count("\n") + 1, columns(before.rpartition("\n")[2], wide=wide)
        assert mirror.text == text
        assert mirror.lines == text.count("\n") + 1
        assert mirror.index(place) == f"{line}.{column}"
        assert mirror.at(line, column) == place


def test_a_place_amid_a_character_or_beyond_a_line_is_a_place_in_the_text() -> None:
    mirror = Mirror()
    mirror.apply(0, 0, "a😀b\nc")
    assert mirror.at(1, 2) == 1
    assert mirror.at(1, 99) == 3
    assert mirror.at(3, 0) == 5
    assert mirror.at(0, 0) == 0
    assert mirror.index(-1) == "1.0"
    assert mirror.index(99) == "2.1"
