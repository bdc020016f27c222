"""One sender, many receivers, as fast as it goes: a message that everyone hears, stored and authorised before it is delivered.

One rule: the peers store nothing and ask nobody who they are, and are measured all the same.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from bench import servers
from bench.load import Load, Measured, measure
from bench.native import Failed, Missing
from bench.place import Place, Starter
from bench.rows import Aim, Row, row_of
from bench.speech import FLOOR, JSON, NATS, PIPE, WEBSOCKET, Speech

WINDOW: Final = 64
"""Messages the sender has under way: it sends the next one when one of its own has come back to it."""

AGAINST_NATS: Final = Aim("≥", 1.5)

OURS: Final = (PIPE, JSON, WEBSOCKET)


MEANS: Final = """
A delivery is one message in one receiver's hands: 100 bytes to 1,000 people are 1,000 deliveries. The sender, who is one of them, keeps
64 messages under way. Kibitz has asked the database who may post, and has each message on the disk, before anyone gets it; nats-server
and the C program do neither, and count no bytes but the message's own few around it. The note says how many bytes a second that is: a message of the structured protocol is 290 bytes, two and a half times
nats-server's, so that where the notes come near one another it is the loopback that is full.
"""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much; `seconds` are measured after one that is not, and everything is done `turns` times in turn."""

    receivers: int = 1000
    seconds: float = 4
    turns: int = 5


FULL: Final = Sizes()
QUICK: Final = Sizes(receivers=200, seconds=1, turns=2)


def run(place: Place, sizes: Sizes) -> Iterator[Row]:
    """Deliveries a second of each protocol, and against nats-server in the same turn."""
    found: dict[str, list[Measured]] = defaultdict(list)
    missing: dict[str, str] = {}
    starters = _starters(place)
    for turn in range(sizes.turns):
        for speech, start in starters.items():
            if speech.name in missing:
                continue
            place.say(f"fan-out, turn {turn + 1} of {sizes.turns}: {speech.name}")
            try:
                with start() as server:
                    found[speech.name].append(measure(place.tools, server, speech, _load(sizes)))
            except (Missing, Failed) as why:
                missing[speech.name] = str(why)
    theirs = [] if NATS.name in missing else found[NATS.name]
    for speech in starters:
        if speech.name in missing:
            yield Row(what=speech.name, value=None, note=missing[speech.name])
        else:
            yield from _rows(speech, found[speech.name], theirs)


def _starters(place: Place) -> dict[Speech, Starter]:
    ours: dict[Speech, Starter] = dict.fromkeys(OURS, servers.kibitz)
    return {NATS: servers.nats, **ours, FLOOR: partial(servers.floor, place.tools)}


def _load(sizes: Sizes) -> Load:
    return Load(connections=sizes.receivers, window=WINDOW, seconds=sizes.seconds)


def _rows(speech: Speech, ours: list[Measured], theirs: list[Measured]) -> Iterator[Row]:
    megabytes = sorted(one.bytes / one.seconds / 1e6 for one in ours)[len(ours) // 2]
    yield row_of(speech.name, (one.rate for one in ours), "deliveries/s", note=f"{megabytes:,.0f} MB/s")
    if speech in OURS and theirs:
        ratios = [one.rate / other.rate for one, other in zip(ours, theirs, strict=True)]
        yield row_of("  against nats-server in the same turn", ratios, "×", AGAINST_NATS)
