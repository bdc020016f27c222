"""Filling gaps."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from tests.support.client import FakeTime, message, posted, room_view, settle

from kibitz.client.decoding import Changes
from kibitz.client.errors import Refused
from kibitz.client.mending import Mender
from kibitz.client.replica import Replica
from kibitz.client.room import Page
from kibitz.wire.commands import Command, GetChanges, GetHistory
from kibitz.wire.events import Event, MessagePosted
from kibitz.wire.results import History, ServerFacts, Welcome
from kibitz.wire.views import User


class House:
    """A replica with two rooms, its mender, and a server that has `head` messages in each room."""

    def __init__(self) -> None:
        self.replica = Replica(FakeTime().timing)
        facts = ServerFacts(version="1", max_text=1, max_file=1, heartbeat=25, http_port=1, http_url="")
        me = User(id=1, name="alice", role="member")
        rooms = [room_view(1), room_view(2)]
        self.replica.welcome(Welcome(user=me, epoch="first", server=facts, rooms=rooms, online=[]))
        self.mender = Mender(self.replica, self.hear, self.join, self.reset)
        self.head = 0
        self.epoch = "first"
        self.page = 500
        self.asked: list[Command] = []
        self.told: list[str] = []
        self.refuses = False
        self.forgets = False
        self.fits = True

    def hear(self, event: Event) -> None:
        self.replica.apply(event)

    def join(self, room: int, page: Page) -> bool:
        self.told.append(f"page of {room}")
        return self.fits and self.replica.rooms[room].join(page)

    def reset(self, room: int) -> None:
        self.replica.reset(room)
        self.told.append(f"reset {room}")
        self.mender.load(room)

    def gap(self, seq: int, room: int = 1) -> None:
        """The server tells an event that comes too early."""
        self.head = max(self.head, seq)
        self.replica.apply(MessagePosted(room=room, seq=seq, message=message(seq, room=room)))
        self.mender.catch_up(room)

    async def ask(self, command: Command) -> Any:
        await asyncio.sleep(0)
        self.asked.append(command)
        if self.refuses:
            raise Refused("not_found", 300, "Room not found.")
        if isinstance(command, GetChanges):
            assert isinstance(command.room, int)
            last = 0 if self.forgets else min(self.head, command.after + self.page)
            events = [
                msgspec.Raw(msgspec.json.encode(posted(n, room=command.room)))
                for n in range(command.after + 1, last + 1)
            ]
            return Changes(events=events, more=last < self.head, head=self.head, epoch=self.epoch)
        assert isinstance(command, GetHistory)
        messages = [message(n) for n in range(max(self.head - 2, 1), self.head + 1)]
        return History(messages=messages, more_before=self.head > 3, more_after=False, head=self.head, epoch=self.epoch)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    made = House()
    async with asyncio.TaskGroup() as group:
        running = group.create_task(made.mender.run(made.ask))
        yield made
        running.cancel()


async def test_a_gap_is_filled_from_the_log(house: House) -> None:
    house.gap(4)
    await settle()
    assert house.replica.rooms[1].position == 4
    assert list(house.replica.rooms[1].messages) == [1, 2, 3, 4]
    assert [type(command) for command in house.asked] == [GetChanges]


async def test_a_long_gap_is_filled_page_by_page(house: House) -> None:
    house.page = 3
    house.gap(8)
    await settle()
    assert [command.after for command in house.asked if isinstance(command, GetChanges)] == [0, 3, 6]
    assert house.replica.rooms[1].position == 8


async def test_rooms_are_mended_one_after_the_other(house: House) -> None:
    house.gap(2, room=1)
    house.gap(2, room=2)
    await settle()
    assert [room.position for room in house.replica.rooms.values()] == [2, 2]
    house.gap(4, room=2)
    await settle()
    assert house.replica.rooms[2].position == 4


async def test_a_gap_the_server_has_nothing_for_begins_the_room_anew_after_it(house: House) -> None:
    house.forgets = True
    house.gap(4)
    await settle()
    assert house.told == ["reset 1", "page of 1"]
    assert house.replica.rooms[1].position == 4
    assert list(house.replica.rooms[1].messages) == [2, 3, 4]


async def test_of_another_history_nothing_is_taken(house: House) -> None:
    house.epoch = "second"
    house.gap(4)
    house.mender.load(2)
    await settle()
    assert house.replica.rooms[1].position == 0
    assert len(house.asked) == 2
    assert house.told == []


async def test_a_room_i_was_put_out_of_is_given_up_and_the_others_are_not(house: House) -> None:
    house.refuses = True
    house.gap(4)
    await settle()
    assert len(house.asked) == 1
    house.refuses = False
    house.gap(4, room=2)
    await settle()
    assert house.replica.rooms[2].position == 4


async def test_a_room_that_is_gone_meanwhile_is_not_asked_about(house: House) -> None:
    house.gap(4)
    del house.replica.rooms[1]
    await settle()
    assert house.asked == []


async def test_the_newest_page_is_loaded_where_it_is_missing(house: House) -> None:
    house.mender.load(1)
    await settle()
    assert house.told == ["page of 1"]


async def test_a_page_that_never_fits_is_not_asked_for_for_ever(house: House) -> None:
    house.fits = False
    house.mender.load(1)
    await settle()
    assert len(house.asked) == 3


async def test_what_was_not_mended_over_one_connection_is_over_the_next(house: House) -> None:
    other = House()
    other.gap(4)
    broken = asyncio.Event()

    async def never(_: Command) -> Any:
        await broken.wait()

    async with asyncio.TaskGroup() as group:
        lost = group.create_task(other.mender.run(never))
        await settle()
        lost.cancel()
        kept = group.create_task(other.mender.run(other.ask))
        await settle()
        kept.cancel()
    assert other.replica.rooms[1].position == 4
