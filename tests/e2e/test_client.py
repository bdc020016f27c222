"""The headless client against a real server."""

import asyncio
import os
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import httpx
import pytest

from kibitz.client.backoff import Backoff
from kibitz.client.client import Client
from kibitz.client.errors import Ended, Refused, Untrusted
from kibitz.client.feed import Stream
from kibitz.client.files import Door, download
from kibitz.client.notices import Disconnected, PageJoined, RoomReset
from kibitz.client.trust import Trust
from kibitz.wire.commands import CreateToken, GetMe, LogIn, LogOutEverywhere, PostMessage
from kibitz.wire.events import MessagePosted
from kibitz.wire.results import TokenCreated
from kibitz.wire.views import Message
from tests.support.server import Server, serving

WAYS = ["tcp", "ws"]
ALICE, BOB = LogIn(name="alice"), LogIn(name="bob")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server that takes guests, without rate limits."""
    with serving(tmp_path, "--guests", "--no-rate-limits") as made:
        yield made


def url(server: Server, way: str) -> str:
    return server.tcp_url if way == "tcp" else server.ws_url


def client(
    server: Server, login: LogIn, way: str = "tcp", *, trust: Trust | None = None, journal: Path | None = None
) -> Client:
    """A client that comes back sooner than people would have it."""
    backoff = Backoff(lambda: 0.5, first=0.05, cap=0.2)
    return Client(url(server, way), login, trust=trust, journal=journal, backoff=backoff)


@asynccontextmanager
async def two(server: Server, way: str) -> AsyncIterator[tuple[Client, Client]]:
    async with client(server, ALICE, way) as alice, client(server, BOB, way) as bob:
        yield alice, bob


async def has(who: Client, room: int | str, seq: int) -> None:
    """Wait until a client has a room up to this seq."""
    await who.feed.until(lambda: (held := who.replica.find(room)) is not None and held.position >= seq)


async def whole(who: Client, room: int | str) -> list[Message]:
    """All messages of a room as the server has them."""
    found: list[Message] = []
    after, more = 0, True
    while more:
        page = await who.history(room, after=after, limit=200)
        found += page.messages
        after, more = found[-1].seq if found else 0, page.more_after
    return found


async def notice(stream: Stream, kind: type) -> object:
    async for happening in stream:
        if isinstance(happening, kind):
            return happening
    raise AssertionError(f"no {kind.__name__} came")


# --- talking -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
async def test_what_one_writes_the_other_reads(server: Server, way: str) -> None:
    async with two(server, "ws") as (alice, bob):
        kitchen = await alice.create_room("kitchen", ["bob"], topic="tea")
        first = await alice.post("#kitchen", "hello\n```python\nprint(1)\n```")
        await bob.post(kitchen.id, "yes?", thread=first.seq)
        await bob.react("#kitchen", first.seq, "👍")
        await alice.edit("#kitchen", first.seq, "hello, all")
        slip = await bob.post("#kitchen", "oops")
        deleted = await bob.delete("#kitchen", slip.seq)
        await has(alice, "#kitchen", deleted.seq)
        await has(bob, "#kitchen", deleted.seq)
        assert alice.room("#kitchen").messages == bob.room("#kitchen").messages
        assert list(alice.room("#kitchen").messages.values()) == await whole(bob, "#kitchen")
        held = alice.room("#kitchen").messages[first.seq]
        assert (held.text, held.replies, held.reactions[0].emoji) == ("hello, all", 1, "👍")
        assert alice.room("#kitchen").messages[slip.seq].deleted
        assert [member.user.name for member in await alice.members("#kitchen")] == ["alice", "bob"]


async def test_who_is_here_and_who_is_typing_is_seen(server: Server) -> None:
    async with client(server, ALICE, "tcp") as alice:
        async with client(server, BOB, "ws") as bob:
            assert bob.replica.me is not None
            number = bob.replica.me.id
            await alice.feed.until(lambda: alice.replica.status(number) == "online")
            await bob.typing(1)
            await alice.feed.until(lambda: [user.name for user in alice.replica.typing(1)] == ["bob"])
            await bob.post("#general", "there")
            await alice.feed.until(lambda: alice.replica.typing(1) == [])
        await alice.feed.until(lambda: alice.replica.status(number) == "offline")


async def test_what_one_device_has_read_the_other_knows(server: Server) -> None:
    async with two(server, "tcp") as (alice, bob), client(server, LogIn(token=alice.token), "ws") as phone:
        await bob.post("@alice", "one")
        last = await bob.post("@alice", "two")
        for device in (alice, phone):
            await device.feed.until(partial(unread, device, "@bob", 2))
        await alice.mark_read("@bob", last.seq)
        for device in (alice, phone):
            await device.feed.until(partial(unread, device, "@bob", 0))


def unread(who: Client, room: str, count: int) -> bool:
    held = who.replica.find(room)
    return held is not None and held.mine.unread == count


async def test_older_messages_come_in_page_by_page_until_there_are_none(server: Server) -> None:
    async with client(server, ALICE) as alice:
        for number in range(120):
            await alice.post("#general", str(number))
        async with client(server, BOB) as bob:
            pages = 0
            while await bob.older("#general", limit=50):
                pages += 1
            assert pages == 3
            assert [message.text for message in bob.room(1).messages.values()] == [str(number) for number in range(120)]
            assert not bob.room(1).more_before


async def test_events_are_a_stream_that_ends_with_the_client(server: Server) -> None:
    async with client(server, ALICE) as alice:
        with alice.feed.stream() as stream:
            for text in "abc":
                await alice.post("#general", text)
            await has(alice, 1, 3)
            await alice.close()
            heard = [one.message.text async for one in stream if isinstance(one, MessagePosted)]
    assert heard == ["a", "b", "c"]


async def test_what_the_server_refuses_is_refused_and_nothing_else_stops(server: Server) -> None:
    async with client(server, ALICE) as alice:
        with pytest.raises(Refused) as caught:
            await alice.post("#attic", "anyone?")
        assert caught.value.code == "not_found"
        with pytest.raises(Refused) as caught:
            await alice.post("#general", "x" * 33_000)
        assert caught.value.code == "too_long"
        assert (await alice.post("#general", "still here")).seq == 1


async def test_who_goes_too_fast_waits_and_keeps_the_order(tmp_path: Path) -> None:
    with serving(tmp_path, "--guests") as server:
        async with client(server, ALICE) as alice:
            texts = [str(number) for number in range(130)]
            answers = [alice.outbox.add(PostMessage(room=1, text=text)) for text in texts]
            assert [(await answer).seq for answer in answers] == list(range(1, 131))
            assert [message.text for message in await whole(alice, 1)] == texts


# --- coming back -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
async def test_nothing_is_lost_doubled_or_reordered_when_the_server_is_killed_again_and_again(
    server: Server, way: str
) -> None:
    async with two(server, way) as (alice, bob):
        room = (await alice.create_room("kitchen", ["bob"])).id

        async def talk(who: Client, name: str) -> None:
            for number in range(60):
                await who.post(room, f"{name} {number}")
                if number % 7 == 0:
                    await who.react(room, (await who.post(room, f"{name} again {number}")).seq, "🎉")

        async with asyncio.TaskGroup() as group:
            talking = [group.create_task(talk(alice, "alice")), group.create_task(talk(bob, "bob"))]
            for said in (15, 40, 70):
                await alice.feed.until(lambda: len(alice.room(room).messages) >= said)  # noqa: B023 - awaited at once
                await asyncio.to_thread(server.restart)
            await asyncio.gather(*talking)
        stored = await whole(alice, room)
        for name in ("alice", "bob"):
            said_by_them = [message.text for message in stored if message.sender.name == name]
            wanted = [
                text
                for number in range(60)
                for text in (f"{name} {number}", *([f"{name} again {number}"] if number % 7 == 0 else []))
            ]
            assert said_by_them == wanted
        head = (await alice.history(room, limit=1)).head
        for who in (alice, bob):
            await has(who, room, head)
            assert list(who.room(room).messages.values()) == stored


@pytest.mark.parametrize("way", WAYS)
async def test_events_missed_meanwhile_come_once_and_in_order(server: Server, way: str) -> None:
    async with two(server, way) as (alice, bob):
        with alice.feed.stream() as stream:
            for text in ("one", "two"):
                await bob.post(1, text)
            await asyncio.to_thread(server.restart)
            last = [await bob.post(1, text) for text in ("three", "four")][-1]
            heard: list[int] = []
            async for happening in stream:
                if isinstance(happening, MessagePosted):
                    heard.append(happening.seq)
                    if happening.seq == last.seq:
                        break
        assert heard == [1, 2, 3, 4]


async def test_a_guest_keeps_the_name_over_a_restart(server: Server) -> None:
    async with client(server, ALICE) as alice:
        before, token = alice.replica.me, alice.token
        with alice.feed.stream() as stream:
            await asyncio.to_thread(server.restart)
            await notice(stream, Disconnected)
        await alice.ready()
        assert (alice.replica.me, alice.token) == (before, token)


async def test_an_account_comes_by_its_password_and_a_program_by_its_token(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        account = {"name": "alice", "password": "correct horse battery"}
        async with httpx.AsyncClient() as http:
            (await http.post(f"{server.http}/api/v1/accounts", json=account)).raise_for_status()
        async with client(server, LogIn(name=account["name"], password=account["password"])) as alice:
            made: TokenCreated = await alice.do(CreateToken(name="robot"))
            async with client(server, LogIn(token=made.secret), "ws") as robot:
                assert (await robot.do(GetMe())).name == "alice"
                await asyncio.to_thread(server.restart)
                posted = await robot.post("#general", "beep")
                await has(alice, 1, posted.seq)
        with pytest.raises(Refused) as caught:
            await client(server, LogIn(name="alice", password="wrong")).__aenter__()
        assert caught.value.code == "auth_failed"


async def test_a_room_of_another_history_is_forgotten_and_its_newest_page_loaded(server: Server) -> None:
    async with client(server, ALICE) as alice:
        for number in range(60):
            await alice.post(1, str(number))
        await has(alice, 1, 60)
        with alice.feed.stream() as stream:
            alice.replica.epoch = "as if a backup had been restored"
            await asyncio.to_thread(server.restart)
            assert await notice(stream, RoomReset) == RoomReset(1)
            await notice(stream, PageJoined)
        assert [message.text for message in alice.room(1).messages.values()] == [
            str(number) for number in range(10, 60)
        ]


async def test_a_server_that_stops_tells_its_clients_to_come_back(server: Server) -> None:
    async with two(server, "tcp") as (alice, bob), client(server, LogIn(name="carol"), "ws") as carol:
        with alice.feed.stream() as over_lines, carol.feed.stream() as over_websocket:
            assert await asyncio.to_thread(server.stop) == 0
            for stream in (over_lines, over_websocket):
                told = await notice(stream, Disconnected)
                assert isinstance(told, Disconnected)
                assert "restarting" in told.reason
                assert told.retry_in >= 1.0
        await asyncio.to_thread(server.start)
        posted = await bob.post(1, "we are back")
        await has(alice, 1, posted.seq)
        await has(carol, 1, posted.seq)


@pytest.mark.parametrize("way", WAYS)
async def test_whoever_is_logged_out_stays_away(server: Server, way: str) -> None:
    async with client(server, ALICE, way) as alice:
        with alice.feed.stream() as stream:
            await alice.do(LogOutEverywhere())
            assert [one async for one in stream if isinstance(one, Disconnected)] == []
        with pytest.raises(Ended, match="log in again"):
            await alice.post(1, "me again")


async def test_what_was_not_sent_survives_the_program_and_is_sent_once(server: Server, tmp_path: Path) -> None:
    journal = tmp_path / "unsent.jsonl"
    async with client(server, ALICE, journal=journal) as alice:
        token = alice.token
        await asyncio.to_thread(server.kill)
        waiting = [asyncio.ensure_future(alice.post(1, text)) for text in ("one", "two")]  # noqa: TID251 - awaited below
        await alice.feed.until(lambda: len(alice.outbox) == 2)
    assert all(isinstance(each, Ended) for each in await asyncio.gather(*waiting, return_exceptions=True))
    await asyncio.to_thread(server.start)
    async with client(server, LogIn(token=token), journal=journal) as again:
        await again.post(1, "three")
        assert [message.text for message in await whole(again, 1)] == ["one", "two", "three"]
    async with client(server, LogIn(token=token), journal=journal) as later:
        await later.outbox.drained()
        assert len(await whole(later, 1)) == 3


# --- whom to trust -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
async def test_a_certificate_is_pinned_or_verified_and_nothing_else_will_do(tmp_path: Path, way: str) -> None:
    with serving(tmp_path, "--guests", "--tls-self-signed") as server:
        shown = re.search(r"SHA-256 ([0-9A-F:]{95})", server.errors())
        assert shown
        async with client(server, ALICE, way, trust=Trust(shown[1])) as alice:
            (tmp_path / "plan.txt").write_bytes(b"plan")
            sent = await alice.upload("#general", tmp_path / "plan.txt")
            await alice.download(sent.file_id, tmp_path / "copy.txt")
            assert (tmp_path / "copy.txt").read_bytes() == b"plan"
        for trust in (Trust(), Trust("00" * 32)):
            with pytest.raises(Untrusted):
                await client(server, BOB, way, trust=trust).__aenter__()
            with pytest.raises(Untrusted):
                await download(Door(server.http, "a token nobody else may see", trust), 1, tmp_path / "none")


# --- files -------------------------------------------------------------------------------------------------------------------


async def test_a_file_goes_up_and_down_to_every_kind_of_room(server: Server, tmp_path: Path) -> None:
    plan = tmp_path / "the plan, in «quotes».txt"
    plan.write_bytes(b"plan " * 200_000)
    async with two(server, "ws") as (alice, bob):
        kitchen = await alice.create_room("kitchen", ["bob"])
        note = await alice.post("@bob", "look:")
        await has(bob, "@alice", note.seq)
        for room in ("#general", kitchen.id, "@bob", alice.room("@bob").id):
            sent = await alice.upload(room, plan)
            assert (sent.filename, sent.file_size) == (plan.name, 1_000_000)
            await bob.download(sent.file_id, tmp_path / "copy")
            assert (tmp_path / "copy").read_bytes() == plan.read_bytes()
        assert {message.file.name for message in await whole(bob, 1) if message.file} == {plan.name}


async def test_a_file_that_is_refused_leaves_nothing_and_says_why(tmp_path: Path) -> None:
    with serving(tmp_path, "--guests", "--max-file-size", "1MB") as server:
        async with client(server, ALICE) as alice:
            (tmp_path / "film").write_bytes(bytes(20_000_000))
            with pytest.raises(Refused) as caught:
                await alice.upload("#general", tmp_path / "film")
            assert caught.value.code == "too_large"
            with pytest.raises(Refused) as caught:
                await alice.download(1, tmp_path / "copy")
            assert caught.value.code == "not_found"
            assert sorted(os.listdir(tmp_path)) == ["data", "film"]


async def test_an_upload_that_a_crash_breaks_is_shared_once(server: Server, tmp_path: Path) -> None:
    (tmp_path / "film").write_bytes(bytes(30_000_000))
    async with client(server, ALICE) as alice:
        async with asyncio.TaskGroup() as group:
            going_up = group.create_task(alice.upload("#general", tmp_path / "film"))
            await asyncio.sleep(0)
            await asyncio.to_thread(server.restart)
            sent = await going_up
        assert [message.file.id for message in await whole(alice, 1) if message.file] == [sent.file_id]


async def test_questions_that_are_under_way_when_the_server_dies_are_answered_by_the_next(server: Server) -> None:
    async with client(server, ALICE) as alice:
        await alice.post(1, "hello")
        async with asyncio.TaskGroup() as group:
            asked = [group.create_task(alice.history(1)) for _ in range(50)]
            await asyncio.to_thread(server.restart)
        assert {answer.result().head for answer in asked} == {1}
