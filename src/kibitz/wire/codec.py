"""What a codec is: the one way in and out between bytes and the vocabulary.

Rule: a codec is stateless, so that one encoding of an event serves every connection that speaks it.
"""

from dataclasses import dataclass
from typing import Protocol

import msgspec

from kibitz.domain.errors import Refusal
from kibitz.wire.closing import Close
from kibitz.wire.commands import Command, GetHistory, LogIn
from kibitz.wire.events import Event
from kibitz.wire.results import History, Welcome
from kibitz.wire.views import UserRef


@dataclass(frozen=True, slots=True)
class Label:
    """What a codec may say of the room an event is in: `members` are the two people of a direct room."""

    room: int
    kind: str
    name: str | None
    members: tuple[UserRef, ...] = ()


@dataclass(frozen=True, slots=True)
class Roster:
    """Who is connected, by name in order, as far as a codec that lists people needs it.

    `joined` and `left` are those who came online and went offline since the last telling: a change of status alone is neither.
    """

    names: tuple[str, ...]
    joined: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """The text of a session, for codecs whose clients know no other way to it, and where in it its author is."""

    code: str
    author: str
    cursor: int | None = None


@dataclass(frozen=True, slots=True)
class Printed:
    """What a run has written, for codecs that tell it with the run's end."""

    stdout: str
    stderr: str


Context = Label | Roster | Sheet | Printed | None


@dataclass(frozen=True, slots=True)
class Viewer:
    """For whom something is encoded, where that matters."""

    id: int
    name: str


NOBODY = Viewer(0, "")


class Misread(Refusal):
    """Bytes that were no command. `id` is what their sender called them, where that much could be read."""

    def __init__(self, code: str, message: str, id: int = 0) -> None:
        super().__init__(code, message)
        self.id = id


class Codec(Protocol):
    """One protocol's bytes. `personal` says that events of direct rooms are encoded for each viewer.

    `greeting` is a command that is carried out on a new connection's behalf, where its welcome shows a page of history.
    """

    name: str
    personal: bool
    greeting: GetHistory | None

    def decode(self, raw: bytes) -> Command | None:
        """The command in one line or frame, without its line end; None where nothing was said.

        Raises `Refusal` that names what is wrong.
        """
        ...

    def decode_first(self, raw: bytes) -> Command | None:
        """The same for the first message of a connection, which logs in."""
        ...

    def encode_event(self, event: Event, context: Context, viewer: Viewer) -> bytes:
        """What a viewer is sent for an event; empty where this protocol has nothing to say of it."""
        ...

    def encode_welcome(self, command: LogIn, welcome: Welcome, history: History | None, viewer: Viewer) -> bytes:
        """The answer to the login that opened a connection; `history` is what came of `greeting`."""
        ...

    def encode_reply(self, command: Command, result: msgspec.Struct | msgspec.Raw, viewer: Viewer) -> bytes:
        """The answer to a command that was carried out.

        Writing commands pass `Raw`: their answer was encoded once, when it was stored under the nonce.
        """
        ...

    def encode_refusal(self, command: Command | None, refusal: Refusal) -> bytes:
        """The answer to a command that was not, or to bytes that were none."""
        ...

    def encode_close(self, close: Close) -> bytes:
        """The last words on a connection; empty where closing says it."""
        ...
