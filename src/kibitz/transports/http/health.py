"""What machines ask of a server: whether it lives, whether it takes work, and its figures.

Rule: health is open to all and says nothing else; figures are for admins.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from kibitz.api.gate import Gate
from kibitz.api.verb import Mode, Verb
from kibitz.domain.access import Act
from kibitz.domain.errors import Refusal
from kibitz.transports.http.credentials import token_of
from kibitz.wire.commands import GetMe
from kibitz.wire.results import Done

READY_SECONDS: Final = 2.0
"""How long the database may take to answer: probes commonly give up after a few seconds."""

METRICS_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
"""The content type of Prometheus' text format."""

log = structlog.stdlib.get_logger(__name__)


def routes(gate: Gate, metrics: Callable[[], bytes]) -> list[Route]:
    """`/healthz`, `/readyz` and `/metrics`; `metrics` gives the figures in Prometheus' text format."""

    async def ready(_: Request) -> Response:
        await check_ready(gate)
        return PlainTextResponse("ready\n")

    async def figures(request: Request) -> Response:
        caller = await gate.caller(token_of(request), request.client.host if request.client else "")
        gate.limiter.check(caller, _METRICS.cost, gate.workspace.monotonic())
        await gate.read(caller, _METRICS, GetMe())
        return Response(metrics(), media_type=METRICS_TYPE)

    return [Route("/healthz", _alive), Route("/readyz", ready), Route("/metrics", figures)]


async def check_ready(gate: Gate) -> None:
    """Raises `Refusal` while this server should be sent no work."""
    if gate.workspace.draining:
        raise Refusal("unavailable", "The server is about to stop.", retry_after=1.0)
    try:
        async with asyncio.timeout(READY_SECONDS):
            await gate.workspace.store.answers()
    except Exception as error:
        log.warning("not ready", exc_info=error)
        raise Refusal("unavailable", "The database does not answer.", retry_after=1.0) from error


async def _alive(_: Request) -> Response:
    return PlainTextResponse("ok\n")


def _nothing(_: Any) -> Done:
    return Done()


_METRICS: Final = Verb(GetMe, _nothing, Mode.READ, act=Act.READ_METRICS)
"""No command of its own, but checked as one: in a transaction, by `access.may`."""
