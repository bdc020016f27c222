"""What happens to the client itself, in the same stream as the server's events.

Rule: past tense, like events; whoever shows a client's state to a person needs no other source.
"""

from dataclasses import dataclass

from kibitz.client.errors import Refused
from kibitz.wire.commands import Write
from kibitz.wire.results import Welcome


@dataclass(frozen=True, slots=True)
class Connected:
    """There is a connection, and the replica's rooms are those of `welcome`; what was missed in them follows."""

    welcome: Welcome


@dataclass(frozen=True, slots=True)
class Disconnected:
    """There is none. `reason` is for people; the next attempt is in `retry_in` seconds."""

    reason: str
    retry_in: float


@dataclass(frozen=True, slots=True)
class RoomReset:
    """The replica has forgotten what it held of a room, since too much was missed to be told one by one."""

    room: int


@dataclass(frozen=True, slots=True)
class PageJoined:
    """Older messages of a room have come into the replica, down to the seq `floor`."""

    room: int
    floor: int


@dataclass(frozen=True, slots=True)
class CommandRefused:
    """The server will not carry out a command of the outbox, which has let go of it."""

    command: Write
    refused: Refused


Notice = Connected | Disconnected | RoomReset | PageJoined | CommandRefused
