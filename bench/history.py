"""Reading in a room with very many messages, against one with few.

One rule: both rooms are in one database and are asked in turn over one connection.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

from bench import servers
from bench.place import Place
from bench.rows import Aim, Row
from bench.talk import Talk, talk
from kibitz.storage import Tx
from kibitz.storage.changes import next_seq
from kibitz.storage.messages import NewMessage, insert_new
from kibitz.storage.store import database_url, open_engine
from kibitz.wire.clock import stamp

AS_FAST: Final = Aim("≤", 1.25)
"""As fast, as far as medians of well under a millisecond agree from run to run."""

BATCH: Final = 20_000
"""Messages written in one transaction while the rooms are filled."""


MEANS: Final = """
A page is 50 messages, asked for over a connection that has little else to do: the newest ones, and those around the middle of a room.
The rows with a ratio say how much longer it takes in a room of 1,000,000 messages than in one of 1,000.
"""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many messages a large and a small room have, and how often each page is asked for."""

    large: int = 1_000_000
    small: int = 1_000
    asked: int = 300


FULL: Final = Sizes()
QUICK: Final = Sizes(large=50_000, asked=100)


def run(place: Place, sizes: Sizes) -> Iterator[Row]:
    """Median times of a page of 50 messages, newest and in the middle, in both rooms."""
    with TemporaryDirectory(prefix="kibitz-bench-") as folder:
        with servers.kibitz(Path(folder)) as server, talk(server, "reader") as reader:
            writer = reader.welcome["user"]["id"]
            ids = {
                size: reader.ask("create_room", name=f"{size} messages")["id"] for size in (sizes.large, sizes.small)
            }
        place.say(f"writing {sizes.large:,} messages")
        _fill(Path(folder) / "kibitz.db", ids, writer)
        with servers.kibitz(Path(folder)) as server, talk(server, "reader") as reader:
            for page in ("newest", "middle"):
                yield from _compared(reader, page, ids, sizes)


def _compared(reader: Talk, page: str, ids: dict[int, int], sizes: Sizes) -> Iterator[Row]:
    times: dict[int, list[float]] = {size: [] for size in ids}
    for _ in range(sizes.asked):
        for size, room in ids.items():
            around = {} if page == "newest" else {"around": size // 2}
            start = time.perf_counter()
            history = reader.ask("get_history", room=room, **around)
            times[size].append(1000 * (time.perf_counter() - start))
            assert len(history["messages"]) >= 50, "the room was filled"
    for size, found in times.items():
        yield Row(what=f"{page} page of {size:,} messages", value=median(found), unit="ms")
    ratio = median(times[sizes.large]) / median(times[sizes.small])
    yield Row(what="  large against small", value=ratio, unit="×", aim=AS_FAST)


def _fill(database: Path, ids: dict[int, int], sender: int) -> None:
    engine = open_engine(database_url(str(database)), writer=True)
    try:
        for size, room in ids.items():
            for first in range(0, size, BATCH):
                with engine.begin() as tx:
                    _write(tx, room, sender, min(BATCH, size - first))
    finally:
        engine.dispose()


def _write(tx: Tx, room: int, sender: int, count: int) -> None:
    now = stamp(time.time())
    head = next_seq(tx, room, count)
    text = "a message as long as most of those that people write; " * 2
    insert_new(tx, [NewMessage(room, seq, sender, f"{seq}: {text}", now) for seq in range(head - count + 1, head + 1)])
