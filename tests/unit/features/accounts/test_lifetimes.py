"""How long something lasts."""

import pytest

from kibitz.features.accounts.lifetimes import after_days


@pytest.mark.parametrize(
    ("now", "days", "then"),
    [
        ("2026-01-31T12:00:00.000Z", 1, "2026-02-01T12:00:00.000Z"),
        ("2028-02-28T23:59:59.999Z", 1, "2028-02-29T23:59:59.999Z"),
        (
            "2026-03-28T12:00:00.000Z",
            2,
            "2026-03-30T12:00:00.000Z",
        ),  # clocks go forward in Europe; UTC knows nothing of it
        ("2026-01-31T12:00:00.123Z", 3650, "2036-01-29T12:00:00.123Z"),
    ],
)
def test_a_day_is_24_hours_of_utc_and_nothing_of_the_time_is_lost(now: str, days: int, then: str) -> None:
    assert after_days(now, days) == then
