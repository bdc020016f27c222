"""Tasks: named, kept, reported, ended."""

import asyncio

import pytest
import structlog
from structlog.testing import capture_logs

from kibitz.server.tasks import Tasks


@pytest.fixture(autouse=True)
def _plain_structlog() -> None:
    structlog.reset_defaults()


async def test_a_task_has_its_name_and_is_kept_until_it_ends() -> None:
    tasks, gate = Tasks(), asyncio.Event()
    task = tasks.spawn("wait for the gate", gate.wait())
    assert (task.get_name(), len(tasks)) == ("wait for the gate", 1)
    gate.set()
    assert await task is True
    assert len(tasks) == 0


async def test_a_failure_is_logged_under_the_tasks_name() -> None:
    async def fail() -> None:
        raise LookupError("lost")

    tasks = Tasks()
    with capture_logs() as logged:
        task = tasks.spawn("find it", fail())
        with pytest.raises(LookupError):
            await task
        await asyncio.sleep(0)  # the callback that logs comes with the loop's next tick
    assert [(entry["event"], entry["task"]) for entry in logged] == [("task_failed", "find it")]


async def test_stopping_cancels_every_task_and_waits_for_its_cleaning_up() -> None:
    cleaned = []

    async def hold(name: str) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            cleaned.append(name)

    tasks = Tasks()
    for name in ("one", "two"):
        tasks.spawn(name, hold(name))
    await asyncio.sleep(0)
    await tasks.stop()
    assert sorted(cleaned) == ["one", "two"]
    assert len(tasks) == 0


async def test_a_task_that_would_not_end_does_not_hold_up_the_stop() -> None:
    let_go = asyncio.Event()

    async def stubborn() -> None:
        while not let_go.is_set():
            try:
                await let_go.wait()
            except asyncio.CancelledError:
                continue

    tasks = Tasks()
    task = tasks.spawn("stubborn", stubborn())
    await asyncio.sleep(0)
    with capture_logs() as logged:
        await tasks.stop(grace=0.01)
    assert [entry["task"] for entry in logged if entry["event"] == "task_would_not_end"] == ["stubborn"]
    let_go.set()
    await task


async def test_no_task_begins_after_the_stop() -> None:
    async def late() -> None:
        raise AssertionError("this must not run")

    tasks = Tasks()
    await tasks.stop()
    with pytest.raises(RuntimeError, match="late begins after"):
        tasks.spawn("late", late())
