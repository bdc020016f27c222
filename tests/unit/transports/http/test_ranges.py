"""Parts of a file, as RFC 9110 asks for them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibitz.transports.http.ranges import Unsatisfiable, holds, is_known, part_of

ETAG = '"abc"'


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-3", (0, 4)),
        ("bytes=9-9", (9, 10)),
        ("bytes=7-", (7, 10)),
        ("bytes=-2", (8, 10)),
        ("bytes=-500", (0, 10)),
        ("bytes=5-500", (5, 10)),
        ("Bytes= 1-2 ", (1, 3)),
        (None, None),
        ("", None),
        ("bytes=", None),
        ("bytes=-", None),
        ("bytes=3-2", None),
        ("bytes=0-1,4-5", None),
        ("bytes=a-b", None),
        ("bytes=0-1-2", None),
        ("bytes=--5", None),
        ("bytes=+1-2", None),
        ("bytes=\u0661-\u0662", None),
        ("lines=1-2", None),
        ("bytes=" + "9" * 400 + "-", None),
    ],
)
def test_one_part_is_taken_and_anything_else_means_the_whole(header: str | None, part: tuple[int, int] | None) -> None:
    assert part_of(header, 10) == part


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=10-11", "bytes=999999-", "bytes=-0"])
def test_a_part_beyond_the_end_cannot_be_had(header: str) -> None:
    with pytest.raises(Unsatisfiable):
        part_of(header, 10)


def test_of_an_empty_file_there_are_no_parts() -> None:
    assert part_of("bytes=0-", 0) is None
    assert part_of("bytes=-5", 0) is None


@given(st.text("bytes=0123456789-, ", max_size=30) | st.text(max_size=30), st.integers(0, 10**9))
def test_a_part_lies_in_the_file_whatever_is_asked_for(header: str, size: int) -> None:
    try:
        part = part_of(header, size)
    except Unsatisfiable:
        return
    if part is not None:
        assert 0 <= part[0] < part[1] <= size


@given(st.integers(0, 99), st.integers(0, 200))
def test_a_part_is_what_the_numbers_say(first: int, last: int) -> None:
    content = range(100)
    part = part_of(f"bytes={first}-{last}", 100)
    if last < first:
        assert part is None
    else:
        assert part is not None
        assert list(content[slice(*part)]) == [byte for byte in content if first <= byte <= last]


@given(st.integers(1, 200))
def test_a_suffix_is_the_end(count: int) -> None:
    part = part_of(f"bytes=-{count}", 100)
    assert part is not None
    assert list(range(100)[slice(*part)]) == list(range(100))[-count:]


@pytest.mark.parametrize(
    ("header", "held"),
    [
        (None, True),
        (ETAG, True),
        (' "abc"', True),
        ('"abd"', False),
        ('W/"abc"', False),
        ("Sat, 29 Oct 1994 19:43:31 GMT", False),
    ],
)
def test_a_range_of_another_version_is_not_given(header: str | None, held: bool) -> None:
    assert holds(header, ETAG) is held


@pytest.mark.parametrize(
    ("header", "known"),
    [
        (None, False),
        ("", False),
        (ETAG, True),
        ('W/"abc"', True),
        ('"x", W/"y" ,"abc"', True),
        (" * ", True),
        ('"x", "y"', False),
        ("abc", False),
        ('"ab"c"', False),
    ],
)
def test_a_version_that_is_named_is_known(header: str | None, known: bool) -> None:
    assert is_known(header, ETAG) is known
