"""What is to be written, until it is."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.client import FakeTime, settle

from kibitz.client.errors import Ended, OutboxFull, Refused
from kibitz.client.journal import Journal
from kibitz.client.outbox import MAX_BYTES, MAX_WAITING, Outbox
from kibitz.wire.commands import PostMessage, Write


def post(text: str) -> PostMessage:
    return PostMessage(room="#kitchen", text=text)


def text_of(command: Write) -> str:
    assert isinstance(command, PostMessage)
    return command.text


class Server:
    """Carries commands out as the real one does: each nonce once. `plan` says what becomes of the sendings to come."""

    def __init__(self, plan: list[str] | None = None) -> None:
        self.plan = plan or []
        self.sent: list[str] = []
        self.stored: dict[str, str] = {}
        self.at_once = 0

    async def ask(self, command: Write) -> Any:
        assert command.nonce is not None
        self.at_once += 1
        try:
            self.sent.append(text_of(command))
            await asyncio.sleep(0)
            fate = self.plan.pop(0) if self.plan else "stored"
            if fate == "later":
                raise Refused("rate_limited", 400, "Too fast.", 2.0)
            if fate == "never":
                raise Refused("forbidden", 202, "No.")
            if fate == "cut before":
                raise ConnectionError
            self.stored.setdefault(command.nonce, text_of(command))
            if fate == "cut after":
                raise ConnectionError
            assert self.at_once == 1
            return f"stored {text_of(command)}"
        finally:
            self.at_once -= 1


async def connections(outbox: Outbox, server: Server, time: FakeTime) -> None:
    """One connection after another, until there is nothing left to send."""
    while len(outbox):
        running = asyncio.create_task(outbox.run(server.ask))  # noqa: TID251 - the test is its owner
        while not running.done() and len(outbox):
            await time.advance(0.5)
        running.cancel()
        await asyncio.wait([running])
        assert running.cancelled() or isinstance(running.exception(), ConnectionError)


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def refused() -> list[tuple[Write, Refused]]:
    return []


@pytest.fixture
async def outbox(time: FakeTime, refused: list[tuple[Write, Refused]]) -> AsyncIterator[Outbox]:
    made = Outbox(time.timing, lambda command, why: refused.append((command, why)))
    yield made
    made.end(Ended("The test is over."))


async def test_commands_are_stored_in_the_order_they_were_given(outbox: Outbox, time: FakeTime) -> None:
    server = Server()
    answers = [outbox.add(post(text)) for text in "abc"]
    await connections(outbox, server, time)
    assert list(server.stored.values()) == ["a", "b", "c"]
    assert [await answer for answer in answers] == ["stored a", "stored b", "stored c"]


async def test_what_the_server_puts_off_is_sent_again_first_and_no_sooner_than_it_said(
    outbox: Outbox, time: FakeTime
) -> None:
    server = Server(["later", "later"])
    outbox.add(post("a"))
    outbox.add(post("b"))
    running = asyncio.create_task(outbox.run(server.ask))  # noqa: TID251
    await settle()
    assert server.sent == ["a"]
    await time.advance(1.9)
    assert server.sent == ["a"]
    await time.advance(0.7)
    assert server.sent == ["a", "a"]
    await time.advance(5)
    running.cancel()
    assert server.sent == ["a", "a", "a", "b"]


async def test_a_command_that_is_refused_for_good_fails_alone(
    outbox: Outbox, time: FakeTime, refused: list[tuple[Write, Refused]]
) -> None:
    server = Server(["never"])
    first, second = outbox.add(post("a")), outbox.add(post("b"))
    await connections(outbox, server, time)
    with pytest.raises(Refused, match=r"No\."):
        await first
    assert await second == "stored b"
    assert [(text_of(command), why.code) for command, why in refused] == [("a", "forbidden")]


async def test_a_caller_who_stops_waiting_does_not_take_the_command_back(outbox: Outbox, time: FakeTime) -> None:
    server = Server()
    outbox.add(post("a")).cancel()
    await connections(outbox, server, time)
    assert list(server.stored.values()) == ["a"]


async def test_a_nonce_that_was_chosen_is_kept(outbox: Outbox, time: FakeTime) -> None:
    server = Server()
    outbox.add(PostMessage(room=1, text="a", nonce="my-own-nonce"))
    await connections(outbox, server, time)
    assert server.stored == {"my-own-nonce": "a"}


async def test_more_than_may_wait_is_not_taken(outbox: Outbox) -> None:
    for _ in range(MAX_WAITING):
        outbox.add(post("a"))
    with pytest.raises(OutboxFull):
        outbox.add(post("b"))
    assert len(outbox) == MAX_WAITING


async def test_a_command_that_fits_no_line_is_refused_before_it_is_sent(outbox: Outbox) -> None:
    with pytest.raises(Refused) as caught:
        outbox.add(post("x" * MAX_BYTES))
    assert caught.value.code == "too_long"
    assert len(outbox) == 0


async def test_once_ended_everyone_who_waits_is_told_and_nothing_is_taken(outbox: Outbox) -> None:
    waiting = outbox.add(post("a"))
    outbox.end(Ended("Goodbye."))
    with pytest.raises(Ended, match="Goodbye"):
        await waiting
    with pytest.raises(Ended, match="Goodbye"):
        outbox.add(post("b"))
    with pytest.raises(Ended, match="Goodbye"):
        await outbox.drained()


async def test_drained_returns_when_the_last_answer_is_there(outbox: Outbox, time: FakeTime) -> None:
    server = Server(["later"])
    outbox.add(post("a"))
    drained = asyncio.create_task(outbox.drained())  # noqa: TID251
    await settle()
    assert not drained.done()
    await connections(outbox, server, time)
    await drained
    await outbox.drained()


async def test_what_an_earlier_run_left_is_sent_first(tmp_path: Path, time: FakeTime) -> None:
    path = tmp_path / "unsent.jsonl"
    before = Outbox(time.timing, lambda *_: None, Journal(path))
    before.add(post("a"))
    before.add(post("b"))
    before.end(Ended("A crash would do the same."))
    after = Outbox(time.timing, lambda *_: None, Journal(path))
    after.add(post("c"))
    server = Server()
    await connections(after, server, time)
    after.end(Ended("The test is over."))
    assert list(server.stored.values()) == ["a", "b", "c"]
    assert path.read_bytes() == b""


fates = st.lists(st.sampled_from(["stored", "later", "never", "cut before", "cut after"]), max_size=30)


@given(fates, st.integers(1, 8))
async def test_whatever_happens_each_command_is_stored_once_in_order_or_was_refused(
    plan: list[str], count: int
) -> None:
    time = FakeTime()
    refused: list[str] = []
    outbox = Outbox(time.timing, lambda command, _: refused.append(text_of(command)))
    server = Server(list(plan))
    answers = {str(number): outbox.add(post(str(number))) for number in range(count)}
    await connections(outbox, server, time)
    wanted = [text for text in answers if text not in refused or text in server.stored.values()]
    assert list(server.stored.values()) == wanted
    for text, answer in answers.items():
        if text in refused:
            with pytest.raises(Refused):
                await answer
        else:
            assert await answer == f"stored {text}"


async def test_what_waits_can_be_seen_in_its_order() -> None:
    outbox = Outbox(FakeTime().timing, lambda command, refused: None)
    outbox.add(post("one"))
    outbox.add(post("two"))
    assert [text_of(command) for command in outbox.waiting] == ["one", "two"]
    assert all(command.nonce for command in outbox.waiting)
