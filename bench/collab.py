"""Twenty people in one document: how soon the others see an edit, and how many edits they can be shown.

One rule: the same clients for every server, and an edit that did not come to everyone leaves no figures. Kibitz asks who everyone is and
what they may do, and writes every edit down with its author; Hocuspocus asks for a token and writes the document down every two seconds;
@y/websocket-server does neither.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final

import msgspec

from bench import servers
from bench.javascript import measuring, serving
from bench.place import Place
from bench.rows import Aim, Row, row_of
from bench.servers import Running
from bench.talk import talk

PEOPLE: Final = 20

RATE: Final = 10
"""Edits a second of each who types: what a fast typist does."""

WINDOW: Final = 4
"""Edits that each has under way where it goes as fast as it can."""

NO_SLOWER: Final = Aim("≤", 1.0)

MORE: Final = Aim("≥", 1.1)

TYPING: Final = "typing.mjs"
SATURATED: Final = "saturated.mjs"


MEANS: Final = """
Twenty stock Yjs clients in one document. Typing: each makes ten edits and ten moves of the cursor a second, and the figure is the time
until the others have an edit. Saturated: each has four edits under way, and a delivery is one edit seen by one of the others. Kibitz
checks rights and stores every edit; what the peers do is said in each row.
"""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Seconds measured after one that is not, of each way; everything `turns` times in turn."""

    seconds: float = 4
    turns: int = 3


FULL: Final = Sizes()
QUICK: Final = Sizes(seconds=1, turns=1)


@dataclass(frozen=True, slots=True)
class Desk:
    """A server with a document that everyone who has one of the tokens may edit."""

    server: Running
    url: str
    document: str
    tokens: list[str]


@dataclass(frozen=True, slots=True)
class Side:
    """One server as it is measured: which stock client it is for, and how a desk is laid there."""

    name: str
    protocol: str
    start: Callable[[Place], AbstractContextManager[Desk]]


class Found(msgspec.Struct):
    """What a program of bench/node came to. Milliseconds; `load` is the part of a core that it used itself."""

    deliveries: int
    missing: int
    equal: bool
    median: float = 0
    p99: float = 0
    seconds: float = 0
    load: float = 0
    cpu: float = 0  # the server's seconds of processor time meanwhile

    @property
    def rate(self) -> float:
        """Deliveries a second."""
        return self.deliveries / self.seconds

    @property
    def cost(self) -> float:
        """Microseconds of the server's processor time for each delivery."""
        return 1e6 * self.cpu / self.deliveries


def run(place: Place, sizes: Sizes) -> Iterator[Row]:
    """Milliseconds to the others at typing speed, and deliveries a second at most, each against Hocuspocus in the same turn."""
    found: dict[tuple[str, str], list[Found]] = defaultdict(list)
    sides = (HOCUSPOCUS, *OURS, Y_WEBSOCKET)
    for turn in range(sizes.turns):
        for side in sides:
            place.say(f"joint editing, turn {turn + 1} of {sizes.turns}: {side.name}")
            for program in (TYPING, SATURATED):
                with side.start(place) as desk:
                    found[program, side.name].append(measure(place, side, desk, program, sizes.seconds))
    for program, rows in ((TYPING, _typed), (SATURATED, _pushed)):
        for side in sides:
            yield from rows(side, found[program, side.name], found[program, HOCUSPOCUS.name])


def measure(place: Place, side: Side, desk: Desk, program: str, seconds: float) -> Found:
    """Have one of the programs edit. Raises `Missing`, `RuntimeError`."""
    plan: dict[str, Any] = {
        "url": desk.url, "protocol": side.protocol, "document": desk.document, "tokens": desk.tokens,
        "rate": RATE, "window": WINDOW, "warm": 1, "seconds": seconds,
    }  # fmt: skip
    cpu, found = [], None
    with measuring(place, program, plan) as told:
        for one in told:
            if "begun" in one or "over" in one:
                times = desk.server.process.cpu_times()
                cpu.append(times.user + times.system)
            else:
                found = msgspec.convert(one, Found)
    if found is None or found.missing or not found.equal:
        raise RuntimeError(f"{side.name}: the documents differ: {found}")
    found.cpu = cpu[1] - cpu[0]
    return found


def _typed(side: Side, ours: list[Found], theirs: list[Found]) -> Iterator[Row]:
    note = f"99 %: {median(one.p99 for one in ours):.1f} ms; {median(one.cost for one in ours):.0f} µs of processor time each"
    yield row_of(f"typing: {side.name}", (one.median for one in ours), "ms", note=note)
    if side in OURS:
        ratios = [one.median / other.median for one, other in zip(ours, theirs, strict=True)]
        yield row_of("  against Hocuspocus in the same turn", ratios, "×", NO_SLOWER)


def _pushed(side: Side, ours: list[Found], theirs: list[Found]) -> Iterator[Row]:
    note = f"{median(one.cost for one in ours):.1f} µs of processor time each; the load used {median(one.load for one in ours):.0%} of a core"
    yield row_of(f"saturated: {side.name}", (one.rate for one in ours), "deliveries/s", note=note)
    if side in OURS:
        ratios = [one.rate / other.rate for one, other in zip(ours, theirs, strict=True)]
        yield row_of("  against Hocuspocus in the same turn", ratios, "×", MORE)


# --- the servers -------------------------------------------------------------------------------------------------------


@contextmanager
def _kibitz(path: str, _: Place) -> Iterator[Desk]:
    """A session that everyone has joined, over one of the two doors to it."""
    with servers.kibitz() as server:
        with talk(server, "owner") as owner:
            session = owner.ask("create_session", language="python")["session"]["id"]
        tokens = []
        for number in range(PEOPLE):
            with talk(server, f"person{number}") as person:
                person.ask("join_session", session=session)
                tokens.append(person.token)
        yield Desk(server, f"ws://127.0.0.1:{server.http_port}{path}", str(session), tokens)


@contextmanager
def _hocuspocus(place: Place) -> Iterator[Desk]:
    tokens = [f"token-{number}" for number in range(PEOPLE)]
    with (
        TemporaryDirectory(prefix="kibitz-bench-") as folder,
        serving(place, "hocuspocus.mjs", Path(folder) / "documents.db", *tokens) as server,
    ):
        yield Desk(server, f"ws://127.0.0.1:{server.port}", "1", tokens)


@contextmanager
def _y_websocket(place: Place) -> Iterator[Desk]:
    with serving(place, "y-websocket.mjs") as server:
        yield Desk(server, f"ws://127.0.0.1:{server.port}", "1", [""] * PEOPLE)


HOCUSPOCUS: Final = Side("Hocuspocus 4, with SQLite", "hocuspocus", _hocuspocus)
Y_WEBSOCKET: Final = Side("@y/websocket-server, in memory", "y-websocket", _y_websocket)
OURS: Final = (
    Side("Kibitz, as Hocuspocus", "hocuspocus", partial(_kibitz, "/hocuspocus")),
    Side("Kibitz, as y-websocket", "y-websocket", partial(_kibitz, "/collab")),
)
