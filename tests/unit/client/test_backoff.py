"""How long a client waits before it comes back."""

from hypothesis import given
from hypothesis import strategies as st

from kibitz.client.backoff import CAP_SECONDS, FIRST_SECONDS, Backoff

chances = st.floats(0, 1, exclude_max=True)


@given(st.lists(chances, min_size=1, max_size=40), st.floats(0, 100))
def test_a_wait_is_never_shorter_than_asked_and_never_longer_than_the_cap_on_top(
    draws: list[float], asked: float
) -> None:
    chance = iter(draws)
    backoff = Backoff(lambda: next(chance))
    for attempt, drawn in enumerate(draws):
        bound = min(FIRST_SECONDS * 2**attempt, CAP_SECONDS)
        assert backoff.next(asked) == asked + drawn * bound


def test_the_bound_doubles_up_to_the_cap() -> None:
    backoff = Backoff(lambda: 1.0, first=1.0, cap=5.0)
    assert [backoff.next() for _ in range(5)] == [1.0, 2.0, 4.0, 5.0, 5.0]


def test_a_connection_that_lasted_begins_the_waits_anew() -> None:
    backoff = Backoff(lambda: 1.0, first=1.0, cap=5.0)
    assert [backoff.next() for _ in range(3)] == [1.0, 2.0, 4.0]
    backoff.lasted(5.0)
    assert backoff.next() == 1.0


def test_connections_that_end_at_once_do_not_shorten_the_waits() -> None:
    backoff = Backoff(lambda: 1.0, first=1.0, cap=5.0)
    waits = []
    for _ in range(4):
        waits.append(backoff.next())
        backoff.lasted(0.1)
    assert waits == [1.0, 2.0, 4.0, 5.0]
