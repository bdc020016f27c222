"""The sandbox process at work: a conversation over its link."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import pytest
from tests.unit.sandbox.boxes import PATIENCE, until
from tests.unit.sandbox.workshops import Room, needs

from kibitz.sandbox import survey
from kibitz.sandbox.languages import languages
from kibitz.sandbox.messages import (
    MAX_LINE,
    AnyEvent,
    Ended,
    Event,
    Expect,
    Hello,
    Input,
    Output,
    Queued,
    Refused,
    Request,
    Start,
    Started,
    Stop,
    decode_event,
    encode,
)
from kibitz.sandbox.policy import MAX_INPUT, MAX_SOURCE, MAX_WAITING_PER_USER
from kibitz.sandbox.service import Service

pytestmark = needs("python")

E = TypeVar("E", bound=Event)
WAITS = "print('up', flush=True)\nprint(input())"


class Link:
    """The server's end of the link."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.heard: list[AnyEvent] = []

    def send(self, *requests: Request) -> None:
        self.writer.write(b"".join(encode(request) for request in requests))

    async def next(self, kind: type[E], fits: Callable[[E], bool] = lambda _: True) -> E:
        """The next event of a kind that fits; those before it are in `heard`."""
        async with asyncio.timeout(PATIENCE):
            while True:
                event = decode_event(await self.reader.readline())
                self.heard.append(event)
                if isinstance(event, kind) and fits(event):
                    return event

    async def ended(self, run: str) -> Ended:
        return await self.next(Ended, lambda event: event.run == run)


@asynccontextmanager
async def serving(
    room: Room, *, problem: str | None = None, at_once: int = 1, seconds: float = 30.0
) -> AsyncIterator[Link]:
    """A service at work. It ends when the block closes its link."""
    ours, theirs = socket.socketpair()
    reader, writer = await asyncio.open_unix_connection(sock=theirs, limit=MAX_LINE)
    known = {name: "1.0" for name in languages() if name != "java"}
    hello = Hello(languages=survey.infos(languages().values(), known), problem=problem, at_once=at_once)
    spawn = room.workshop._spawn
    service = Service(reader, writer, workshop=room.workshop, hello=hello, seconds=seconds, spawn=spawn)
    work = asyncio.get_running_loop().create_task(service.work())
    link = Link(*await asyncio.open_unix_connection(sock=ours, limit=MAX_LINE))
    try:
        yield link
    finally:
        link.writer.close()
        await asyncio.wait_for(work, PATIENCE)
        writer.close()


def start(run: str, source: str, *, user: str = "alice", keep: bool = False, language: str = "python") -> Start:
    return Start(run=run, user=user, language=language, source=source, keep_stdin_open=keep)


async def test_it_says_what_it_can_do_before_anything_else(room: Room) -> None:
    async with serving(room, at_once=3) as link:
        hello = await link.next(Hello)
        assert link.heard == [hello]
        assert (hello.problem, hello.at_once) == (None, 3)


async def test_a_run_is_told_from_its_start_to_its_end(room: Room) -> None:
    async with serving(room) as link:
        link.send(start("1", "print('hello')"))
        await link.ended("1")
        hello, started, output, ended = link.heard
        assert isinstance(hello, Hello)
        assert started == Started(run="1", toolchain="Python 1.0")
        assert output == Output(run="1", stream="stdout", data="hello\n")
        assert isinstance(ended, Ended)
        assert ended.result.exit_code == 0


async def test_whoever_waits_is_told_the_place_and_when_it_changes(room: Room) -> None:
    async with serving(room) as link:
        link.send(start("1", WAITS, keep=True), start("2", "print(2)"), start("3", "print(3)", user="bob"))
        assert await link.next(Queued, lambda event: event.run == "2") == Queued(run="2", place=1)
        assert await link.next(Queued, lambda event: event.run == "3") == Queued(run="3", place=1)
        assert await link.next(Queued, lambda event: event.run == "2") == Queued(run="2", place=2)
        link.send(Input(run="1", data="go\n"))
        for run in ("1", "2", "3"):
            assert (await link.ended(run)).result.exit_code == 0


