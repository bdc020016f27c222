"""A conversation without a window, against a real server."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.support.server import Server, serving
from tests.support.waiting import until

from kibitz.client.client import Client
from kibitz.desktop.preferences import Store
from kibitz.desktop.presenters.conversation import Conversation
from kibitz.desktop.presenters.rows import Act, Row, Update
from kibitz.wire.commands import LogIn


class Page:
    """A view that remembers what it was told."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.drawn = 0
        self.largest = 0
        self.told: dict[str, list[tuple[Any, ...]]] = {}

    async def draw(self, update: Update) -> None:
        await asyncio.sleep(0)
        self.drawn += 1
        self.rows = [row for row in self.rows if row.key not in update.removed]
        for behind, row in update.put:
            keys = [one.key for one in self.rows]
            if row.key in keys:
                self.rows[keys.index(row.key)] = row
            else:
                self.rows.insert(0 if behind is None else keys.index(behind) + 1, row)
        self.largest = max(self.largest, len(self.rows))

    @property
    def text(self) -> str:
        return "".join(row.text for row in self.rows)

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *args: self.told.setdefault(name, []).append(args)


class Shell:
    """What a conversation needs of the main window."""

    def __init__(self, client: Client) -> None:
        self.client, self.view = client, Page()
        self.files = self.code = None
        self.tasks: set[asyncio.Task[Any]] = set()

    def begin(self, work: Callable[..., Any], *args: Any) -> None:
        task = asyncio.get_running_loop().create_task(work(*args))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def attempt(self, command: Any) -> Any:
        return await self.client.do(command)


@pytest.fixture
def server(tmp_path: Path) -> Any:
    with serving(tmp_path, "--guests", "--no-rate-limits") as it:
        yield it


@asynccontextmanager
async def opened(server: Server, place: Path, name: str = "ann") -> AsyncIterator[tuple[Conversation, Page]]:
    login, journal = LogIn(name=name), place.parent / f"{name}.jsonl"
    async with Client(server.tcp_url, login, journal=journal) as client:
        shell, page = Shell(client), Page()
        conversation = Conversation(shell, client.room(1), Store(place))  # type: ignore[arg-type]
        conversation.view = page
        with client.feed.listening(conversation.hear):
            await conversation.open()
            await until(lambda: conversation.pages.loaded)
            yield conversation, page
            await conversation.close()
            for task in list(shell.tasks):
                task.cancel()
            await asyncio.gather(*shell.tasks, return_exceptions=True)


async def test_what_is_said_is_shown_once(server: Server, tmp_path: Path) -> None:
    async with opened(server, tmp_path / "ann") as (conversation, page):
        await conversation.send("Good morning")
        await until(lambda: "Good morning" in page.text and "sending" not in page.text)
        assert page.text.count("Good morning") == 1


async def test_a_refused_text_stays_with_why_and_can_be_taken_back(server: Server, tmp_path: Path) -> None:
    async with opened(server, tmp_path / "ann") as (conversation, page):
        await conversation.send("a NUL \x00 in it")
        await until(lambda: "Not sent" in page.text)
        nonce = next(iter(conversation.outgoing.refused))
        await conversation.act(Act("take_back", arg=nonce))
        assert page.told["give_back"] == [("a NUL \x00 in it",)]
        await until(lambda: "Not sent" not in page.text)


async def test_ten_thousand_messages_are_drawn_in_few_steps_and_few_rows(server: Server, tmp_path: Path) -> None:
    async with (
        opened(server, tmp_path / "ann") as (_conversation, page),
        Client(server.tcp_url, LogIn(name="ben")) as ben,
    ):
        for _ in range(4):
            await asyncio.gather(*[ben.post(1, f"number {number}") for number in range(500)])
        await ben.post(1, "the last one")
        await until(lambda: "the last one" in page.text)
        assert page.largest <= 450
        assert page.drawn < 1000


async def test_new_ones_are_counted_while_one_reads_older_ones(server: Server, tmp_path: Path) -> None:
    async with opened(server, tmp_path / "ann") as (conversation, _), Client(server.tcp_url, LogIn(name="ben")) as ben:
        conversation.scrolled(False, False)
        await ben.post(1, "one")
        await ben.post(1, "two")
        await until(lambda: conversation._new == 2)
        conversation.newest()
        assert conversation._new == 0


async def test_a_reset_shows_the_newest_again(server: Server, tmp_path: Path) -> None:
    async with (
        opened(server, tmp_path / "ann") as (conversation, page),
        Client(server.tcp_url, LogIn(name="ben")) as ben,
    ):
        await asyncio.gather(*[ben.post(1, f"number {number}") for number in range(200)])
        await until(lambda: "number 199" in page.text)
        conversation._client.replica.reset(1)
        from kibitz.client.notices import RoomReset  # noqa: PLC0415 - next to its one use

        conversation.hear(RoomReset(1))
        await ben.post(1, "after the reset")
        await until(lambda: "after the reset" in page.text and conversation.pages.timeline.at_end)
        assert "number 199" in page.text
