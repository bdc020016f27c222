"""What must become known after a commit.

Rule: steps are carried out in commit order, each on every node that has someone to tell; they are data, so that they can travel.
"""

from dataclasses import dataclass

from kibitz.wire.codec import Label
from kibitz.wire.events import Event, RoomEvent


@dataclass(frozen=True, slots=True)
class Publish:
    """A durable event, to everyone in its room."""

    event: RoomEvent


@dataclass(frozen=True, slots=True)
class Notify:
    """An event for single users, on all their connections."""

    users: tuple[int, ...]
    event: Event


@dataclass(frozen=True, slots=True)
class Announce:
    """An event for everyone who is connected."""

    event: Event


@dataclass(frozen=True, slots=True)
class Join:
    """From here on, after the event `head`, these users' connections hear this room."""

    label: Label
    head: int
    users: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Leave:
    """From here on this user's connections do not hear this room."""

    room: int
    user: int


@dataclass(frozen=True, slots=True)
class Revoke:
    """These logins of a user have ended: close their connections. `tokens` None means all but `keep`."""

    user: int
    tokens: tuple[int, ...] | None = None
    keep: int | None = None


@dataclass(frozen=True, slots=True)
class Tell:
    """An event for whoever hears a code session."""

    session: int
    event: Event


@dataclass(frozen=True, slots=True)
class Recheck:
    """Rights to a code session have changed: whoever is in it, on whatever connection, is asked about anew."""

    session: int


Step = Publish | Notify | Announce | Join | Leave | Revoke | Tell | Recheck
