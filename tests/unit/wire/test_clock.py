"""The one way times are written."""

from kibitz.wire.clock import stamp


def test_a_time_is_written_in_utc_with_milliseconds() -> None:
    assert stamp(1_769_860_800.0) == "2026-01-31T12:00:00.000Z"
    assert stamp(1_769_860_800.1239) == "2026-01-31T12:00:00.123Z"


def test_later_times_sort_later() -> None:
    seconds = [0.0, 0.001, 1.0, 999_999_999.999, 1_769_860_800.5]
    assert sorted(map(stamp, seconds)) == list(map(stamp, seconds))
