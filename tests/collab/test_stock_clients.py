"""Stock clients of npm edit with one another: y-websocket's, Hocuspocus', and whoever sends whole texts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from kibitz.coedit.access import Access
from kibitz.domain.errors import Refusal
from kibitz.wire.closing import SHUTDOWN
from tests.collab.stock import Node, Stock, stock_clients
from tests.support.collab import SESSION, Desk, serving
from tests.support.waiting import until

BOTH = ["y-websocket", "hocuspocus"]
END = 1 << 30
"""A position that is after any text."""

TEXT = "def hello():\n    return '👩‍👩‍👧 é e\u0301 漢字'\n"


@asynccontextmanager
async def stage(directory: Path) -> AsyncIterator[tuple[Desk, Node]]:
    async with serving(directory) as it, stock_clients(f"ws://127.0.0.1:{it.port}") as node:
        yield it, node


async def names(client: Stock) -> list[str]:
    return [state["name"] for state in await client.do("present") if "name" in state]


@pytest.mark.parametrize("first", BOTH)
@pytest.mark.parametrize("second", BOTH)
async def test_two_stock_clients_edit_one_text(tmp_path: Path, first: str, second: str) -> None:
    async with stage(tmp_path) as (it, node):
        alice, bob = await node.synced(first, "alice"), await node.synced(second, "bob")
        await alice.edit(0, added=TEXT)
        await bob.until("read", TEXT)
        await asyncio.gather(alice.edit(0, added="# alice\n"), bob.edit(END, added="# bob 😀\n"))
        whole = f"# alice\n{TEXT}# bob 😀\n"
        await alice.until("read", whole)
        await bob.until("read", whole)
        for client in (alice, bob):
            await client.until("unsynced", 0)
        with await it.documents.open(SESSION) as document:
            assert document.text == whole
            await document.saved()
        assert {row.user for row in await it.rows()} == {1, 2}


@pytest.mark.parametrize("kind", BOTH)
async def test_what_was_written_offline_is_there_for_everyone_after(tmp_path: Path, kind: str) -> None:
    async with stage(tmp_path) as (_, node):
        alice, bob = await node.synced(kind, "alice"), await node.synced("y-websocket", "bob")
        await alice.edit(0, added="one\n")
        await bob.until("read", "one\n")
        await alice.do("leave")
        await alice.edit(4, added="two\n")
        await bob.edit(0, added="zero\n")
        await alice.do("enter")
        await alice.until("read", "zero\none\ntwo\n")
        await bob.until("read", "zero\none\ntwo\n")
        await alice.until("unsynced", 0)


@pytest.mark.parametrize("kind", BOTH)
async def test_who_is_cut_off_comes_back_by_itself(tmp_path: Path, kind: str) -> None:
    async with stage(tmp_path) as (_, node):
        alice, bob = await node.synced(kind, "alice"), await node.synced("y-websocket", "bob")
        await alice.do("cut")
        await bob.edit(0, added="while you were away")
        await alice.until("read", "while you were away")


@pytest.mark.parametrize("kind", BOTH)
async def test_everyone_sees_who_comes_moves_leaves_and_comes_back(tmp_path: Path, kind: str) -> None:
    async with stage(tmp_path) as (_, node):
        alice, bob = await node.synced(kind, "alice"), await node.synced("y-websocket", "bob")
        await alice.do("say", state={"name": "alice"})
        await bob.do("say", state={"name": "bob"})
        for client in (alice, bob):
            await client.until_that("present", lambda there: {one.get("name") for one in there} == {"alice", "bob"})
        carol = await node.synced("hocuspocus", "carol")
        await carol.until_that("present", lambda there: {"alice", "bob"} <= {one.get("name") for one in there})
        await alice.do("cut")
        await bob.until_that("present", lambda there: "alice" not in {one.get("name") for one in there})
        await alice.until("synced", True)
        await alice.do("say", state={"name": "alice", "cursor": 1})
        await bob.until_that(
            "present", lambda there: {"name": "alice", "cursor": 1} in [without_id(one) for one in there]
        )
        await alice.do("leave")
        await bob.until_that("present", lambda there: "alice" not in {one.get("name") for one in there})
        assert "bob" in await names(carol)


def without_id(state: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in state.items() if name != "client"}


async def test_a_reader_reads_and_what_it_writes_stays_with_it(tmp_path: Path) -> None:
    async with stage(tmp_path) as (it, node):
        it.may["bob"] = Access(2, "bob", 2, can_write=False)
        it.may["carol"] = Access(3, "carol", 3, can_write=False)
        alice = await node.synced("y-websocket", "alice")
        bob, carol = await node.synced("y-websocket", "bob"), await node.synced("hocuspocus", "carol")
        await alice.edit(0, added="text")
        await bob.until("read", "text")
        await carol.until("read", "text")
        await carol.until("unsynced", 0)
        await bob.edit(0, added="no ")
        await carol.edit(0, added="no ")
        await alice.edit(4, added="!")
        await bob.until("read", "no text!")
        await carol.until("read", "no text!")
        assert await alice.text() == "text!"
        assert await carol.do("unsynced") == 1
        assert ["authenticated", "readonly"] in await carol.do("log")


@pytest.mark.parametrize(
    ("token", "document", "code"),
    [("nobody", "1", 4401), ("alice", "2", 4404), ("bob", "1", 4403), ("carol", "1", 4410)],
)
async def test_who_is_not_let_in_is_told_and_does_not_try_again(
    tmp_path: Path, token: str, document: str, code: int
) -> None:
    async with stage(tmp_path) as (it, node):
        it.may["bob"] = Refusal("forbidden", "This session is private.")
        it.may["carol"] = Refusal("gone", "This session was closed.")
        client = await node.open("y-websocket", token, document)
        await client.until_that("log", lambda log: ["closed", code] in log)
        provider = await node.open("hocuspocus", token, document)
        await provider.until_that("log", lambda log: any(event == "denied" for event, _ in log))


async def test_who_is_put_out_is_out_at_once(tmp_path: Path) -> None:
    async with stage(tmp_path) as (it, node):
        alice = await node.synced("y-websocket", "alice")
        bob, carol = await node.synced("y-websocket", "bob"), await node.synced("hocuspocus", "carol")
        for user in (2, 3):
            it.documents.change_access(SESSION, user, None)
        await bob.until_that("log", lambda log: ["closed", 4403] in log)
        await carol.until_that("log", lambda log: any(event == "denied" for event, _ in log))
        await bob.edit(0, added="b")
        await carol.edit(0, added="c")
        await alice.edit(0, added="a")
        await until(lambda: it.documents._rooms[SESSION].document.text == "a")


async def test_a_server_that_stops_is_come_back_to(tmp_path: Path) -> None:
    async with stage(tmp_path) as (it, node):
        clients = [await node.synced(kind, "alice") for kind in BOTH]
        for session in list(it.open):
            session.end(SHUTDOWN)
        for client in clients:
            await client.until_that("log", lambda log: any(event in {"closed", "disconnected"} for event, _ in log))
        await clients[0].edit(0, added="back")
        await clients[1].until("read", "back")


async def test_a_whole_text_from_elsewhere_is_merged_with_what_is_typed(tmp_path: Path) -> None:
    async with stage(tmp_path) as (it, node):
        alice = await node.synced("y-websocket", "alice")
        with await it.documents.open(SESSION, watch=True) as document:
            base = await document.replace("one\ntwo 😀\nthree\n", 0, 2)
            await alice.until("read", "one\ntwo 😀\nthree\n")
            await alice.edit(0, added="zero\n")
            await document.replace("one\n2 😀\nthree\n", base, 2)
            await alice.until("read", "zero\none\n2 😀\nthree\n")
            await until(lambda: bool(it.changes) and it.changes[-1].text == "zero\none\n2 😀\nthree\n")


async def test_an_edit_that_cuts_a_character_is_refused_and_nobody_else_is_harmed(tmp_path: Path) -> None:
    async with stage(tmp_path) as (_, node):
        alice, bob = await node.synced("y-websocket", "alice"), await node.synced("y-websocket", "bob")
        await alice.edit(0, added="a😀b")
        await bob.until("read", "a😀b")
        await bob.edit(1, removed=1)
        await bob.until_that("log", lambda log: ["closed", 4422] in log)
        await alice.edit(4, added="!")
        carol = await node.synced("y-websocket", "carol")
        assert await carol.text() == "a😀b!"


async def test_three_providers_of_one_document_share_a_socket_s_worth_of_edits(tmp_path: Path) -> None:
    async with stage(tmp_path) as (_, node):
        clients = [await node.synced("hocuspocus", "alice", session=True) for _ in range(3)]
        for number, client in enumerate(clients):
            await client.edit(0, added=str(number))
        for client in clients:
            await client.until_that("read", lambda text: sorted(text) == ["0", "1", "2"])
            await client.until("unsynced", 0)


async def test_twenty_who_type_at_once_all_end_with_the_same(tmp_path: Path) -> None:
    async with stage(tmp_path) as (it, node):
        clients = [await node.synced(BOTH[number % 2], "alice") for number in range(20)]
        for round_ in range(5):
            await asyncio.gather(
                *[client.edit(round_ * number, added=f"{number}é ") for number, client in enumerate(clients)]
            )
        expected = sum(len(f"{number}é ") for number in range(20)) * 5
        for client in clients:
            await client.until_that("read", lambda text: len(text) == expected)
            await client.until("unsynced", 0)
        assert len({await client.text() for client in clients}) == 1
        with await it.documents.open(SESSION) as document:
            assert document.text == await clients[0].text()
