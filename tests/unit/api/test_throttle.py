"""Slowing down whoever guesses passwords."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibitz.api.throttle import FORGOTTEN_AFTER, GUESSING, SPRAYING, UNDER_ATTACK, Penalty, Throttle
from kibitz.domain.errors import Refusal

HERE, THERE = "192.0.2.1", "198.51.100.7"


def wait(throttle: Throttle, name: str, address: str, now: float) -> float:
    """Seconds to wait before a try; 0 where it may be made."""
    try:
        throttle.check(name, address, now)
    except Refusal as refusal:
        return refusal.retry_after or -1.0  # a refusal that does not say how long would be a mistake
    return 0.0


def fail(throttle: Throttle, name: str, address: str, times: int, now: float = 0.0) -> None:
    for _ in range(times):
        throttle.failed(name, address, now)


def test_some_tries_are_free_and_then_each_failure_doubles_the_wait() -> None:
    throttle, now, waits = Throttle(), 0.0, []
    for _ in range(20):
        now += (pause := wait(throttle, "alice", HERE, now))
        assert wait(throttle, "alice", HERE, now) == 0, "whoever waited as told may try"
        throttle.failed("alice", HERE, now)
        waits.append(pause)
    assert waits == [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900, 900]


def test_a_wait_is_a_refusal_that_says_what_to_do() -> None:
    throttle = Throttle()
    fail(throttle, "alice", HERE, 6)
    with pytest.raises(Refusal, match="wait 2 s") as refused:
        throttle.check("alice", HERE, 0.0)
    assert refused.value.code == "rate_limited"


def test_whoever_comes_too_early_is_told_how_long_is_left_and_waits_no_longer_for_it() -> None:
    throttle = Throttle()
    fail(throttle, "alice", HERE, 8, now=100.0)
    assert [wait(throttle, "alice", HERE, now) for now in (100.0, 103.5, 107.9, 108.0)] == [8, 5, 1, 0]


def test_a_success_clears_what_was_failed() -> None:
    throttle = Throttle()
    fail(throttle, "alice", HERE, 9)
    throttle.succeeded("alice", HERE, 60.0)
    assert wait(throttle, "alice", HERE, 60.0) == 0
    fail(throttle, "alice", HERE, 4, now=60.0)
    assert wait(throttle, "alice", HERE, 60.0) == 0
    throttle.succeeded("alice", HERE, 60.0)
    assert len(throttle) == 0


def test_spellings_of_one_name_and_addresses_of_one_network_are_counted_together() -> None:
    throttle = Throttle()
    for name, address in (("alice", "2001:db8::1"), ("ALICE", "2001:db8::2"), (" Alice", "2001:db8::ffff:1")):
        fail(throttle, name, address, 2)
    assert wait(throttle, "alice", "2001:db8::3", 0.0) == 2
    assert wait(throttle, "alice", "2001:db8:0:1::3", 0.0) == 0


def test_nobody_is_locked_out_by_failures_from_elsewhere() -> None:
    throttle = Throttle()
    for number in range(200):
        fail(throttle, "alice", f"203.0.113.{number}", 20)
    assert wait(throttle, "alice", HERE, 0.0) == 0, "a first try is free, whatever others do"
    throttle.failed("alice", HERE, 0.0)
    assert wait(throttle, "alice", HERE, 0.0) == UNDER_ATTACK.longest, "but a name that is guessed has few more"
    for number in range(200):
        fail(throttle, "alice", f"203.0.113.{number}", 1, now=3.9)
    assert wait(throttle, "alice", HERE, 4.0) == 0, "and what others fail meanwhile does not make it longer"


def test_other_names_and_other_networks_pay_nothing() -> None:
    throttle = Throttle()
    fail(throttle, "alice", HERE, 15)
    assert wait(throttle, "bob", HERE, 0.0) == 0
    assert wait(throttle, "alice", THERE, 0.0) == 0


def test_a_network_that_tries_one_password_at_every_name_waits_too() -> None:
    throttle = Throttle()
    for number in range(SPRAYING.free):
        assert wait(throttle, f"user{number}", HERE, 0.0) == 0
        throttle.failed(f"user{number}", HERE, 0.0)
    assert wait(throttle, "alice", HERE, 0.0) == 1
    assert wait(throttle, "alice", THERE, 0.0) == 0


def test_a_success_of_ones_own_does_not_clear_what_one_failed_at_other_names() -> None:
    throttle = Throttle()
    for number in range(SPRAYING.free + 3):
        throttle.failed(f"user{number}", HERE, 0.0)
        throttle.succeeded("mallory", HERE, 0.0)
    assert wait(throttle, "alice", HERE, 0.0) == 8


def test_a_class_that_mistypes_and_then_gets_in_leaves_no_trace() -> None:
    throttle = Throttle()
    for number in range(30):
        fail(throttle, f"user{number}", HERE, 2)
        throttle.succeeded(f"user{number}", HERE, 1.0)
    assert len(throttle) == 0


def test_after_an_hour_without_a_failure_all_is_forgotten() -> None:
    throttle = Throttle()
    fail(throttle, "alice", HERE, 12)
    throttle.failed("alice", HERE, FORGOTTEN_AFTER)
    assert wait(throttle, "alice", HERE, FORGOTTEN_AFTER) == 0


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40), st.booleans()), max_size=120))
def test_memory_is_bounded_whoever_fails(tries: list[tuple[int, int, bool]]) -> None:
    throttle = Throttle(max_keys=7)
    for now, (name, address, right) in enumerate(tries):
        (throttle.succeeded if right else throttle.failed)(f"user{name}", f"192.0.2.{address}", float(now))
        assert len(throttle) <= 3 * 7


def test_the_failures_that_are_forgotten_first_are_the_oldest() -> None:
    throttle = Throttle(max_keys=3)
    fail(throttle, "alice", HERE, 9, now=0.0)
    fail(throttle, "bob", THERE, 9, now=1.0)
    throttle.failed("alice", HERE, 2.0)
    for number in range(2):
        throttle.failed(f"user{number}", f"203.0.113.{number}", 3.0)
    assert wait(throttle, "alice", HERE, 3.0) > 0
    assert wait(throttle, "bob", THERE, 3.0) == 0


async def test_tries_at_one_name_from_one_network_are_made_one_after_another() -> None:
    throttle = Throttle()
    async with throttle.turn("alice", HERE):
        assert throttle.turn("ALICE", f"::ffff:{HERE}").locked()
        assert not throttle.turn("alice", THERE).locked()
        assert not throttle.turn("bob", HERE).locked()
    assert not throttle.turn("alice", HERE).locked()


@pytest.mark.parametrize("penalty", [GUESSING, SPRAYING, UNDER_ATTACK])
def test_a_wait_grows_from_nothing_to_its_longest(penalty: Penalty) -> None:
    waits = [penalty.seconds(failures) for failures in range(2000)]
    assert waits == sorted(waits)
    assert waits[penalty.free - 1] == 0
    assert waits[penalty.free] == 1
    assert waits[-1] == penalty.longest
