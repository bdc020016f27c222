"""WebSocket messages, without a socket."""

from typing import Any, cast

import pytest
from websockets.exceptions import ConnectionClosedError, ConnectionClosedOK
from websockets.frames import Close

from kibitz.client.transport import Gone
from kibitz.client.transport_ws import WsTransport
from kibitz.wire.closing import SLOW


class Socket:
    """What `websockets` would be."""

    def __init__(self) -> None:
        self.sent: list[tuple[bytes, bool]] = []
        self.inbound: list[bytes | Exception] = []
        self.said_goodbye = False
        self.aborted = False
        self.transport = self
        self.over: Exception | None = None

    async def send(self, message: bytes, text: bool = False) -> None:
        if self.over is not None:
            raise self.over
        self.sent.append((message, text))

    async def recv(self, decode: bool = True) -> bytes:
        assert not decode
        found = self.inbound.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    async def close(self) -> None:
        self.said_goodbye = True

    def abort(self) -> None:
        self.aborted = True


@pytest.fixture
def socket() -> Socket:
    return Socket()


@pytest.fixture
def transport(socket: Socket) -> WsTransport:
    return WsTransport(cast("Any", socket))


async def test_a_message_is_a_text_message(transport: WsTransport, socket: Socket) -> None:
    await transport.send(b"{}")
    assert socket.sent == [(b"{}", True)]


async def test_what_comes_is_bytes(transport: WsTransport, socket: Socket) -> None:
    socket.inbound = [b'{"type":"heartbeat"}']
    assert await transport.receive() == b'{"type":"heartbeat"}'


@pytest.mark.parametrize(
    ("closed", "code"),
    [
        (ConnectionClosedError(Close(SLOW.code, "slow"), None), SLOW.code),
        (ConnectionClosedOK(Close(1000, ""), Close(1000, ""), True), 1000),
        (ConnectionClosedError(None, None), None),
    ],
)
async def test_the_end_comes_with_the_code_the_server_gave(
    transport: WsTransport, socket: Socket, closed: Exception, code: int | None
) -> None:
    socket.inbound = [closed]
    with pytest.raises(Gone) as caught:
        await transport.receive()
    assert caught.value.code == code
    socket.over = closed
    with pytest.raises(Gone) as caught:
        await transport.send(b"{}")
    assert caught.value.code == code


async def test_closing_says_goodbye_and_aborting_does_not(transport: WsTransport, socket: Socket) -> None:
    transport.abort()
    assert (socket.aborted, socket.said_goodbye) == (True, False)
    await transport.close()
    assert socket.said_goodbye
