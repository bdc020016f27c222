"""What a use case is given, and what it gives back.

Rule: a use case changes the database and says what must become known; who hears it is the hub's matter.
"""

from dataclasses import dataclass, field
from typing import Generic, TypeVar

import msgspec

from kibitz.domain.access import Actor
from kibitz.fanout.steps import Step
from kibitz.storage import Tx
from kibitz.wire.results import Done

C = TypeVar("C")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Call(Generic[C, T]):
    """One command on its way through one transaction.

    `thing` is what the right was checked on; `now` is the time it was taken in, RFC 3339 in UTC.
    """

    tx: Tx
    actor: Actor
    command: C
    thing: T
    now: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a command: the answer to its sender, and the steps by which everyone else learns of it, in order."""

    answer: msgspec.Struct = field(default_factory=Done)
    steps: tuple[Step, ...] = ()
