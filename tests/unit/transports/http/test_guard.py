"""The limits of an HTTP connection, spoken to byte by byte."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send
from tests.support.waiting import WAIT, until

from kibitz.api.gate import Gate
from kibitz.transports.http import guard
from kibitz.transports.http.server import HttpServer

Call = Callable[..., "Peer"]


class App:
    """An application that answers, waits, streams or refuses, as the path says. It keeps what it was sent."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.headers: list[list[tuple[bytes, bytes]]] = []
        self.disconnected = asyncio.Event()
        self.go_on = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        self.headers.append(scope["headers"])
        try:
            response = await self.answer(request)
        except ClientDisconnect:
            self.disconnected.set()
            return
        await response(scope, receive, send)

    async def answer(self, request: Request) -> Response:
        if request.url.path == "/refuse":
            return PlainTextResponse("no", 413)
        if request.url.path == "/wait":
            await self.go_on.wait()
        if request.url.path == "/much":
            return StreamingResponse(b"x" * 65536 for _ in range(1000))
        self.bodies.append(await request.body())
        return PlainTextResponse("yes")


class Peer:
    """One connection to the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def say(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def head(self) -> bytes:
        """The status line and headers of the next answer."""
        return await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), WAIT)

    async def rest(self) -> bytes:
        """Everything until the server closes."""
        return await asyncio.wait_for(self.reader.read(), WAIT)


class Port:
    """The server under test."""

    def __init__(self, app: App, gate: Gate, server: HttpServer, address: tuple[str, int]) -> None:
        self.app = app
        self.gate = gate
        self.server = server
        self.address = address
        self._writers: list[asyncio.StreamWriter] = []

    async def connect(self, limit: int = 65536) -> Peer:
        reader, writer = await asyncio.open_connection(*self.address, limit=limit)
        self._writers.append(writer)
        return Peer(reader, writer)

    async def call(self, data: bytes) -> bytes:
        """Everything that is answered to these bytes until the server closes."""
        peer = await self.connect()
        await peer.say(data)
        return await peer.rest()

    def close(self) -> None:
        for writer in self._writers:
            writer.transport.abort()


@pytest.fixture
async def port(gate: Gate) -> AsyncIterator[Port]:
    async with AsyncExitStack() as stack:
        app = App()
        sock = socket.create_server(("127.0.0.1", 0))
        sock.setblocking(False)
        server = await HttpServer.start(app, gate, sock, None)
        stack.push_async_callback(server.stop, 0.1)
        port = Port(app, gate, server, sock.getsockname())
        stack.callback(port.close)
        yield port


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


async def test_requests_follow_one_another_on_one_connection(port: Port) -> None:
    peer = await port.connect()
    for _ in range(3):
        await peer.say(GET)
        assert status(await peer.head()) == 200
        assert await peer.reader.readexactly(3) == b"yes"


async def test_pipelined_requests_are_answered_in_order(port: Port) -> None:
    peer = await port.connect()
    await peer.say(GET * 5)
    for _ in range(5):
        assert status(await peer.head()) == 200
        assert await peer.reader.readexactly(3) == b"yes"


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (b"GET /" + b"a" * guard.MAX_URL + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * (guard.MAX_HEADERS + 1) + b"\r\n", 431),
        (b"GET / HTTP/1.1\r\nA: " + b"b" * guard.MAX_HEAD + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nA: " + b"b" * guard.MAX_HEAD * 3, 431),
        (b"BROADCAST|hello\n", 400),
        (b"GET / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01", 400),
    ],
    ids=["target", "headers", "header", "unfinished header", "pipe protocol", "smuggling", "chunk", "tls"],
)
async def test_what_breaks_a_limit_or_is_no_http_is_answered_and_closed(
    port: Port, request_: bytes, expected: int
) -> None:
    answer = await port.call(request_)
    assert expected in [int(code) for code in re.findall(rb"HTTP/1\.1 (\d{3}) ", answer)]
    assert b"application/problem+json" in answer
    assert b"connection: close" in answer.lower()


async def test_too_many_requests_ahead_of_their_answers_end_the_connection(port: Port) -> None:
    answer = await port.call(GET * (guard.MAX_PIPELINED + 3))
    assert answer.count(b"yes") <= guard.MAX_PIPELINED
    assert b" 400 " in answer


async def test_a_request_within_the_limits_is_let_through(port: Port) -> None:
    target = b"/" + b"a" * (guard.MAX_URL - 1)
    headers = b"".join(b"A%d: b\r\n" % number for number in range(guard.MAX_HEADERS - 1))
    peer = await port.connect()
    await peer.say(b"GET " + target + b" HTTP/1.1\r\nHost: x\r\n" + headers + b"\r\n")
    assert status(await peer.head()) == 200


async def test_trailers_do_not_become_headers(port: Port) -> None:
    peer = await port.connect()
    await peer.say(
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nAuthorization: Bearer x\r\n\r\n"
    )
    assert status(await peer.head()) == 200
    assert port.app.bodies == [b"abc"]
    assert [name for name, _ in port.app.headers[0]] == [b"transfer-encoding"]


async def test_a_connection_that_says_nothing_is_closed(port: Port, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "HEAD_SECONDS", 0.05)
    assert await (await port.connect()).rest() == b""


async def test_headers_that_trickle_in_are_given_up(port: Port, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "HEAD_SECONDS", 0.05)
    assert status(await port.call(b"GET / HTTP/1.1\r\nHo")) == 408


async def test_the_next_requests_headers_have_the_same_time(port: Port, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "HEAD_SECONDS", 0.3)
    peer = await port.connect()
    await peer.say(GET)
    await peer.head()
    await peer.reader.readexactly(3)
    await peer.say(b"\r\n")  # llhttp skips it: neither a request nor silence
    assert await peer.rest() == b""


async def test_a_connection_that_has_no_further_request_is_closed(port: Port) -> None:
    port.server.config.timeout_keep_alive = 0
    assert (await port.call(GET)).endswith(b"yes")


async def test_a_body_that_trickles_in_is_given_up(port: Port, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "BODY_WINDOW_SECONDS", 0.05)
    assert status(await port.call(b"POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\nab")) == 408
    await asyncio.wait_for(port.app.disconnected.wait(), WAIT)


async def test_a_body_that_keeps_coming_has_all_the_time_it_needs(port: Port, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "BODY_WINDOW_SECONDS", 0.05)
    monkeypatch.setattr(guard, "MIN_BODY_RATE", 20)
    windows = 0
    over = guard.GuardedHttp._body_window_over

    def counted(self: guard.GuardedHttp) -> None:
        nonlocal windows
        windows += 1
        over(self)

    monkeypatch.setattr(guard.GuardedHttp, "_body_window_over", counted)
    peer = await port.connect()
    await peer.say(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n")
    sent = 0
    while windows < 3:
        await peer.say(b"64\r\n" + b"x" * 100 + b"\r\n")
        sent += 100
        await asyncio.sleep(0)
    await peer.say(b"0\r\n\r\n")
    assert status(await peer.head()) == 200
    assert port.app.bodies == [b"x" * sent]


async def test_an_application_that_takes_its_time_is_not_the_peers_fault(
    port: Port, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "HEAD_SECONDS", 0.01)
    monkeypatch.setattr(guard, "BODY_WINDOW_SECONDS", 0.01)
    peer = await port.connect()
    await peer.say(b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n")
    await asyncio.sleep(0.05)  # several windows: nothing else shows that none of them counts
    port.app.go_on.set()
    assert status(await peer.head()) == 200


async def test_a_refused_upload_gets_its_answer_and_is_then_cut_off(
    port: Port, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "LINGER_SECONDS", 0.05)
    answer = await port.call(b"POST /refuse HTTP/1.1\r\nContent-Length: 100000\r\n\r\n" + b"x" * 1000)
    assert status(answer) == 413


async def test_a_peer_that_takes_nothing_of_its_answer_is_cut_off(port: Port, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "STALL_SECONDS", 0.05)
    peer = await port.connect(limit=1024)
    await peer.say(b"GET /much HTTP/1.1\r\nHost: x\r\n\r\n")
    await until(lambda: port.gate.sessions.http == 0)


async def test_connections_are_counted_and_those_too_many_told_to_come_back(port: Port) -> None:
    port.gate.sessions._limit = 1
    first = await port.connect()
    await first.say(GET)
    assert status(await first.head()) == 200
    answer = await port.call(b"")
    assert status(answer) == 503
    assert b"retry-after: 10" in answer.lower()
    first.writer.transport.abort()
    await until(lambda: port.gate.sessions.http == 0)


async def test_a_websocket_is_no_longer_counted_as_http(port: Port) -> None:
    peer = await port.connect()
    await peer.say(
        b"GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    assert status(await peer.head()) == 101
    assert (port.gate.sessions.http, len(port.gate.sessions)) == (0, 1)


async def test_an_upgrade_to_anything_else_is_an_ordinary_request(port: Port) -> None:
    peer = await port.connect()
    await peer.say(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n")
    assert status(await peer.head()) == 200


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    st.lists(
        st.binary(max_size=40) | st.sampled_from([GET, b"GET ", b" HTTP/1.1\r\n", b"A: b\r\n", b"\r\n", b"0\r\n\r\n"]),
        max_size=8,
    )
)
async def test_whatever_comes_the_next_caller_is_served(port: Port, pieces: list[bytes]) -> None:
    peer = await port.connect()
    for piece in pieces:
        peer.writer.write(piece)
    peer.writer.write_eof()
    await peer.rest()
    peer.writer.close()
    healthy = await port.connect()
    await healthy.say(GET)
    assert status(await healthy.head()) == 200
    healthy.writer.transport.abort()
