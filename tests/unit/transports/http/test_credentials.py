"""Tokens in requests, and whose page may send what."""

import pytest
from starlette.requests import Request

from kibitz.domain.errors import Refusal
from kibitz.transports.http.credentials import is_own_page, token_of


def request(method: str = "GET", query: str = "", **headers: str) -> Request:
    pairs = [
        (name.replace("_", "-").encode(), value.encode()) for name, value in {"host": "chat.example", **headers}.items()
    ]
    return Request({"type": "http", "method": method, "path": "/", "query_string": query.encode(), "headers": pairs})


def test_a_request_without_any_token_has_none() -> None:
    assert token_of(request()) is None


@pytest.mark.parametrize("header", ["Bearer abc", "bearer abc", "Bearer   abc "])
def test_the_header_holds_a_bearer_token(header: str) -> None:
    assert token_of(request(authorization=header)) == "abc"


@pytest.mark.parametrize("header", ["Basic YWxpY2U6eA==", "Bearer", "Bearer ", "abc", ""])
def test_any_other_header_is_refused(header: str) -> None:
    with pytest.raises(Refusal, match="Bearer") as caught:
        token_of(request(authorization=header))
    assert caught.value.http_status == 401


def test_a_token_in_the_query_counts_only_where_that_is_said() -> None:
    assert token_of(request(query="token=abc")) is None
    assert token_of(request(query="token=abc"), in_query=True) == "abc"


def test_the_header_beats_the_query_which_beats_the_cookie() -> None:
    given = request(query="token=two", cookie="kibitz_token=three", authorization="Bearer one")
    assert token_of(given, in_query=True) == "one"
    assert token_of(request(query="token=two", cookie="kibitz_token=three"), in_query=True) == "two"
    assert token_of(request(cookie="kibitz_token=three"), in_query=True) == "three"


FOREIGN = [
    {"sec_fetch_site": "cross-site"},
    {"sec_fetch_site": "same-site"},
    {"origin": "http://evil.example"},
    {"origin": "null"},
]
OWN = [{"sec_fetch_site": "same-origin"}, {"origin": "http://chat.example"}, {"origin": "https://chat.example"}]


@pytest.mark.parametrize("headers", FOREIGN)
@pytest.mark.parametrize("cookie", [{}, {"cookie": "kibitz_token=abc"}])
def test_a_page_of_another_site_changes_nothing_by_cookie_or_without_a_login(
    headers: dict[str, str], cookie: dict[str, str]
) -> None:
    with pytest.raises(Refusal, match="another site") as caught:
        token_of(request("POST", **headers, **cookie))
    assert caught.value.code == "forbidden"


@pytest.mark.parametrize("headers", FOREIGN)
def test_a_page_of_another_site_may_with_a_token_of_its_own(headers: dict[str, str]) -> None:
    assert token_of(request("POST", authorization="Bearer abc", **headers)) == "abc"


@pytest.mark.parametrize("headers", [*OWN, {}, {"sec_fetch_site": "none"}])
def test_our_own_page_and_programs_may_by_cookie(headers: dict[str, str]) -> None:
    assert token_of(request("POST", cookie="kibitz_token=abc", **headers)) == "abc"


@pytest.mark.parametrize("headers", FOREIGN)
def test_reading_by_cookie_is_left_to_the_browsers_own_rules(headers: dict[str, str]) -> None:
    assert token_of(request("GET", cookie="kibitz_token=abc", **headers)) == "abc"


@pytest.mark.parametrize("headers", OWN)
def test_our_own_page_is_known(headers: dict[str, str]) -> None:
    assert is_own_page(request("POST", **headers))


@pytest.mark.parametrize("headers", [*FOREIGN, {}])
def test_neither_a_program_nor_another_site_is_our_own_page(headers: dict[str, str]) -> None:
    assert not is_own_page(request("POST", **headers))
