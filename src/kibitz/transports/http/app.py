"""Port 8080 as one application: the page, the API, files, health, figures and documents.

Rule: this file says which path leads where, and what every request passes on its way; everything else is said elsewhere.
"""

from collections.abc import Awaitable, Callable
from functools import cache

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from kibitz import __version__
from kibitz.api.gate import Gate
from kibitz.api.verbs import VERBS
from kibitz.domain.errors import Refusal
from kibitz.transports.http import health, problems, rest
from kibitz.transports.http import runs as code_runs
from kibitz.transports.http.download import download, files
from kibitz.transports.http.middleware import Cors, Observed
from kibitz.transports.http.openapi import document
from kibitz.transports.http.page import Page
from kibitz.transports.http.upload import upload
from kibitz.wire.commands import ObtainToken, SignUp
from kibitz.wire.schema import asyncapi

Endpoint = Callable[[Request], Awaitable[Response]]


def build(gate: Gate, metrics: Callable[[], bytes]) -> Starlette:
    """The application. `metrics` gives the figures in Prometheus' text format."""
    verbs = tuple(VERBS.values())
    paths = {verb.command: rest.PREFIX + verb.http[1] for verb in verbs if verb.http is not None}
    without_login = frozenset(path for command, path in paths.items() if not VERBS[command].login)
    app = Starlette(
        routes=[
            *code_runs.routes(gate),
            *rest.routes(gate, verbs),
            Route("/upload", upload(gate), methods=["POST"]),
            Route("/download/{id}", download(gate)),
            Route("/files", files(gate)),
            *health.routes(gate, metrics),
            Route("/openapi.json", _document(lambda: document(verbs))),
            Route("/asyncapi.json", _document(_asyncapi)),
            Route("/", _page(Page(gate.workspace.policy, login=paths[ObtainToken], sign_up=paths[SignUp]))),
        ],
        middleware=[Middleware(Observed), Middleware(Cors, closed=without_login)],
        exception_handlers={
            Refusal: _counting(gate),
            HTTPException: problems.on_http_error,
            ClientDisconnect: problems.on_disconnect,
            Exception: problems.on_failure,
        },
    )
    # A path is right or wrong: a redirect would have clients send their tokens and bodies twice.
    app.router.redirect_slashes = False
    return app


def _counting(gate: Gate) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def refuse(request: Request, error: Exception) -> Response:
        if isinstance(error, Refusal):
            refused = gate.workspace.counters.refused
            refused[error.code] = refused.get(error.code, 0) + 1
        return await problems.on_refusal(request, error)

    return refuse


def _document(make: Callable[[], bytes]) -> Endpoint:
    # Made when first asked for, so that no start waits for it.
    made = cache(make)

    async def endpoint(_: Request) -> Response:
        return Response(made(), media_type="application/json")

    return endpoint


def _asyncapi() -> bytes:
    return msgspec.json.encode(asyncapi({verb.command: verb.result for verb in VERBS.values()}, version=__version__))


def _page(page: Page) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        return page.answer(request)

    return endpoint