async def test_a_run_can_be_stopped_while_it_waits_and_while_it_runs(room: Room) -> None:
    async with serving(room) as link:
        link.send(start("1", WAITS, keep=True), start("2", "print(2)"))
        await link.next(Output)
        link.send(Stop(run="2"), Stop(run="no such run"))
        assert (await link.ended("2")).result.killed_for == "stopped"
        link.send(Stop(run="1"))
        assert (await link.ended("1")).result.killed_for == "stopped"
        link.send(start("2", "print(2)"))
        assert (await link.ended("2")).result.exit_code == 0


async def test_no_program_runs_longer_than_the_service_allows(room: Room) -> None:
    async with serving(room, seconds=0.3) as link:
        link.send(Start(run="1", user="alice", language="python", source="while True: pass", timeout=1000.0))
        assert (await link.ended("1")).result.timed_out


@pytest.mark.parametrize(
    ("request_", "code", "says"),
    [
        (start("1", "", language="cobol"), "invalid", "there are c, cpp, java"),
        (start("1", "", language="java"), "not_available", "apt-get install"),
        (start("1", "x" * (MAX_SOURCE + 1)), "too_long", str(MAX_SOURCE)),
        (Start(run="1", user="", language="python", source="", input="x" * (MAX_INPUT + 1)), "too_long", "An input"),
    ],
)
async def test_what_cannot_be_run_is_refused(room: Room, request_: Start, code: str, says: str) -> None:
    async with serving(room) as link:
        link.send(request_)
        refused = await link.next(Refused)
        assert (refused.run, refused.code) == ("1", code)
        assert says in refused.message


async def test_a_name_that_is_taken_is_refused_and_harms_nobody(room: Room) -> None:
    async with serving(room) as link:
        link.send(start("1", WAITS, keep=True), start("1", "print('other')"))
        assert (await link.next(Refused)).code == "already_there"
        link.send(Input(run="1", data="x" * (MAX_INPUT + 1)))
        assert (await link.next(Refused)).code == "too_long"
        link.send(Input(run="1", data="go\n"), Input(run="nobody", data="x"))
        assert (await link.ended("1")).result.exit_code == 0


async def test_a_user_who_waits_for_too_many_is_refused(room: Room) -> None:
    async with serving(room) as link:
        link.send(*(start(str(number), WAITS, keep=True) for number in range(MAX_WAITING_PER_USER + 2)))
        assert (await link.next(Refused)).code == "rate_limited"


async def test_a_line_that_is_no_request_is_refused_and_the_next_is_read(room: Room) -> None:
    async with serving(room) as link:
        link.writer.write(b"what?\n")
        assert (await link.next(Refused)).code == "invalid"
        link.send(start("1", "print(1)"))
        assert (await link.ended("1")).result.exit_code == 0


async def test_with_a_problem_nothing_is_run_ever(room: Room) -> None:
    async with serving(room, problem="There is no sandbox here.") as link:
        link.send(Expect(language="python"), start("1", "print(1)"))
        refused = await link.next(Refused)
        assert (refused.code, refused.message) == ("unavailable", "There is no sandbox here.")
        assert len(room.workshop.pool) == 0


async def test_a_language_that_is_expected_is_warm(room: Room) -> None:
    async with serving(room) as link:
        link.send(Expect(language="python"), Expect(language="java"), Expect(language="cobol"))
        await until(lambda: len(room.workshop.pool) >= languages()["python"].run.warm)


async def test_a_hundred_runs_of_many_users_all_end(room: Room) -> None:
    async with serving(room, at_once=2) as link:
        link.send(*(start(str(number), f"print({number})", user=str(number % 10)) for number in range(100)))
        left = {str(number) for number in range(100)}
        while left:
            ended = await link.next(Ended)
            assert ended.result.exit_code == 0
            left.remove(ended.run)
