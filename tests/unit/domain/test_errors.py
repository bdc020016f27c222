"""The codes a client meets: what their ranges promise."""

from collections.abc import Sequence

import pytest

from kibitz.domain.errors import CODES, Refusal, not_found


def test_no_two_codes_share_a_number() -> None:
    numbers = [number for number, _ in CODES.values()]
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize("code", CODES)
def test_a_refusal_knows_its_number_and_its_http_status(code: str) -> None:
    refusal = Refusal(code, "Do this instead.")
    assert (refusal.number, refusal.http_status) == CODES[code]
    assert str(refusal) == refusal.message == "Do this instead."


@pytest.mark.parametrize("code", CODES)
def test_the_range_of_a_number_agrees_with_the_http_status(code: str) -> None:
    number, status = CODES[code]
    fitting: dict[int, Sequence[int]] = {
        1: range(400, 502),
        2: range(401, 410),
        3: range(404, 411),
        4: (408, 429, 503),
        5: range(500, 501),
    }
    assert status in fitting[number // 100]


@pytest.mark.parametrize("code", [code for code, (number, _) in CODES.items() if 400 <= number < 500])
def test_what_is_to_be_sent_again_has_a_status_that_says_so(code: str) -> None:
    assert CODES[code][1] in (408, 429, 503)


def test_a_code_that_is_not_in_the_table_cannot_be_answered_with() -> None:
    with pytest.raises(KeyError):
        _ = Refusal("no_such_code", "?").number


def test_what_is_not_there_is_named() -> None:
    refusal = not_found("User 'x'")
    assert (refusal.code, refusal.message) == ("not_found", "User 'x' not found.")
