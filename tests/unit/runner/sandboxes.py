"""Sandbox processes for a test: a real one, and one that does as it is told."""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from kibitz.runner.once import a_runner
from kibitz.runner.process import command
from kibitz.runner.runner import Handle, Program, RunEvent, Runner
from kibitz.sandbox.messages import Ended, Output, Result

PATIENCE = 60.0
"""Seconds until a test gives up on a busy machine."""


@contextmanager
def real_command(seconds: float = PATIENCE) -> Iterator[list[str]]:
    """The command of a real sandbox with a directory of its own for tools, which sandboxes can reach."""
    with tempfile.TemporaryDirectory(prefix="kibitz-test-") as name:
        Path(name).chmod(0o755)
        yield command(seconds=seconds, tools=Path(name) / "tools")


def acting(script: str) -> list[str]:
    """A sandbox process that does what this program says; `say` sends an event and `hear` waits for a request."""
    return [sys.executable, "-c", f"{_ACTOR}\n{script}"]


_ACTOR = """
import json, os, socket, sys, time
link = socket.socket(fileno=0).makefile("rw")
def say(type, **fields):
    link.write(json.dumps({"type": type, **fields}) + "\\n"); link.flush()
def hear():
    line = link.readline()
    return json.loads(line) if line else sys.exit(0)
def hello(problem=None):
    python = {"name": "python", "title": "Python", "aliases": ["py"], "extensions": [".py"], "version": "Python 3"}
    say("hello", languages=[python], problem=problem, at_once=1)
"""


class Heard:
    """A run and everything that was told of it."""

    def __init__(self) -> None:
        self.events: list[RunEvent] = []
        self._changed = asyncio.Event()

    def __call__(self, event: RunEvent) -> None:
        self.events.append(event)
        self._changed.set()

    @property
    def text(self) -> str:
        return "".join(event.data for event in self.events if isinstance(event, Output) and event.stream == "stdout")

    async def until(self, text: str) -> None:
        """Wait until the program has written this, and no more."""
        async with asyncio.timeout(PATIENCE):
            while self.text != text:
                await self._change()

    async def end(self) -> Result:
        """Wait for the end."""
        async with asyncio.timeout(PATIENCE):
            while True:
                if self.events and isinstance(last := self.events[-1], Ended):
                    return last.result
                await self._change()

    async def _change(self) -> None:
        self._changed.clear()
        await self._changed.wait()


@asynccontextmanager
async def running(command: Sequence[str], *, seconds: float = PATIENCE) -> AsyncIterator[Runner]:
    """A runner of this sandbox, for the length of a block."""
    async with a_runner(seconds=seconds, command=command) as runner:
        yield runner


async def begin(runner: Runner, source: str, language: str = "python", **more: object) -> tuple[Handle, Heard]:
    """A run that was taken on."""
    heard = Heard()
    program = Program(user="alice", language=language, source=source, **more)  # type: ignore[arg-type]
    return await runner.run(program, heard), heard
