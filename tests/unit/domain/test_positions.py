"""Counting in a text: three ways that agree, whatever is in it."""

from hypothesis import given
from hypothesis import strategies as st

from kibitz.domain.positions import Ruler, from_utf16, to_utf16, utf8_size, utf16_size

# Emoji with modifiers and joiners, combining marks, both line ends, and anything else.
texts = st.lists(
    st.one_of(
        st.sampled_from(["👩‍👩‍👧", "👍🏽", "e\u0301", "\r\n", "\n", "漢", "é", "a", "\U0010ffff"]), st.text(max_size=3)
    )
).map("".join)


@given(texts)
def test_sizes_are_those_of_the_encodings(text: str) -> None:
    assert utf8_size(text) == len(text.encode())
    assert utf16_size(text) == len(text.encode("utf-16-le")) // 2


@given(texts, st.data())
def test_bytes_before_a_position_are_those_of_the_text_before_it_in_whatever_order_is_asked(
    text: str, data: st.DataObject
) -> None:
    ruler = Ruler(text)
    for position in data.draw(st.lists(st.integers(0, len(text)), max_size=8)):
        assert ruler.utf8(position) == len(text[:position].encode())


@given(texts, st.data())
def test_units_and_positions_convert_into_each_other(text: str, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(text)))
    units = to_utf16(text, position)
    assert units == len(text[:position].encode("utf-16-le")) // 2
    assert from_utf16(text, units) == position


def test_units_amid_a_character_are_before_it_and_those_after_the_text_at_its_end() -> None:
    assert from_utf16("a😀b", 2) == 1
    assert from_utf16("a😀b", 99) == 3
    assert from_utf16("ab", 99) == 2
