"""Lines, without a socket: the reader is fed and the writer is looked at."""

import asyncio
from typing import Any, cast

import pytest

from kibitz.client.transport import Gone
from kibitz.client.transport_tcp import TcpTransport


class Writer:
    """The sending half."""

    def __init__(self) -> None:
        self.written = b""
        self.broken = False
        self.closing = False
        self.aborted = False
        self.transport = self
        self.closed = asyncio.Event()

    def write(self, data: bytes) -> None:
        self.written += data

    async def drain(self) -> None:
        if self.broken:
            raise ConnectionResetError

    def is_closing(self) -> bool:
        return self.closing

    def close(self) -> None:
        self.closing = True

    async def wait_closed(self) -> None:
        if self.broken:
            raise ConnectionResetError
        await self.closed.wait()

    def abort(self) -> None:
        self.aborted = True


class Pair:
    """A transport and its two halves."""

    def __init__(self) -> None:
        self.reader = asyncio.StreamReader(limit=64)
        self.writer = Writer()
        self.transport = TcpTransport(self.reader, cast("Any", self.writer))


@pytest.fixture
async def pair() -> Pair:
    return Pair()


async def test_a_message_is_a_line(pair: Pair) -> None:
    await pair.transport.send(b'{"type":"ping"}')
    assert pair.writer.written == b'{"type":"ping"}\n'


async def test_lines_are_received_however_they_were_cut(pair: Pair) -> None:
    for piece in (b'{"a"', b':1}\n{"b":2}\n{"c', b'":3}\n'):
        pair.reader.feed_data(piece)
    assert [(await pair.transport.receive()).strip() for _ in range(3)] == [b'{"a":1}', b'{"b":2}', b'{"c":3}']


async def test_the_end_of_the_stream_is_the_end_of_the_connection_and_half_a_line_is_none(pair: Pair) -> None:
    pair.reader.feed_data(b'{"a":1}\n{"b"')
    pair.reader.feed_eof()
    await pair.transport.receive()
    with pytest.raises(Gone):
        await pair.transport.receive()


async def test_a_line_that_never_ends_is_given_up(pair: Pair) -> None:
    pair.reader.feed_data(b"x" * 1000)
    with pytest.raises(Gone):
        await pair.transport.receive()


async def test_a_broken_socket_is_a_lost_connection(pair: Pair) -> None:
    pair.reader.set_exception(ConnectionResetError())
    with pytest.raises(Gone):
        await pair.transport.receive()
    pair.writer.broken = True
    with pytest.raises(Gone):
        await pair.transport.send(b"{}")


async def test_nothing_is_written_once_it_closes(pair: Pair) -> None:
    pair.writer.closing = True
    with pytest.raises(Gone):
        await pair.transport.send(b"{}")
    assert pair.writer.written == b""


async def test_closing_waits_for_the_socket_and_not_for_a_peer_that_is_gone(pair: Pair) -> None:
    pair.writer.closed.set()
    await pair.transport.close()
    assert pair.writer.closing
    assert not pair.writer.aborted
    pair.writer.broken = True
    await pair.transport.close()


async def test_a_peer_that_will_not_let_go_is_cut_off(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kibitz.client.transport_tcp.CLOSE_SECONDS", 0.0)
    await pair.transport.close()
    assert pair.writer.aborted
