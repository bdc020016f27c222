"""The main window's behaviour, against a real server."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from zlib import crc32

import pytest
from tests.support.desktop import Sitting, sitting
from tests.support.server import Server, serving
from tests.support.waiting import until

from kibitz.client.client import Client
from kibitz.client.errors import ClientError
from kibitz.desktop.presenters.tabs import OpenTabs
from kibitz.wire import commands as c
from kibitz.wire.commands import LogIn


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("shell"), "--guests", "--no-rate-limits") as made:
        yield made


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """A name of one's own in every test, since the server is the same."""
    return f"ann{crc32(request.node.name.encode())}"


@pytest.fixture
async def ann(server: Server, name: str) -> AsyncIterator[Sitting]:
    async with sitting(server, name) as made:
        yield made


class Kept:
    """Tabs that are remembered here."""

    def __init__(self, tabs: OpenTabs | None = None) -> None:
        self.tabs = tabs

    def load(self) -> OpenTabs | None:
        return self.tabs

    def save(self, tabs: OpenTabs) -> None:
        self.tabs = tabs


async def group(ann: Sitting, name: str, **more: object) -> int:
    room = await ann.client.create_room(name, **more)  # type: ignore[arg-type] # a test's own words
    await until(lambda: room.id in ann.client.replica.rooms)
    return room.id


# --- conversations -----------------------------------------------------------------------------------------------------


async def test_the_general_channel_is_in_front_at_first_and_everyone_is_listed(ann: Sitting, name: str) -> None:
    tabs, active = ann.view.last("show_tabs")
    assert [tab.title for tab in tabs] == ["general"]
    assert active == ann.room("general")
    people, more, here = await ann.view.until("show_people", lambda people, *_: people)
    assert [row.name for row in people if row.me] == [name]
    assert (more, here) == (0, len(people))
    assert ann.view.last("show_me")[0].name == name


async def test_a_new_group_is_listed_with_what_is_unread_and_opened_once(ann: Sitting, name: str) -> None:
    room = await group(ann, f"kitchen {name}")
    rows, _, _ = await ann.view.until("show_rooms", lambda rows, *_: len(rows) == 2)
    assert [(row.kind, row.private) for row in rows] == [("general", False), ("group", True)]
    await asyncio.gather(ann.shell.open_room(room), ann.shell.open_room(room))
    _, active = await ann.view.until("show_tabs", lambda tabs, _: len(tabs) == 2)
    assert active == room
    assert ann.conversations[room].focused
    assert not ann.conversations[ann.room("general")].focused


async def test_what_is_said_elsewhere_is_counted_and_calls_stand_out(ann: Sitting, name: str, server: Server) -> None:
    async with Client(server.tcp_url, LogIn(name=f"ben{name}")) as ben:
        room = await group(ann, f"kitchen {name}", members=[f"ben{name}"])
        await ben.feed.until(lambda: room in ben.replica.rooms)
        await ben.post(room, f"hello @{name}")
        rows, _, _ = await ann.view.until("show_rooms", lambda rows, *_: any(row.mentions for row in rows))
        assert [(row.unread, row.mentions) for row in rows if row.room == room] == [(1, 1)]


async def test_closing_a_tab_ends_its_conversation_and_it_can_be_brought_back(ann: Sitting, name: str) -> None:
    room = await group(ann, f"kitchen {name}")
    await ann.shell.open_room(room)
    closed = ann.conversations[room]
    await ann.shell.close_front()
    assert closed.closed
    assert ann.view.last("remove_page") == (room,)
    assert ann.shell.active == ann.room("general")
    await ann.shell.reopen_tab()
    await ann.view.until("show_tabs", lambda _, active: active == room)
    assert ann.conversations[room] is not closed


