"""uvicorn inside our own loop: it starts, serves both protocols, and stops without losing an answer."""

import asyncio
import signal
import socket
import ssl
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send
from tests.support.waiting import WAIT, until

from kibitz.api.gate import Gate
from kibitz.server import tls
from kibitz.server.config import Settings
from kibitz.transports.http.server import HttpServer


def bound() -> tuple[socket.socket, int]:
    sock = socket.create_server(("127.0.0.1", 0))
    sock.setblocking(False)
    return sock, sock.getsockname()[1]


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse(f"hello by {Request(scope).url.scheme}")(scope, receive, send)


async def test_it_serves_until_it_is_stopped_and_then_no_more(gate: Gate) -> None:
    sock, port = bound()
    server = await HttpServer.start(hello, gate, sock, None)
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"http://127.0.0.1:{port}/")
        assert answer.text == "hello by http"
        assert "server" not in answer.headers
        assert "date" in answer.headers
        await server.stop(1.0)
        with pytest.raises(httpx.TransportError):
            await client.get(f"http://127.0.0.1:{port}/")


async def test_it_leaves_signals_to_the_process(gate: Gate) -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    server = await HttpServer.start(hello, gate, bound()[0], None)
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before
    await server.stop(1.0)


async def test_it_speaks_tls(gate: Gate, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "tls", tls_self_signed=True)
    context = tls.context(settings, datetime.now(UTC))
    sock, port = bound()
    server = await HttpServer.start(hello, gate, sock, context)
    trusting = ssl.create_default_context(cafile=str(settings.data_dir / tls.FILE))
    async with httpx.AsyncClient(verify=trusting) as client:
        assert (await client.get(f"https://localhost:{port}/")).text == "hello by https"
    await server.stop(1.0)


class Slow:
    """An application that answers when it is told to."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.go_on = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.begun.set()
        await self.go_on.wait()
        await PlainTextResponse("done")(scope, receive, send)


async def begin_slowly(gate: Gate) -> tuple[Slow, HttpServer, asyncio.StreamReader, asyncio.StreamWriter]:
    app, (sock, port) = Slow(), bound()
    server = await HttpServer.start(app, gate, sock, None)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    await asyncio.wait_for(app.begun.wait(), WAIT)
    return app, server, reader, writer


async def test_a_request_under_way_is_answered_before_the_server_stops(gate: Gate) -> None:
    app, server, reader, writer = await begin_slowly(gate)
    stopping = asyncio.gather(server.stop(WAIT))
    app.go_on.set()
    assert (await asyncio.wait_for(reader.read(), WAIT)).endswith(b"done")
    await stopping
    writer.close()


async def test_a_request_that_does_not_end_in_time_is_cut_off(gate: Gate) -> None:
    _, server, reader, writer = await begin_slowly(gate)
    await server.stop(0.05)
    assert b"done" not in await asyncio.wait_for(reader.read(), WAIT)
    writer.close()


async def test_an_idle_connection_does_not_hold_up_the_stop(gate: Gate) -> None:
    sock, port = bound()
    server = await HttpServer.start(hello, gate, sock, None)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await until(lambda: gate.sessions.http == 1)
    await asyncio.wait_for(server.stop(WAIT), WAIT)
    assert await reader.read() == b""
    writer.close()
