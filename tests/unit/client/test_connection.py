"""One connection: its login, its answers, its silence."""

import asyncio
import json
from collections.abc import Coroutine
from typing import Any

import pytest
from tests.support.client import FakeTime, Wire, posted, settle

from kibitz.client.connection import Connection
from kibitz.client.errors import Lost, Refused
from kibitz.client.transport import Gone
from kibitz.wire.closing import SHUTDOWN, SLOW
from kibitz.wire.commands import GetMe, ListOnline, LogIn, Ping, SetTyping
from kibitz.wire.events import Event, Heartbeat, MessagePosted


class Talk:
    """A connection, the test's end of it, and the tasks that the test runs on it."""

    def __init__(self) -> None:
        self.time = FakeTime()
        self.wire = Wire()
        self.heard: list[Event] = []
        self.connection = Connection(self.wire, self.time.timing, self.heard.append)
        self._group = asyncio.TaskGroup()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> "Talk":
        await self._group.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await self._group.__aexit__(None, None, None)

    def read(self) -> asyncio.Task[None]:
        return self._run(self.connection.read())

    def watch(self) -> asyncio.Task[None]:
        return self._run(self.connection.watch(25.0))

    def _run(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        self._tasks.append(self._group.create_task(work))
        return self._tasks[-1]

    def ask(self, once: bool = False) -> "asyncio.Future[object]":
        work = self.connection.ask_once(ListOnline()) if once else self.connection.ask(ListOnline())
        return asyncio.ensure_future(work)  # noqa: TID251 - its failure is the test's to look at


@pytest.fixture
async def talk() -> Talk:
    return Talk()


async def test_the_login_is_answered_by_the_welcome_and_reads_nothing_beyond(talk: Talk) -> None:
    async with asyncio.TaskGroup() as group:
        login = group.create_task(talk.connection.log_in(LogIn(name="alice")))
        await talk.wire.welcome()
        await talk.wire.say(**posted(1))
    assert login.result().user.name == "alice"
    assert talk.wire.sent[0] | {"id": 0} == {"type": "log_in", "name": "alice", "id": 0}
    assert talk.heard == []
    async with talk:
        talk.read()
        await settle()
        assert [type(event) for event in talk.heard] == [MessagePosted]


async def test_a_login_that_is_refused_says_how(talk: Talk) -> None:
    async with asyncio.TaskGroup() as group:
        login = group.create_task(refusal_of(talk))
        await settle()
        await talk.wire.refuse(talk.wire.sent[0], "name_taken", 203)
    assert (login.result().code, login.result().number) == ("name_taken", 203)


async def refusal_of(talk: Talk) -> Refused:
    with pytest.raises(Refused) as caught:
        await talk.connection.log_in(LogIn(name="alice"))
    return caught.value


async def test_a_connection_that_ends_during_the_login_is_gone(talk: Talk) -> None:
    talk.wire.cut(SLOW.code)
    with pytest.raises(Gone):
        await talk.connection.log_in(LogIn(name="alice"))


async def test_answers_find_their_commands_in_whatever_order_they_come(talk: Talk) -> None:
    async with talk:
        talk.read()
        first, second = talk.ask(), talk.ask()
        await settle()
        one, other = talk.wire.sent
        assert one["id"] != other["id"]
        await talk.wire.reply(other, people=[{"user": {"id": 2, "name": "bob"}, "status": "away"}])
        await talk.wire.reply(one, people=[])
        assert (await first).people == []  # type: ignore[attr-defined]
        assert (await second).people[0].user.name == "bob"  # type: ignore[attr-defined]


async def test_an_answer_nobody_waits_for_is_passed_over(talk: Talk) -> None:
    async with talk:
        talk.read()
        await talk.wire.say(type="reply", id=77, result={})
        await talk.wire.say(type="error", id=0, code="too_long", number=103, message="No.")
        await talk.wire.say(type="heartbeat")
        assert talk.heard == [Heartbeat()]


async def test_a_refusal_reaches_whoever_asked(talk: Talk) -> None:
    async with talk:
        talk.read()
        answer = talk.ask()
        await settle()
        await talk.wire.refuse(talk.wire.sent[0], "forbidden", 202)
        with pytest.raises(Refused, match="No: forbidden"):
            await answer


async def test_a_question_that_is_put_off_is_asked_again_after_the_wait(talk: Talk) -> None:
    async with talk:
        talk.read()
        answer = talk.ask()
        await settle()
        await talk.wire.refuse(talk.wire.sent[0], "busy", 401, retry_after=3.0)
        await talk.time.advance(2.9)
        assert len(talk.wire.sent) == 1
        await talk.time.advance(0.2)
        await talk.wire.reply(talk.wire.sent[1], people=[])
        assert (await answer).people == []  # type: ignore[attr-defined]


async def test_asked_once_it_is_for_the_caller_to_wait(talk: Talk) -> None:
    async with talk:
        talk.read()
        answer = talk.ask(once=True)
        await settle()
        await talk.wire.refuse(talk.wire.sent[0], "busy", 401, retry_after=3.0)
        with pytest.raises(Refused) as caught:
            await answer
        assert caught.value.retry_after == 3.0


async def test_an_answer_in_an_unknown_form_is_a_refusal_and_no_crash(talk: Talk) -> None:
    async with talk:
        talk.read()
        answer = talk.ask()
        await settle()
        await talk.wire.reply(talk.wire.sent[0], people="everyone")
        with pytest.raises(Refused) as caught:
            await answer
        assert caught.value.code == "unreadable"


async def test_when_the_connection_ends_whoever_waits_is_told_and_nothing_more_is_taken(talk: Talk) -> None:
    async with talk:
        reading = talk.read()
        answer = talk.ask()
        await settle()
        talk.wire.cut()
        with pytest.raises(Lost):
            await answer
        await reading
        assert talk.connection.over
        with pytest.raises(Lost):
            await talk.connection.ask(GetMe())


@pytest.mark.parametrize("code", [SHUTDOWN.code, SLOW.code])
async def test_a_close_code_of_ours_is_told_with_all_that_is_known_of_it(talk: Talk, code: int) -> None:
    async with talk:
        reading = talk.read()
        talk.wire.cut(code)
        await reading
        assert talk.connection.close in (SHUTDOWN, SLOW)
        assert talk.connection.close is not None
        assert talk.connection.close.code == code


async def test_a_close_code_of_a_newer_server_is_still_judged_by_its_range(talk: Talk) -> None:
    async with talk:
        reading = talk.read()
        talk.wire.cut(3777)
        await reading
        assert talk.connection.close is not None
        assert not talk.connection.close.comes_back


async def test_over_lines_the_last_event_says_why(talk: Talk) -> None:
    async with talk:
        reading = talk.read()
        await talk.wire.say(type="closing", code=3001, reason="shutdown", retry_after=7.5)
        talk.wire.cut()
        await reading
        assert talk.connection.close is not None
        assert (talk.connection.close.code, talk.connection.close.retry_after) == (3001, 7.5)
        assert talk.heard == []


async def test_events_of_an_unknown_kind_are_passed_over(talk: Talk) -> None:
    async with talk:
        talk.read()
        await talk.wire.say(type="from_the_future", what="?")
        talk.wire._inbound.put_nowait(b"no json at all")
        await talk.wire.say(type="heartbeat")
        assert talk.heard == [Heartbeat()]


async def test_what_needs_no_answer_is_said_without_waiting(talk: Talk) -> None:
    await talk.connection.tell(SetTyping(room=1))
    assert json.dumps(talk.wire.sent[0]) == '{"type": "set_typing", "room": 1}'


async def test_a_server_that_is_heard_of_is_not_asked_whether_it_is_there(talk: Talk) -> None:
    async with talk:
        talk.read()
        talk.watch()
        for _ in range(10):
            await talk.time.advance(20)
            await talk.wire.say(type="heartbeat")
        assert talk.wire.sent == []
        assert not talk.connection.over


async def test_a_silent_server_is_asked_after_one_interval_and_given_up_after_two(talk: Talk) -> None:
    async with talk:
        reading = talk.read()
        talk.watch()
        await talk.time.advance(24.9)
        assert talk.wire.sent == []
        await talk.time.advance(0.2)
        assert [command["type"] for command in talk.wire.sent] == ["ping"]
        await talk.time.advance(24.8)
        assert not reading.done()
        await talk.time.advance(0.2)
        assert reading.done()


async def test_a_server_that_answers_the_ping_is_kept(talk: Talk) -> None:
    async with talk:
        reading = talk.read()
        talk.watch()
        for _ in range(5):
            await talk.time.advance(25.1)
            await talk.wire.reply({"id": 0})
        assert not reading.done()
        assert {command["type"] for command in talk.wire.sent} == {Ping.__struct_config__.tag}
