"""A real text as it was typed, keystroke by keystroke: taking it in, loading it, and going back to its middle.

One rule: the text that comes out is the one its author had. It is typed twice: fast through a server, and at the speed of people, for
which the rows that a server would have written in hours are written at once.
"""

import gzip
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final

import msgspec

from bench import servers
from bench.javascript import measuring
from bench.native import Missing
from bench.place import Place
from bench.rows import Row
from bench.servers import Running
from bench.talk import Talk, talk
from bench.yjs import joined
from kibitz.coedit.engine import Edit, Replica
from kibitz.coedit.history import CHECKPOINT_EVERY, SPACING, checkpoint
from kibitz.storage import Tx
from kibitz.storage.documents import NewUpdate, append, put_checkpoint
from kibitz.storage.store import database_url, open_engine
from kibitz.wire.clock import stamp

VARIABLE: Final = "KIBITZ_BENCH_TRACE"

MISSING: Final = f"no trace: {VARIABLE} can name a file of sequential_traces in github.com/josephg/editing-traces, as automerge-paper"

UNSUITABLE: Final = "not a trace by one author, in ASCII, that begins with an empty text"

TOGETHER: Final = 50
"""Edits in one message, as of a client that gathers for a while what it sends."""

KEYSTROKES: Final = 3
"""Edits in one row: what a person types while edits wait to be stored (kibitz.coedit.document.SAVE_SECONDS)."""

MEGABYTE: Final = 1_000_000


