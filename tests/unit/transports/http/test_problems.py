"""Problem documents: what every refusal looks like over HTTP."""

import json
from http import HTTPStatus

import pytest
from starlette.responses import Response

from kibitz.domain.errors import CODES, Refusal
from kibitz.transports.http import problems


def body(response: Response) -> dict[str, object]:
    found: dict[str, object] = json.loads(bytes(response.body))
    return found


@pytest.mark.parametrize("code", CODES)
def test_every_code_becomes_a_problem_with_its_status(code: str) -> None:
    response = problems.of_refusal(Refusal(code, "Do this instead."))
    assert response.media_type == "application/problem+json"
    assert response.status_code == CODES[code][1]
    assert body(response)["code"] == code
    assert body(response)["detail"] == "Do this instead."
    assert body(response)["title"] == HTTPStatus(response.status_code).phrase


@pytest.mark.parametrize(("wait", "header"), [(0.2, "1"), (2.0, "2"), (2.1, "3")])
def test_a_wait_is_told_in_whole_seconds_and_never_too_short(wait: float, header: str) -> None:
    response = problems.of_refusal(Refusal("rate_limited", "Too fast.", retry_after=wait))
    assert response.headers["retry-after"] == header
    assert body(response)["retry_after"] == wait


@pytest.mark.parametrize("code", ["busy", "unavailable", "rate_limited"])
def test_what_can_be_sent_again_always_says_when(code: str) -> None:
    assert problems.of_refusal(Refusal(code, "Later.")).headers["retry-after"] == "1"


def test_what_cannot_says_nothing_of_the_kind() -> None:
    response = problems.of_refusal(Refusal("invalid", "No."))
    assert "retry-after" not in response.headers
    assert "retry_after" not in body(response)


def test_a_missing_login_says_how_to_log_in() -> None:
    assert (
        problems.of_refusal(Refusal("not_logged_in", "Log in.")).headers["www-authenticate"] == 'Bearer realm="kibitz"'
    )


def test_every_code_is_listed_under_its_status() -> None:
    listed = problems.codes_by_status()
    assert sorted(code for codes in listed.values() for code in codes) == sorted(CODES)
    assert listed[429] == ["rate_limited"]
