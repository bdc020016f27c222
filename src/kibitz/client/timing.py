"""Time and chance, as far as the client's logic depends on them.

Rule: they are handed in as one `Timing`, so that a test decides what the time is.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """`clock` counts seconds and never goes back, `sleep` waits for seconds, `random` is even over [0, 1)."""

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    random: Callable[[], float] = random.random
