"""Hocuspocus' envelope: logins of documents, acknowledgements of what is stored, several documents on one socket."""

from pathlib import Path

import pytest
from tests.support.collab import SESSION, desk, serving
from tests.support.stock_client import StockClient
from tests.support.waiting import until
from websockets.asyncio.client import ClientConnection, connect

from kibitz.coedit.access import Access
from kibitz.coedit.hocuspocus import MAX_DOCUMENTS
from kibitz.wire.yjs import hocuspocus, messages
from kibitz.wire.yjs.closing import MALFORMED, UNSAVED
from kibitz.wire.yjs.lib0 import write_string

AT = write_string(str(SESSION))
HELLO = bytes.fromhex("01010100040104636f64650568656c6c6f00")


async def take(client: ClientConnection, count: int) -> list[bytes]:
    return [bytes(await client.recv(decode=False)) for _ in range(count)]


def token(secret: str, at: bytes = AT) -> bytes:
    return at + b"\x02\x00" + write_string(secret) + write_string("4.0.0")


async def test_the_first_minute_of_a_stock_provider_byte_for_byte(tmp_path: Path) -> None:
    async with serving(tmp_path) as it, connect(f"ws://127.0.0.1:{it.port}/hocuspocus") as client:
        await client.send(token("alice"))
        await client.send(AT + messages.sync_step_1(b"\x00"))
        assert await take(client, 3) == [
            AT + hocuspocus.authenticated(can_write=True),
            AT + messages.sync_step_2(b"\x00\x00"),
            AT + messages.sync_step_1(b"\x00"),
        ]
        await client.send(AT + messages.sync_step_2(b"\x00\x00"))
        assert await take(client, 1) == [AT + b"\x08\x01"]
        await client.send(AT + messages.update(HELLO))
        assert await take(client, 2) == [AT + messages.update(HELLO), AT + b"\x08\x01"]
        (row,) = await it.rows()
        assert row.payload == HELLO
        await client.send(b"\x09")
        assert await take(client, 1) == [b"\x0a"]


