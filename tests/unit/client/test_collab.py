"""A document that stays the same here and on a real server, whatever happens to the connection in between."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.collab.stock import Stock, stock_clients
from tests.support.server import Server, serving
from tests.support.waiting import WAIT

from kibitz.client.client import Client
from kibitz.client.collab import Collab, Direct, Line
from kibitz.client.errors import Untrusted
from kibitz.client.files import Door
from kibitz.client.shared_text import Change, SharedText
from kibitz.client.trust import Trust
from kibitz.wire import code_commands as cc
from kibitz.wire.commands import LogIn
from kibitz.wire.results import SessionJoined


class Person:
    """Somebody with a copy of a session's text, and a connection that keeps it."""

    def __init__(self, client: Client, session: int, door: Callable[[], Any] | None = None) -> None:
        self.client, self.session = client, session
        self.lines: list[Line] = []
        self.text = SharedText(told=self._told)
        self.direct = Direct(self.text)
        self.collab = Collab(session, self.text.client, door or client.door, self.direct, self.lines.append)

    def type(self, added: str, at: int | None = None, removed: int = 0) -> None:
        self.text.edit(Change(len(self.text.text) if at is None else at, removed, added))

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(WAIT):
            while not condition():  # noqa: ASYNC110 - what is looked at is a text, and tells nobody when it changes
                await asyncio.sleep(0.005)

    @property
    def peers(self) -> set[str]:
        return {peer.name for peer in self.direct.peers}

    def _told(self, update: bytes) -> None:
        self.collab.update(update)


@asynccontextmanager
async def person(server: Server, name: str, session: int | None = None, **how: Any) -> AsyncIterator[Person]:
    """Somebody who is in a session, a new one where none is named."""
    async with Client(server.tcp_url, LogIn(name=name), **how) as client:
        command = cc.CreateSession(language="python") if session is None else cc.JoinSession(session=session)
        joined: SessionJoined = await client.do(command)
        made = Person(client, joined.session.id)
        async with asyncio.TaskGroup() as group:
            running = group.create_task(made.collab.run(), name="collab")
            try:
                yield made
            finally:
                await made.collab.leave()
                running.cancel()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("server"), "--guests", "--no-rate-limits") as it:
        yield it


async def test_two_people_edit_one_text_and_see_each_other(server: Server) -> None:
    async with person(server, "ann") as ann, person(server, "ben", ann.session) as ben:
        ann.type("print('😀')\n")
        await ben.until(lambda: ben.text.text == "print('😀')\n")
        ben.type("# ben\n", at=0)
        await ann.until(lambda: ann.text.text == "# ben\nprint('😀')\n")
        for one, name in ((ann, "ann"), (ben, "ben")):
            one.collab.say({"user": {"name": name, "color": "#2f5bb7"}})
        await ann.until(lambda: ann.peers == {"ben"})
        await ben.until(lambda: ben.peers == {"ann"})
        assert ann.lines[0] == Line("live")


async def test_who_leaves_is_gone_and_what_they_typed_last_is_there(server: Server) -> None:
    async with person(server, "ann") as ann:
        async with person(server, "ben", ann.session) as ben:
            await ben.until(lambda: ben.lines)
            ben.collab.say({"user": {"name": "ben"}})
            await ann.until(lambda: ann.peers == {"ben"})
            ben.type("bye")
        await ann.until(lambda: ann.text.text == "bye" and not ann.peers)


async def test_a_stock_client_and_this_one_share_text_and_cursors(server: Server) -> None:
    async with (
        person(server, "ann") as ann,
        stock_clients(server.ws_url) as node,
        person(server, "ben", ann.session) as ben,
    ):
        stock = await node.synced("y-websocket", str(ben.client.token), document=str(ann.session))
        await stock.edit(0, added="漢é|hello😀w\nx")
        await ann.until(lambda: len(ann.text.text) == 12 and ann.lines)
        for at in range(13):
            await see_each_other(ann, stock, at)


