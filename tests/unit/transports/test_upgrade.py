"""The upgrade to a WebSocket: who gets in where, and with which token.

One rule: the clients here are browsers and programs as they are; no socket is needed to answer them.
"""

import re

import pytest
from websockets.frames import Opcode

from kibitz.transports.connection import Connection, Receiver
from kibitz.transports.cookie import COOKIE
from kibitz.transports.upgrade import Route, Upgrade, Visitor, upgrade


def nobody(connection: Connection, visitor: Visitor) -> Receiver:
    raise AssertionError("a handshake begins no session by itself")


CHAT = Route(re.compile("/ws"), Opcode.TEXT, nobody)
EDITING = Route(re.compile("/collab/[a-z0-9]+"), Opcode.BINARY, nobody)


def ask(path: str = "/ws", *more: str, without: str = "", method: str = "GET") -> Upgrade:
    """Ask as a client does, with more headers after the usual ones, or without one of them."""
    usual = [
        "host: chat.example:8080",
        "upgrade: websocket",
        "connection: keep-alive, Upgrade",
        "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
        "sec-websocket-version: 13",
    ]
    kept = [line for line in usual if not without or not line.startswith(without)]
    request = "\r\n".join([f"{method} {path} HTTP/1.1", *kept, *more, "", ""])
    return upgrade(request.encode("latin-1"), "192.0.2.7", [CHAT, EDITING])


def status(answer: Upgrade) -> int:
    assert (answer.route is None) == (answer.visitor is None)
    return int(answer.response.split()[1])


def token(answer: Upgrade) -> str | None:
    assert answer.visitor is not None
    return answer.visitor.token


def test_the_answer_proves_that_the_request_was_understood() -> None:
    answer = ask()
    assert answer.response.startswith(b"HTTP/1.1 101 Switching Protocols\r\n")
    assert b"\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" in answer.response  # RFC 6455, section 1.3
    assert answer.response.endswith(b"\r\n\r\n")
    assert answer.route is CHAT
    assert answer.visitor == Visitor("192.0.2.7", "/ws", None)


@pytest.mark.parametrize(
    ("path", "route"), [("/ws", CHAT), ("/ws?token=t", CHAT), ("/collab/k1", EDITING), ("/collab/k1?", EDITING)]
)
def test_a_path_leads_to_its_route(path: str, route: Route) -> None:
    answer = ask(path)
    assert answer.route is route
    assert answer.visitor is not None
    assert answer.visitor.path == path.partition("?")[0]


@pytest.mark.parametrize("path", ["/", "/ws/", "/wsx", "/x/ws", "/collab/", "/collab/K", "/%77s", "*", "//["])
def test_any_other_path_is_not_found(path: str) -> None:
    answer = ask(path)
    assert status(answer) == 404
    assert answer.response.endswith(b"There is no WebSocket at this path; try /ws.\n")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"without": "sec-websocket-key"}, 400),
        ({"without": "sec-websocket-version"}, 400),
        ({"without": "upgrade"}, 426),
        ({"without": "connection"}, 426),
        ({"method": "POST"}, 405),
    ],
)
def test_a_handshake_that_lacks_something_is_told_what(given: dict[str, str], expected: int) -> None:
    answer = ask(**given)
    assert status(answer) == expected
    assert b"Failed to open a WebSocket connection" in answer.response


@pytest.mark.parametrize("line", ["sec-websocket-version: 8", "sec-websocket-key: short"])
def test_a_header_of_another_protocol_version_is_refused(line: str) -> None:
    assert status(ask("/ws", line, without=line.partition(":")[0])) == 400


@pytest.mark.parametrize(
    "request_", [b"\r\n", b"GET /ws\r\n\r\n", b"GET /ws HTTP/1.1\r\nno colon\r\n\r\n", b"\xff" * 100]
)
def test_what_is_no_request_is_answered_and_begins_nothing(request_: bytes) -> None:
    assert status(upgrade(request_ + b"\r\n\r\n", "192.0.2.7", [CHAT])) == 400


def test_too_long_an_address_is_refused() -> None:
    assert status(ask("/ws?token=" + "t" * 9000)) == 414


def test_compression_is_not_agreed_to() -> None:
    answer = ask("/ws", "sec-websocket-extensions: permessage-deflate; client_max_window_bits")
    assert status(answer) == 101
    assert b"extensions" not in answer.response.lower()


# --- tokens --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "headers", "expected"),
    [
        ("/ws", (), None),
        ("/ws?token=abc", (), "abc"),
        ("/ws?x=1&token=a%2Bb&token=second", (), "a+b"),
        ("/ws?token=", (), None),
        ("/ws", ("authorization: Bearer abc",), "abc"),
        ("/ws", ("authorization: bearer  abc ",), "abc"),
        ("/ws", ("authorization: Basic abc",), None),
        ("/ws", ("authorization: Bearer",), None),
        ("/ws", (f"cookie: theme=dark; {COOKIE}=abc",), "abc"),
        ("/ws", ("cookie: other=abc",), None),
        ("/ws?token=query", ("authorization: Bearer header", f"cookie: {COOKIE}=cookie"), "header"),
        ("/ws?token=query", (f"cookie: {COOKIE}=cookie",), "query"),
    ],
)
def test_a_token_is_taken_from_header_query_or_cookie_in_this_order(
    path: str, headers: tuple[str, ...], expected: str | None
) -> None:
    assert token(ask(path, *headers)) == expected


@pytest.mark.parametrize(
    "origin", ["http://chat.example:8080", "https://chat.example:8080", "HTTP://Chat.Example:8080"]
)
def test_a_page_of_this_server_gets_in_with_its_cookie(origin: str) -> None:
    assert token(ask("/ws", f"origin: {origin}", f"cookie: {COOKIE}=abc")) == "abc"


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "http://chat.example", "http://chat.example:8081", "http://chat.example:8080.evil.example",
     "http://evil.example/chat.example:8080", "null", "", "chat.example:8080", "http://[evil"],
)  # fmt: skip
def test_a_page_of_another_site_gets_in_with_neither_the_cookie_nor_nothing(origin: str) -> None:
    assert status(ask("/ws", f"origin: {origin}", f"cookie: {COOKIE}=abc")) == 403
    assert status(ask("/ws", f"origin: {origin}")) == 403


def test_a_page_of_another_site_gets_in_with_a_token_it_wrote_itself() -> None:
    assert token(ask("/ws?token=abc", "origin: http://editor.example", f"cookie: {COOKIE}=mine")) == "abc"


def test_of_two_origins_each_must_be_ours() -> None:
    assert status(ask("/ws", "origin: http://chat.example:8080", "origin: http://evil.example")) == 403


def test_a_token_never_reaches_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    ask("/ws?token=s3cret", "authorization: Bearer s3cret", f"cookie: {COOKIE}=s3cret")
    ask("/nowhere?token=s3cret")
    assert "s3cret" not in caplog.text
