"""Many documents that nobody is editing: what each costs while it is loaded, and when it has been let go of.

One rule: everyone who opens one has all of it and leaves again, so that what is measured is documents and not connections.
"""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from random import Random
from string import ascii_lowercase
from tempfile import TemporaryDirectory
from typing import Final

from bench import servers
from bench.place import Place
from bench.rows import Aim, Row
from bench.servers import Running
from bench.talk import talk
from bench.yjs import joined

TEXT: Final = 5_000
"""Bytes of each text: a program of 150 lines."""

LOADED: Final = Aim("≤", 3 * TEXT / 1024)
"""KiB of one that is loaded: its text, as much again for how it came to be, and for whoever may come into its room."""

LET_GO: Final = Aim("≤", 1)

READERS: Final = 8
"""Who read at once before anything is measured: twice as many as the server has connections to its database that read."""

ROUNDS: Final = 3
"""How often each of them reads all of it."""

GRACE_SECONDS: Final = 90.0
"""How long it takes at most until memory is given back: 45 s of grace, 5 s until that is looked for, 30 s since the last time."""


MEANS: Final = """
Documents of 5,000 characters each, opened one after another and left: what the server's memory grows by for each while they are loaded,
and what is left of that once they were let go of. A process keeps what a first thousand visitors made it take, caches of the database
among it; what counts is that a second thousand finds its place there.
"""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many, and whether to wait until they are let go of."""

    documents: int = 1_000
    wait: bool = True


FULL: Final = Sizes()
QUICK: Final = Sizes(documents=200, wait=False)


def run(place: Place, sizes: Sizes) -> Iterator[Row]:
    """KiB of the server's memory for each document."""
    with TemporaryDirectory(prefix="kibitz-bench-") as folder:
        place.say(f"writing {sizes.documents:,} documents")
        with servers.kibitz(Path(folder)) as server:
            sessions = _written(server, sizes.documents)
        with servers.kibitz(Path(folder)) as server:
            with talk(server, "owner") as owner:
                token = owner.token
            _read(server, sessions, token)
            _open(server, sessions[:1], token)  # nor is what is loaded with the first one, whichever it is
            before = server.memory
            opened = _open(server, sessions, token)
            count = f"{sizes.documents:,} documents of {TEXT:,} bytes"
            yield Row(what=f"{count}: each", value=_each(server, before, sessions), unit="KiB", aim=LOADED)
            yield Row(what="  opening one that is not loaded", value=1000 * opened / len(sessions), unit="ms")
            if not sizes.wait:
                yield Row(what="  once they are let go of", value=None, note="takes three minutes; not in a quick look")
                return
            place.say("waiting until they are let go of")
            time.sleep(GRACE_SECONDS)
            yield Row(what="  once they are let go of", value=_each(server, before, sessions), unit="KiB")
            before = server.memory
            _open(server, sessions, token)
            place.say("waiting until they are let go of once more")
            time.sleep(GRACE_SECONDS)
            yield Row(
                what="  once they are let go of again: more",
                value=_each(server, before, sessions),
                unit="KiB",
                aim=LET_GO,
            )


def _written(server: Running, count: int) -> list[int]:
    chance = Random(1)
    with talk(server, "owner") as owner:
        return [
            owner.ask("create_session", language="python", code=_text(chance))["session"]["id"] for _ in range(count)
        ]


def _read(server: Running, sessions: list[int], token: str) -> None:
    """Have each of the server's readers read all of it: what the database keeps in memory of that is no document's."""

    def reader(_: int) -> None:
        with talk(server, "owner", token) as owner:
            for session in ROUNDS * sessions:
                owner.ask("get_code", session=session, version=1)

    with ThreadPoolExecutor(READERS) as threads:
        list(threads.map(reader, range(READERS)))


def _text(chance: Random) -> str:
    """Lines that differ from document to document."""
    line = 32
    words = ("".join(chance.choices(ascii_lowercase, k=line - 1)) for _ in range(TEXT // line + 1))
    return "\n".join(words)[:TEXT]


def _open(server: Running, sessions: list[int], token: str) -> float:
    """Open each of them and leave it again; seconds."""
    start = time.perf_counter()
    for session in sessions:
        with joined(server, session, token) as document:
            assert len(document) >= TEXT, "it was written"
    return time.perf_counter() - start


def _each(server: Running, before: int, sessions: list[int]) -> float:
    return (server.memory - before) / len(sessions) / 1024