async def test_both_kinds_of_clients_edit_one_text(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        alice, bob = StockClient(it, "alice"), StockClient(it, "bob", envelope=True)
        for client in (alice, bob):
            client.connect()
        await until(lambda: alice.synced and bob.synced)
        alice.edit(0, 0, "one ")
        bob.edit(0, 0, "two ")
        await until(lambda: alice.text == bob.text and len(bob.text) == 8)
        await until(lambda: bob.unsynced == 0)
        await until(lambda: len(alice.present) == len(bob.present) == 2)


async def test_an_update_is_acknowledged_when_it_is_stored_and_not_before(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        bob = StockClient(it, "bob", envelope=True)
        bob.connect()
        await until(lambda: bob.synced and bob.unsynced == 0)
        for number in range(5):
            bob.edit(number, 0, "x")
        assert bob.unsynced == 5
        stored_when_told: list[int] = []
        hear = bob._hear

        def heard(message: bytes) -> None:
            if message.endswith(b"\x08\x01"):
                stored_when_told.append(it.committer.counters.commits)
            hear(message)

        bob._hear = heard  # type: ignore[method-assign] # to look at the moment
        await until(lambda: bob.unsynced == 0)
        assert len(stored_when_told) == 5
        assert min(stored_when_told) >= 1


async def test_a_reader_is_told_that_it_reads_and_that_its_edits_are_not_taken(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        it.may["bob"] = Access(2, "bob", 2, can_write=False)
        alice, bob = StockClient(it, "alice"), StockClient(it, "bob", envelope=True)
        alice.connect()
        await until(lambda: alice.synced)
        alice.edit(0, 0, "text")
        alice.edit(1, 1, "")
        bob.connect()
        await until(lambda: bob.synced and bob.unsynced == 0)  # what it has, is known
        assert bob.scope == "readonly"
        bob.edit(0, 0, "no")
        await until(lambda: AT + b"\x08\x00" in bob.said)
        assert (bob.unsynced, alice.text) == (1, "txt")
        it.documents.change_access(SESSION, 2, can_write=True)
        await until(lambda: bob.scope == "read-write")
        it.documents.change_access(SESSION, 2, can_write=False)
        await until(lambda: bob.scope == "readonly")


async def test_a_login_that_does_not_hold_refuses_one_document_and_not_the_socket(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        bob = StockClient(it, "bob", envelope=True)
        bob.connect("wrong")
        await until(lambda: bob.denied is not None)
        assert bob.closed is None
        bob.say(b"\x02\x00" + write_string("bob"))
        bob.say(messages.sync_step_1(bob.replica.state()))
        await until(lambda: bob.synced)


async def test_who_is_not_let_in_pays_for_asking_all_the_same(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        bob = StockClient(it, "bob", envelope=True)
        bob.connect("wrong")
        await until(lambda: bob.denied is not None)
        assert it.charged
        it.wait = 0.05
        bob.say(messages.update(HELLO))
        bob.say(messages.update(HELLO))
        assert bob._paused


async def test_who_is_put_out_is_told_and_keeps_the_socket(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        bob = StockClient(it, "bob", envelope=True)
        bob.connect()
        await until(lambda: bob.synced)
        it.documents.change_access(SESSION, 2, None)
        await until(lambda: bob.denied is not None)
        assert bob.closed is None
        assert any(message.startswith(AT + b"\x07") for message in bob.said)
        assert it.documents.present() == set()


async def test_who_leaves_a_document_is_in_it_no_more(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        bob = StockClient(it, "bob", envelope=True)
        bob.connect()
        await until(lambda: bob.synced)
        bob.say(b"\x07" + write_string("bye"))
        assert it.documents.present() == set()
        bob.say(messages.update(HELLO))
        assert bob.closed is None


async def test_several_places_in_one_document_have_addresses_of_their_own(tmp_path: Path) -> None:
    async with serving(tmp_path) as it, connect(f"ws://127.0.0.1:{it.port}/hocuspocus?token=alice") as client:
        one, two = write_string("1\0a"), write_string("1\0b")
        for at in (one, two):
            await client.send(token("", at))
            await client.send(at + messages.sync_step_1(b"\x00"))
            await take(client, 3)
        await client.send(one + messages.update(HELLO))
        heard = set(await take(client, 3))
        assert heard == {one + messages.update(HELLO), two + messages.update(HELLO), one + b"\x08\x01"}


@pytest.mark.parametrize("address", ["page", "-1", "", "1x", "9" * 30])
async def test_a_document_that_is_no_session_is_refused(tmp_path: Path, address: str) -> None:
    async with serving(tmp_path) as it, connect(f"ws://127.0.0.1:{it.port}/hocuspocus") as client:
        await client.send(token("alice", write_string(address)))
        (answer,) = await take(client, 1)
        assert answer.startswith(write_string(address) + b"\x02\x01")


async def test_a_socket_has_only_so_many_documents(tmp_path: Path) -> None:
    async with serving(tmp_path) as it, connect(f"ws://127.0.0.1:{it.port}/hocuspocus") as client:
        for number in range(MAX_DOCUMENTS + 1):
            at = write_string(f"1\0{number}")
            await client.send(token("alice", at))
            (answer,) = await take(client, 1)
            assert answer.startswith(at + (b"\x02\x02" if number < MAX_DOCUMENTS else b"\x02\x01"))


async def test_what_is_malformed_ends_the_socket(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        bob = StockClient(it, "bob", envelope=True)
        bob.connect()
        await until(lambda: bob.synced)
        bob.say_raw(b"\x05x")
        assert bob.closed == MALFORMED


async def test_what_passes_ends_the_socket_so_that_it_comes_back(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        bob = StockClient(it, "bob", envelope=True)
        bob.connect()
        await until(lambda: bob.synced)
        for one in it.documents._rooms[SESSION].peers:
            one.cut(UNSAVED)
        assert bob.closed == UNSAVED
