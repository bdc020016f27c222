"""The TCP port: lines over real sockets, in plain text and over TLS."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.transports import Diaries, Diary, client, closed, listening

from kibitz.server.self_signed import make as make_self_signed
from kibitz.transports import tcp
from kibitz.transports.connection import Connection
from kibitz.transports.lines import MAX_MESSAGE
from kibitz.transports.tcp import LineConnection, serve_tcp


def shout(diary: Diary, raw: bytes) -> None:
    diary.outbox.put(raw.upper() + b"\n")


@asynccontextmanager
async def serving(begin: Callable[[Connection], Diary], tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    sock = socket.create_server(("127.0.0.1", 0))
    server = await serve_tcp(begin, sock, tls)
    try:
        yield sock.getsockname()[1]
    finally:
        server.close()
        await closed()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    path.write_bytes(make_self_signed(["localhost"], datetime.now(UTC)))
    return path


@pytest.fixture
def server_tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def client_tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(certificate))
    context.check_hostname = False
    return context


async def test_a_conversation_in_lines() -> None:
    diaries = Diaries(shout)
    async with serving(diaries.begin) as port, client(port) as (reader, writer):
        writer.write(b"hello\r\nwor")
        assert await reader.readline() == b"HELLO\n"
        writer.write(b"ld\n")
        assert await reader.readline() == b"WORLD\n"
        writer.write_eof()
        assert await reader.read() == b""
        await (await diaries.number(0)).until(lambda diary: diary.losses)


async def test_a_line_that_is_too_long_is_dropped_and_the_connection_lives_on() -> None:
    diaries = Diaries(shout)
    async with serving(diaries.begin) as port, client(port) as (reader, writer):
        writer.write(b"x" * 10 * MAX_MESSAGE + b"\nhello\n")
        assert await reader.readline() == b"HELLO\n"
        diary = await diaries.number(0)
        assert (diary.overlongs, diary.received) == (1, [b"hello"])


async def test_a_sender_of_single_bytes_is_understood() -> None:
    diaries = Diaries(shout)
    async with serving(diaries.begin) as port, client(port) as (reader, writer):
        for byte in b"one\r\ntwo\n":
            writer.write(bytes([byte]))
            await asyncio.sleep(0)
        assert [await reader.readline(), await reader.readline()] == [b"ONE\n", b"TWO\n"]


async def test_a_line_without_its_end_is_not_a_message() -> None:
    diaries = Diaries(shout)
    async with serving(diaries.begin) as port:
        async with client(port) as (reader, writer):
            writer.write(b"whole\ncut o")
            await reader.readline()
        diary = await diaries.number(0)
        await diary.until(lambda diary: diary.losses)
        assert diary.received == [b"whole"]


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="a Linux option")
async def test_the_kernel_watches_each_connection() -> None:
    diaries = Diaries()
    async with serving(diaries.begin) as port, client(port):
        sock = (await diaries.number(0)).link.transport.get_extra_info("socket")
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 90_000
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


async def test_the_same_conversation_over_tls(server_tls: ssl.SSLContext, client_tls: ssl.SSLContext) -> None:
    diaries = Diaries(shout)
    async with serving(diaries.begin, server_tls) as port, client(port, client_tls) as (reader, writer):
        writer.write(b"hello\n" + b"x" * MAX_MESSAGE + b"\n")
        assert await reader.readline() == b"HELLO\n"
        assert len(await reader.readline()) == MAX_MESSAGE + 1
        diary = await diaries.number(0)
        assert diary.link.address == "127.0.0.1"
        diary.link.write(b"bye\n")
        diary.link.close(None)
        assert await reader.read() == b"bye\n"
        await diary.until(lambda diary: diary.losses)


async def test_reading_over_tls_can_be_paused(server_tls: ssl.SSLContext, client_tls: ssl.SSLContext) -> None:
    diaries = Diaries(lambda diary, _: diary.link.pause_reading())
    async with serving(diaries.begin, server_tls) as port, client(port, client_tls) as (_, writer):
        writer.write(b"".join(b"%d\n" % number for number in range(5)))
        diary = await diaries.number(0)
        for count in range(1, 6):
            await diary.has(count)
            diary.link.resume_reading()
        assert diary.received == [b"0", b"1", b"2", b"3", b"4"]


async def test_a_client_that_leaves_over_tls_is_lost(server_tls: ssl.SSLContext, client_tls: ssl.SSLContext) -> None:
    diaries = Diaries()
    async with serving(diaries.begin, server_tls) as port, client(port, client_tls) as (_, writer):
        diary = await diaries.number(0)
        diary.owes = True
        writer.close()
        await diary.until(lambda diary: diary.losses)


async def test_a_tls_handshake_that_is_not_finished_ends_the_connection(
    server_tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tcp, "HANDSHAKE_SECONDS", 0.05)
    failures: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: failures.append(context["message"]))
    diaries = Diaries()
    async with serving(diaries.begin, server_tls) as port, client(port) as (reader, writer):
        writer.write(b"\x16\x03\x01")
        assert await reader.read() == b""
    assert diaries.all == []


@given(
    texts=st.lists(
        st.text("abü\r ", max_size=20).map(lambda text: text.rstrip("\r").encode()), min_size=1, max_size=20
    ),
    size=st.integers(1, 50),
)
async def test_the_same_lines_arrive_however_they_are_sent(texts: list[bytes], size: int) -> None:
    diaries = Diaries()
    stream = b"".join(text + b"\n" for text in texts)
    async with listening(partial(LineConnection, diaries.begin)) as port, client(port) as (_, writer):
        diary = await diaries.number(0)
        for start in range(0, len(stream), size):
            writer.write(stream[start : start + size])
            await asyncio.sleep(0)
        await diary.has(len(texts))
        assert diary.received == texts
