"""Port 8080, upgraded: one message a WebSocket message.

Rule: what comes in goes through the reading of RFC 6455 that `websockets` has; what goes out comes as whole frames, each encoded once
for everyone who gets it. Hence no permessage-deflate: a compressed frame serves only the connection it was compressed for.
"""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any, Final

from websockets.frames import CloseCode, Frame, Opcode
from websockets.protocol import SEND_EOF, Protocol, Side, State

from kibitz.transports.connection import Connection
from kibitz.transports.keepalive import PERIOD, Heart
from kibitz.transports.upgrade import Route, quiet, upgrade
from kibitz.wire.closing import SHUTDOWN, STALE, Close

SLICE: Final = 4096
"""Bytes that are read into frames at a time: some 700 of the smallest. A step reads as many slices as its frame takes, or all there is."""

MAX_FRAGMENTS: Final = 128
"""Frames one message may come in: enough for 64 KiB in pieces of 512 bytes."""

MAX_CONTROLS: Final = 100
"""Pings and pongs a client may send from one beat to the next, in 5 s; libraries send one every 20 s or so."""

PING_SECONDS: Final = 25.0
"""Silence after which a client is pinged: nginx's proxy_read_timeout would end a silent connection after 60 s."""

STALE_SECONDS: Final = 60.0
"""Silence after which a client is taken for gone: it has left two pings unanswered."""

_PING: Final = Frame(Opcode.PING, b"").serialize(mask=False)
_CONTROLS: Final = (Opcode.PING, Opcode.PONG)


