"""Names for commands."""

from uuid import RFC_4122

from hypothesis import given
from hypothesis import strategies as st

from kibitz.client.nonces import new_nonce, uuid7

times, chances = st.integers(0, 2**48 - 1), st.integers(0, 2**74 - 1)


@given(times, chances)
def test_a_nonce_is_a_uuid_of_version_seven_that_holds_its_time(milliseconds: int, chance: int) -> None:
    made = uuid7(milliseconds, chance)
    assert (made.version, made.variant) == (7, RFC_4122)
    assert made.int >> 80 == milliseconds


@given(st.tuples(times, chances), st.tuples(times, chances))
def test_nonces_are_as_different_as_what_they_are_made_of(one: tuple[int, int], other: tuple[int, int]) -> None:
    assert (uuid7(*one) == uuid7(*other)) == (one == other)


@given(times, times, chances, chances)
def test_nonces_sort_by_their_times(first: int, second: int, one: int, other: int) -> None:
    if first < second:
        assert str(uuid7(first, one)) < str(uuid7(second, other))


def test_no_nonce_is_made_twice_and_each_fits_the_wire() -> None:
    made = {new_nonce() for _ in range(1000)}
    assert len(made) == 1000
    assert all(8 <= len(nonce) <= 64 for nonce in made)
