"""Many senders at once: messages that are acknowledged after they are durable.

One rule: an acknowledgement counts and nothing else does. The server commits to SQLite in WAL mode with synchronous=FULL.
"""

import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bench import servers
from bench.load import Load, Measured, measure
from bench.place import Place
from bench.rows import Aim, Row, row_of
from bench.servers import Running
from bench.speech import VALUE, posting
from bench.talk import talk

AIM: Final = Aim("≥", 15_000)
WINDOWS: Final = (1, 16)
"""Messages each sender has under way: one is a person's or a simple program's way, sixteen a busy program's."""

ROWS: Final = 50
"""Rows of a transaction of the floor: as many as there are senders."""


MEANS: Final = """
50 people post at once and each keeps 1 or 16 messages under way: a message counts when its sender is told that it is durable. `each in a
room of its own` is nothing but posting; in `one room they all hear` everyone is sent every message too. The last row is SQLite
without a server: what the disk and the library could do.
"""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much; times in seconds, everything `turns` times in turn."""

    senders: int = 50
    seconds: float = 4
    turns: int = 3


FULL: Final = Sizes()
QUICK: Final = Sizes(seconds=1, turns=1)


def run(place: Place, sizes: Sizes) -> Iterator[Row]:
    """Acknowledged messages a second: all in one room that every sender hears, and each in a room of its own."""
    floor: list[float] = []
    found: dict[tuple[bool, int], list[Measured]] = {
        (shared, window): [] for shared in (False, True) for window in WINDOWS
    }
    for turn in range(sizes.turns):
        place.say(f"durable, turn {turn + 1} of {sizes.turns}")
        floor.append(_floor(sizes.seconds))
        for (shared, window), measured in found.items():
            with servers.kibitz() as server:
                rooms = _one_room(server, sizes.senders) if shared else _own_rooms(server, sizes.senders)
                measured.append(measure(place.tools, server, posting(VALUE), _load(sizes, window), rooms))
    for (shared, window), measured in found.items():
        where = "one room they all hear" if shared else "each in a room of its own"
        # One message at a time can be no faster than one commit's time allows: no aim but to know it.
        aim = AIM if window > 1 else None
        yield row_of(f"{sizes.senders} senders × {window}, {where}", (one.rate for one in measured), "messages/s", aim)
    yield row_of(
        f"sqlite3 alone, transactions of {ROWS} rows", floor, "rows/s", note="no network, no rights, no answers"
    )


def _load(sizes: Sizes, window: int) -> Load:
    return Load(connections=sizes.senders, senders=sizes.senders, window=window, seconds=sizes.seconds)


def _name(index: int) -> str:
    return f"r{index:08x}"


def _own_rooms(server: Running, senders: int) -> list[int]:
    rooms = []
    for index in range(senders):
        with talk(server, _name(index)) as sender:
            rooms.append(sender.ask("create_room", name=f"room {index}")["id"])
    return rooms


def _one_room(server: Running, senders: int) -> list[int]:
    for index in range(1, senders):
        with talk(server, _name(index)):
            pass  # it is enough that the server knows them
    with talk(server, _name(0)) as first:
        members = [_name(index) for index in range(1, senders)]
        return [first.ask("create_room", name="everyone", members=members)["id"]] * senders


def _floor(seconds: float) -> float:
    with TemporaryDirectory(prefix="kibitz-bench-") as folder:
        database = sqlite3.connect(Path(folder) / "floor.db", isolation_level=None)
        try:
            return _insert(database, seconds)
        finally:
            database.close()


def _insert(database: sqlite3.Connection, seconds: float) -> float:
    for pragma in ("journal_mode = WAL", "synchronous = FULL"):
        database.execute(f"PRAGMA {pragma}")
    database.execute(
        "CREATE TABLE messages (room INTEGER, seq INTEGER, sender INTEGER, text TEXT, PRIMARY KEY (room, seq))"
    )
    start, seq = time.perf_counter(), 0
    while time.perf_counter() - start < seconds:
        rows = [(1, seq + number, number, "x" * 100) for number in range(ROWS)]
        database.execute("BEGIN IMMEDIATE")
        database.executemany("INSERT INTO messages VALUES (?, ?, ?, ?)", rows)
        database.execute("COMMIT")
        seq += ROWS
    return seq / (time.perf_counter() - start)
