"""The pool: as many wait as the stage says, each is taken once, and none waits for ever."""

import asyncio
from typing import Any

import pytest
from tests.unit.sandbox.boxes import until

from kibitz.sandbox import pool as pools
from kibitz.sandbox.plan import Stage
from kibitz.sandbox.pool import Pool

STAGE = Stage(name="python", script="", warm=2)
OTHER = Stage(name="java", script="", warm=1)


class FakeBox:
    """A box as far as the pool knows one."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.killed_for: str | None = None

    def kill(self, reason: str) -> None:
        self.killed_for = reason
        self.ended.set_result(None)


class Factory:
    """Makes boxes, or fails."""

    def __init__(self) -> None:
        self.made: list[FakeBox] = []
        self.fails = False

    def __call__(self, stage: Stage) -> Any:
        if self.fails:
            raise OSError("no room")
        self.made.append(FakeBox(stage))
        return self.made[-1]


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a moment be no longer than it must."""
    monkeypatch.setattr(pools, "REFILL", 0.0)
    monkeypatch.setattr(pools, "RETRY", 0.0)


async def until_waiting(pool: Pool, size: int) -> None:
    await until(lambda: len(pool) == size)


def taken(pool: Pool, stage: Stage) -> Any:
    """The box that the pool gives."""
    return pool.take(stage)


async def test_the_first_is_made_when_it_is_wanted_and_others_wait_from_then_on() -> None:
    factory = Factory()
    pool = Pool(factory)
    assert taken(pool, STAGE) is factory.made[0]
    await until_waiting(pool, STAGE.warm)
    assert len(factory.made) == 1 + STAGE.warm
    pool.close()


async def test_the_one_that_has_waited_longest_is_taken_and_another_made() -> None:
    factory = Factory()
    pool = Pool(factory)
    pool.warm(STAGE)
    pool.warm(OTHER)
    assert len(pool) == 3
    assert taken(pool, STAGE) is factory.made[0]
    assert taken(pool, OTHER) is factory.made[2]
    await until_waiting(pool, 3)
    assert taken(pool, STAGE) is factory.made[1]
    pool.close()


async def test_one_that_ended_while_it_waited_is_not_taken_but_replaced() -> None:
    factory = Factory()
    pool = Pool(factory)
    pool.warm(OTHER)
    factory.made[0].ended.set_result(None)
    await until(lambda: len(factory.made) == 2)
    assert len(pool) == 1
    assert taken(pool, OTHER) is factory.made[1]
    pool.close()


async def test_where_none_can_be_made_it_is_tried_again() -> None:
    factory = Factory()
    pool = Pool(factory)
    factory.fails = True
    with pytest.raises(OSError, match="no room"):
        pool.take(STAGE)
    pool.warm(STAGE)
    assert len(pool) == 0
    factory.fails = False
    await until_waiting(pool, STAGE.warm)
    pool.close()


async def test_those_that_nobody_wants_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "KEPT_WARM", 0.0)
    factory = Factory()
    pool = Pool(factory)
    pool.warm(STAGE)
    await until_waiting(pool, 0)
    await asyncio.sleep(0.01)
    assert len(pool) == 0
    assert {box.killed_for for box in factory.made} == {"unused"}


async def test_a_closed_pool_ends_all_and_makes_no_more() -> None:
    factory = Factory()
    pool = Pool(factory)
    pool.warm(STAGE)
    pool.close()
    pool.warm(STAGE)
    await asyncio.sleep(0.01)
    assert len(pool) == 0
    assert {box.killed_for for box in factory.made} == {"unused"}
