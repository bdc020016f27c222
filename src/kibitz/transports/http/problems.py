"""How HTTP says no: RFC 9457 problem documents.

Rule: every answer from 400 on is a problem with a `code` of `kibitz.domain.errors.CODES`, so that a program reads one field.
"""

import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from kibitz.domain.errors import CODES, Refusal

MEDIA_TYPE: Final = "application/problem+json"

# Answers that HTTP itself asks for, before any command is known: the code whose range says the right thing to do.
_HTTP_CODES: Final = {
    404: "not_found",
    405: "unknown_command",
    413: "too_long",
    414: "too_long",
    431: "too_long",
    503: "busy",
}

WAITS: Final = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
"""Statuses that always say how long to wait (protocol.md)."""

_DETAILS: Final = {
    404: "There is nothing at this path; /openapi.json lists what there is.",
    405: "This path does not take this method; the Allow header says which it takes.",
}


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a request was not carried out. `code` is stable and made for programs, `detail` says to people what to do.

    With `about:blank` as its type, RFC 9457 has the title be the status in words. `retry_after` is in seconds.
    """

    type: str
    title: str
    status: int
    detail: str
    code: str
    retry_after: float | None = None


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    retry_after: float | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The response that says no, with the headers its status asks for."""
    body = Problem(
        type="about:blank",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        code=code,
        retry_after=retry_after,
    )
    sent = dict(headers or {})
    if retry_after is not None:
        sent["Retry-After"] = str(max(1, math.ceil(retry_after)))
    if status == HTTPStatus.UNAUTHORIZED:
        sent["WWW-Authenticate"] = 'Bearer realm="kibitz"'
    return Response(msgspec.json.encode(body), status, sent, MEDIA_TYPE)


def of_refusal(refusal: Refusal) -> Response:
    """The response to a command that was refused."""
    wait = 1.0 if refusal.retry_after is None and refusal.http_status in WAITS else refusal.retry_after
    return problem(refusal.http_status, refusal.code, refusal.message, retry_after=wait)


async def on_refusal(_: Request, error: Any) -> Response:
    """Starlette's handler for a `Refusal`."""
    return of_refusal(error)


async def on_http_error(_: Request, error: Any) -> Response:
    """Starlette's handler for the `HTTPException` by which its router refuses."""
    code = _HTTP_CODES.get(error.status_code, "malformed" if error.status_code < 500 else "internal")
    detail = _DETAILS.get(error.status_code, error.detail)
    return problem(error.status_code, code, detail, headers=error.headers)


async def on_failure(_: Request, __: Exception) -> Response:
    """Starlette's handler for our own mistakes, which it logs: nothing of them reaches a person."""
    return problem(500, "internal", "The server made a mistake. Its log says more, under this answer's X-Request-Id.")


async def on_disconnect(_: Request, __: Exception) -> Response:
    """Starlette's handler for a client that went away in the middle of its request: nobody reads this."""
    return problem(400, "malformed", "The request ended before it was complete.")


def codes_by_status() -> dict[int, list[str]]:
    """Every status a problem can have, with the codes that come with it."""
    found: dict[int, list[str]] = {}
    for code, (_, status) in CODES.items():
        found.setdefault(status, []).append(code)
    return dict(sorted(found.items()))
