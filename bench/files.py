"""A large file up and down, against nginx.

One rule: the same client (curl) for both, in turn; what comes down is what went up. Kibitz logs people in, checks rights, hashes what
it stores and makes it durable; nginx does none of that.
"""

import os
import subprocess
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Final

import msgspec

from bench import servers
from bench.native import Missing, installed
from bench.place import Place
from bench.rows import Aim, Row, row_of
from bench.servers import Running
from bench.talk import talk

HALF: Final = Aim("≥", 0.5)

FLAT: Final = Aim("≤", 32)
"""MiB the server may grow by while a file passes through it: a few pieces of 1 MiB in each thread, and what the allocator keeps."""

LOOK_SECONDS: Final = 0.01
"""How often the server's memory is looked at."""

MEGABYTE: Final = 1_000_000


MEANS: Final = """
curl puts a file on the server and gets it back, and then does the same with nginx (WebDAV up, sendfile down). Kibitz checks who it is,
keeps the file by its SHA-256, and has it on the disk before it says so; nginx does nothing of that. The last row is by how much
Kibitz's memory grew at most while the files passed through it.
"""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes of the file; everything is done `turns` times in turn."""

    file: int = 1000 * MEGABYTE
    turns: int = 3


FULL: Final = Sizes()
QUICK: Final = Sizes(file=100 * MEGABYTE)


@dataclass(frozen=True, slots=True)
class Side:
    """One server and how curl puts a file there; `put` returns the address it can be had from."""

    name: str
    put: Callable[[Path], str]
    head: tuple[str, ...] = ()


def run(place: Place, sizes: Sizes) -> Iterator[Row]:
    """Megabytes a second up and down, against nginx, and how far the server's memory grew."""
    curl = installed("curl", "curl")
    with ExitStack() as stack:
        file = Path(stack.enter_context(TemporaryDirectory(prefix="kibitz-bench-"))) / "file"
        _make(file, sizes.file)
        server = stack.enter_context(servers.kibitz())
        sides = [_kibitz(curl, server, stack.enter_context(talk(server, "alice")).token)]
        try:
            sides.append(_nginx(curl, stack.enter_context(servers.nginx())))
        except Missing as why:
            yield Row(what="nginx", value=None, note=str(why))
        with _watched(server) as grown:
            found = _transfers(place, curl, sides, file, sizes.turns)
    yield from _rows(found, len(sides) > 1, sizes)
    yield Row(what="memory grown meanwhile, at most", value=max(grown) / 2**20, unit="MiB", aim=FLAT)


def _transfers(
    place: Place, curl: str, sides: list[Side], file: Path, turns: int
) -> dict[tuple[str, str], list[float]]:
    """Megabytes a second by server and way."""
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    size = file.stat().st_size / MEGABYTE
    for turn in range(turns):
        for side in sides:
            place.say(f"files, turn {turn + 1} of {turns}: {side.name}")
            # What an earlier turn left to be written would be paid for by this one.
            os.sync()
            start = time.perf_counter()
            address = side.put(file)
            found[side.name, "up"].append(size / (time.perf_counter() - start))
            start = time.perf_counter()
            _run(curl, *side.head, "--output", os.devnull, address)
            found[side.name, "down"].append(size / (time.perf_counter() - start))
    return found


def _rows(found: dict[tuple[str, str], list[float]], compared: bool, sizes: Sizes) -> Iterator[Row]:
    for way in ("up", "down"):
        ours = found["Kibitz", way]
        yield row_of(f"{sizes.file // MEGABYTE:,} MB {way}", ours, "MB/s")
        if compared:
            theirs = found["nginx", way]
            yield row_of("  nginx", theirs, "MB/s")
            yield row_of(
                "  against nginx in the same turn", (a / b for a, b in zip(ours, theirs, strict=True)), "×", HALF
            )


def _kibitz(curl: str, server: Running, token: str) -> Side:
    head = ("--header", f"Authorization: Bearer {token}")

    def put(file: Path) -> str:
        answer = _run(curl, *head, "--form", f"file=@{file}", f"{server.http}/upload")
        return server.http + str(msgspec.json.decode(answer)["url"])

    return Side("Kibitz", put, head)


def _nginx(curl: str, server: Running) -> Side:
    def put(file: Path) -> str:
        _run(curl, "--upload-file", str(file), f"{server.http}/file")
        return f"{server.http}/file"

    return Side("nginx", put)


def _run(curl: str, *arguments: str) -> bytes:
    # Without «Expect: 100-continue», for which curl would wait a second where a server does not answer it.
    command = [curl, "--silent", "--show-error", "--fail", "--header", "Expect:", *arguments]
    return subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout


def _make(file: Path, size: int) -> None:
    chance = Random(1)
    with file.open("wb") as out:
        for _ in range(size // MEGABYTE):
            out.write(chance.randbytes(MEGABYTE))


@contextmanager
def _watched(server: Running) -> Iterator[list[int]]:
    """How many bytes of memory a server has come to hold more, at each look."""
    before, grown, over = server.memory, [0], threading.Event()

    def look() -> None:
        while not over.wait(LOOK_SECONDS):
            grown.append(server.memory - before)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield grown
    finally:
        over.set()
        watcher.join()
