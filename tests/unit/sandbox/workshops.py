"""A workshop for a test, with everything a program of any language needs."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.unit.sandbox.boxes import BUBBLEWRAP, PATIENCE

from kibitz.sandbox.jail.arguments import PATH
from kibitz.sandbox.languages import languages
from kibitz.sandbox.messages import Output, Result, Start, Stream
from kibitz.sandbox.run import Run
from kibitz.sandbox.workshop import Workshop


def needs(language: str) -> pytest.MarkDecorator:
    """For tests that run programs of this language."""
    missing = [program for program in languages()[language].programs if shutil.which(program, path=PATH) is None]
    is_here = BUBBLEWRAP is not None and not missing
    return pytest.mark.skipif(not is_here, reason=f"bubblewrap or the toolchain of {language} is not installed")


class Room:
    """A workshop, and what its runs tell."""

    def __init__(self, workshop: Workshop) -> None:
        self.workshop = workshop

    def a_run(self, language: str, source: str, input: str = "", **more: Any) -> "Told":
        """A run that has not begun."""
        return Told(Start(run="1", user="alice", language=language, source=source, input=input, **more))

    async def run(self, language: str, source: str, input: str = "", **more: Any) -> "Told":
        """A run, carried out to its end."""
        told = self.a_run(language, source, input, **more)
        await told.carry_out(self.workshop)
        return told


class Told:
    """A run and everything it told."""

    def __init__(self, start: Start) -> None:
        self.pieces: list[tuple[Stream, str]] = []
        self.changed = asyncio.Event()
        self.run = Run(start, languages()[start.language], start.timeout or PATIENCE, self._hear)
        self._result: Result | None = None

    async def carry_out(self, workshop: Workshop) -> None:
        async with asyncio.timeout(PATIENCE):
            self._result = await workshop.carry_out(self.run)

    @property
    def result(self) -> Result:
        assert self._result is not None
        return self._result

    def text(self, stream: Stream = "stdout") -> str:
        return "".join(text for one, text in self.pieces if one == stream)

    async def until(self, text: str) -> None:
        """Wait until it has written this, and no more."""
        async with asyncio.timeout(PATIENCE):
            while self.text() != text:
                self.changed.clear()
                await self.changed.wait()

    def _hear(self, event: object) -> None:
        assert isinstance(event, Output)
        self.pieces.append((event.stream, event.data))
        self.changed.set()


@asynccontextmanager
async def a_workshop(tools: Path) -> AsyncIterator[Room]:
    """A workshop that keeps its tools here. Every task and sandbox of it ends with the block."""
    assert BUBBLEWRAP is not None
    async with asyncio.TaskGroup() as group:
        tasks: list[asyncio.Task[Any]] = []

        def spawn(work: Coroutine[Any, Any, Any]) -> None:
            tasks.append(group.create_task(work))

        workshop = Workshop(bubblewrap=BUBBLEWRAP, tools=tools, tree=None, spawn=spawn)
        workshop.versions = dict.fromkeys(languages(), "1.0")
        spawn(workshop.watchdog.work())
        try:
            yield Room(workshop)
        finally:
            workshop.pool.close()
            for task in tasks:
                task.cancel()
