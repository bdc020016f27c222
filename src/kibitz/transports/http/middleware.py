"""What applies to every request: an id, a line in the log, safe headers, and who else's pages may read the answer.

Rule: plain ASGI, since Starlette's own base class for this would buffer and copy streams.
"""

import secrets
import time
from collections.abc import Collection
from typing import Final

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

QUIET_PATHS: Final = ("/healthz", "/readyz", "/metrics")
"""What machines ask every few seconds: logged for debugging only."""

_DEFAULTS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
"""Headers of every answer that does not say otherwise: nothing is guessed, told on, run, framed or kept."""

_METHODS: Final = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
_ALLOWED: Final = {"Allow": _METHODS}
_PREFLIGHT: Final = {
    "Access-Control-Allow-Methods": _METHODS,
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Idempotency-Key, If-None-Match, Range",
    "Access-Control-Max-Age": "7200",  # the most that Chromium keeps
}
_READABLE: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Accept-Ranges, Content-Disposition, Content-Range, ETag, Retry-After, X-Request-Id",
}

log = structlog.stdlib.get_logger(__name__)


class Observed:
    """Names each request, logs how it was answered, and adds the headers that every answer has."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        number = secrets.token_hex(8)
        status = 0

        async def named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = number
                for name, value in _DEFAULTS.items():
                    headers.setdefault(name, value)
            await send(message)

        began = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request=number):
            try:
                await self._app(scope, receive, named)
            finally:
                _log(scope, status, time.perf_counter() - began)


def _log(scope: Scope, status: int, seconds: float) -> None:
    # The path without its query, where a token may stand.
    client = scope.get("client")
    say = log.debug if scope["path"] in QUIET_PATHS else log.info
    say(
        "request",
        method=scope["method"],
        path=scope["path"],
        status=status,
        ms=round(seconds * 1000, 1),
        address=client[0] if client else None,
    )


class Cors:
    """Lets pages of other sites use the API, as long as they bring a token.

    No answer allows credentials, so a browser never sends our cookie along. At the `closed` paths, which need no token, nothing is
    allowed: otherwise any page on the web could log in by name on a server that only its visitor's machine or network can reach.
    """

    def __init__(self, app: ASGIApp, closed: Collection[str]) -> None:
        self._app = app
        self._closed = closed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer a preflight."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        granted = {} if scope["path"] in self._closed else _READABLE
        if scope["method"] == "OPTIONS":
            await Response(status_code=204, headers={**_ALLOWED, **(_PREFLIGHT if granted else {}), **granted})(
                scope, receive, send
            )
            return

        async def readable(message: Message) -> None:
            if message["type"] == "http.response.start" and "origin" in Headers(scope=scope):
                MutableHeaders(scope=message).update(granted)
            await send(message)

        await self._app(scope, receive, readable)