async def test_tabs_are_moved_and_gone_through(ann: Sitting, name: str) -> None:
    general, room = ann.room("general"), await group(ann, f"kitchen {name}")
    await ann.shell.open_room(room)
    ann.shell.move_front(-1)
    await ann.view.until("show_tabs", lambda tabs, _: [tab.room for tab in tabs] == [room, general])
    ann.shell.show_beside(1)
    assert ann.shell.active == general
    ann.shell.show_number(1)
    assert ann.shell.active == room
    ann.shell.show_number(7)
    assert ann.shell.active == room


async def test_a_private_chat_is_made_where_there_is_none_and_found_where_there_is(
    ann: Sitting, name: str, server: Server
) -> None:
    async with Client(server.tcp_url, LogIn(name=f"ben{name}")):
        await ann.shell.open_direct(f"ben{name}")
        rows, _, _ = await ann.view.until("show_rooms", lambda rows, *_: any(row.status == "online" for row in rows))
        direct = next(row for row in rows if row.kind == "direct")
        assert direct.title == f"ben{name}"
        await ann.shell.open_direct(f"ben{name}")
        assert ann.shell.active == direct.room


async def test_a_private_chat_with_nobody_is_refused_in_words(ann: Sitting) -> None:
    await ann.shell.open_direct("nobody-at-all")
    text, tone = ann.view.last("toast")
    assert tone == "danger"
    assert "nobody-at-all" in text


async def test_whoever_is_put_out_of_a_group_is_told_and_its_tab_closes(
    ann: Sitting, name: str, server: Server
) -> None:
    async with Client(server.tcp_url, LogIn(name=f"ben{name}")) as ben:
        room = (await ben.create_room(f"kitchen {name}", [name])).id
        text, _ = await ann.view.until("toast", lambda text, _: "brought you" in text)
        assert f"kitchen {name}" in text
        await ann.shell.open_room(room)
        await ann.view.until("show_tabs", lambda tabs, _: len(tabs) == 2)
        await ben.do(c.RemoveMember(room=room, user=name))
        await ann.view.until("toast", lambda text, _: f"not in “kitchen {name}”" in text)
        await ann.view.until("show_tabs", lambda tabs, _: len(tabs) == 1)
        assert ann.conversations[room].closed


# --- coming back -------------------------------------------------------------------------------------------------------


async def test_open_tabs_their_order_and_the_one_in_front_are_remembered(server: Server, name: str) -> None:
    kept = Kept()
    async with sitting(server, name, store=kept) as ann:
        room = await group(ann, f"kitchen {name}")
        await ann.shell.open_room(room)
        ann.shell.move_front(-1)
        general = ann.room("general")
        await until(lambda: kept.tabs == OpenTabs([room, general], room))
    kept = Kept(OpenTabs([999_999, general], 999_999))
    async with sitting(server, f"x{name}", store=kept) as ann:
        tabs, active = ann.view.last("show_tabs")
        assert [tab.room for tab in tabs] == [general]
        assert active == general


async def test_tabs_that_are_not_looked_at_are_not_loaded(server: Server, name: str) -> None:
    async with sitting(server, name) as ann:
        room = await group(ann, f"kitchen {name}")
        general = ann.room("general")
        ann.shell.tabs.restore(OpenTabs([room, general], general), ann.client.replica.rooms)
        assert room not in ann.conversations
        ann.shell.show_room(room)
        await until(lambda: room in ann.conversations and ann.conversations[room].focused)


# --- the side bar ------------------------------------------------------------------------------------------------------


async def test_a_search_shows_what_it_finds_and_enter_opens_the_first(ann: Sitting, name: str) -> None:
    room = await group(ann, f"kitchen {name}")
    ann.shell.search("kit")
    rows, _, _ = await ann.view.until("show_rooms", lambda rows, _, needle: needle == "kit")
    assert [row.room for row in rows] == [room]
    await ann.shell.open_found("kit")
    assert ann.shell.active == room
    ann.shell.search("")
    await ann.view.until("show_rooms", lambda rows, *_: len(rows) == 2)


