"""Lines: however the bytes are cut, the same lines come out, and little is kept of what has no end."""

import tracemalloc
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibitz.transports.lines import MAX_MESSAGE, Lines, Mark

LONGEST = b"x" * MAX_MESSAGE


def lines_of(*pieces: bytes) -> list[bytes | Mark]:
    """What comes out when the pieces are fed one after another, everything taken in between."""
    lines = Lines()
    out: list[bytes | Mark] = []
    for piece in pieces:
        lines.feed(piece)
        while (line := lines.take()) is not Mark.MORE:
            out.append(line)
    return out


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        ([b"one\n"], [b"one"]),
        ([b"one\r\ntwo\n"], [b"one", b"two"]),
        ([b"on", b"e\ntw", b"o\n"], [b"one", b"two"]),
        ([b"one\r", b"\ntwo\n"], [b"one", b"two"]),
        ([b"one\n", b"two"], [b"one"]),
        ([b"\n\r\n\n"], [b"", b"", b""]),
        ([b"a\rb\n", b"c\r\r\n", b"\r\n"], [b"a\rb", b"c\r", b""]),
        ([b"\xff\x00\n"], [b"\xff\x00"]),
    ],
)
def test_a_line_ends_with_a_newline_that_may_have_a_carriage_return(pieces: list[bytes], expected: list[bytes]) -> None:
    assert lines_of(*pieces) == expected


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_line_of_the_limit_passes_whichever_way_it_ends(end: bytes) -> None:
    assert lines_of(LONGEST + end) == [LONGEST]
    assert lines_of(LONGEST, end) == [LONGEST]
    assert lines_of(LONGEST, *(bytes([byte]) for byte in end)) == [LONGEST]


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_byte_more_is_too_long(end: bytes) -> None:
    assert lines_of(LONGEST + b"x" + end, b"next\n") == [Mark.OVERLONG, b"next"]
    assert lines_of(LONGEST, b"x", end, b"next\n") == [Mark.OVERLONG, b"next"]


def test_a_line_that_is_too_long_is_reported_once_and_before_it_ends() -> None:
    assert lines_of(*[LONGEST] * 5) == [Mark.OVERLONG]
    assert lines_of(*[LONGEST] * 5, b"x\nnext\n") == [Mark.OVERLONG, b"next"]


def test_two_lines_that_are_too_long_are_reported_twice() -> None:
    assert lines_of(LONGEST + b"xx\n" + LONGEST + b"xx", b"\n", b"next\n") == [Mark.OVERLONG, Mark.OVERLONG, b"next"]


def test_a_line_without_end_costs_no_more_memory_than_the_limit() -> None:
    lines = Lines()
    tracemalloc.start()
    try:
        for _ in range(1000):
            lines.feed(b"x" * 10_000)
            lines.take()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * MAX_MESSAGE


def test_an_idle_connection_keeps_nothing_of_the_pieces_its_lines_came_in() -> None:
    tracemalloc.start()
    try:
        lines = Lines()
        lines.feed(b"x" * 50_000 + b"\nbegun")
        assert lines.take() == b"x" * 50_000
        assert lines.take() is Mark.MORE
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 10_000


def test_what_is_not_taken_yet_waits_while_more_comes() -> None:
    lines = Lines()
    lines.feed(b"one\ntwo\nthr")
    assert lines.take() == b"one"
    lines.feed(b"ee\n")
    lines.feed(b"four\n")
    assert [lines.take() for _ in range(4)] == [b"two", b"three", b"four", Mark.MORE]


texts = st.binary(max_size=40).map(lambda text: text.replace(b"\n", b" ").rstrip(b"\r"))
long_texts = st.integers(MAX_MESSAGE - 2, MAX_MESSAGE + 3).map(lambda size: b"y" * size)


@given(
    texts=st.lists(st.tuples(texts | long_texts, st.sampled_from([b"\n", b"\r\n"])), max_size=6),
    cuts=st.lists(st.integers(0, 3 * MAX_MESSAGE), max_size=20),
)
def test_the_same_lines_come_out_however_they_are_cut(texts: list[tuple[bytes, bytes]], cuts: list[int]) -> None:
    stream = b"".join(text + end for text, end in texts)
    expected = [text if len(text) <= MAX_MESSAGE else Mark.OVERLONG for text, _ in texts]
    places = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    assert lines_of(*(stream[start:end] for start, end in pairwise(places))) == expected


def test_a_sender_of_single_bytes_is_understood() -> None:
    stream = LONGEST + b"\r\n" + b"hello\n"
    assert lines_of(*(stream[at : at + 1] for at in range(len(stream)))) == [LONGEST, b"hello"]
