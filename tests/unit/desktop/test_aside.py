"""Work that may never end."""

import asyncio
import threading

import pytest

from kibitz.desktop.aside import aside


async def test_it_returns_what_the_work_does_and_raises_what_it_raises() -> None:
    assert await aside(lambda number: number + 1, 1) == 2

    def fail() -> None:
        raise LookupError("no")

    with pytest.raises(LookupError, match="no"):
        await aside(fail)


async def test_nobody_has_to_wait_for_work_that_does_not_end() -> None:
    forever = threading.Event()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await aside(forever.wait)
    assert all(thread.daemon for thread in threading.enumerate() if thread.name == "wait")
    forever.set()
