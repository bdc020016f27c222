"""Token buckets, against the simplest model of one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from kibitz.domain.limits import Buckets, Rate, network_of

# Powers of two and their halves are exact in floating point, so that the model can be compared to the letter.
RATES = st.builds(Rate, per_second=st.sampled_from([0.5, 1.0, 4.0]), burst=st.sampled_from([1.0, 3.0, 8.0]))
STEPS = st.integers(0, 64).map(lambda eighths: eighths / 8)
COSTS = st.sampled_from([0.5, 1.0, 2.0, 8.0, 20.0])
KEYS = st.sampled_from(["alice", "bob", "carol"])


class BucketsAgainstModel(RuleBasedStateMachine):
    """The model of a bucket is its level, which rises with time and never over the brim."""

    @initialize(rate=RATES, start=STEPS)
    def begin(self, rate: Rate, start: float) -> None:
        self.rate = rate
        self.now = start
        self.buckets = Buckets(rate)
        self.levels: dict[str, tuple[float, float]] = {}
        self.taken: dict[str, list[tuple[float, float]]] = {"alice": [], "bob": [], "carol": []}

    def level(self, key: str) -> float:
        level, since = self.levels.get(key, (self.rate.burst, self.now))
        return min(self.rate.burst, level + (self.now - since) * self.rate.per_second)

    @rule(step=STEPS)
    def wait(self, step: float) -> None:
        self.now += step

    @rule(key=KEYS, cost=COSTS)
    def take(self, key: str, cost: float) -> None:
        level, price = self.level(key), min(cost, self.rate.burst)
        wait = self.buckets.take(key, self.now, cost)
        if level >= price:
            assert wait == 0.0
            self.levels[key] = (level - price, self.now)
            self.taken[key].append((self.now, price))
        else:
            assert wait == pytest.approx((price - level) / self.rate.per_second)

    @rule(key=KEYS, cost=COSTS)
    def come_back_when_told(self, key: str, cost: float) -> None:
        wait = self.buckets.take(key, self.now, cost)
        self.now += wait
        if wait:
            assert self.buckets.take(key, self.now, cost) == 0.0
        price = min(cost, self.rate.burst)
        self.levels[key] = (self.level(key) - price, self.now)
        self.taken[key].append((self.now, price))

    @invariant()
    def no_window_ever_had_more_than_its_share(self) -> None:
        for taken in self.taken.values():
            for first in range(len(taken)):
                total = sum(cost for _, cost in taken[first:])
                window = taken[-1][0] - taken[first][0]
                assert total <= self.rate.burst + self.rate.per_second * window + 1e-6


TestBucketsAgainstModel = BucketsAgainstModel.TestCase


def test_a_burst_passes_at_once_and_what_follows_waits() -> None:
    buckets = Buckets(Rate(per_second=2, burst=3))
    assert [buckets.take("alice", 10.0) for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]
    assert buckets.take("alice", 10.5) == 0.0


def test_whoever_is_refused_pays_nothing() -> None:
    buckets = Buckets(Rate(per_second=1, burst=1))
    buckets.take("alice", 0.0)
    assert [buckets.take("alice", 0.5) for _ in range(100)] == [0.5] * 100
    assert buckets.take("alice", 1.0) == 0.0


def test_one_key_does_not_pay_for_another() -> None:
    buckets = Buckets(Rate(per_second=1, burst=1))
    assert buckets.take("alice", 0.0) == buckets.take("bob", 0.0) == 0.0


def test_what_costs_more_than_the_burst_takes_all_of_it_and_still_comes_through() -> None:
    buckets = Buckets(Rate(per_second=1, burst=5))
    assert buckets.take("alice", 0.0, cost=50) == 0.0
    assert buckets.take("alice", 0.0, cost=50) == 5.0
    assert buckets.take("alice", 5.0, cost=50) == 0.0


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(0, 3)), max_size=200))
def test_memory_is_bounded_whoever_comes(visits: list[tuple[int, int]]) -> None:
    buckets, now = Buckets(Rate(per_second=1, burst=2), capacity=10), 0.0
    for key, step in visits:
        now += step
        buckets.take(key, now)
        assert len(buckets) <= 10


def test_when_all_are_in_use_the_emptiest_bucket_is_remembered() -> None:
    buckets = Buckets(Rate(per_second=0.001, burst=10), capacity=4)
    buckets.take("greedy", 0.0, cost=10)
    for key in range(20):
        buckets.take(key, 0.0)
    assert buckets.take("greedy", 0.0) > 0


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::/64"),
        ("", ""),
        ("/run/kibitz.sock", "/run/kibitz.sock"),
    ],
)
def test_an_address_stands_for_the_network_of_one_subscriber(address: str, network: str) -> None:
    assert network_of(address) == network
