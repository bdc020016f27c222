"""What the sandbox is asked and what it tells: JSON lines over one socket.

Rule: requests are imperative, events are in the past tense. What belongs to a run names it, and the events of a run come in the order
`queued`* `started` `output`* `ended`; a request that is not carried out is answered `refused` instead.
"""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

RunId = Annotated[str, Meta(min_length=1, max_length=64)]
"""A run, named by whoever asks for it; no two at a time may have the same."""

Stream = Literal["stdout", "stderr"]

Code = Literal["invalid", "not_available", "already_there", "too_long", "busy", "rate_limited", "unavailable"]
"""Why a request is not carried out: error codes of the server (`kibitz.domain.errors`)."""

MAX_LINE: Final = 16 * 1024 * 1024
"""Bytes of a line: a program and an input of the largest size, every character of them escaped."""


class Request(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag=str.lower):
    """Base of what the sandbox is asked."""


class Start(Request, frozen=True, kw_only=True):
    """Run a program when its turn comes.

    `user` shares the sandbox fairly with all others, whatever the string. `language` is a name, not one of its aliases. `input` is what
    its standard input begins with; it ends there, unless `keep_stdin_open`. `timeout` is in seconds, at most the sandbox's own.
    """

    run: RunId
    user: Annotated[str, Meta(max_length=256)]
    language: Annotated[str, Meta(max_length=32)]
    source: str
    input: str = ""
    keep_stdin_open: bool = False
    timeout: Annotated[float, Meta(gt=0)] | None = None


class Input(Request, frozen=True, kw_only=True):
    """Give a program more on its standard input, before or while it runs; `eof` ends it."""

    run: RunId
    data: str = ""
    eof: bool = False


class Stop(Request, frozen=True, kw_only=True):
    """End a run, or take it out of the queue. One that has ended already is no error."""

    run: RunId


class Expect(Request, frozen=True, kw_only=True):
    """Somebody is about to run this language: have a sandbox warm for it."""

    language: Annotated[str, Meta(max_length=32)]


AnyRequest = Start | Input | Stop | Expect


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag=str.lower):
    """Base of what the sandbox tells."""


class LanguageInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A language: `version` is its toolchain with the number, such as `GCC 12.2.0`; `missing` says what to install where it cannot run."""

    name: str
    title: str
    aliases: tuple[str, ...]
    extensions: tuple[str, ...]
    version: str = ""
    missing: str | None = None


class Hello(Event, frozen=True, kw_only=True):
    """The first event: what can be run here, and how many at once. With a `problem` nothing can, and it says what to do about that."""

    languages: tuple[LanguageInfo, ...]
    problem: str | None = None
    at_once: int


class Queued(Event, frozen=True, kw_only=True):
    """A run waits; `place` 1 is next. Told again when the place changes."""

    run: str
    place: int


class Started(Event, frozen=True, kw_only=True):
    """A run began, with this toolchain."""

    run: str
    toolchain: str


class Output(Event, frozen=True, kw_only=True):
    """A program, or its compiler, wrote this. What was not UTF-8, and NUL, is U+FFFD."""

    run: str
    stream: Stream
    data: str


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a run.

    Either it ended with `exit_code`, or the signal of this name ended it. `killed_for` is the limit it met, or who ended it: timeout,
    memory, processes, output, disk, descriptors, stopped, machine_memory (the machine ran short) or sandbox_lost (the sandbox itself
    died). Durations are the program's own in milliseconds, of the compiler where that refused it (`compiled` is false then). `cpu_ms`
    is good to about 10 ms, `peak_memory` in bytes is the highest sum over its processes that was seen, every 30 ms. `truncated` means
    that it wrote more than is passed on.
    """

    exit_code: int | None
    signal: str | None = None
    timed_out: bool = False
    killed_for: str | None = None
    duration_ms: int
    cpu_ms: int = 0
    peak_memory: int = 0
    truncated: bool = False
    compiled: bool = True


class Ended(Event, frozen=True, kw_only=True):
    """A run is over, and nothing of it is left on the machine."""

    run: str
    result: Result


class Refused(Event, frozen=True, kw_only=True):
    """A request was not carried out. `run` is empty where none could be read."""

    run: str
    code: Code
    message: str


AnyEvent = Hello | Queued | Started | Output | Ended | Refused


class _Head(msgspec.Struct):
    run: str = ""


_requests: Final[msgspec.json.Decoder[AnyRequest]] = msgspec.json.Decoder(AnyRequest)
_events: Final[msgspec.json.Decoder[AnyEvent]] = msgspec.json.Decoder(AnyEvent)
_heads: Final = msgspec.json.Decoder(_Head)
_encoder: Final = msgspec.json.Encoder()


def encode(message: Request | Event) -> bytes:
    """The message as a line."""
    return _encoder.encode_lines((message,))


def decode_request(line: bytes) -> AnyRequest | Refused:
    """The request in a line, or the refusal of one that cannot be read."""
    try:
        return _requests.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        return Refused(run=_run_of(line), code="invalid", message=f"The request cannot be read: {fault}.")


def decode_event(line: bytes) -> AnyEvent:
    """The event in a line. Raises `msgspec.DecodeError`."""
    return _events.decode(line)


def _run_of(line: bytes) -> str:
    try:
        return _heads.decode(line).run
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
