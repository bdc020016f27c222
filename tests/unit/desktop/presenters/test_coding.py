"""Sessions without a window: presenters of two people on a real server, and views that keep what they are told."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest
from tests.support.server import Server, serving
from tests.support.waiting import WAIT

from kibitz.client.client import Client
from kibitz.client.collab import Direct
from kibitz.client.shared_text import Change, SharedText
from kibitz.desktop.presenters.code_shown import NewSession, RunShown, SessionShown
from kibitz.desktop.presenters.coding import Coding
from kibitz.desktop.presenters.desk import Desk, Opened
from kibitz.wire import code_commands as cc
from kibitz.wire.commands import LogIn


class View:
    """A window that keeps what it is told; whatever is not asked about is only counted."""

    def __init__(self) -> None:
        self.sessions: list[SessionShown] = []
        self.runs: list[RunShown] = []
        self.told: dict[str, list[tuple[Any, ...]]] = {}
        self.output = ""

    def show_session(self, session: SessionShown) -> None:
        self.sessions.append(session)

    def show_run(self, run: RunShown, fresh: bool) -> None:
        self.output = "" if fresh else self.output
        self.runs.append(run)

    async def add_output(self, output: Any) -> None:
        self.output += "".join(one.text for one in output)

    def __getattr__(self, name: str) -> Any:
        return lambda *args: self.told.setdefault(name, []).append(args)

    @property
    def session(self) -> SessionShown:
        return self.sessions[-1]

    @property
    def toasts(self) -> str:
        return " ".join(str(one[0]) for one in self.told.get("toast", []))


class Document(Direct):
    """A document that also knows names."""

    def __init__(self, text: SharedText) -> None:
        super().__init__(text)
        self.names: dict[str, int] = {}

    def know(self, people: dict[str, int]) -> None:
        self.names = people


class Shell:
    """As much of the main window as a desk needs."""

    def __init__(self, client: Client, group: asyncio.TaskGroup) -> None:
        self.client, self.view = client, View()
        self._group = group
        self.tasks: list[asyncio.Task[Any]] = []

    def begin(self, work: Callable[..., Any], *args: Any) -> None:
        self.tasks.append(self._group.create_task(work(*args), name="begun"))

    async def attempt(self, command: Any) -> Any:
        return await self.client.do(command)

    def row(self, _: Any) -> Any:
        raise AssertionError("no session here belongs to a conversation")


class Person:
    """Somebody with a desk."""

    def __init__(self, client: Client, group: asyncio.TaskGroup) -> None:
        self.client = client
        self.shell = Shell(client, group)
        self.views: dict[int, View] = {}
        self.codings: dict[int, Coding] = {}
        self.texts: dict[int, SharedText] = {}
        shell: Any = self.shell
        self.view = View()
        asks: Any = self.view
        self.desk = Desk(shell, asks, self._show)

    async def _show(self, coding: Coding) -> Opened:
        view: Any = View()
        text = SharedText(told=coding.edited)
        self.views[coding.id], self.codings[coding.id], self.texts[coding.id] = view, coding, text
        return Opened(view, Document(text), text.client, wide=True)

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(WAIT):
            while not condition():  # noqa: ASYNC110 - what is looked at tells nobody when it changes
                await asyncio.sleep(0.005)


@asynccontextmanager
async def person(server: Server, name: str) -> AsyncIterator[Person]:
    async with Client(server.tcp_url, LogIn(name=name)) as client, asyncio.TaskGroup() as group:
        made = Person(client, group)
        with client.feed.listening(made.desk.hear):
            yield made
            await made.desk.close()
            for task in made.shell.tasks:
                task.cancel()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("server"), "--guests", "--no-rate-limits") as it:
        yield it


async def begin(one: Person, title: str = "T", access: Any = "open") -> int:
    await one.desk.create(NewSession("python", title, access), None)
    session = max(one.codings)
    await one.until(lambda: [line for (line,) in one.views[session].told["show_line"]][-1].tone == "good")
    return session


def ended(view: View, said: str) -> bool:
    return bool(view.runs) and view.runs[-1].state == "ended" and said in view.output


async def test_two_people_edit_and_both_see_the_run(server: Server) -> None:
    async with person(server, "ann") as ann, person(server, "ben") as ben:
        session = await begin(ann)
        await ben.desk.open(session)
        ann.texts[session].edit(Change(0, 0, "print(input())"))
        await ben.until(lambda: ben.texts[session].text == "print(input())")
        await ann.codings[session].run(ann.texts[session].text)
        for one in (ann, ben):
            await one.until(lambda: one.views[session].runs and one.views[session].runs[-1].state == "running")  # noqa: B023
        await ben.codings[session].send_input("hello")
        for one in (ann, ben):
            await one.until(partial(ended, one.views[session], "hello\n"))
        assert ann.views[session].runs[-1].tone == "good"
        assert {one.name for one in ann.views[session].session.people} == {"ann", "ben"}
        await ben.codings[session].send_input("more")
        assert "ended" in ben.views[session].toasts


async def test_a_session_is_handed_over_closed_and_reopened(server: Server) -> None:
    async with person(server, "ann") as ann, person(server, "ben") as ben:
        session = await begin(ann)
        await ben.desk.open(session)
        await ann.codings[session].set_role("ben", "owner")
        await ben.until(lambda: ben.views[session].session.role == "owner")
        await ben.codings[session].close_session()
        await ann.until(lambda: "closed" in ann.views[session].session.why_not)
        await ann.codings[session].set_language("c")
        assert ann.views[session].toasts
        await ben.codings[session].reopen()
        await ann.until(lambda: ann.views[session].session.can_write)
        await ben.codings[session].set_title("Better")
        await ann.until(lambda: ann.views[session].session.title == "Better")
        await ben.codings[session].remove("ann")
        await ann.until(lambda: not ann.views[session].session.can_write)


async def test_who_is_put_out_and_asked_back_goes_on_in_the_same_window(server: Server) -> None:
    async with person(server, "ann") as ann, person(server, "ben") as ben:
        session = await begin(ann)
        await ben.desk.open(session)
        await ben.until(lambda: ben.views[session].told["show_line"][-1][0].tone == "good")
        await ann.codings[session].remove("ben")
        await ben.until(lambda: ben.views[session].told["show_line"][-1][0].tone == "bad")
        assert not ben.views[session].session.can_write
        ann.texts[session].edit(Change(0, 0, "meanwhile"))
        await ann.codings[session].invite(("ben",), "editor")
        await ben.until(lambda: ben.texts[session].text == "meanwhile" and ben.views[session].session.can_write)
        ben.texts[session].edit(Change(0, 0, "# ben\n"))
        await ann.until(lambda: ann.texts[session].text == "# ben\nmeanwhile")


async def test_an_invitation_is_shown_and_answered(server: Server) -> None:
    async with person(server, "ann") as ann, person(server, "ben") as ben:
        session = await begin(ann, "Pointers", "private")
        ann.codings[session].suggest()
        await ann.codings[session].invite(("ben", "zoe"), "viewer")
        assert "ben is invited" in ann.views[session].toasts
        await ben.until(lambda: ben.view.told.get("show_invitation"))
        assert ben.view.told["show_invitation"][0] == (session, "Pointers", "python", "ann")
        await ben.desk.open(session)
        assert "viewer" in ben.views[session].session.why_not
        await ben.desk.browse()
        rows, more, first = ben.view.told["show_sessions"][-1]
        assert session in {row.session for row in rows}
        assert (more, first) == (False, True)
        await ben.codings[session].leave()
        await ann.until(lambda: all(one.name != "ben" or not one.joined for one in ann.views[session].session.people))


async def test_what_was_run_is_listed_shown_again_and_compared(server: Server) -> None:
    async with person(server, "ann") as ann:
        session = await begin(ann)
        coding, view = ann.codings[session], ann.views[session]
        for code in ("print(1)", "print(2)"):
            await coding.run(code)
            await ann.until(lambda: view.runs and view.runs[-1].state == "ended" and code[6] in view.output)  # noqa: B023
        await coding.history.runs()
        rows = view.told["show_runs"][-1][0]
        assert len(rows) == 2
        await coding.history.look_at_run(rows[1].run)
        assert "print(1)" in "".join(part.text for part in view.told["show_text"][-1][1])
        await coding.history.compare(rows[0].run, rows[1].run)
        assert "program: different" in "".join(part.text for part in view.told["show_text"][-1][1])
        await coding.history.run_again(rows[1].run)
        await ann.until(lambda: view.runs[-1].run > rows[0].run)
        await coding.run("   ")
        assert "nothing to run" in view.toasts


async def versions(one: Person, session: int) -> Any:
    await one.codings[session].history.versions()
    return one.views[session].told["show_versions"][-1][0]


async def test_versions_are_listed_looked_at_and_restored(server: Server) -> None:
    async with person(server, "ann") as ann, person(server, "ben") as ben:
        session = await begin(ann)
        ann.texts[session].edit(Change(0, 0, "one"))
        await ben.desk.open(session)
        await ben.until(lambda: ben.texts[session].text == "one")
        ben.texts[session].edit(Change(0, 3, "two"))
        await ann.until(lambda: ann.texts[session].text == "two")
        history, view = ann.codings[session].history, ann.views[session]
        async with asyncio.timeout(WAIT):
            while len(rows := await versions(ann, session)) < 2:  # noqa: ASYNC110 - listed once the moment they were made in is over
                await asyncio.sleep(0.05)
        await history.look_at_version(rows[-1].version)
        assert view.told["show_text"][-1][1][0].text == "one"
        await history.restore(rows[-1].version)
        await ann.until(lambda: ann.texts[session].text == "one")


async def test_a_block_of_a_message_becomes_one_session_however_often_it_is_asked_for(server: Server) -> None:
    async with person(server, "ann") as ann:
        posted = await ann.client.post("#general", "Look:\n```c\nint x;\n```")
        room = next(one.id for one in ann.client.rooms if one.mine.room.kind == "general")
        for _ in range(2):
            await ann.desk.edit_block(room, posted.seq, 0)
        assert len(ann.codings) == 1
        (session,) = ann.codings
        await ann.until(lambda: ann.texts[session].text.strip() == "int x;")
        assert ann.views[session].session.language == "c"
        assert ann.views[session].told["lift_up"]


async def test_after_the_server_was_killed_the_session_is_heard_again(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with serving(tmp_path_factory.mktemp("killed"), "--guests", "--no-rate-limits") as server:
        async with person(server, "ann") as ann:
            session = await begin(ann)
            await asyncio.to_thread(server.kill)
            await ann.until(lambda: not ann.client.connected)
            await ann.codings[session].run("print(1)")
            assert "no connection" in ann.views[session].toasts
            await asyncio.to_thread(server.start)
            await ann.client.do(cc.GetSession(session=session))
            await ann.until(lambda: ann.views[session].told["show_line"][-1][0].tone == "good")
            await ann.codings[session].run("print('again')")
            await ann.until(lambda: "again" in ann.views[session].output)
