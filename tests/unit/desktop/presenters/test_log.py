"""Reading a room's log, and moving in it, with a real server."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.support.server import serving

from kibitz.client.client import Client
from kibitz.desktop.presenters.log import PAGE, Log
from kibitz.wire import events as e
from kibitz.wire.code_commands import CreateSession
from kibitz.wire.commands import CreateRoom, LogIn


@pytest.fixture
async def clients(tmp_path: Path) -> AsyncIterator[tuple[Client, Client]]:
    with serving(tmp_path, "--guests", "--no-rate-limits") as server:
        async with Client(server.tcp_url, LogIn(name="ann")) as ann, Client(server.tcp_url, LogIn(name="ben")) as ben:
            yield ann, ben


async def test_it_is_read_from_either_end_and_from_the_middle(clients: tuple[Client, Client]) -> None:
    ann, ben = clients
    await asyncio.gather(*[ben.post(1, f"number {number}") for number in range(250)])
    log = Log(ann, 1)
    newest = await log.newest()
    assert newest.at_end
    assert newest.more
    assert newest.messages[-1].seq == newest.end
    older = await log.before(newest.start)
    assert older.end == newest.start - 1
    assert len(older.messages) == PAGE
    middle = await log.around(100)
    assert middle.start <= 100 <= middle.end
    assert not middle.at_end
    after = await log.after(middle.end)
    assert after.start == middle.end + 1
    assert (await log.before(2)).start == 1


async def test_what_happened_besides_messages_comes_with_them(clients: tuple[Client, Client]) -> None:
    ann, _ = clients
    room = await ann.do(CreateRoom(name="kitchen", members=["ben"]))
    await ann.feed.until(lambda: room.id in ann.replica.rooms)
    await ann.post(room.id, "hello")
    await ann.do(CreateSession(language="python", title="Sorting", access="room", room=room.id))
    newest = await Log(ann, room.id).newest()
    assert {type(one) for one in newest.notes} >= {e.RoomCreated, e.SessionOpened}


async def test_a_message_that_cannot_be_had_is_none(clients: tuple[Client, Client]) -> None:
    ann, _ = clients
    seq = (await ann.post(1, "hello")).seq
    found = await Log(ann, 1).message(seq)
    assert found is not None
    assert found.text == "hello"
    assert await Log(ann, 1).message(9999) is None
