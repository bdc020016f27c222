"""What a room is called."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibitz.domain.errors import Refusal
from kibitz.domain.rooms import MAX_ROOM_NAME, MAX_TOPIC, clean_room_name, clean_topic, direct_key, room_key


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("kitchen", "kitchen"),
        ("  the   attic ", "the attic"),
        ("\uff4bitchen", "kitchen"),
        ("C++ club!", "C++ club!"),
        ("x", "x"),
    ],
)
def test_a_group_name_may_be_several_words(given: str, stored: str) -> None:
    assert clean_room_name(given) == stored


@pytest.mark.parametrize(
    "name", ["", "   ", "a|b", "a,b", "#a", "@a", "a/b", "a\\b", "a\x07b", "x" * (MAX_ROOM_NAME + 1)]
)
def test_a_name_that_would_break_a_line_or_a_path_is_refused(name: str) -> None:
    with pytest.raises(Refusal) as refused:
        clean_room_name(name)
    assert refused.value.code == "invalid"


@given(st.text(max_size=80))
def test_a_name_that_was_cleaned_is_clean_and_keeps_its_key(name: str) -> None:
    try:
        cleaned = clean_room_name(name)
    except Refusal:
        return
    assert clean_room_name(cleaned) == cleaned
    assert room_key(cleaned) == room_key(name)


def test_a_topic_is_one_line() -> None:
    assert clean_topic("  What is\n  for lunch?\t") == "What is for lunch?"
    assert clean_topic("") == ""
    assert clean_topic("x" * MAX_TOPIC) == "x" * MAX_TOPIC


@pytest.mark.parametrize("topic", ["x" * (MAX_TOPIC + 1), "\x1b[2J", "a\x00b"])
def test_a_topic_that_is_too_long_or_controls_a_terminal_is_refused(topic: str) -> None:
    with pytest.raises(Refusal) as refused:
        clean_topic(topic)
    assert refused.value.code == "invalid"


def test_spellings_of_one_name_are_one_room() -> None:
    assert room_key("The  Attic") == room_key("the attic") != room_key("theattic")


@given(st.integers(1, 10**9), st.integers(1, 10**9))
def test_two_people_have_one_direct_room_whoever_opens_it(one: int, other: int) -> None:
    assert direct_key(one, other) == direct_key(other, one)


@given(st.lists(st.integers(1, 200), min_size=4, max_size=4))
def test_no_two_pairs_share_a_direct_room(ids: list[int]) -> None:
    one, other, third, fourth = ids
    assert (direct_key(one, other) == direct_key(third, fourth)) == ({one, other} == {third, fourth})
