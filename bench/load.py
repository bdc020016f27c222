"""Running the load (bench/load.c) on a server.

One rule: a run in which a message was lost, doubled or out of order has no figures: it fails.
"""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, TypeVar

import msgspec

from bench.native import Failed, compiled
from bench.servers import Running
from bench.speech import Speech

T = TypeVar("T")


class Times(msgspec.Struct, frozen=True):
    """Microseconds."""

    median: float
    p99: float


class Measured(msgspec.Struct, frozen=True):
    """What a run came to: marks and bytes seen in so many seconds; over the whole run, what was sent and what of it never came."""

    sent: int
    seconds: float
    marks: int
    bytes: int
    missing: int
    disordered: int
    each: Times | None = None
    last: Times | None = None

    @property
    def rate(self) -> float:
        """Marks a second."""
        return self.marks / self.seconds


class Answered(msgspec.Struct, frozen=True):
    """How many answered, and in how many seconds all of them had."""

    answered: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How much. Senders keep `window` messages under way each, or one of them sends `rate` a second; times in seconds."""

    connections: int
    senders: int = 1
    window: int = 0
    rate: float = 0
    warm: float = 1
    seconds: float = 5


def measure(tools: Path, server: Running, speech: Speech, load: Load, values: Sequence[int] = ()) -> Measured:
    """Send and count. `values` are numbers that stand for each connection's VALUE. Raises `Missing`, `Failed`."""
    with NamedTemporaryFile("w", encoding="ascii") as file:
        file.writelines(f"{value:8}\n" for value in values)  # JSON takes blanks before a number
        file.flush()
        arguments = [
            *_arguments(server, speech, load.connections),
            *(f"senders={load.senders}", f"window={load.window}", f"rate={load.rate}"),
            *(f"warm={load.warm}", f"seconds={load.seconds}"),
            *([f"values={file.name}"] if values else []),
        ]
        done = subprocess.run([compiled("load", tools), *arguments], capture_output=True, check=False)
    if done.returncode:
        raise Failed(_last_words(done.stderr, done.returncode))
    measured = msgspec.json.decode(done.stdout.splitlines()[-1], type=Measured)
    if measured.missing or measured.disordered:
        raise Failed(f"{speech.name}: {measured.missing} messages missing, {measured.disordered} out of order.")
    return measured


class Idle:
    """Connections that are open and say nothing until they are told to `ask`. `opened` is how many seconds that took them."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self.opened = self._next(dict[str, float])["opened"]

    def ask(self) -> Answered:
        """Everyone pings at once. Raises `Failed`."""
        with suppress(BrokenPipeError):  # it has ended: `_next` says why
            told = _pipe(self._process.stdin)
            told.write(b"\n")
            told.flush()
        return self._next(Answered)

    def _next(self, type: type[T]) -> T:
        line = _pipe(self._process.stdout).readline()
        if not line:
            raise Failed(_last_words(_pipe(self._process.stderr).read(), self._process.wait()))
        return msgspec.json.decode(line, type=type)


@contextmanager
def idle(tools: Path, server: Running, speech: Speech, connections: int) -> Iterator[Idle]:
    """Open connections and keep them. Raises `Missing`, `Failed`."""
    assert speech.ping is not None, "whoever idles must have something to ask"
    ask = ":".join(part.hex() for part in speech.ping)
    command: list[str] = [
        str(compiled("load", tools)),
        *map(str, _arguments(server, speech, connections)),
        *(f"ask={ask}", f"pulse={speech.pulse.hex()}"),
    ]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        yield Idle(process)  # the end of its standard input ends it


def _arguments(server: Running, speech: Speech, connections: int) -> list[str]:
    return [
        *(
            "host=127.0.0.1",
            f"port={server.http_port if speech.over_http else server.port}",
            f"connections={connections}",
        ),
        *(f"step={said.hex()}:{heard.hex()}" for said, heard in speech.steps),
        *(f"message={speech.message.hex()}", f"mark={speech.mark.hex()}", f"numbered={int(speech.numbered)}"),
    ]


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None, "asked for"
    return pipe


def _last_words(said: bytes, status: int) -> str:
    lines = said.decode(errors="replace").split("\n")
    return next((line for line in lines if line), f"the load ended with status {status} and without a word")
