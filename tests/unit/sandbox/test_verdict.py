"""From how a sandbox ended to what is told of it."""

import pytest

from kibitz.sandbox.box import Ending
from kibitz.sandbox.messages import Result
from kibitz.sandbox.verdict import result_of


def ended(status: int, killed_for: str | None = None) -> Result:
    ending = Ending(status, killed_for, seconds=1.2346, cpu_seconds=0.5, peak_memory=4096)
    return result_of(ending, compiled=True, truncated=False)


@pytest.mark.parametrize("status", [0, 1, 3, 127, 128, 255])
def test_a_program_that_ends_by_itself_has_an_exit_code(status: int) -> None:
    result = ended(status)
    assert (result.exit_code, result.signal, result.killed_for) == (status, None, None)


@pytest.mark.parametrize(("status", "name"), [(139, "SIGSEGV"), (134, "SIGABRT"), (136, "SIGFPE"), (-9, "SIGKILL")])
def test_a_program_that_a_signal_ends_has_none_but_the_signals_name(status: int, name: str) -> None:
    result = ended(status)
    assert (result.exit_code, result.signal, result.killed_for) == (None, name, None)


@pytest.mark.parametrize("reason", ["memory", "stopped", "output", "timeout"])
def test_what_was_ended_says_why(reason: str) -> None:
    result = ended(137, reason)
    assert (result.exit_code, result.killed_for, result.timed_out) == (None, reason, reason == "timeout")


@pytest.mark.parametrize(("status", "reason"), [(152, "timeout"), (153, "disk")])
def test_a_limit_of_the_kernel_is_told_as_that_limit(status: int, reason: str) -> None:
    assert ended(status).killed_for == reason


def test_times_are_in_milliseconds_and_memory_in_bytes() -> None:
    result = ended(0)
    assert (result.duration_ms, result.cpu_ms, result.peak_memory) == (1235, 500, 4096)