async def see_each_other(ann: Person, stock: Stock, at: int) -> None:
    """Both put their cursors there, and see the other's."""
    where = ann.text.anchor(at).to_yjs()
    ann.collab.say({"user": {"name": "ann"}, "cursor": {"anchor": where, "head": where}})
    units = len(ann.text.text[:at].encode("utf-16-le")) // 2
    await stock.until_that("cursors", lambda seen: ["ann", units, units] in seen)
    await stock.do("select", anchor=units, head=units)
    await ann.until(lambda: {ann.text.place(one.head) for one in ann.direct.peers if one.head} == {at})


async def test_edits_made_while_the_server_is_gone_are_merged_when_it_is_back(tmp_path: Path) -> None:
    with serving(tmp_path, "--guests", "--no-rate-limits") as server:
        async with person(server, "ann") as ann, person(server, "ben", ann.session) as ben:
            ann.type("middle\n")
            await ben.until(lambda: ben.text.text == "middle\n")
            await asyncio.to_thread(server.kill)
            await ann.until(lambda: ann.lines[-1].state == "down")
            ann.type("ann 😀\n", at=0)
            ben.type("ben\n")
            assert ann.lines[-1].reason
            await asyncio.to_thread(server.start)
            await ann.until(lambda: ann.text.text == "ann 😀\nmiddle\nben\n")
            await ben.until(lambda: ben.text.text == ann.text.text)
            assert ann.lines[-1] == Line("live")


async def test_what_is_typed_while_both_sides_say_what_they_have_is_sent(server: Server) -> None:
    async with person(server, "ann") as ann, person(server, "ben", ann.session) as ben:
        for number in range(200):  # from the first moment of the connection on
            ann.type(f"{number}\n")
            await asyncio.sleep(0)
        await ben.until(lambda: ben.text.text == ann.text.text)


async def test_whoever_may_not_come_in_is_told_why_and_does_not_try_again(server: Server) -> None:
    async with person(server, "ann") as ann, Client(server.tcp_url, LogIn(name="carol")) as carol:
        outsider = Person(carol, ann.session)
        assert (
            await asyncio.wait_for(outsider.collab.run(), WAIT) == "This session is not, or not any more, open to you."
        )
        assert outsider.lines[-1].state == "ended"

        async def stolen() -> Door:
            return Door((await carol.door()).url, "kibitz_wrong", Trust())

        stranger = Person(carol, ann.session, stolen)
        assert "log in again" in await asyncio.wait_for(stranger.collab.run(), WAIT)


async def test_whoever_is_put_out_is_told_so(server: Server) -> None:
    async with person(server, "ann") as ann, person(server, "ben", ann.session) as ben:
        await ben.until(lambda: ben.lines)
        await ann.client.do(cc.RemoveParticipant(session=ann.session, user="ben"))
        await ben.until(lambda: ben.lines[-1].state == "ended")
        assert "not any more" in ben.lines[-1].reason


async def test_a_server_with_another_certificate_is_told_no_token(tmp_path: Path) -> None:
    with serving(tmp_path, "--guests", "--tls-self-signed") as server:
        said = server.errors()
        async with Client(
            server.tcp_url, LogIn(name="ann"), trust=Trust(re.findall(r"SHA-256 ([0-9a-f:]+)", said, re.IGNORECASE)[0])
        ) as client:
            joined: SessionJoined = await client.do(cc.CreateSession(language="python"))

            async def door() -> Door:
                real = await client.door()
                return Door(real.url, real.token, Trust("0" * 64))

            stranger = Person(client, joined.session.id, door)
            assert "another certificate" in await asyncio.wait_for(stranger.collab.run(), WAIT)
            friend = Person(client, joined.session.id)
            async with asyncio.TaskGroup() as group:
                running = group.create_task(friend.collab.run(), name="collab")
                await friend.until(lambda: friend.lines == [Line("live")])
                running.cancel()


def test_a_certificate_that_is_not_the_pinned_one_is_an_error_of_its_own() -> None:
    with pytest.raises(Untrusted):
        Trust("0" * 64).check(None)
