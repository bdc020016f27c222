"""The structured protocol's bytes: the same JSON as lines over TCP and as text messages over WebSocket.

Rule: what msgspec lets through is a command to the letter of its struct; whatever it does not is refused with the place and the
reason, under the `id` its sender gave it.
"""

from collections.abc import Callable
from typing import Final, TypeVar

import msgspec

from kibitz.domain.errors import Refusal
from kibitz.wire.catalogue import COMMANDS, AnyCommand
from kibitz.wire.closing import Close
from kibitz.wire.codec import Context, Misread, Viewer
from kibitz.wire.commands import Command, GetHistory, LogIn, Seq
from kibitz.wire.events import Closing, Error, Event, Reply
from kibitz.wire.frames import text_frame
from kibitz.wire.reading import MAX_FAULT, hint, not_utf8, quoted
from kibitz.wire.results import History, Welcome

T = TypeVar("T")


class _Head(msgspec.Struct):
    """As much of a message as is needed to say what is wrong with the rest."""

    id: msgspec.Raw = msgspec.Raw(b"0")
    type: msgspec.Raw = msgspec.Raw(b"null")


# Made once: building a decoder for the union takes milliseconds, using it 0.2 µs.
_commands: Final[msgspec.json.Decoder[Command]] = msgspec.json.Decoder(AnyCommand)
_heads: Final = msgspec.json.Decoder(_Head)
_ids: Final = msgspec.json.Decoder(Seq)
_types: Final = msgspec.json.Decoder(str)
_json: Final = msgspec.json.Encoder()

_FAULTS: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""All that msgspec raises over a stranger's bytes; RecursionError is its guard against depth."""


class JsonCodec:
    """JSON, each message packed by `pack`; `says_why` is true where a last event tells why a connection closes."""

    personal = False
    greeting: GetHistory | None = None

    def __init__(self, name: str, pack: Callable[[Event], bytes], *, says_why: bool) -> None:
        self.name = name
        self._pack = pack
        self._says_why = says_why

    def decode(self, raw: bytes) -> Command | None:
        """The command in one JSON text; None for a blank one. Raises `Misread`."""
        try:
            return _commands.decode(raw)
        except _FAULTS as fault:
            if not raw.strip():
                return None
            raise _misread(raw, fault) from None

    decode_first = decode

    def encode_event(self, event: Event, context: Context, viewer: Viewer) -> bytes:
        """The event as it stands."""
        return self._pack(event)

    def encode_welcome(self, command: LogIn, welcome: Welcome, history: History | None, viewer: Viewer) -> bytes:
        """The reply to a login; a client asks for the history it wants."""
        return self.encode_reply(command, welcome, viewer)

    def encode_reply(self, command: Command, result: msgspec.Struct | msgspec.Raw, viewer: Viewer) -> bytes:
        """A `reply` under the command's id."""
        raw = result if isinstance(result, msgspec.Raw) else msgspec.Raw(_json.encode(result))
        return self._pack(Reply(id=command.id, result=raw))

    def encode_refusal(self, command: Command | None, refusal: Refusal) -> bytes:
        """An `error` under the command's id, or 0 where there was none to be read."""
        id = command.id if command is not None else refusal.id if isinstance(refusal, Misread) else 0
        code, number, message, wait = refusal.code, refusal.number, refusal.message, refusal.retry_after
        return self._pack(Error(id=id, code=code, number=number, message=message, retry_after=wait))

    def encode_close(self, close: Close) -> bytes:
        """A last `closing` event over TCP; nothing over WebSocket, whose close frame carries the code."""
        if not self._says_why:
            return b""
        return self._pack(Closing(code=close.code, reason=close.reason, retry_after=close.retry_after))


def _misread(raw: bytes, fault: Exception) -> Misread:
    try:
        head = _heads.decode(raw)
    except _FAULTS as deeper:  # not even that much: this is what is wrong with it
        return Misread("malformed", _no_message(raw, deeper))
    id, type = _part(_ids, head.id) or 0, _part(_types, head.type)
    if not isinstance(fault, msgspec.ValidationError):
        return Misread("malformed", _no_message(raw, fault), id)
    if type is None:
        return Misread("malformed", 'A message needs a "type", as in {"type":"ping"}.', id)
    if type not in COMMANDS:
        near = hint(type, COMMANDS)
        return Misread("unknown_command", f"There is no command {quoted(type)}. {near}Send help for the list.", id)
    return Misread("invalid", f"{type}: {str(fault)[:MAX_FAULT]}.", id)


def _part(decoder: msgspec.json.Decoder[T], raw: msgspec.Raw) -> T | None:
    try:
        return decoder.decode(raw)
    except _FAULTS:
        return None


def _no_message(raw: bytes, fault: Exception) -> str:
    if isinstance(fault, RecursionError):
        return "This JSON is nested too deeply."
    if isinstance(fault, msgspec.ValidationError):
        return 'A message is a JSON object, as in {"type":"ping"}.'
    try:
        raw.decode()  # msgspec counts from the start of the string it stands in
    except UnicodeDecodeError as error:
        return not_utf8(error)
    place = "" if "(byte" in str(fault) else f" (byte {len(raw)})"
    return f"This is not JSON: {fault}{place}."


def _line(event: Event) -> bytes:
    return _json.encode_lines((event,))


def _frame(event: Event) -> bytes:
    return text_frame(_json.encode(event))


JSON_LINES: Final = JsonCodec("json lines", _line, says_why=True)
WS_TEXT: Final = JsonCodec("websocket text", _frame, says_why=False)
