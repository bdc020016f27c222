"""Runs and moments in words."""

from datetime import UTC, datetime

import pytest

from kibitz.desktop.presenters.code_words import duration, moment, name_of, outcome, size
from kibitz.wire.views import CodeSession, RunResult, UserRef


@pytest.mark.parametrize(
    ("result", "words", "tone"),
    [
        (RunResult(exit_code=0, duration_ms=41, peak_memory=9 << 20), "Finished · 41 ms · 9.0 MiB memory", "good"),
        (RunResult(exit_code=3, duration_ms=1500), "Exit code 3 · 1.5 s", "bad"),
        (RunResult(exit_code=1, duration_ms=5, compiled=False), "It could not be compiled · 5 ms", "bad"),
        (RunResult(exit_code=None, signal="SIGSEGV", duration_ms=5), "Crashed: it used memory that is not its own (SIGSEGV) · 5 ms", "bad"),
        (RunResult(exit_code=None, signal="SIGHUP", duration_ms=5), "Ended by SIGHUP · 5 ms", "bad"),
        (RunResult(exit_code=None, killed_for="timeout", duration_ms=30000), "Stopped: it took longer than it may · 30.0 s", "bad"),
        (RunResult(exit_code=None, killed_for="stopped", duration_ms=61000), "Stopped by hand · 1 min 1 s", "warning"),
        (RunResult(exit_code=None, killed_for="new_reason", duration_ms=1, truncated=True), "Stopped: new reason · 1 ms · some output left out", "bad"),
    ],
)  # fmt: skip
def test_what_came_of_a_run(result: RunResult, words: str, tone: str) -> None:
    assert outcome(result) == (words, tone)


def test_sizes_and_durations_are_as_short_as_they_can_be() -> None:
    assert [size(count) for count in (5, 2048, 3 << 20)] == ["5 B", "2 KiB", "3.0 MiB"]
    assert duration(999) == "999 ms"


def test_moments_say_the_date_where_it_is_another() -> None:
    now = datetime(2026, 7, 15, 12, 0, tzinfo=UTC)
    assert moment("2026-07-15T11:59:07.000Z", now).endswith("59:07")
    assert "Jan" in moment("2026-01-31T12:00:00.000Z", now)
    assert "2025" in moment("2025-01-31T12:00:00.000Z", now)
    assert moment("nonsense", now) == "nonsense"


def test_a_session_without_a_title_has_a_number() -> None:
    ann = UserRef(id=1, name="ann")
    session = CodeSession(id=7, language="c", access="open", created_by=ann, created_at="")
    assert name_of(session) == "Session 7"
