"""Where benchmarks run.

One rule: a benchmark gets what it needs from its place and leaves nothing behind outside of it.
"""

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from bench.servers import Running

Starter = Callable[[], AbstractContextManager[Running]]


@dataclass(frozen=True, slots=True)
class Place:
    """A folder for compiled programs, and how much is done: all of it, or a `quick` look."""

    tools: Path
    quick: bool = False

    def say(self, what: str) -> None:
        """Tell whoever waits what is going on."""
        print(f"  … {what}", file=sys.stderr, flush=True)
