"""The rates: that the people they were made for fit in, and the others do not."""

import pytest

from kibitz.api import rates
from kibitz.api.verbs import VERBS
from kibitz.domain.limits import Buckets, Rate
from kibitz.wire.commands import LogIn


def taken(rate: Rate, count: int, *, within: float, cost: float = 1.0) -> int:
    """How many of `count` commands, spread evenly over some seconds, are let through."""
    buckets = Buckets(rate)
    return sum(buckets.take("key", 1000.0 + within * index / count, cost) == 0.0 for index in range(count))


def test_a_person_can_paste_a_hundred_lines_at_once() -> None:
    assert taken(rates.CONNECTION, 100, within=0.1) == 100


def test_typing_ten_changes_a_second_for_minutes_is_never_too_fast() -> None:
    assert taken(rates.CONNECTION, 3000, within=300) == 3000


def test_thirty_people_behind_one_address_can_come_back_at_once_with_several_devices_each() -> None:
    assert taken(rates.ANONYMOUS, 30 * 3, within=0.5, cost=VERBS[LogIn].cost) == 90


@pytest.mark.parametrize("rate", [rates.CONNECTION, rates.USER, rates.ADDRESS, rates.ANONYMOUS])
def test_a_flood_is_held_to_the_average(rate: Rate) -> None:
    assert taken(rate, 100_000, within=10) <= rate.burst + rate.per_second * 10 + 1
