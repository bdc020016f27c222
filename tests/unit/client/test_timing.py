"""The time that clients live in where no test hands them another."""

from kibitz.client.timing import Timing


def test_the_usual_clock_does_not_go_back_and_the_usual_chance_is_a_share() -> None:
    timing = Timing()
    first = timing.clock()
    assert timing.clock() >= first
    assert all(0 <= timing.random() < 1 for _ in range(100))