MEANS: Final = """
The editing history of a real paper, 259,778 keystrokes, given by `KIBITZ_BENCH_TRACE`: typed through a server by one client, then loaded
from the database as a server does that somebody comes to, and read as it was in its middle.
"""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many edits of the trace, and how often each thing is asked for that takes little time."""

    edits: int = 1_000_000
    asked: int = 9


FULL: Final = Sizes()
QUICK: Final = Sizes(edits=20_000, asked=3)


class _Transaction(msgspec.Struct):
    patches: list[tuple[int, int, str]]
    parents: list[int] | None = None


class _Trace(msgspec.Struct, rename="camel"):
    txns: list[_Transaction]
    start_content: str = ""


def run(place: Place, sizes: Sizes) -> Iterator[Row]:
    """Edits a second through a server; then the size of the history, milliseconds to load the document and to go back, its memory."""
    edits = _read(os.environ.get(VARIABLE))[: sizes.edits]
    with TemporaryDirectory(prefix="kibitz-bench-") as folder:
        with servers.kibitz(Path(folder)) as server, talk(server, "alice") as alice, talk(server, "bob") as bob:
            fast, slow = (alice.ask("create_session", language="python")["session"]["id"] for _ in range(2))
            bob.ask("join_session", session=fast)
            yield from _typed(place, server, fast, [alice.token, bob.token], edits)
            author = alice.welcome["user"]["id"]
        place.say("writing down what was typed at the speed of people")
        before = _size(Path(folder))
        _written(Path(folder), slow, author, edits)
        size = _size(Path(folder)) - before
        note = f"{size / len(edits):.0f} bytes an edit; {KEYSTROKES} edits a version"
        yield Row(what="history in the database", value=size / MEGABYTE, unit="MB", note=note)
        with servers.kibitz(Path(folder)) as server, talk(server, "alice") as alice:
            yield from _loaded(server, slow, alice.token, sizes.asked)
            yield from _went_back(alice, slow, sizes.asked)


def _read(trace: str | None) -> list[Edit]:
    """The edits of a trace. Raises `Missing`."""
    if trace is None:
        raise Missing(MISSING)
    try:
        found = msgspec.json.decode(gzip.decompress(Path(trace).read_bytes()), type=_Trace)
    except (OSError, EOFError, msgspec.DecodeError) as why:
        raise Missing(f"{trace} cannot be read: {why}") from why
    edits = [Edit(*patch) for one in found.txns for patch in one.patches]
    alone = found.start_content == "" and all(one.parents is None for one in found.txns)
    if not alone or not all(edit.added.isascii() for edit in edits):
        raise Missing(f"{trace} is {UNSUITABLE}")
    return edits


# --- fast, through a server --------------------------------------------------------------------------------------------


def _typed(place: Place, server: Running, session: int, tokens: list[str], edits: list[Edit]) -> Iterator[Row]:
    place.say(f"typing {len(edits):,} edits")
    with TemporaryDirectory(prefix="kibitz-bench-") as folder:
        file = Path(folder) / "edits.json"
        file.write_bytes(msgspec.json.encode(edits))
        plan: dict[str, Any] = {
            "url": f"ws://127.0.0.1:{server.http_port}/collab", "protocol": "y-websocket", "document": str(session),
            "tokens": tokens, "edits": str(file), "together": TOGETHER,
        }  # fmt: skip
        with measuring(place, "replay.mjs", plan) as told:
            found = next(told, {"equal": False})
    if not found["equal"]:
        raise RuntimeError("The text that came out is not the one that was typed.")
    what = f"{len(edits):,} edits, {TOGETHER} a message, each seen by another client before the next"
    yield Row(what=what, value=len(edits) / found["seconds"], unit="edits/s")
    yield Row(what="  memory of the server then", value=server.memory / MEGABYTE, unit="MB")


# --- at the speed of people --------------------------------------------------------------------------------------------


def _written(folder: Path, session: int, author: int, edits: list[Edit]) -> None:
    """Write what the server would have written: the updates, and a checkpoint every so many of them."""
    replica, at = Replica(), stamp(time.time())
    engine = open_engine(database_url(str(folder / "kibitz.db")), writer=True)
    try:
        updates = [_update(replica, edits[first : first + KEYSTROKES]) for first in range(0, len(edits), KEYSTROKES)]
        rows = [NewUpdate(session, seq, author, at, update) for seq, update in enumerate(updates, 1)]
        for first in range(0, len(rows), CHECKPOINT_EVERY):
            with engine.begin() as tx:
                append(tx, rows[first : first + CHECKPOINT_EVERY])
                _checkpoint(tx, session, rows[first : first + CHECKPOINT_EVERY][-1].seq, at)
    finally:
        engine.dispose()


def _update(replica: Replica, edits: list[Edit]) -> bytes:
    with replica.changing() as news:
        for edit in edits:
            replica.edit([edit])
    return news[0]


def _checkpoint(tx: Tx, session: int, version: int, at: str) -> None:
    payload = checkpoint(tx, session, version)
    assert payload is not None, "nothing is missing below it"
    put_checkpoint(tx, session, version, at, payload, spacing=SPACING)


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.glob("kibitz.db*"))


def _loaded(server: Running, session: int, token: str, asked: int) -> Iterator[Row]:
    before = server.memory
    with ExitStack() as stack:
        first = _timed(lambda: stack.enter_context(joined(server, session, token)))
        grown = server.memory - before
        again = [_timed(lambda: stack.enter_context(joined(server, session, token))) for _ in range(asked)]
    yield Row(what="  joining while nobody has it open: loading it from the database", value=first, unit="ms")
    yield Row(what="  joining while somebody has", value=median(again), unit="ms")
    yield Row(what="  memory of the document, loaded", value=grown / MEGABYTE, unit="MB")


def _went_back(author: Talk, session: int, asked: int) -> Iterator[Row]:
    head = author.ask("get_code", session=session)["version"]
    for what, version in (("its middle", head // 2), ("its last version but one", head - 1)):
        times = [_timed(partial(_text, author, session, version)) for _ in range(asked)]
        yield Row(what=f"  reading {what}", value=median(times), unit="ms", note=f"version {version:,} of {head:,}")


def _text(author: Talk, session: int, version: int) -> None:
    if not author.ask("get_code", session=session, version=version)["code"]:
        raise RuntimeError("The text was not empty then.")


def _timed(work: Callable[[], object]) -> float:
    """Milliseconds."""
    start = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - start)
