"""Close codes: the range alone tells whether to come back."""

import pytest

from kibitz.wire.closing import CLOSES, FLOODING, LOGGED_OUT, REFUSED, SHUTDOWN, SLOW, Close


@pytest.mark.parametrize(
    ("code", "comes_back"),
    [
        (3000, True),
        (3499, True),
        (3500, False),
        (3999, False),
        (4000, True),
        (4499, True),
        (4500, False),
        (4999, False),
    ],
)
def test_the_range_says_whether_to_come_back(code: int, comes_back: bool) -> None:
    assert Close(code, "word", "Sentence.").comes_back is comes_back


@pytest.mark.parametrize("close", [SHUTDOWN, SLOW])
def test_whoever_was_not_at_fault_comes_back(close: Close) -> None:
    assert close.comes_back


@pytest.mark.parametrize("close", [LOGGED_OUT, REFUSED, FLOODING])
def test_whoever_would_only_be_refused_again_stays_away(close: Close) -> None:
    assert not close.comes_back


def test_every_close_fits_in_a_close_frame() -> None:
    for code, close in CLOSES.items():
        assert code == close.code
        assert 3000 <= code < 5000
        assert (
            len(close.reason.encode()) <= 123
        )  # RFC 6455, section 5.5: a control frame holds 125 bytes, the code takes two


def test_only_those_who_come_back_are_told_when() -> None:
    assert all(close.comes_back for close in CLOSES.values() if close.retry_after)