async def test_being_away_is_shown_to_everyone(ann: Sitting, name: str, server: Server) -> None:
    async with Client(server.tcp_url, LogIn(name=f"ben{name}")) as ben:
        await ann.shell.set_status("away")
        me = ann.client.replica.me
        assert me is not None
        await ben.feed.until(lambda: ben.replica.status(me.id) == "away")
        assert ann.view.last("show_me")[0].status == "away"


async def test_members_are_shown_of_groups_only(ann: Sitting, name: str, server: Server) -> None:
    room = await group(ann, f"kitchen {name}")
    await ann.shell.show_members(room)
    assert ann.windows == [("members", room)]
    async with Client(server.tcp_url, LogIn(name=f"ben{name}")):
        await ann.shell.open_direct(f"ben{name}")
        await ann.shell.show_members()
    assert ann.windows == [("members", room)]
    assert ann.view.last("toast")[1] == "info"


async def test_code_sessions_are_looked_through_where_there_are_some(ann: Sitting) -> None:
    await ann.shell.browse_code()
    assert "code sessions" in ann.view.last("toast")[0]


# --- the line ----------------------------------------------------------------------------------------------------------


async def test_a_line_that_is_down_is_told_until_it_is_up_again(tmp_path: Path) -> None:
    with serving(tmp_path, "--guests", "--no-rate-limits") as server:
        async with sitting(server, "ann") as ann:
            await asyncio.to_thread(server.kill)
            (banner,) = await ann.view.until("show_banner", lambda banner: banner is not None)
            assert "kept and sent later" in banner.text
            with pytest.raises(ClientError, match="does not answer"):
                await carried_out_in_no_time(ann)
            await asyncio.to_thread(server.start)
            ann.shell.try_now()
            await ann.view.until("show_banner", lambda banner: banner is None)


async def carried_out_in_no_time(ann: Sitting) -> None:
    from kibitz.desktop.presenters import shell  # noqa: PLC0415 - its patience is cut short here alone

    before, shell.DIALOG_SECONDS = shell.DIALOG_SECONDS, 0.05  # type: ignore[misc] # final for everyone else
    try:
        await ann.shell.carry_out(c.GetMe())
    finally:
        shell.DIALOG_SECONDS = before  # type: ignore[misc] # the same


async def test_what_takes_its_time_is_told_and_what_does_not_is_not(
    ann: Sitting, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ann.shell.doing("Quick…"):
        pass
    monkeypatch.setattr("kibitz.desktop.presenters.shell.PATIENCE_SECONDS", 0.0)
    with ann.shell.doing("Slow…"):
        await ann.view.until("show_doing", lambda what: what == "Slow…")
    assert ann.view.of("show_doing") == [("Slow…",), ("",)]


async def test_logging_out_ends_the_login_on_the_server_and_says_nothing(server: Server, name: str) -> None:
    async with Client(server.tcp_url, LogIn(name=name)) as client, asyncio.TaskGroup() as tasks:
        ann = Sitting(client, tasks)
        living = tasks.create_task(ann.shell.live())
        await ann.view.until("show_tabs", lambda _, active: active is not None)
        token = client.token
        await ann.shell.log_out()
        assert await living == ""
        assert ann.view.last("close") == ()
        assert all(one.closed for one in ann.conversations.values())
    with pytest.raises(ClientError):
        async with Client(server.tcp_url, LogIn(token=token)):
            pass


async def test_logging_out_everywhere_says_so(server: Server, name: str) -> None:
    async with Client(server.tcp_url, LogIn(name=name)) as client, asyncio.TaskGroup() as tasks:
        ann = Sitting(client, tasks)
        living = tasks.create_task(ann.shell.live())
        await ann.view.until("show_tabs", lambda _, active: active is not None)
        await ann.shell.log_out_everywhere()
        assert await living == "You are logged out everywhere."
