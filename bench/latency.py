"""How long a message takes at a calm rate, from the sender's send to everyone's receipt.

One rule: the same rate and the same receivers for everyone, and nothing else going on.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from typing import Final

from bench import servers
from bench.load import Load, Times, measure
from bench.native import Missing
from bench.place import Place, Starter
from bench.rows import Aim, Row, row_of
from bench.speech import JSON, NATS, PIPE, WEBSOCKET, Speech

RATE: Final = 50.0
"""Messages a second."""

NO_WORSE: Final = Aim("≤", 1.0)

OURS: Final = (PIPE, JSON, WEBSOCKET)


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much; times in seconds, everything `turns` times in turn."""

    receivers: int = 1000
    seconds: float = 8
    turns: int = 3


FULL: Final = Sizes()
QUICK: Final = Sizes(receivers=200, seconds=2, turns=1)


def run(place: Place, sizes: Sizes) -> Iterator[Row]:
    """Milliseconds to each receipt and to the last one of a message, and the median against nats-server's."""
    each: dict[str, list[Times]] = defaultdict(list)
    last: dict[str, list[Times]] = defaultdict(list)
    starters: dict[Speech, Starter] = {NATS: servers.nats, **dict.fromkeys(OURS, servers.kibitz)}
    load = Load(connections=sizes.receivers, rate=RATE, seconds=sizes.seconds)
    for turn in range(sizes.turns):
        for speech, start in starters.items():
            place.say(f"latency, turn {turn + 1} of {sizes.turns}: {speech.name}")
            try:
                with start() as server:
                    measured = measure(place.tools, server, speech, load)
            except Missing as why:
                if speech is not NATS:
                    raise
                place.say(str(why))
                continue
            assert measured.each is not None, "a rate has times"
            assert measured.last is not None, "a rate has times"
            each[speech.name].append(measured.each)
            last[speech.name].append(measured.last)
    for speech in starters:
        yield from _rows(speech, each, last)


def _rows(speech: Speech, each: dict[str, list[Times]], last: dict[str, list[Times]]) -> Iterator[Row]:
    if speech.name not in each:
        yield Row(what=speech.name, value=None, note="nats-server is not installed: apt-get install nats-server")
        return
    for what, found in (("each receipt", each[speech.name]), ("the last receipt", last[speech.name])):
        p99 = median(one.p99 for one in found) / 1000
        yield row_of(f"{speech.name}: {what}", (one.median / 1000 for one in found), "ms", note=f"99 %: {p99:.1f} ms")
    if speech in OURS and NATS.name in each:
        ratios = [one.median / other.median for one, other in zip(each[speech.name], each[NATS.name], strict=True)]
        yield row_of("  each receipt against nats-server in the same turn", ratios, "×", NO_WORSE)
