"""Runs over HTTP, as they go: one event a line.

Rule: whoever asks to follow a run is told all of it in order, what was written before they came first; leaving does not end it.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from kibitz.api.gate import Gate
from kibitz.api.live_runs import LiveRun
from kibitz.api.verbs import VERBS
from kibitz.storage import runs
from kibitz.transports.http import rest
from kibitz.wire.code_commands import GetRun, RunCode
from kibitz.wire.events import Event, RunBegan, RunEnded, RunOutput
from kibitz.wire.results import Run, RunStarted

LINES: Final = "application/x-ndjson"
"""One JSON object a line: the type that most programs know for it."""

MAX_BEHIND: Final = 4096
"""Events that may wait for a slow reader, who is then cut off: two minutes' worth at the most a run may tell."""

Endpoint = Callable[[Request], Awaitable[Response]]


def routes(gate: Gate) -> list[Route]:
    """`POST /runs`, which answers with the run's number or, to whoever accepts lines, with its events; and the events of any run."""
    return [
        Route(f"{rest.PREFIX}/runs", _begin(gate), methods=["POST"]),
        Route(f"{rest.PREFIX}/runs/{{run}}/events", _follow(gate), methods=["GET"]),
    ]


def _begin(gate: Gate) -> Endpoint:
    call = rest.Call(gate, VERBS[RunCode], "POST")

    async def endpoint(request: Request) -> Response:
        if LINES not in request.headers.get("accept", ""):
            return await call.answer(request)
        _, started = await call.carry_out(request)
        assert isinstance(started, RunStarted), "the table says so"
        return await _told_of(gate, started.run)

    return endpoint


def _follow(gate: Gate) -> Endpoint:
    call = rest.Call(gate, VERBS[GetRun], "GET")

    async def endpoint(request: Request) -> Response:
        _, run = await call.carry_out(request)
        assert isinstance(run, Run), "the table says so"
        return await _told_of(gate, run.run.id)

    return endpoint


async def _told_of(gate: Gate, run: int) -> Response:
    """The events of a run, whose caller may read it."""
    live = gate.workspace.runs.find(run)
    if live is not None:
        return _lines(Follower(live))
    return _lines(_past(await gate.workspace.store.read(runs.whole, run)))  # its end is stored


def _lines(events: AsyncIterable[Event]) -> Response:
    async def lines() -> AsyncIterator[bytes]:
        async for event in events:
            yield msgspec.json.encode(event) + b"\n"

    return StreamingResponse(lines(), media_type=LINES, headers={"Cache-Control": "no-store"})


async def _past(run: Run) -> AsyncIterator[Event]:
    for event in _told(run):
        yield event
    yield RunEnded(run=run.run)


def _told(run: Run) -> list[Event]:
    """What a run has told so far, as far as it matters to whoever comes now."""
    told: list[Event] = [RunBegan(run=run.run)]
    offset = 0
    for piece in run.output:
        told.append(
            RunOutput(run=run.run.id, stream=piece.stream, text=piece.text, offset=offset, session=run.run.session)
        )
        offset += len(piece.text)
    return told


class Follower(AsyncIterator[Event]):
    """The events of a run under way: what was told before this was made, and what comes after, without a gap between."""

    def __init__(self, live: LiveRun) -> None:
        self._live = live
        # What is held is about to be told; of a run that has not begun there is nothing to tell.
        self._events: deque[Event] = deque(_told(live.shown()) if live.toolchain and live.held is None else ())
        self._arrived = asyncio.Event()
        self._over = False
        live.followers.append(self._hear)

    def _hear(self, event: Event) -> None:
        self._events.append(event)
        self._over = isinstance(event, RunEnded) or len(self._events) > MAX_BEHIND
        self._arrived.set()
        if self._over:
            self._live.followers.remove(self._hear)

    async def __anext__(self) -> Event:
        while not self._events:
            if self._over:
                raise StopAsyncIteration
            self._arrived.clear()
            await self._arrived.wait()
        return self._events.popleft()
