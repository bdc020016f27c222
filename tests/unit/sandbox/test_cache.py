"""The cache of compiled programs: kept by all that went into them, the least recently used goes first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibitz.sandbox.cache import Cache, Compiled, is_lasting, key_of


def program(size: int) -> Compiled:
    return Compiled(b"x" * size, b"")


def test_a_program_is_found_by_what_it_was_made_of() -> None:
    cache = Cache()
    cache.put(b"key", Compiled(b"program", b"warning"))
    assert cache.get(b"key") == Compiled(b"program", b"warning")
    assert cache.get(b"other") is None


def test_the_least_recently_used_goes_first() -> None:
    cache = Cache(max_bytes=10)
    cache.put(b"a", program(4))
    cache.put(b"b", program(4))
    assert cache.get(b"a") is not None
    cache.put(b"c", program(4))
    assert [cache.get(key) is not None for key in (b"a", b"b", b"c")] == [True, False, True]


def test_a_program_larger_than_everything_is_not_kept() -> None:
    cache = Cache(max_bytes=10)
    cache.put(b"a", program(11))
    assert len(cache) == 0


def test_what_is_put_again_is_counted_once() -> None:
    cache = Cache(max_bytes=10)
    for _ in range(5):
        cache.put(b"a", program(4))
    cache.put(b"b", program(4))
    assert len(cache) == 2


def test_parts_are_told_apart_from_their_neighbours() -> None:
    assert key_of(["a", "bc"]) != key_of(["ab", "c"])
    assert key_of(["a", b"b"]) == key_of([b"a", "b"])


@pytest.mark.parametrize(
    ("source", "lasts"), [(b'puts("hello");', True), (b"puts(__TIME__);", False), (b"puts(__DATE__);", False)]
)
def test_a_program_that_holds_the_time_of_its_making_does_not_last(source: bytes, lasts: bool) -> None:
    assert is_lasting(source) is lasts


@given(st.lists(st.tuples(st.binary(min_size=1, max_size=1), st.integers(0, 12)), max_size=50))
def test_the_programs_together_never_have_more_than_the_size(puts: list[tuple[bytes, int]]) -> None:
    cache = Cache(max_bytes=20)
    kept: dict[bytes, int] = {}
    for key, size in puts:
        cache.put(key, program(size))
        kept[key] = size
        there = {one for one in kept if cache.get(one) is not None}
        assert sum(kept[one] for one in there) <= 20
        assert key in there
