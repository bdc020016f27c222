"""Telling what has happened."""

import asyncio
from collections.abc import Callable

import pytest
from tests.support.client import settle

from kibitz.client.errors import Ended, Overrun
from kibitz.client.feed import MAX_WAITING, Feed, Happening
from kibitz.client.notices import RoomReset

OVER = Ended("It is over.")


def happening(number: int) -> RoomReset:
    return RoomReset(number)


def test_a_listener_hears_what_happens_while_it_listens() -> None:
    feed, heard = Feed(), list[Happening]()
    feed.publish(happening(1))
    with feed.listening(heard.append):
        feed.publish(happening(2))
    feed.publish(happening(3))
    assert heard == [happening(2)]


def test_a_listener_that_fails_harms_neither_the_others_nor_its_own_future(caplog: pytest.LogCaptureFixture) -> None:
    feed, heard, failed = Feed(), list[Happening](), list[Happening]()

    def fail(one: Happening) -> None:
        failed.append(one)
        raise ZeroDivisionError

    with feed.listening(fail), feed.listening(heard.append):
        feed.publish(happening(1))
        feed.publish(happening(2))
    assert heard == failed == [happening(1), happening(2)]
    assert "a listener failed" in caplog.text


async def test_a_stream_gives_what_happened_since_it_was_made_in_order() -> None:
    feed = Feed()
    with feed.stream() as one, feed.stream() as other:
        feed.publish(happening(1))
        assert await anext(one) == happening(1)
        feed.publish(happening(2))
        feed.end(OVER)
        assert [each async for each in one] == [happening(2)]
        assert [each async for each in other] == [happening(1), happening(2)]


async def test_a_stream_waits_for_what_is_to_come() -> None:
    feed = Feed()
    async with asyncio.TaskGroup() as group:
        with feed.stream() as stream:
            waiting = group.create_task(anext(stream))
            await settle()
            assert not waiting.done()
            feed.publish(happening(1))
            assert await waiting == happening(1)


async def test_a_stream_of_a_client_that_has_ended_is_empty() -> None:
    feed = Feed()
    feed.end(OVER)
    with feed.stream() as stream:
        assert [each async for each in stream] == []


async def test_a_stream_nobody_reads_ends_rather_than_grow_and_says_so() -> None:
    feed = Feed()
    with feed.stream() as idle, feed.stream() as read:
        for number in range(MAX_WAITING + 1):
            feed.publish(happening(number))
            assert await anext(read) == happening(number)
        assert len(idle._waiting) == 0
        with pytest.raises(Overrun):
            await anext(idle)
        feed.publish(happening(0))
        with pytest.raises(Overrun):
            await anext(idle)
        assert await anext(read) == happening(0)


async def test_until_returns_at_once_where_the_condition_holds() -> None:
    await Feed().until(lambda: True)


async def test_until_asks_again_whenever_something_happens() -> None:
    feed, seen = Feed(), list[Happening]()
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(feed.until(lambda: len(seen) == 2))
        with feed.listening(seen.append):
            for number in (1, 2):
                await settle()
                assert not waiting.done()
                feed.publish(happening(number))
        await waiting


async def test_until_ends_with_the_client_and_with_a_condition_that_fails() -> None:
    feed = Feed()
    answers: list[int] = []

    def broken() -> bool:
        answers.append(1)
        return 1 // (len(answers) - 2) > 5

    async with asyncio.TaskGroup() as group:
        never = group.create_task(ending_of(feed, lambda: False, Ended))
        failing = group.create_task(ending_of(feed, broken, ZeroDivisionError))
        await settle()
        feed.publish(happening(1))
        await failing
        assert not never.done()
        feed.end(OVER)
        await never
    await ending_of(feed, lambda: False, Ended)


async def ending_of(feed: Feed, condition: Callable[[], bool], error: type[Exception]) -> None:
    with pytest.raises(error):
        await feed.until(condition)
