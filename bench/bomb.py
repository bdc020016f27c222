"""The chat beside programs that want the whole machine: how long messages take while someone runs bombs in the sandbox.

One rule: the same people on a new server each time, first left in peace and then bombed; the next bomb starts as soon as one has ended.
"""

import os
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Final

from bench import servers
from bench.load import Load, Times, measure
from bench.native import Missing
from bench.place import Place
from bench.programs import programs, what_is_missing
from bench.rows import Aim, Row, row_of
from bench.servers import Running
from bench.speech import JSON
from bench.talk import talk

RATE: Final = 50.0
"""Messages a second."""

UNNOTICED: Final = Aim("≤", 100)
"""Milliseconds that people do not notice (Nielsen, Usability Engineering, chapter 5)."""

BOMBS: Final = {
    "a fork bomb": "#include <unistd.h>\nint main(void) { for (;;) fork(); }\n",
    "a memory bomb": "#include <stdlib.h>\n#include <string.h>\nint main(void) { for (;;) memset(malloc(1 << 20), 1, 1 << 20); }\n",
    "a busy loop": "int main(void) { for (volatile int n = 0;; n++); }\n",
}

FUSE: Final = 2.0
"""Seconds a bomb may run, unless it meets another limit before."""


MEANS: Final = """
Fifty messages a second to a hundred people, first in peace, then while a fork bomb, a memory bomb or busy loops run in the sandbox
of the same server: the time to each receipt.
"""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Seconds measured after one that is not; everything `turns` times in turn."""

    receivers: int = 100
    seconds: float = 4
    turns: int = 2


FULL: Final = Sizes()
QUICK: Final = Sizes(seconds=1, turns=1)

PEACE: Final = "nothing"


def run(place: Place, sizes: Sizes) -> Iterator[Row]:
    """Milliseconds to each receipt, and how many times those in peace that is."""
    found: dict[str, list[Times]] = defaultdict(list)
    thrown: Counter[str] = Counter()
    load = Load(connections=sizes.receivers, rate=RATE, seconds=sizes.seconds)
    for turn in range(sizes.turns):
        for what in (PEACE, *BOMBS):
            place.say(f"bombs, turn {turn + 1} of {sizes.turns}: {what}")
            with servers.kibitz() as server, _bombed(server, what, thrown):
                measured = measure(place.tools, server, JSON, load)
            assert measured.each is not None, "a rate has times"
            found[what].append(measured.each)
    for what, times in found.items():
        yield from _rows(what, times, found[PEACE], thrown[what])


def _rows(what: str, times: list[Times], peace: list[Times], thrown: int) -> Iterator[Row]:
    note = f"{thrown} of them, one after another" if thrown else ""
    yield row_of(f"each receipt while {what} runs", (one.median / 1000 for one in times), "ms", note=note)
    yield row_of("  99 %", (one.p99 / 1000 for one in times), "ms", UNNOTICED)
    if times is not peace:
        pairs = list(zip(times, peace, strict=True))
        note = f"99 %: {median(one.p99 / other.p99 for one, other in pairs):.2f} ×"
        ratios = [one.median / other.median for one, other in pairs]
        yield row_of("  against peace in the same turn", ratios, "×", note=note)


@contextmanager
def _bombed(server: Running, what: str, thrown: Counter[str]) -> Iterator[None]:
    """As many of the bombs as the sandbox takes at once, from before the block begins until it ends; they are counted."""
    if what not in BOMBS:
        yield
        return
    over, count = threading.Event(), os.cpu_count() or 1
    with talk(server, "dave") as dave, ThreadPoolExecutor(count) as threads:
        if "c" in (missing := what_is_missing(dave)):
            raise Missing(missing["c"])
        throwing = [threads.submit(_throw, server, dave.token, BOMBS[what], over) for _ in range(count)]
        try:
            yield
        finally:
            over.set()
        thrown[what] += sum(one.result() for one in throwing)


def _throw(server: Running, token: str, bomb: str, over: threading.Event) -> int:
    """How many went off until it was over."""
    count = 0
    with programs(server, token) as connection:
        while not over.is_set():
            connection.run("c", bomb, FUSE)
            count += 1
    return count
