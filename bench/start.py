"""From the command to READY, and what a server holds when it has little to do.

One rule: a start is timed from outside, as whoever types the command sees it.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bench import servers
from bench.place import Place
from bench.rows import Aim, Row, row_of
from bench.talk import talk

READY: Final = Aim("≤", 1.5)

MEMORY: Final = Aim("≤", 200)

MEGABYTE: Final = 1_000_000


MEANS: Final = """
The time from the command to the line READY, with no database yet and with one; and the server's memory just after its start, and with
200 people logged in who have said 20 things each.
"""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How often it is started, and how many people come."""

    starts: int = 7
    users: int = 200
    messages: int = 20


FULL: Final = Sizes()
QUICK: Final = Sizes(starts=3)


def run(place: Place, sizes: Sizes) -> Iterator[Row]:
    """Seconds to READY, and megabytes of an idle server and of one whose people are all logged in and have talked."""
    place.say("starts")
    with TemporaryDirectory(prefix="kibitz-bench-") as folder:
        fresh = [_start(Path(folder) / str(turn)) for turn in range(sizes.starts)]
        again = [_start(Path(folder) / "0") for _ in range(sizes.starts)]
    yield row_of("start to READY, new database", fresh, "s", READY)
    yield row_of("start to READY, existing database", again, "s", READY)
    with servers.kibitz() as server:
        yield Row(what="memory of an idle server", value=server.memory / MEGABYTE, unit="MB")
        with ExitStack() as stack:
            people = [stack.enter_context(talk(server, f"person{number}")) for number in range(sizes.users)]
            for _ in range(sizes.messages):
                for person in people:
                    person.ask("post_message", room=1, text="Good morning, everyone!")
            what = f"memory with {sizes.users} users logged in, {sizes.users * sizes.messages:,} messages later"
            yield Row(what=what, value=server.memory / MEGABYTE, unit="MB", aim=MEMORY)


def _start(folder: Path) -> float:
    begun = time.perf_counter()
    with servers.kibitz(folder):
        return time.perf_counter() - begun
