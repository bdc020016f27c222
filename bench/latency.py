"""How long a message takes at a calm rate, from the sender's send to everyone's receipt.

One rule: the same rate and the same receivers for everyone, and nothing else going on.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from typing import Final

from bench import servers
from bench.load import Load, Measured, Times, measure
from bench.native import Failed, Missing
from bench.place import Place, Starter
from bench.rows import Aim, Row, row_of
from bench.speech import JSON, NATS, PIPE, WEBSOCKET, Speech

RATE: Final = 50.0
"""Messages a second."""

NO_WORSE: Final = Aim("≤", 1.0)

OURS: Final = (PIPE, JSON, WEBSOCKET)


MEANS: Final = """
One of 1,000 people sends 50 messages a second, 100 bytes each, and everyone gets them: 50,000 deliveries a second. `each receipt` is
the time from the sender's send to one person's receipt, `the last receipt` that to the last person's; both are medians, and the note
says what 99 of 100 are below. Kibitz has each message on the disk before anyone gets it.
"""


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
    found: dict[str, list[Measured]] = defaultdict(list)
    missing: dict[str, str] = {}
    starters: dict[Speech, Starter] = {NATS: servers.nats, **dict.fromkeys(OURS, servers.kibitz)}
    load = Load(connections=sizes.receivers, rate=RATE, seconds=sizes.seconds)
    for turn in range(sizes.turns):
        for speech, start in starters.items():
            if speech.name in missing:
                continue
            place.say(f"latency, turn {turn + 1} of {sizes.turns}: {speech.name}")
            try:
                with start() as server:
                    found[speech.name].append(measure(place.tools, server, speech, load))
            except (Missing, Failed) as why:
                missing[speech.name] = str(why)
    theirs = [] if NATS.name in missing else found[NATS.name]
    for speech in starters:
        if speech.name in missing:
            yield Row(what=speech.name, value=None, note=missing[speech.name])
        else:
            yield from _rows(speech, found[speech.name], theirs)


def _rows(speech: Speech, ours: list[Measured], theirs: list[Measured]) -> Iterator[Row]:
    each = [_timed(one.each) for one in ours]
    for what, times in (("each receipt", each), ("the last receipt", [_timed(one.last) for one in ours])):
        p99 = median(one.p99 for one in times) / 1000
        yield row_of(f"{speech.name}: {what}", (one.median / 1000 for one in times), "ms", note=f"99 %: {p99:.1f} ms")
    if speech in OURS and theirs:
        ratios = [one.median / _timed(other.each).median for one, other in zip(each, theirs, strict=True)]
        yield row_of("  each receipt against nats-server in the same turn", ratios, "×", NO_WORSE)


def _timed(times: Times | None) -> Times:
    assert times is not None, "a rate has times"
    return times
