"""uvicorn's HTTP protocol with the limits it lacks: how long, how many, how slow.

Rule: whatever a peer does or leaves undone, a connection has a timer running that ends it; only an endpoint at work has none.
"""

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from kibitz.api.sessions import Sessions
from kibitz.transports.http.problems import problem

MAX_HEAD: Final = 16 * 1024
"""Bytes of a request line and headers: the limit of Node.js, and of nginx's large buffers twice over."""

MAX_HEADERS: Final = 100
"""Headers of a request: Apache's LimitRequestFields."""

MAX_URL: Final = 8 * 1024
"""Bytes of a request's target: RFC 9110 (4.1) asks servers to take 8,000."""

MAX_PIPELINED: Final = 16
"""Requests one connection may send ahead of their answers; browsers send none."""

HEAD_SECONDS: Final = 10.0
"""How long a new connection, or the first byte of a request, may be ahead of the last header."""

IDLE_SECONDS: Final = 60
"""How long a connection may wait for its next request: nginx's keepalive_timeout is 75 s."""

BODY_WINDOW_SECONDS: Final = 20.0
MIN_BODY_RATE: Final = 500
"""Bytes a second of a body, on average over the window: Apache's RequestReadTimeout is body=20,MinRate=500."""

STALL_SECONDS: Final = 60.0
"""How long a peer may take nothing of an answer: nginx's send_timeout."""

LINGER_SECONDS: Final = 5.0
"""How long what is left of a refused body is read and dropped, so that the answer is not lost in a reset: nginx's lingering_timeout."""