class FrameConnection(Connection):
    """A connection whose messages are WebSocket messages. The first bytes it is given are the request to upgrade.

    `connections` is uvicorn's: what it tells to end, and waits for, when the server stops.
    """

    __slots__ = (
        "_at", "_connections", "_controls", "_fragments", "_frames", "_heard", "_heart", "_library", "_message", "_opcode",
        "_raw", "_routes", "_silence", "_upgraded",
    )  # fmt: skip

    _library: Protocol
    _opcode: Opcode

    def __init__(self, routes: Sequence[Route], heart: Heart, connections: set[Any]) -> None:
        super().__init__()
        self._routes = routes
        self._heart = heart
        self._connections = connections
        self._upgraded = False
        self._raw = b""
        self._at = 0  # what of it has been read into frames
        self._frames: Iterator[Any] = iter(())
        self._message: bytearray | None = None  # what has come of a fragmented one
        self._fragments = 0
        self._controls = 0
        self._heard = True
        self._silence = 0.0

    # --- from uvicorn and the loop -------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        super().connection_made(transport)
        self._connections.add(self)

    def data_received(self, data: bytes) -> None:
        """Answer the handshake, or deal with what came."""
        if not self._upgraded:
            self._shake_hands(data)
        else:
            self._heard = True
            super().data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """The end."""
        self._connections.discard(self)
        self._heart.discard(self)
        if self._upgraded:
            super().connection_lost(exc)
        elif self._deadline is not None:
            self._deadline.cancel()

    def eof_received(self) -> bool:
        """The client is gone: who means well sends a close frame first (RFC 6455, section 7.1.1)."""
        self._ended = self._deaf = True
        if not self._closing:
            self._depart()
        return False

    def shutdown(self) -> None:
        """The server stops."""
        self._leave(SHUTDOWN)

    def beat(self) -> None:
        """Some seconds have passed: see whether the client is still there."""
        self._controls = 0
        if self._heard or self._stopped:  # what is not read cannot be heard
            self._heard, self._silence = False, 0.0
            return
        self._silence += PERIOD
        if self._silence >= STALE_SECONDS:
            self._leave(STALE)
        elif self._silence % PING_SECONDS == 0:
            self._session.outbox.send(_PING)

    # --- the handshake -------------------------------------------------------------------------------------------------

    def _shake_hands(self, request: bytes) -> None:
        answer = upgrade(request, self.address, self._routes)
        self.transport.write(answer.response)
        if answer.route is None or answer.visitor is None:
            self._begin_to_close()
            self._finish()
            return
        self._upgraded = True
        self._library = Protocol(Side.SERVER, max_size=answer.route.max_message, logger=quiet)
        self._opcode = answer.route.opcode
        self._heart.add(self)
        self._session = answer.route.begin(self, answer.visitor)

    # --- messages ------------------------------------------------------------------------------------------------------

    def _feed(self, data: bytes) -> None:
        self._raw = self._raw[self._at :] + data
        self._at = 0

    def _step(self) -> bool:
        while (frame := next(self._frames, None)) is None:
            self._answer()
            if not self._raw:
                return False
            self._read_slice()
        self._take(frame)
        return True

    def _read_slice(self) -> None:
        self._library.receive_data(self._raw[self._at : self._at + SLICE])
        self._frames = iter(self._library.events_received())
        self._at += SLICE
        if self._at >= len(self._raw):
            self._raw, self._at = b"", 0

    def _take(self, frame: Frame) -> None:
        if self._closing or frame.opcode is Opcode.CLOSE:
            return  # the library has an answer to a close frame: `_answer` passes it on
        if frame.opcode in _CONTROLS:
            self._controls += 1
            if self._controls > MAX_CONTROLS:
                self._fail(CloseCode.POLICY_VIOLATION, "too many pings")
            elif frame.opcode is Opcode.PING:
                self._session.outbox.send(Frame(Opcode.PONG, frame.data).serialize(mask=False))
        elif frame.opcode in (self._opcode, Opcode.CONT):
            self._assemble(frame)
        else:
            self._fail(CloseCode.UNSUPPORTED_DATA, f"only {self._opcode.name.lower()} messages are understood here")

    def _assemble(self, frame: Frame) -> None:
        if self._message is None:
            if frame.fin:
                self._receive(bytes(frame.data))
                return
            self._message, self._fragments = bytearray(), 0
        self._message += frame.data
        self._fragments += 1
        if self._fragments > MAX_FRAGMENTS:
            self._fail(CloseCode.POLICY_VIOLATION, f"a message may come in {MAX_FRAGMENTS} fragments")
        elif frame.fin:
            message, self._message = bytes(self._message), None
            self._receive(message)

    def _receive(self, message: bytes) -> None:
        if self._opcode is Opcode.TEXT:
            try:
                message.decode()
            except UnicodeDecodeError as error:
                self._fail(CloseCode.INVALID_DATA, f"{error.reason} at byte {error.start}")
                return
        self._session.receive(message)

    # --- what goes out besides the session's own -----------------------------------------------------------------------

    def _fail(self, code: CloseCode, why: str) -> None:
        self._library.fail(code, why)
        self._answer()

    def _answer(self) -> None:
        """Close as the library has, because the client closes or breaks the rules. Its pongs went out from here, each in its place."""
        writes = self._library.data_to_send()
        if self._library.state is State.OPEN:
            return
        if not self._closing:
            self._hand_over()
            self.write(self._close_frame())
            self._begin_to_close()
            self._session.lost()
        if SEND_EOF in writes:
            self._finish()

    def _close_frame(self) -> bytes:
        # A close frame amid a message is legal (RFC 6455, section 5.4) and answered in kind, where the library sees a breach.
        close = self._library.close_rcvd or self._library.close_sent
        says_why = close is not None and close.code != CloseCode.NO_STATUS_RCVD
        return Frame(Opcode.CLOSE, close.serialize() if close and says_why else b"").serialize(mask=False)

    def _say_goodbye(self, close: Close | None) -> None:
        if self._library.state is State.OPEN:  # else it has read already that the client closes
            code, reason = (CloseCode.NORMAL_CLOSURE, "") if close is None else (close.code, close.reason)
            self._library.send_close(code, reason)
        self.transport.write(self._close_frame())
        self.resume_reading()  # for the client's own close frame, upon which `_answer` makes an end
