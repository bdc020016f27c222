"""Hello, world in five languages, against what one would type in a shell.

One rule: the command, the server and the sandbox alone take turns on the same machine, and everyone does the whole job: from the source
to the end of the program.
"""

import asyncio
import socket
import subprocess
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

import msgspec

from bench import servers
from bench.place import Place
from bench.programs import Programs, Took, programs, what_is_missing
from bench.rows import Aim, Row, row_of
from bench.servers import Running
from bench.talk import talk
from kibitz.runner.once import a_runner
from kibitz.runner.runner import Program, RunEvent, Runner
from kibitz.sandbox.messages import Ended, Output

PATH: Final = "/usr/bin:/bin"
"""Where a command is found: the toolchains that the sandbox has."""

PEOPLE: Final = 10
"""Who share the queue: nobody may fill it alone."""


MEANS: Final = """
Hello, world: from asking for the run to its end, over the server's REST API and by the sandbox alone, as a ratio to the commands that one
would type, run in the same turn. `first` is a text that was never run before, `again` one that was. `first byte` is the time until the
first output.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """A program as a person has it and runs it. `first` and `again` are what its time is to be of the commands' time.

    `pause` is how many seconds go by until the next run, in which the next sandbox becomes warm: people read what they see.
    """

    name: str
    file: str
    source: str
    commands: tuple[str, ...]
    comment: str
    first: Aim
    again: Aim
    pause: float = 0.2


LANGUAGES: Final = (
    Language(
        name="python", file="main.py", source='print("hello, world")\n', commands=("python3 main.py",),
        comment="#", first=Aim("≤", 0.7), again=Aim("≤", 0.7),
    ),
    Language(
        name="javascript", file="main.js", source='console.log("hello, world")\n', commands=("node main.js",),
        comment="//", first=Aim("≤", 0.5), again=Aim("≤", 0.5),
    ),
    Language(
        name="c", file="main.c", source='#include <stdio.h>\nint main(void) { puts("hello, world"); }\n',
        commands=("gcc -O1 main.c -o main", "./main"), comment="//", first=Aim("≤", 1.1), again=Aim("≤", 0.35),
    ),
    Language(
        name="cpp", file="main.cpp", source='#include <iostream>\nint main() { std::cout << "hello, world\\n"; }\n',
        commands=("g++ -O1 main.cpp -o main", "./main"), comment="//", first=Aim("≤", 0.35), again=Aim("≤", 0.05),
    ),
    Language(
        name="java", file="Main.java",
        source='class Main { public static void main(String[] a) { System.out.println("hello, world"); } }\n',
        commands=("javac Main.java", "java Main"), comment="//", first=Aim("≤", 0.1), again=Aim("≤", 0.1), pause=1.2,
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sizes:
    """How often everything is run in turn, and how many runs are queued at once."""

    turns: int = 7
    queued: int = 100


FULL: Final = Sizes()
QUICK: Final = Sizes(turns=1, queued=30)

BARE, FIRST, AGAIN = "commands", "first", "again"

Found = dict[tuple[str, str, str], list[Took]]
"""What was measured, by language, by who ran it, and whether it was new."""


def run(place: Place, sizes: Sizes) -> Iterator[Row]:
    """Each language as a part of its commands' time, to the first output and to the end; and many runs at once."""
    with servers.kibitz() as server, talk(server, "alice") as alice, programs(server, alice.token) as over_http:
        missing = what_is_missing(alice)
        runnable = [one for one in LANGUAGES if one.name not in missing]
        found = asyncio.run(_measured(place, over_http, runnable, sizes.turns))
        for language in LANGUAGES:
            if language in runnable:
                yield from _rows(language, found)
            else:
                yield Row(what=language.name, value=None, note=missing[language.name])
        place.say(f"{sizes.queued} runs at once")
        yield from _queued(server, sizes.queued)