class GuardedHttp(HttpToolsProtocol):
    """A connection, which counts among all of the server's as long as it is no WebSocket."""

    def __init__(self, sessions: Sessions, **uvicorn: Any) -> None:
        super().__init__(**uvicorn)
        self._sessions = sessions
        self._counted = False
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._in_head = True
        self._head_begun = False
        self._head_bytes = 0
        self._body_bytes = 0
        self._refused = False
        self._verdict = (400, "malformed", "This is not a valid HTTP/1.1 request.")

    # --- the connection ------------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A peer has connected: it has a few seconds to say what it wants."""
        super().connection_made(transport)
        self._count(True)
        if self._sessions.full:
            # At once and without lingering: what is too many must not become more.
            transport.write(_answer(503, "busy", "The server has as many connections as it takes; try again later."))
            self._refused = True
            self._close()
            return
        self._start("head", HEAD_SECONDS, self._head_too_slow)

    def connection_lost(self, exc: Exception | None) -> None:
        """The peer is gone."""
        self._count(False)
        for name in tuple(self._timers):
            self._stop(name)
        self._unset_keepalive_if_required()
        super().connection_lost(exc)

    def _count(self, here: bool) -> None:
        if here is not self._counted:
            self._counted = here
            self._sessions.http += 1 if here else -1

    def data_received(self, data: bytes) -> None:
        """Bytes of one or more requests. A request that breaks a limit is answered and ends the connection."""
        if self._refused:
            return
        self._unset_keepalive_if_required()
        if self._in_head:
            self._head_bytes += len(data)
            self._start("head", HEAD_SECONDS, self._head_too_slow)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            if self._should_upgrade():
                self.handle_websocket_upgrade()
        except httptools.HttpParserError:
            self._refuse(*self._verdict)
        else:
            if self._in_head and self._head_bytes > MAX_HEAD:
                self._refuse(431, "too_long", f"The headers of a request may have {MAX_HEAD} bytes.")

    def handle_websocket_upgrade(self) -> None:
        """From here on the WebSocket transport counts and watches this connection."""
        self._count(False)
        for name in tuple(self._timers):
            self._stop(name)
        super().handle_websocket_upgrade()

    # --- the parser's callbacks ----------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """A request begins."""
        self._start("head", HEAD_SECONDS, self._head_too_slow)
        self._head_begun = True
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """A part of the request's target."""
        super().on_url(url)
        if len(self.url) > MAX_URL:
            self._reject(414, "too_long", f"The target of a request may have {MAX_URL} bytes.")

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or a trailer after a chunked body: trailers are dropped, as RFC 9110 (6.5.1) has it."""
        if not self._in_head:
            return
        super().on_header(name, value)
        size = len(self.url) + sum(len(one) + len(other) + 4 for one, other in self.headers)
        if len(self.headers) > MAX_HEADERS or size > MAX_HEAD:
            self._reject(431, "too_long", f"A request may have {MAX_HEADERS} headers and {MAX_HEAD} bytes of them.")

    def on_headers_complete(self) -> None:
        """The application can begin; the body, if there is one, has to keep coming."""
        self._stop("head")
        self._in_head = False
        self._body_bytes = 0
        if len(self.pipeline) >= MAX_PIPELINED:
            self._reject(400, "malformed", f"At most {MAX_PIPELINED} requests may wait for their answers.")
        super().on_headers_complete()
        self._start("body", BODY_WINDOW_SECONDS, self._body_window_over)

    def on_body(self, body: bytes) -> None:
        """A part of a body."""
        self._body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is here as a whole; what comes next is the head of another."""
        self._stop("body")
        self._stop("linger")
        self._in_head = True
        self._head_begun = False
        self._head_bytes = 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """The answer has been handed to the transport."""
        super().on_response_complete()
        if self.transport.is_closing():
            self._start("close", STALL_SECONDS, self.transport.abort)
        elif "body" in self._timers:  # answered before the whole request was here: a refused upload
            self._start("linger", LINGER_SECONDS, self._close)

    # --- writing -------------------------------------------------------------------------------------------------------

    def pause_writing(self) -> None:
        """The peer takes nothing for now."""
        super().pause_writing()
        self._start("stall", STALL_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """The peer takes bytes again."""
        self._stop("stall")
        super().resume_writing()

    # --- timers --------------------------------------------------------------------------------------------------------

    def timeout_keep_alive_handler(self) -> None:
        """No further request came."""
        self._close()

    def _start(self, name: str, seconds: float, then: Callable[[], None]) -> None:
        if name not in self._timers:
            self._timers[name] = self.loop.call_later(seconds, then)

    def _stop(self, name: str) -> None:
        timer = self._timers.pop(name, None)
        if timer is not None:
            timer.cancel()

    def _head_too_slow(self) -> None:
        if self._head_begun:
            self._refuse(408, "too_slow", f"The headers of a request must arrive within {HEAD_SECONDS:g} seconds.")
        else:
            self._close()

    def _body_window_over(self) -> None:
        self._stop("body")
        # While the application takes no more, reading is paused: that is not the peer's fault.
        if not self.flow.read_paused and self._body_bytes < MIN_BODY_RATE * BODY_WINDOW_SECONDS:
            self._refuse(
                408, "too_slow", f"The body of a request must arrive with {MIN_BODY_RATE} bytes a second at least."
            )
            return
        self._body_bytes = 0
        self._start("body", BODY_WINDOW_SECONDS, self._body_window_over)

    # --- ending --------------------------------------------------------------------------------------------------------

    def _reject(self, status: int, code: str, detail: str) -> None:
        """Stop the parser from within one of its callbacks."""
        self._verdict = (status, code, detail)
        raise ValueError(detail)

    def _refuse(self, status: int, code: str, detail: str) -> None:
        """Answer, unless an answer is under way already, and end the connection."""
        self._refused = True
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is not None and not cycle.response_complete:
            cycle.disconnected = True
            cycle.message_event.set()
            if cycle.response_started:
                self._close()
                return
        self.transport.write(_answer(status, code, detail))
        self._linger()

    def _linger(self) -> None:
        """Read on for a while and drop what comes: closing over unread bytes resets the connection, and loses the answer."""
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._start("linger", LINGER_SECONDS, self._close)

    def _close(self) -> None:
        """Close once everything is written, or without that if the peer does not take it."""
        self.transport.close()
        self._start("close", LINGER_SECONDS, self.transport.abort)


def _answer(status: int, code: str, detail: str) -> bytes:
    wait = 10.0 if status == HTTPStatus.SERVICE_UNAVAILABLE else None
    response = problem(status, code, detail, retry_after=wait, headers={"Connection": "close"})
    lines = [b"HTTP/1.1 %d %s" % (status, HTTPStatus(status).phrase.encode())]
    lines += [name + b": " + value for name, value in response.raw_headers]
    return b"\r\n".join([*lines, b"", bytes(response.body)])
