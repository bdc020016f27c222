"""The queue: fair to users, in order for each of them, never more at once than there is room for."""

from collections import Counter
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibitz.sandbox.policy import MAX_WAITING, MAX_WAITING_PER_USER
from kibitz.sandbox.scheduler import NoPlace, Scheduler


@dataclass(frozen=True)
class Asked:
    user: str
    number: int


def queue(at_once: int, users: str) -> Scheduler[Asked]:
    """A queue with one run for each letter, in their order."""
    scheduler: Scheduler[Asked] = Scheduler(at_once)
    for number, user in enumerate(users):
        scheduler.add(Asked(user, number))
    return scheduler


def names(runs: list[Asked]) -> str:
    return "".join(f"{run.user}{run.number}" for run in runs)


def test_runs_of_one_user_go_in_the_order_they_came() -> None:
    assert names(queue(1, "aaa").order()) == "a0a1a2"


def test_users_take_turns_however_many_one_of_them_asks_for() -> None:
    assert names(queue(1, "aaaabbc").order()) == "a0b4c6a1b5a2a3"


def test_a_run_under_way_counts_as_a_turn() -> None:
    scheduler = queue(1, "aaab")
    assert scheduler.next() == Asked("a", 0)
    assert names(scheduler.order()) == "b3a1a2"


def test_no_more_go_at_once_than_there_is_room_for() -> None:
    scheduler = queue(2, "abc")
    first = scheduler.next()
    assert first is not None
    assert scheduler.next() is not None
    assert scheduler.next() is None
    assert scheduler.running == 2
    scheduler.done(first)
    assert scheduler.next() == Asked("c", 2)


def test_nobody_may_fill_the_queue_alone() -> None:
    scheduler = queue(1, "a" * MAX_WAITING_PER_USER)
    with pytest.raises(NoPlace) as caught:
        scheduler.add(Asked("a", 99))
    assert caught.value.code == "rate_limited"
    scheduler.add(Asked("b", 100))


def test_a_full_queue_takes_no_more() -> None:
    scheduler: Scheduler[Asked] = Scheduler(1)
    for number in range(MAX_WAITING):
        scheduler.add(Asked(str(number % 100), number))
    with pytest.raises(NoPlace) as caught:
        scheduler.add(Asked("late", 0))
    assert caught.value.code == "busy"
    assert str(MAX_WAITING) in caught.value.message


def test_a_run_can_be_taken_out_once() -> None:
    scheduler = queue(1, "ab")
    assert scheduler.remove(Asked("a", 0))
    assert not scheduler.remove(Asked("a", 0))
    assert names(scheduler.order()) == "b1"


@given(st.integers(1, 3), st.lists(st.sampled_from(["add a", "add b", "add c", "next", "done", "remove"]), max_size=60))
def test_whatever_happens_turns_are_fair_and_nothing_is_lost(at_once: int, acts: list[str]) -> None:
    scheduler: Scheduler[Asked] = Scheduler(at_once)
    waiting: list[Asked] = []
    running: list[Asked] = []
    for number, act in enumerate(acts):
        if act.startswith("add"):
            run = Asked(act[-1], number)
            if sum(one.user == run.user for one in waiting) < MAX_WAITING_PER_USER:
                scheduler.add(run)
                waiting.append(run)
        elif act == "next":
            taken = scheduler.next()
            assert (taken is None) == (not waiting or len(running) >= at_once)
            if taken is not None:
                shares = Counter(one.user for one in running)
                assert shares[taken.user] == min(shares[one.user] for one in waiting)
                assert taken == next(one for one in waiting if one.user == taken.user)
                waiting.remove(taken)
                running.append(taken)
        elif act == "done" and running:
            scheduler.done(running.pop(0))
        elif act == "remove" and waiting:
            assert scheduler.remove(waiting.pop())
        assert sorted(scheduler.order(), key=lambda one: one.number) == waiting
        assert scheduler.running == len(running)
