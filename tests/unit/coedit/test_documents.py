"""The documents in memory: loaded once, let go of in time, cut off at once."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from tests.support.collab import SESSION, desk
from tests.support.stock_client import StockClient
from tests.support.waiting import until

from kibitz.coedit import documents as module
from kibitz.coedit import history
from kibitz.domain.errors import Refusal
from kibitz.storage import documents as stored
from kibitz.wire.closing import RESTORED
from kibitz.wire.yjs.closing import NOT_LOGGED_IN


async def test_a_document_is_loaded_once_however_many_ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loads = 0
    load = history.load

    def counted(*args: object) -> history.Loaded:
        nonlocal loads
        loads += 1
        return load(*args)  # type: ignore[arg-type] # handed on as they came

    monkeypatch.setattr(history, "load", counted)
    async with desk(tmp_path) as it:
        leases = await asyncio.gather(*[it.documents.open(SESSION) for _ in range(10)])
        assert loads == 1
        assert len({id(lease.document) for lease in leases}) == 1


async def test_what_nobody_needs_is_let_go_of_after_a_while_and_read_again(tmp_path: Path) -> None:
    async with desk(tmp_path, grace=0.0) as it:
        with await it.documents.open(SESSION) as document:
            await document.replace("kept", 0, 1)
            await it.documents.tend()
            assert len(it.documents) == 1
        await it.documents.tend()
        assert len(it.documents) == 0
        with await it.documents.open(SESSION) as again:
            assert again is not document
            assert (again.text, again.version) == ("kept", 1)


async def test_a_document_stays_while_a_client_is_there_and_for_a_while_after(tmp_path: Path) -> None:
    async with desk(tmp_path, grace=3600.0) as it:
        alice = StockClient(it, "alice")
        alice.connect()
        await until(lambda: alice.synced)
        alice.disconnect()
        await it.documents.tend()
        assert len(it.documents) == 1
        it.documents._grace = 0.0
        alice.connect()
        await until(lambda: alice.synced)
        await it.documents.tend()
        assert len(it.documents) == 1
        alice.disconnect()
        await it.documents.tend()
        assert len(it.documents) == 0


async def test_what_is_not_stored_is_not_let_go_of(tmp_path: Path) -> None:
    async with desk(tmp_path, grace=0.0) as it:
        alice = StockClient(it, "alice")
        alice.connect()
        await until(lambda: alice.synced)
        alice.edit(0, 0, "x")
        await asyncio.sleep(0)
        alice.disconnect()
        await it.documents.tend()
        assert len(it.documents) == 1
        with await it.documents.open(SESSION) as document:
            await document.saved()
        await it.documents.tend()
        assert len(it.documents) == 0


async def test_a_lease_is_given_back_once(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        lease = await it.documents.open(SESSION, watch=True)
        other = await it.documents.open(SESSION, watch=True)
        lease.release()
        lease.release()
        assert (other.room.leases, other.document.watchers) == (1, 1)
        other.release()


async def test_a_checkpoint_is_made_when_a_document_is_let_go_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "UNLOAD_AFTER", 3)
    async with desk(tmp_path, grace=0.0) as it:
        with await it.documents.open(SESSION) as document:
            version = 0
            for number in range(3):
                version = await document.replace("x" * (number + 1), version, 1)
        await it.documents.tend()
        found = await it.store.read(stored.checkpoint, SESSION, 99)
        assert found is not None
        assert found[0] == 3
        assert len(it.documents) == 0
        with await it.documents.open(SESSION) as again:
            assert again.text == "xxx"


async def test_logins_that_end_are_cut_and_others_stay(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        alice, bob = StockClient(it, "alice"), StockClient(it, "bob")
        for client in (alice, bob):
            client.connect()
        await until(lambda: alice.synced and bob.synced)
        assert it.documents.present() == {(SESSION, 1), (SESSION, 2)}
        assert it.documents.logins() == {(1, 1), (2, 2)}
        it.documents.end_login(1, {99})
        it.documents.end_login(2, None, keep=2)
        assert [client.closed for client in (alice, bob)] == [None, None]
        it.documents.end_login(1, {1})
        it.documents.end_login(2, None)
        assert [client.closed for client in (alice, bob)] == [NOT_LOGGED_IN, NOT_LOGGED_IN]
        assert it.documents.present() == set()


async def test_a_session_that_is_closed_is_closed_to_everyone_and_stored(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        alice = StockClient(it, "alice")
        alice.connect()
        await until(lambda: alice.synced)
        alice.edit(0, 0, "last words")
        it.documents.close(SESSION)
        assert alice.closed is not None
        assert alice.closed.code == 4410
        with await it.documents.open(SESSION) as document:
            assert await document.saved() == 1
            assert document.text == "last words"


async def test_rights_that_change_while_someone_comes_in_are_asked_again(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        alice = StockClient(it, "alice")
        alice.connect()
        it.may["alice"] = Refusal("forbidden", "No.")
        it.documents.change_access(SESSION, 1, None)
        await until(lambda: alice.closed is not None)
        assert alice.closed is not None
        assert alice.closed.code == 4403


async def test_at_the_end_everything_is_stored_and_everybody_told_to_come_back(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        alice = StockClient(it, "alice")
        alice.connect()
        await until(lambda: alice.synced)
        alice.edit(0, 0, "x" * 10)
        await asyncio.sleep(0)
        await it.documents.stop()
        assert alice.closed is not None
        assert alice.closed.comes_back
        (row,) = await it.rows()
        assert row.user == 1


async def test_a_document_that_cannot_be_read_is_refused_and_can_be_read_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk(tmp_path) as it:
        read = it.store.read

        async def broken(*_: object) -> object:
            raise Refusal("unavailable", "The database cannot be read.", retry_after=1.0)

        monkeypatch.setattr(it.store, "read", broken)
        with pytest.raises(Refusal):
            await it.documents.open(SESSION)
        monkeypatch.setattr(it.store, "read", read)
        with await it.documents.open(SESSION) as document:
            assert document.text == ""


async def test_they_are_looked_after_by_themselves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TEND_SECONDS", 0.01)
    monkeypatch.setattr(module, "TRIM_SECONDS", 0.0)
    trimmed: list[None] = []
    monkeypatch.setattr(module, "give_back", lambda: trimmed.append(None))
    async with desk(tmp_path, grace=0.0) as it:
        it.documents.start()
        (await it.documents.open(SESSION)).release()
        await until(lambda: len(it.documents) == 0 and bool(trimmed))


async def test_a_history_that_is_put_in_the_place_of_this_one_is_what_everybody_comes_back_to(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        alice = StockClient(it, "alice")
        alice.connect()
        await until(lambda: alice.synced)
        alice.edit(0, 0, "of another history")
        await asyncio.sleep(0)
        it.documents.forget()
        assert alice.closed is RESTORED
        with await it.documents.open(SESSION) as document:
            assert (document.text, document.version) == ("", 0)
        assert await it.rows() == []


async def test_what_was_read_of_another_history_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with desk(tmp_path) as it:
        read, reads = it.store.read, 0

        async def slow(*args: Any) -> Any:
            nonlocal reads
            reads += 1
            found = await read(*args)
            if reads == 1:
                it.documents.forget()
            return found

        monkeypatch.setattr(it.store, "read", slow)
        with await it.documents.open(SESSION) as document:
            assert document.text == ""
        assert reads == 2
