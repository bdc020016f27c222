"""One program, run from a terminal: its input comes from here and its output goes there, live.

Rule: it goes the way every program goes, through a sandbox process of its own with all walls and limits.
"""

import asyncio
import codecs
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

from kibitz.domain.errors import Refusal
from kibitz.runner.runner import Handle, Program, RunEvent, Runner
from kibitz.sandbox.messages import Ended, Output, Result, Stream
from kibitz.sandbox.policy import RUN_SECONDS

CHUNK: Final = 64 * 1024
"""Bytes of input read at once."""

Write = Callable[[Stream, str], None]


@dataclass(frozen=True, slots=True)
class Once:
    """What came of it: the result, and the language it was taken for."""

    result: Result
    language: str
    toolchain: str


class _Group:
    """Tasks that end with a block."""

    def __init__(self, group: asyncio.TaskGroup) -> None:
        self._group = group

    def spawn(self, name: str, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Begin one."""
        return self._group.create_task(work, name=name)


@asynccontextmanager
async def a_runner(*, seconds: float = RUN_SECONDS, command: Sequence[str] | None = None) -> AsyncIterator[Runner]:
    """A sandbox for the length of a block, ready to run."""
    try:
        async with asyncio.TaskGroup() as group:
            runner = Runner(_Group(group), seconds=seconds, command=command)
            await runner.start()
            try:
                await runner.ready()
                yield runner
            finally:
                await runner.stop()
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None  # the block's own, which it expects as it raised it


def run_file(
    name: str,
    source: str,
    *,
    language: str | None = None,
    seconds: float = RUN_SECONDS,
    write: Write | None = None,
    stdin: int | None = 0,
    command: Sequence[str] | None = None,
) -> Once:
    """Run the program in a file of this name, and wait for its end.

    The language is the one named, by its name or another that people have for it, or the one that the file's ending says. What the
    program writes goes to `write` as it comes, or else to this process's standard output and error; what is read from the descriptor
    `stdin` goes to the program as it comes (None for no input). The first interrupt (Ctrl-C) stops the program.

    Raises `Refusal` for a language that there is none of, or that cannot be run here.
    """
    came = asyncio.run(_run_file(name, source, language, seconds, write or to_terminal, stdin, command))
    if isinstance(came, Refusal):
        raise came
    return came


async def _run_file(
    name: str,
    source: str,
    language: str | None,
    seconds: float,
    write: Write,
    stdin: int | None,
    command: Sequence[str] | None,
) -> Once | Refusal:
    async with a_runner(seconds=seconds, command=command) as runner:
        info = runner.language(language) if language else runner.language_of(name)
        if info is None:
            return Refusal("invalid", _unknown(runner, name, language))
        ended: asyncio.Future[Result] = asyncio.get_running_loop().create_future()

        def hear(event: RunEvent) -> None:
            if isinstance(event, Output):
                write(event.stream, event.data)
            elif isinstance(event, Ended):
                ended.set_result(event.result)

        program = Program(
            user="", language=info.name, source=source, keep_stdin_open=stdin is not None, timeout=seconds
        )
        try:
            handle = await runner.run(program, hear)
        except Refusal as refusal:
            return refusal
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, runner.stop_run, handle)
        if stdin is not None:
            _Feeder(runner, handle, stdin).start()
        return Once(await ended, info.name, info.version)


def _unknown(runner: Runner, name: str, language: str | None) -> str:
    known = ", ".join(one.name for one in runner.languages)
    if language:
        return f"There is no language {language}; there are {known}."
    return f"The name {name} does not say which language this is; say so with --language: {known}."


class _Feeder:
    """Reads a descriptor, which may block for ever, in a thread that nobody waits for, and gives the program what it reads."""

    def __init__(self, runner: Runner, handle: Handle, descriptor: int) -> None:
        self._runner = runner
        self._handle = handle
        self._descriptor = descriptor
        self._loop = asyncio.get_running_loop()

    def start(self) -> None:
        threading.Thread(target=self._read, name="kibitz-stdin", daemon=True).start()

    def _read(self) -> None:
        decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        with suppress(OSError, RuntimeError):  # RuntimeError: the loop is closed, since the program has ended
            while data := os.read(self._descriptor, CHUNK):
                self._loop.call_soon_threadsafe(self._give, decoder.decode(data), False)
            self._loop.call_soon_threadsafe(self._give, decoder.decode(b"", final=True), True)

    def _give(self, text: str, eof: bool) -> None:
        try:
            self._runner.input(self._handle, text, eof=eof)
        except Refusal as refusal:
            to_terminal("stderr", f"\n[Kibitz: {refusal.message}]\n")
            self._runner.input(self._handle, "", eof=True)


def to_terminal(stream: Stream, text: str) -> None:
    """Write to this process's own standard output or error, at once."""
    file = sys.stdout if stream == "stdout" else sys.stderr
    file.write(text)
    file.flush()
