"""Many connections that say nothing: what each costs, and whether all of them are still answered.

One rule: everyone is a user of their own, logged in, and hears the general channel.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bench import servers
from bench.load import idle
from bench.native import Failed
from bench.place import Place
from bench.rows import Aim, Row
from bench.speech import JSON, WEBSOCKET, Speech
from bench.talk import talk

AIM: Final = Aim("≤", 12)

BACK_SOON: Final = Aim("≥", 400)
"""Logins a second at which everyone is back some seconds after a restart: 10,000 people in 25 s."""

SETTLE_SECONDS: Final = 3.0
"""After the last login, until who came has been told and memory is at rest."""


MEANS: Final = """
10,000 people log in, 64 at a time, each new to the server, and then say nothing. `each` is by how much the server's memory grew for each
of them; `logging in` is how many got in a second, counted over all of them, while everyone who was in was told of those who came; and
the last row is how long it took until each of them had an answer, when all asked at once.
"""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many."""

    connections: int = 10_000


FULL: Final = Sizes()
QUICK: Final = Sizes(connections=1_000)


def run(place: Place, sizes: Sizes) -> Iterator[Row]:
    """Memory of the server for each connection, and how long it takes to answer everyone's ping."""
    for speech in (JSON, WEBSOCKET):
        place.say(f"{sizes.connections:,} idle connections: {speech.name}")
        try:
            yield from _kept(place, speech, sizes.connections)
        except Failed as why:
            yield Row(what=f"{sizes.connections:,} connections, {speech.name}", value=None, note=str(why))


def _kept(place: Place, speech: Speech, connections: int) -> Iterator[Row]:
    with servers.kibitz(clients=connections + 100) as server:
        with talk(server, "first"):
            before = server.memory
        with idle(place.tools, server, speech, connections) as all_of_them:
            time.sleep(SETTLE_SECONDS)
            each = (server.memory - before) / connections / 1024
            answers = all_of_them.ask()
        name, opened = f"{connections:,} connections, {speech.name}", connections / all_of_them.opened
        yield Row(what=f"{name}: each", value=each, unit="KiB", aim=AIM)
        yield Row(what="  logging in", value=opened, unit="a second", aim=BACK_SOON)
        unanswered = connections - answers.answered
        note = "every one" if not unanswered else f"{unanswered:,} NOT ANSWERED"
        yield Row(what="  all of them ask for a PONG at once", value=answers.seconds, unit="s", note=note)