async def _measured(place: Place, over_http: Programs, languages: list[Language], turns: int) -> Found:
    """Everything in turn. What is timed in this thread keeps the runner's loop waiting, which has nothing to do meanwhile."""
    found: Found = defaultdict(list)
    async with a_runner() as runner:
        for turn in range(-1, turns):  # the first one warms everything, and does not count
            place.say(f"programs, turn {turn + 1} of {turns}")
            for one in languages:
                source = f"{one.source}{one.comment} {turn}\n"
                took = {(one.name, BARE, BARE): _bare(one, source)}
                for kind in (FIRST, AGAIN):
                    took[one.name, "server", kind] = _over_http(over_http, one, source)
                    await asyncio.sleep(one.pause)
                for kind in (FIRST, AGAIN):
                    took[one.name, "runner", kind] = await _direct(runner, one, source)
                    await asyncio.sleep(one.pause)
                for key, value in took.items():
                    if turn >= 0:
                        found[key].append(value)
    return found


def _bare(language: Language, source: str) -> Took:
    with TemporaryDirectory(prefix="kibitz-bench-") as folder:
        (Path(folder) / language.file).write_text(source, encoding="utf-8")
        start = time.perf_counter()
        for command in language.commands[:-1]:
            subprocess.run(command.split(), cwd=folder, env={"PATH": PATH}, check=True)
        last = language.commands[-1].split()
        with subprocess.Popen(last, cwd=folder, env={"PATH": PATH}, stdout=subprocess.PIPE, bufsize=0) as process:
            assert process.stdout is not None, "asked for"
            process.stdout.read(1)
            first = time.perf_counter() - start
            process.stdout.read()
        return Took(1000 * first, 1000 * (time.perf_counter() - start))


def _over_http(connection: Programs, language: Language, source: str) -> Took:
    took, status = connection.run(language.name, source)
    if status != 0:
        raise RuntimeError(f"{language.name}: hello, world ended with {status}.")
    return took


async def _direct(runner: Runner, language: Language, source: str) -> Took:
    ended: asyncio.Future[float] = asyncio.get_running_loop().create_future()
    first: list[float] = []

    def hear(event: RunEvent) -> None:
        if isinstance(event, Output):
            first.append(time.perf_counter())
        elif isinstance(event, Ended):
            ended.set_result(time.perf_counter())

    start = time.perf_counter()
    await runner.run(Program(user="alice", language=language.name, source=source), hear)
    done = await ended
    return Took(1000 * (first[0] - start), 1000 * (done - start))


def _rows(language: Language, found: Found) -> Iterator[Row]:
    bare = found[language.name, BARE, BARE]
    yield row_of(" && ".join(language.commands), (one.done for one in bare), "ms", note=_first(bare))
    for who in ("server", "runner"):
        for kind, aim in ((FIRST, language.first), (AGAIN, language.again)):
            ours = found[language.name, who, kind]
            ratios = [one.done / other.done for one, other in zip(ours, bare, strict=True)]
            note = f"{median(one.done for one in ours):.1f} ms; {_first(ours, bare)}"
            yield row_of(f"  {who}, {kind}", ratios, "×", aim if who == "server" else None, note)


def _first(ours: list[Took], bare: list[Took] | None = None) -> str:
    text = f"first output: {median(one.first for one in ours):.1f} ms"
    if bare is None:
        return text
    return f"{text}, {median(one.first / other.first for one, other in zip(ours, bare, strict=True)):.2f} ×"


def _queued(server: Running, count: int) -> Iterator[Row]:
    """Everyone asks for their share in one breath; it is over when the last end has been told."""
    each = count // PEOPLE
    run = msgspec.json.encode({"type": "run_code", "id": 2, "language": "python", "code": 'print("hello, world")\n'})
    people = []
    for number in range(PEOPLE):
        sock = socket.create_connection(("127.0.0.1", server.port))
        sock.sendall(msgspec.json.encode({"type": "log_in", "id": 1, "name": f"person{number}"}) + b"\n")
        people.append((sock, sock.makefile("rb")))
    for _, lines in people:
        next(line for line in lines if line.startswith(b'{"type":"caught_up"'))
    start = time.perf_counter()
    for sock, _ in people:
        sock.sendall((run + b"\n") * each)
    for sock, lines in people:
        ended = (line for line in lines if line.startswith(b'{"type":"run_ended"'))
        for _ in range(each):
            assert b'"exit_code":0' in next(ended), "hello, world goes well"
        sock.close()
    seconds = time.perf_counter() - start
    yield Row(
        what=f"{count} runs of {PEOPLE} people at once, python",
        value=seconds,
        unit="s",
        note=f"{count / seconds:.0f} runs/s",
    )
