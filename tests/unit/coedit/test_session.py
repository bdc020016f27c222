"""What every connection to documents has in common: it is let in, pays, and ends in good order."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from tests.support.collab import desk
from tests.support.stock_client import StockClient
from tests.support.waiting import until

from kibitz.coedit import session as module
from kibitz.coedit.session import MAX_FRAME, MAX_READ, close_of
from kibitz.domain.errors import Refusal
from kibitz.fanout.outbox import MAX_BYTES
from kibitz.wire.closing import FAILED, FULL, SLOW, TIMED_OUT
from kibitz.wire.yjs import messages
from kibitz.wire.yjs.closing import FORBIDDEN, GONE, NOT_FOUND, NOT_LOGGED_IN, TOO_LARGE


@pytest.mark.parametrize(
    ("code", "close"),
    [
        ("not_logged_in", NOT_LOGGED_IN),
        ("forbidden", FORBIDDEN),
        ("not_found", NOT_FOUND),
        ("gone", GONE),
        ("busy", FAILED),
        ("rate_limited", FAILED),
    ],
)
def test_a_refusal_ends_a_connection_for_good_or_to_come_back(code: str, close: Any) -> None:
    assert close_of(Refusal(code, "No.")) is close


async def test_a_connection_is_counted_until_it_is_gone(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        alice = StockClient(it, "alice")
        alice.connect()
        assert len(it.open) == 1
        await until(lambda: alice.synced)
        alice.disconnect()
        assert it.open == set()


async def test_nobody_is_let_in_where_there_are_too_many(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        it.closed = FULL
        alice = StockClient(it, "alice")
        alice.connect()
        assert alice.closed is FULL
        assert it.open == set()


async def test_who_is_not_let_in_in_time_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ENTRY_SECONDS", 0.01)
    async with desk(tmp_path) as it:
        gate = asyncio.Event()
        admit = it.admit

        async def slow(*args: Any) -> Any:
            await gate.wait()
            return await admit(*args)

        object.__setattr__(it.door, "admit", slow)
        alice = StockClient(it, "alice")
        alice.connect()
        await until(lambda: alice.closed is not None)
        assert alice.closed is TIMED_OUT
        gate.set()
        with await it.documents.open(1) as document:
            assert not it.documents.present()
            assert document.text == ""


async def test_who_is_in_stays_when_the_time_is_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ENTRY_SECONDS", 0.3)
    async with desk(tmp_path) as it:
        alice = StockClient(it, "alice")
        alice.connect()
        await until(lambda: alice.synced)
        await asyncio.sleep(0.4)
        assert alice.closed is None


async def test_a_mistake_of_ours_is_told_as_one(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:

        async def broken(*_: Any) -> Any:
            raise ZeroDivisionError

        object.__setattr__(it.door, "admit", broken)
        alice = StockClient(it, "alice")
        alice.connect()
        await until(lambda: alice.closed is not None)
        assert alice.closed is FAILED


async def test_who_is_too_fast_waits_and_loses_nothing(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        alice, bob = StockClient(it, "alice"), StockClient(it, "bob")
        for client in (alice, bob):
            client.connect()
        await until(lambda: alice.synced and bob.synced)
        it.wait = 0.05
        alice.edit(0, 0, "a")
        assert alice._paused
        alice.edit(1, 0, "b")
        assert alice._unsent
        it.wait = 0.0
        await until(lambda: bob.text == "ab")
        assert not alice._paused


async def test_what_makes_more_work_costs_more(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        alice = StockClient(it, "alice")
        alice.connect()
        await until(lambda: alice.synced)

        def cost(message: bytes) -> float:
            alice.say(message)
            return it.charged[-1]

        assert cost(b"\x03") < 0.3
        assert cost(messages.sync_step_1(b"\x00")) > 1
        apart = b"".join(b"\x84\x09" + bytes((clock,)) + b"\x01x" for clock in range(100))
        first = b"\x04\x01\x04code\x01x"
        assert cost(messages.update(b"\x01\x65\x09\x00" + first + apart + b"\x00")) > 1
        alice.edit(0, 0, "x" * 100_000)
        assert it.charged[-1] > 6


async def test_a_message_that_is_too_long_ends_a_connection_for_good(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        alice = StockClient(it, "alice")
        alice.connect()
        await until(lambda: alice.synced)
        assert alice.session is not None
        alice.session.overlong()
        assert alice.closed is TOO_LARGE
        assert MAX_READ > MAX_FRAME


async def test_a_reader_that_is_owed_too_much_all_the_same_is_let_go(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        alice = StockClient(it, "alice")
        alice.connect()
        await until(lambda: alice.synced)
        alice.slow()
        session = alice.session
        assert session is not None
        for _ in range(MAX_BYTES // 100_000 + 1):
            session.outbox.send(b"x" * 100_000)
        assert alice.closed is SLOW


async def test_what_comes_after_the_end_is_passed_over(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        alice = StockClient(it, "alice")
        alice.connect()
        await until(lambda: alice.synced)
        session = alice.session
        assert session is not None
        session.lost()
        session.lost()
        session.receive(b"\x03")
        session.end(FAILED)
        assert session.hang_up() is False
        assert alice.closed is None
