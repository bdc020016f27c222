"""The page at `/`: this server's own words, checked and escaped, and nothing from elsewhere."""

import hashlib
import re
from base64 import b64encode
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import Response
from tests.support.workspace import POLICY

from kibitz.transports.http.page import Page


def shown(host: str = "chat.example:8080", **policy: Any) -> Response:
    request = Request({"type": "http", "method": "GET", "path": "/", "headers": [(b"host", host.encode("latin-1"))]})
    return Page(replace(POLICY, **policy), login="/api/v1/login", sign_up="/api/v1/accounts").answer(request)


def text(response: Response) -> str:
    return unescape(bytes(response.body).decode())


def test_it_shows_the_lines_that_lead_in_under_the_name_it_was_asked_by() -> None:
    page = text(shown())
    for line in (
        "nc chat.example 5555",
        "curl http://chat.example:8080/api/v1/login",
        "http://chat.example:8080/upload",
        "http://chat.example:8080/download/1",
        "ws://chat.example:8080/ws",
        "ws://chat.example:8080/collab/1",
        "ws://chat.example:8080/hocuspocus",
        "http://chat.example:8080/api/v1/runs",
        "50 MB",
        "1.2.3",
    ):
        assert line in page


@pytest.mark.parametrize(
    ("policy", "said", "unsaid"),
    [
        ({"guests": True}, "Anyone, by name alone", "People with an account"),
        ({"guests": False}, "Accounts are made by an admin", "Anyone, by name alone"),
        ({"guests": False, "open_sign_up": True}, "Anyone can make one", "Accounts are made by an admin"),
        ({"http_url": "https://127.0.0.1:8080"}, "TLS on both ports", "nc chat.example"),
        ({"http_url": "https://127.0.0.1:8080"}, "openssl s_client -quiet -connect chat.example:5555", "read along"),
        ({"http_url": "https://127.0.0.1:8080"}, "wss://chat.example:8080/ws", "http://"),
    ],
)
def test_it_says_how_this_server_is_set(policy: dict[str, Any], said: str, unsaid: str) -> None:
    page = text(shown(**policy)).replace("http://www.w3.org/2000/svg", "")
    assert said in page
    assert unsaid not in page


@pytest.mark.parametrize(
    ("host", "line"),
    [
        ("192.0.2.1:8080", "nc 192.0.2.1 5555"),
        ("[2001:db8::1]:8080", "nc 2001:db8::1 5555"),
        ("chat.example", "nc chat.example 5555"),
        ("", "nc 127.0.0.1 5555"),
        ("a b", "nc 127.0.0.1 5555"),
        ("chat.example:80;rm -rf ~", "nc 127.0.0.1 5555"),
        ("-oProxyCommand", "nc 127.0.0.1 5555"),
    ],
)
def test_a_name_that_is_none_gives_way_to_the_address_that_is_bound(host: str, line: str) -> None:
    assert f"<code>{line}</code>" in text(shown(host))


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "action")]


def tags(response: Response) -> Tags:
    found = Tags()
    found.feed(bytes(response.body).decode())
    return found


@given(st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=80))
def test_no_host_header_changes_the_pages_structure(host: str) -> None:
    assert tags(shown(host)).seen == tags(shown()).seen


def test_it_loads_nothing_and_runs_nothing() -> None:
    found = tags(shown())
    assert not {"script", "img", "iframe", "form"} & set(found.seen)
    assert all(link.startswith(("/", "data:")) for link in found.links)


def test_its_policy_allows_its_own_style_and_nothing_else() -> None:
    response = shown()
    style = re.search(r"<style>(.*?)</style>", bytes(response.body).decode(), re.DOTALL)
    assert style is not None
    digest = b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    policy = response.headers["content-security-policy"]
    assert f"style-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in policy


@pytest.mark.parametrize(
    ("size", "words"), [(50_000_000, "50 MB"), (2**30, "1.074 GB"), (1500, "1.5 kB"), (7, "7 bytes")]
)
def test_sizes_are_shown_for_people(size: int, words: str) -> None:
    assert f"up to {words} a file" in text(shown(max_file_size=size))
