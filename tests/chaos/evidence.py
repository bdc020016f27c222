"""What the clients of a run know, for the checker to hold against the database.

Rule: plain data, without a connection or a clock, so that a test can tamper with it.
"""

from dataclasses import dataclass, field
from typing import Any

from tests.chaos.replica import RoomCopy


@dataclass
class Sent:
    """A command with a nonce, from its first sending on. `answer` is the result it was acknowledged with."""

    number: int
    type: str
    fields: dict[str, Any]
    times: int = 0
    answer: dict[str, Any] | None = None
    refused: str | None = None

    @property
    def nonce(self) -> str:
        """The key under which it is carried out once."""
        return str(self.fields["nonce"])


@dataclass(frozen=True)
class Heard:
    """A durable event that came over a connection: `live`, or while what was missed was replayed."""

    room: int
    seq: int
    live: bool


@dataclass(frozen=True)
class Reset:
    """A room that was to be started afresh, though the client had it up to `position` of `head`.

    `missed` is what that login had missed of every room, this one included: room, position, head.
    """

    room: int
    position: int
    head: int
    missed: tuple[tuple[int, int, int], ...]


@dataclass
class Witness:
    """What one client sent, heard and holds; `sent` in the order of the first sendings."""

    name: str
    user: int
    sent: list[Sent] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    resets: list[Reset] = field(default_factory=list)
    rooms: dict[int, RoomCopy] = field(default_factory=dict)


@dataclass
class Evidence:
    """Everyone's account. `pipes` has the tokens of the messages each pipe connection showed, in order."""

    witnesses: list[Witness] = field(default_factory=list)
    pipes: list[list[str]] = field(default_factory=list)


@dataclass
class Counts:
    """What a run did."""

    acknowledged: int = 0
    refused: int = 0
    kills: int = 0
    restarts: int = 0
    cuts: int = 0
    absences: int = 0
    resumes: int = 0
    resets: int = 0
    slow_closes: int = 0
    duplicates: int = 0
    reuses: int = 0
    events: int = 0
