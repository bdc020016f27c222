"""Runs over HTTP as they go: each line is an event, in order, from the beginning, whenever one comes."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import msgspec
import pytest

from kibitz.api.gate import Gate
from kibitz.api.live_runs import LiveRun
from kibitz.server.metrics import Metrics
from kibitz.transports.http import runs as module
from kibitz.transports.http.app import build
from kibitz.transports.http.runs import LINES, Follower
from kibitz.transports.http.server import HttpServer
from kibitz.wire.events import AnyEvent, Event, RunBegan, RunEnded, RunOutput, RunQueued
from kibitz.wire.results import Run
from kibitz.wire.views import RunRef, RunResult, UserRef

Headers = dict[str, str]

RUNS = "/api/v1/runs"
ASKS = "print('name?', end='', flush=True)\nprint('hello', input())\n"
RUN = RunRef(id=1, user=UserRef(id=1, name="alice"), language="python", code_hash="", asked_at="")
_events = msgspec.json.Decoder(AnyEvent)


def events_of(answer: httpx.Response) -> list[Event]:
    assert answer.headers["content-type"] == LINES
    assert answer.headers["cache-control"] == "no-store"
    *lines, rest = answer.content.split(b"\n")
    assert rest == b""
    return [_events.decode(line) for line in lines]


def printed(events: list[Event], stream: str = "stdout") -> str:
    return "".join(event.text for event in events if isinstance(event, RunOutput) and event.stream == stream)


def program(code: str, **more: Any) -> dict[str, Any]:
    return {"code": code, "language": "python", **more}


def following(headers: Headers) -> Headers:
    return {**headers, "Accept": LINES}


# --- from beginning to end ---------------------------------------------------------------------------------------------


async def test_whoever_accepts_lines_is_told_the_run_as_it_goes(http: httpx.AsyncClient, alice: Headers) -> None:
    code = "import sys\nprint(input())\nprint('oh', file=sys.stderr)\nsys.exit(3)\n"
    events = events_of(await http.post(RUNS, headers=following(alice), json=program(code, input="hi\n")))
    told = [event for event in events if not isinstance(event, RunQueued)]
    assert isinstance(told[0], RunBegan)
    assert (printed(events), printed(events, "stderr")) == ("hi\n", "oh\n")
    assert all(isinstance(event, RunOutput) for event in told[1:-1])
    ended = told[-1]
    assert isinstance(ended, RunEnded)
    assert ended.run.result is not None
    assert ended.run.result.exit_code == 3


async def test_whoever_does_not_is_told_the_number(http: httpx.AsyncClient, alice: Headers) -> None:
    answer = await http.post(RUNS, headers=alice, json=program("print(1)\n"))
    assert (answer.status_code, answer.headers["content-type"]) == (201, "application/json")
    run = answer.json()["run"]
    events = events_of(await http.get(f"{RUNS}/{run}/events", headers=alice))
    assert printed(events) == "1\n"
    assert isinstance(events[-1], RunEnded)
    listed = (await http.get(RUNS, headers=alice)).json()
    assert [one["id"] for one in listed["runs"]] == [run]


async def test_nothing_is_told_twice_or_left_out(http: httpx.AsyncClient, alice: Headers) -> None:
    code = "for n in range(500):\n    print(n, flush=True)\n"
    for _ in range(3):  # by the second one a sandbox is warm, and writes before whoever asked is answered
        events = events_of(await http.post(RUNS, headers=following(alice), json=program(code)))
        outputs = [event for event in events if isinstance(event, RunOutput)]
        assert printed(events).splitlines() == [str(n) for n in range(500)]
        assert [one.offset for one in outputs] == [
            sum(len(one.text) for one in outputs[:at]) for at in range(len(outputs))
        ]
        assert [type(event) for event in events if not isinstance(event, RunOutput | RunQueued)] == [RunBegan, RunEnded]


async def test_a_run_that_is_over_is_told_from_what_is_stored(http: httpx.AsyncClient, alice: Headers) -> None:
    first = events_of(await http.post(RUNS, headers=following(alice), json=program("print(1)\n")))
    (ended,) = [event for event in first if isinstance(event, RunEnded)]
    again = events_of(await http.get(f"{RUNS}/{ended.run.id}/events", headers=alice))
    assert [type(event) for event in again] == [RunBegan, RunOutput, RunEnded]
    assert again[-1] == ended
    assert printed(again) == "1\n"


async def test_a_run_sent_again_with_its_key_is_told_and_not_run_again(http: httpx.AsyncClient, alice: Headers) -> None:
    keyed = {**following(alice), "Idempotency-Key": "f81d4fae-7dec"}
    first = events_of(await http.post(RUNS, headers=keyed, json=program("print(1)\n")))
    again = events_of(await http.post(RUNS, headers=keyed, json=program("print(1)\n")))
    assert again[-1] == first[-1]
    assert printed(again) == printed(first) == "1\n"
    assert len((await http.get(RUNS, headers=alice)).json()["runs"]) == 1


async def test_what_is_refused_is_a_problem_and_no_line(http: httpx.AsyncClient, alice: Headers, bob: Headers) -> None:
    refused = await http.post(RUNS, headers=following(alice), json={"code": "x", "language": "cobol"})
    assert (refused.status_code, refused.headers["content-type"]) == (422, "application/problem+json")
    assert (await http.post(RUNS, headers={"Accept": LINES}, json=program("x"))).status_code == 401
    run = (await http.post(RUNS, headers=alice, json=program("print(1)\n"))).json()["run"]
    for headers, status in ((bob, 404), ({}, 401)):
        assert (await http.get(f"{RUNS}/{run}/events", headers=headers)).status_code == status
    assert (await http.get(f"{RUNS}/99/events", headers=alice)).status_code == 404


# --- over a socket -----------------------------------------------------------------------------------------------------


@asynccontextmanager
async def served(gate: Gate) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application behind a port, whose answers come as they are sent."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = await HttpServer.start(build(gate, Metrics(gate)), gate, listening, None)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{listening.getsockname()[1]}", timeout=60.0) as client:
        yield client
    await server.stop(0.1)


async def next_of(lines: AsyncIterator[str], kind: type[Event]) -> Any:
    async for line in lines:
        event = _events.decode(line)
        if isinstance(event, kind):
            return event
    pytest.fail(f"the answer ended without {kind.__name__}")


async def test_lines_come_while_the_program_runs(gate: Gate, alice: Headers) -> None:
    async with served(gate) as http:
        body = program(ASKS, interactive=True)
        async with http.stream("POST", RUNS, headers=following(alice), json=body) as answer:
            lines = answer.aiter_lines()
            output = await next_of(lines, RunOutput)
            assert output.text == "name?"
            await http.post(f"{RUNS}/{output.run}/input", headers=alice, json={"text": "alice\n"})
            assert (await next_of(lines, RunOutput)).text == "hello alice\n"
            assert (await next_of(lines, RunEnded)).run.result.exit_code == 0


async def test_leaving_does_not_end_a_run_and_one_can_come_back_to_it(gate: Gate, alice: Headers) -> None:
    async with served(gate) as http:
        body = program(ASKS, interactive=True)
        async with http.stream("POST", RUNS, headers=following(alice), json=body) as answer:
            run = (await next_of(answer.aiter_lines(), RunOutput)).run
        async with http.stream("GET", f"{RUNS}/{run}/events", headers=alice) as answer:
            lines = answer.aiter_lines()
            assert (await next_of(lines, RunOutput)).text == "name?"
            await http.post(f"{RUNS}/{run}/input", headers=alice, json={"text": "alice\n"})
            assert (await next_of(lines, RunOutput)).text == "hello alice\n"
            await next_of(lines, RunEnded)


# --- following ---------------------------------------------------------------------------------------------------------


def live_run() -> LiveRun:
    return LiveRun(Run(run=RUN, code="x"), toolchain="Python 3.11.2", held=None)


def tell(live: LiveRun, event: Event) -> None:
    """As `LiveRuns` does."""
    for heard in tuple(live.followers):
        heard(event)


def write(live: LiveRun, text: str) -> None:
    output = RunOutput(run=1, stream="stdout", text=text, offset=live.written)
    live.add("stdout", text)
    tell(live, output)


ENDED = RunEnded(run=msgspec.structs.replace(RUN, result=RunResult(exit_code=0, duration_ms=1)))


async def rest_of(follower: Follower) -> list[Event]:
    return [event async for event in follower]


async def test_whoever_comes_late_is_told_what_was_before_and_then_what_follows() -> None:
    live = live_run()
    write(live, "one ")
    write(live, "two ")
    follower = Follower(live)
    write(live, "three")
    tell(live, ENDED)
    events = await rest_of(follower)
    assert [type(event) for event in events] == [RunBegan, RunOutput, RunOutput, RunEnded]
    assert [(event.text, event.offset) for event in events if isinstance(event, RunOutput)] == [
        ("one two ", 0),
        ("three", 8),
    ]
    assert live.followers == []


async def test_of_a_run_that_waits_one_is_told_as_it_begins() -> None:
    live = LiveRun(Run(run=RUN, code="x"), held=None)
    follower = Follower(live)
    tell(live, RunQueued(run=RUN, place=2))
    tell(live, RunBegan(run=RUN))
    tell(live, ENDED)
    assert [type(event) for event in await rest_of(follower)] == [RunQueued, RunBegan, RunEnded]


async def test_what_is_held_back_for_whoever_asked_is_told_once() -> None:
    live = LiveRun(Run(run=RUN, code="x"), toolchain="Python 3.11.2")
    live.add("stdout", "hi")
    follower = Follower(live)
    live.held = None
    tell(live, RunBegan(run=RUN))
    tell(live, RunOutput(run=1, stream="stdout", text="hi", offset=0))
    tell(live, ENDED)
    assert [type(event) for event in await rest_of(follower)] == [RunBegan, RunOutput, RunEnded]


async def test_a_follower_waits_for_what_is_not_there_yet() -> None:
    live = live_run()
    follower = Follower(live)
    assert isinstance(await anext(follower), RunBegan)
    asyncio.get_running_loop().call_soon(write, live, "late")
    output = await anext(follower)
    assert isinstance(output, RunOutput)
    assert output.text == "late"


async def test_a_reader_who_falls_behind_is_cut_off_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_BEHIND", 3)
    live = live_run()
    slow, quick = Follower(live), Follower(live)
    heard = []
    for number in range(6):
        write(live, str(number))
        heard += [await anext(quick) for _ in range(2 if number == 0 else 1)]
    assert [event.text for event in heard if isinstance(event, RunOutput)] == list("012345")
    assert [event.text for event in await rest_of(slow) if isinstance(event, RunOutput)] == list("012")
    assert len(live.followers) == 1
