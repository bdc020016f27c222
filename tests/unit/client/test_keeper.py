"""A client's life: connecting, coming back, giving up."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.support.client import FakeTime, Wire, my_room, posted, settle

from kibitz.client.backoff import Backoff
from kibitz.client.errors import Ended, Lost, Refused, Untrusted
from kibitz.client.feed import Feed, Happening
from kibitz.client.keeper import Keeper
from kibitz.client.notices import CommandRefused, Connected, Disconnected, PageJoined, RoomReset
from kibitz.client.outbox import Outbox
from kibitz.client.replica import Replica
from kibitz.client.room import Page
from kibitz.client.transport import Transport
from kibitz.wire.closing import CLOSES, LOGGED_OUT, SHUTDOWN, SLOW
from kibitz.wire.commands import ListOnline, LogIn, PostMessage
from kibitz.wire.results import History


class Life:
    """A keeper, everything it keeps, and the wires it was given."""

    def __init__(self, login: LogIn) -> None:
        self.time = FakeTime()
        self.wires: list[Wire] = []
        self.unreachable: list[Exception] = []
        self.happened: list[Happening] = []
        self.feed = Feed()
        self.replica = Replica(self.time.timing)
        self.outbox = Outbox(
            self.time.timing, lambda command, refused: self.feed.publish(CommandRefused(command, refused))
        )
        self.keeper = Keeper(
            self.connect,
            login,
            replica=self.replica,
            outbox=self.outbox,
            feed=self.feed,
            timing=self.time.timing,
            backoff=Backoff(self.time.timing.random, first=2.0, cap=8.0),
        )
        self.running: asyncio.Task[None]

    async def connect(self) -> Transport:
        if self.unreachable:
            raise self.unreachable.pop(0)
        self.wires.append(Wire())
        return self.wires[-1]

    @property
    def wire(self) -> Wire:
        return self.wires[-1]

    def of(self, kind: type[Any]) -> list[Any]:
        return [one for one in self.happened if isinstance(one, kind)]

    async def opened(self, *rooms: dict[str, Any], **more: Any) -> Wire:
        """The next connection, welcomed."""
        await self.wire.welcome(*rooms, **more)
        await self.wire.say(type="caught_up")
        return self.wire

    async def come_back(self) -> None:
        """Wait out the time until the next connection."""
        count = len(self.wires)
        await self.time.advance(60)
        assert len(self.wires) == count + 1


@pytest.fixture
async def life() -> AsyncIterator[Life]:
    async for made in living(LogIn(name="alice", password="correct horse")):
        yield made


async def living(login: LogIn) -> AsyncIterator[Life]:
    made = Life(login)
    async with asyncio.TaskGroup() as group:
        with made.feed.listening(made.happened.append):
            made.running = group.create_task(made.keeper.run())
            await settle()
            yield made
            made.running.cancel()


# --- coming ----------------------------------------------------------------------------------------------------------------


async def test_a_client_logs_in_and_is_connected(life: Life) -> None:
    assert life.wire.sent[0] == {"type": "log_in", "id": 1, "name": "alice", "password": "correct horse"}
    before = life.keeper.connection
    await life.opened(my_room(1, head=3))
    assert (before, life.keeper.connection is None) == (None, False)
    assert [type(one).__name__ for one in life.happened] == ["Connected", "CaughtUp"]
    assert life.replica.rooms[1].position == 3


async def test_a_login_that_is_refused_ends_the_client_with_the_servers_reason(life: Life) -> None:
    await life.wire.refuse(life.wire.sent[0], "auth_failed", 200)
    with pytest.raises(Refused, match="No: auth_failed"):
        await life.keeper.open()
    assert life.running.done()
    assert life.wire.closed
    with pytest.raises(Ended, match="auth_failed"):
        life.outbox.add(PostMessage(room=1, text="hi"))


@pytest.mark.parametrize(
    ("code", "number"), [("rate_limited", 400), ("busy", 401), ("unavailable", 402), ("internal", 500)]
)
async def test_a_login_that_is_put_off_is_tried_again_no_sooner_than_asked(life: Life, code: str, number: int) -> None:
    await life.wire.refuse(life.wire.sent[0], code, number, retry_after=5.0)
    assert life.of(Disconnected) == [Disconnected(f"No: {code}.", 6.0)]
    await life.time.advance(5.9)
    assert len(life.wires) == 1
    await life.time.advance(0.2)
    assert len(life.wires) == 2


async def test_a_server_that_is_not_there_is_tried_again_ever_less_often() -> None:
    async for life in living(LogIn(name="alice")):
        life.unreachable = [ConnectionRefusedError("refused"), TimeoutError(), OSError("no route"), OSError("no route")]
        life.wire.cut()
        await life.time.advance(60)
        assert [one.retry_in for one in life.of(Disconnected)] == [1.0, 2.0, 4.0, 4.0, 4.0]
        assert "refused" in life.of(Disconnected)[1].reason
        assert len(life.wires) == 2


async def test_whoever_knows_better_need_not_wait_for_the_next_attempt(life: Life) -> None:
    await life.opened()
    life.wire.cut()
    await settle()
    assert life.time.waits
    life.keeper.hurry()
    await settle()
    assert len(life.wires) == 2
    assert life.time.now == 0.0


async def test_hurrying_while_there_is_a_connection_does_not_shorten_the_next_wait(life: Life) -> None:
    await life.opened()
    life.keeper.hurry()
    life.wire.cut()
    await settle()
    assert len(life.wires) == 1


async def test_a_server_that_does_not_prove_itself_is_told_nothing(life: Life) -> None:
    life.unreachable = [Untrusted("Another certificate.")]
    life.wire.cut()
    await life.time.advance(60)
    assert life.running.done()
    assert len(life.wires) == 1
    with pytest.raises(Untrusted, match="Another certificate"):
        await life.keeper.open()


async def test_a_login_that_is_never_answered_is_given_up_with_its_connection(life: Life) -> None:
    life.wire.cut()
    await life.come_back()
    assert life.wires[1].commands("log_in")[0]["password"] == "correct horse"


# --- coming back -------------------------------------------------------------------------------------------------------------


async def test_a_client_comes_back_with_its_token_and_says_what_it_has(life: Life) -> None:
    wire = await life.opened(my_room(1, head=3), my_room(2))
    await wire.say(**posted(4))
    wire.cut()
    await life.come_back()
    resume = {"epoch": "first", "rooms": {"1": 4, "2": 0}}
    assert life.wire.sent[0] == {"type": "log_in", "id": 1, "token": "secret", "resume": resume}
    assert life.keeper.token == "secret"


async def test_what_was_missed_comes_once_and_in_order(life: Life) -> None:
    wire = await life.opened(my_room(1))
    await wire.say(**posted(1))
    wire.cut()
    await life.come_back()
    await life.wire.welcome(my_room(1, head=3, resume="resumed"))
    for seq in (2, 3):
        await life.wire.say(**posted(seq))
    await life.wire.say(type="caught_up")
    for seq in (3, 4):
        await life.wire.say(**posted(seq))
    assert [one.seq for one in life.happened if hasattr(one, "seq")] == [1, 2, 3, 4]
    assert life.wire.commands("get_changes") == []


@pytest.mark.parametrize(
    "close", [close for close in CLOSES.values() if close.comes_back], ids=lambda close: close.reason
)
async def test_a_code_that_says_come_back_is_obeyed_after_the_time_it_names(life: Life, close: Any) -> None:
    wire = await life.opened()
    wire.cut(close.code)
    await settle()
    assert life.of(Disconnected) == [Disconnected(close.sentence, close.retry_after + 1.0)]
    await life.time.advance(close.retry_after + 0.9)
    assert len(life.wires) == 1
    await life.time.advance(0.2)
    assert len(life.wires) == 2


@pytest.mark.parametrize("code", [*[close.code for close in CLOSES.values() if not close.comes_back], 3999, 4500, 4999])
async def test_a_code_that_says_stay_away_is_obeyed(life: Life, code: int) -> None:
    wire = await life.opened()
    wire.cut(code)
    await life.time.advance(1000)
    assert life.running.done()
    assert len(life.wires) == 1


@pytest.mark.parametrize("code", [None, 1000, 1001, 1006, 1011, 3499, 4000, 4499])
async def test_every_other_end_is_one_to_come_back_from(life: Life, code: int | None) -> None:
    wire = await life.opened()
    wire.cut(code)
    await life.come_back()


async def test_over_lines_the_last_event_is_obeyed(life: Life) -> None:
    wire = await life.opened()
    await wire.say(type="closing", code=SHUTDOWN.code, reason="shutdown", retry_after=12.0)
    wire.cut()
    await settle()
    assert life.of(Disconnected)[0].retry_in == 13.0


async def test_logged_out_is_the_end_and_says_so(life: Life) -> None:
    wire = await life.opened()
    answer = life.outbox.add(PostMessage(room=1, text="hi"))
    await settle()
    wire.cut(LOGGED_OUT.code)
    await settle()
    with pytest.raises(Ended, match="log in again"):
        await answer


async def test_short_connections_wait_longer_each_time_and_a_long_one_begins_anew(life: Life) -> None:
    for _ in range(3):
        (await life.opened()).cut(SLOW.code)
        await life.come_back()
    await life.opened(heartbeat=1000)
    await life.time.advance(8)
    life.wire.cut()
    await settle()
    assert [one.retry_in for one in life.of(Disconnected)] == [2.0, 3.0, 5.0, 1.0]


async def test_a_server_that_falls_silent_is_left_and_come_back_to(life: Life) -> None:
    wire = await life.opened(heartbeat=10)
    await life.time.advance(21)
    assert wire.commands("ping")
    assert len(life.wires) == 2


async def test_a_server_cannot_have_itself_watched_without_a_pause(life: Life) -> None:
    wire = await life.opened(heartbeat=0)
    await life.time.advance(1.5)
    assert len(wire.commands("ping")) == 1


# --- writing -----------------------------------------------------------------------------------------------------------------


async def test_what_was_not_answered_is_sent_again_first_with_its_nonce(life: Life) -> None:
    wire = await life.opened()
    first, second = (life.outbox.add(PostMessage(room=1, text=text)) for text in "ab")
    await settle()
    wire.cut()
    await life.come_back()
    await life.opened()
    sent = [each.commands("post_message") for each in life.wires]
    assert [command["text"] for command in sent[1]] == ["a"]
    assert sent[0][0]["nonce"] == sent[1][0]["nonce"]
    await life.wire.reply(life.wire.commands("post_message")[0], room=1, seq=1, sent_at="now")
    await life.wire.reply(life.wire.commands("post_message")[1], room=1, seq=2, sent_at="now")
    assert [(await each).seq for each in (first, second)] == [1, 2]


async def test_a_command_that_fails_for_good_is_told_to_everyone_who_listens(life: Life) -> None:
    wire = await life.opened()
    answer = life.outbox.add(PostMessage(room=1, text="hi"))
    await settle()
    await wire.refuse(wire.commands("post_message")[0], "forbidden", 202)
    with pytest.raises(Refused):
        await answer
    assert [(one.command.text, one.refused.code) for one in life.of(CommandRefused)] == [("hi", "forbidden")]


async def test_a_login_that_ends_in_the_middle_costs_no_command(life: Life) -> None:
    wire = await life.opened()
    life.outbox.add(PostMessage(room=1, text="hi"))
    await settle()
    await wire.refuse(wire.commands("post_message")[0], "not_logged_in", 201)
    assert wire.closed
    assert len(life.outbox) == 1
    await life.come_back()
    await life.opened()
    assert life.wire.commands("post_message")[0]["text"] == "hi"


async def test_a_question_is_not_asked_over_a_connection_that_is_gone(life: Life) -> None:
    wire = await life.opened()
    connection = await life.keeper.open()
    wire.cut()
    await settle()
    with pytest.raises(Lost):
        await connection.ask(ListOnline())
    assert life.keeper.connection is None


# --- mending -----------------------------------------------------------------------------------------------------------------


async def test_a_gap_is_noticed_and_filled(life: Life) -> None:
    wire = await life.opened(my_room(1))
    await wire.say(**posted(3))
    asked = wire.commands("get_changes")
    assert [(command["room"], command["after"]) for command in asked] == [(1, 0)]
    await wire.reply(asked[0], events=[posted(seq) for seq in (1, 2, 3)], more=False, head=3, epoch="first")
    assert [one.seq for one in life.happened if hasattr(one, "seq")] == [1, 2, 3]


async def test_what_a_login_showed_and_did_not_send_is_fetched(life: Life) -> None:
    (await life.opened(my_room(1))).cut()
    await life.come_back()
    wire = await life.opened(my_room(1, head=2, resume="resumed"))
    assert [command["after"] for command in wire.commands("get_changes")] == [0]


async def test_a_room_that_is_reset_is_said_to_be_and_loads_its_newest_page(life: Life) -> None:
    wire = await life.opened(my_room(1), my_room(2))
    await wire.say(**posted(1))
    wire.cut()
    await life.come_back()
    wire = await life.opened(my_room(1, head=900, resume="reset"), my_room(2, head=900, resume="reset"), epoch="second")
    assert life.of(RoomReset) == [RoomReset(1)]
    (asked,) = wire.commands("get_history")
    page = [posted(seq)["message"] for seq in (899, 900)]
    await wire.reply(asked, messages=page, more_before=True, more_after=False, head=900, epoch="second")
    assert life.of(PageJoined) == [PageJoined(1, 899)]
    assert list(life.replica.rooms[1].messages) == [899, 900]


async def test_a_page_that_waits_for_its_events_is_told_of_when_it_is_there(life: Life) -> None:
    wire = await life.opened(my_room(1, head=5))
    older = History(messages=[], more_before=False, more_after=False, head=6, epoch="first")
    assert life.keeper.join(1, Page.of(older, 6))
    assert life.of(PageJoined) == []
    await wire.say(**posted(6))
    assert life.of(PageJoined) == [PageJoined(1, 1)]


async def test_a_page_of_a_room_that_is_gone_is_no_trouble(life: Life) -> None:
    await life.opened()
    assert life.keeper.join(7, Page({}, 1, 1, 0))


# --- the end -----------------------------------------------------------------------------------------------------------------


async def test_a_client_that_is_cancelled_closes_its_connection_and_tells_whoever_waits(life: Life) -> None:
    wire = await life.opened()
    answer = life.outbox.add(PostMessage(room=1, text="hi"))
    with life.feed.stream() as stream:
        life.running.cancel()
        await settle()
        assert [each async for each in stream] == []
    assert life.running.done()
    assert wire.closed
    with pytest.raises(Ended, match="closed"):
        await answer
    with pytest.raises(Ended, match="closed"):
        await life.keeper.open()


async def test_whoever_waits_for_a_connection_gets_it_when_it_is_there(life: Life) -> None:
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(life.keeper.open())
        await settle()
        assert not waiting.done()
        await life.opened()
    assert waiting.result() is life.keeper.connection
    assert len(life.of(Connected)) == 1
