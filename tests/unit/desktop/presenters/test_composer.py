"""Writing: names, limits, and who types."""

import pytest

from kibitz.desktop.presenters.composer import room_for, someone_types, suggestions

NAMES = ["ann", "Anna", "ben", "carol", "all"]


@pytest.mark.parametrize(
    ("before", "begun", "offered"),
    [
        ("hi @an", "an", ("ann", "Anna")),
        ("@B", "B", ("ben",)),
        ("@", "", ("ann", "Anna", "ben", "carol", "all")),
        ("hi @ben", "", ()),  # it is whole
        ("mail ann@an", "", ()),
        ("@an and", "", ()),
        ("@zed", "zed", ()),
        ("", "", ()),
    ],
)
def test_names_are_offered_for_what_stands_before_the_cursor(before: str, begun: str, offered: tuple[str, ...]) -> None:
    assert suggestions(before, NAMES) == (begun, offered)


def test_the_limit_is_shown_only_near_it_and_counts_bytes() -> None:
    assert not room_for("x" * 10, 100).shown
    assert room_for("x" * 95, 100).shown == "5 bytes left"
    assert room_for("ä" * 51, 100).over
    assert not room_for("x" * 100, 100).over


def test_those_who_type_are_named_or_counted() -> None:
    assert someone_types([]) == ""
    assert someone_types(["ann"]) == "ann is typing…"
    assert someone_types(["ann", "ben"]) == "ann and ben are typing…"
    assert someone_types(list("abcd")) == "4 people are typing…"
