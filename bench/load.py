"""Running the load (bench/load.c) on a server.

One rule: a run in which a message was lost, doubled or out of order has no figures: it fails.
"""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

import msgspec

from bench.native import compiled
from bench.servers import Running
from bench.speech import Speech


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
    """Send and count. `values` are numbers that stand for each connection's VALUE. Raises `Missing`, `RuntimeError`."""
    with NamedTemporaryFile("w", encoding="ascii") as file:
        file.writelines(f"{value:8}\n" for value in values)  # JSON takes blanks before a number
        file.flush()
        arguments = [
            *_arguments(server, speech, load.connections),
            *(f"senders={load.senders}", f"window={load.window}", f"rate={load.rate}"),
            *(f"warm={load.warm}", f"seconds={load.seconds}"),
            *([f"values={file.name}"] if values else []),
        ]
        done = subprocess.run([compiled("load", tools), *arguments], stdout=subprocess.PIPE, check=True)
    measured = msgspec.json.decode(done.stdout.splitlines()[-1], type=Measured)
    if measured.missing or measured.disordered:
        raise RuntimeError(f"{speech.name}: {measured.missing} messages missing, {measured.disordered} out of order.")
    return measured


class Idle:
    """Connections that are open and say nothing until they are told to `ask`. `opened` is how many seconds that took them."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._told, self._says = _pipes(process)
        self.opened = float(msgspec.json.decode(self._says.readline(), type=dict[str, float])["opened"])

    def ask(self) -> Answered:
        """Everyone pings at once."""
        self._told.write(b"\n")
        self._told.flush()
        return msgspec.json.decode(self._says.readline(), type=Answered)


@contextmanager
def idle(tools: Path, server: Running, speech: Speech, connections: int) -> Iterator[Idle]:
    """Open connections and keep them. Raises `Missing`."""
    assert speech.ping is not None, "whoever idles must have something to ask"
    ask = ":".join(part.hex() for part in speech.ping)
    command: list[str] = [
        str(compiled("load", tools)),
        *map(str, _arguments(server, speech, connections)),
        f"ask={ask}",
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
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


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    assert process.stdin is not None, "asked for"
    assert process.stdout is not None, "asked for"
    return process.stdin, process.stdout
