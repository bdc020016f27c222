"""Waiting for something to become true.

One rule: a test waits for what it wants to see and never for a time; `WAIT` is only how long a failing one takes to fail.
"""

import asyncio
from collections.abc import Callable
from typing import Final

WAIT: Final = 60.0
"""Seconds until a test gives up: only one that fails waits so long, and a machine that does other things meanwhile has time."""


async def until(condition: Callable[[], bool]) -> None:
    """Return once this is true. Raises `TimeoutError`."""
    async with asyncio.timeout(WAIT):
        while not condition():  # noqa: ASYNC110 - what is looked at is a number, and tells nobody when it changes
            await asyncio.sleep(0.005)
