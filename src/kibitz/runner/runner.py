"""Every run of this server: asked for here, carried out in the sandbox process, and told to whoever asked.

Rule: a run that was taken on always ends with an `Ended`, whatever becomes of the sandbox or the server; after that its listener hears
nothing more.
"""

import asyncio
import itertools
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any, Final, Protocol

import structlog

from kibitz.domain.errors import Refusal
from kibitz.runner.process import Process, command, tools_directory
from kibitz.sandbox.messages import (
    AnyEvent,
    Ended,
    Expect,
    Hello,
    Input,
    LanguageInfo,
    Output,
    Queued,
    Refused,
    Request,
    Result,
    Start,
    Started,
    Stop,
    decode_event,
    encode,
)
from kibitz.sandbox.policy import MAX_INPUT, MAX_SOURCE, RUN_SECONDS

FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 30.0
"""Seconds before a sandbox that died is started again: doubled each time, until one has lived for as long as the longest."""

LOST: Final = "sandbox_lost"
SERVER_STOPPED: Final = "server_stopped"
"""Why a run ends that neither the program nor a limit has ended."""

RunEvent = Queued | Started | Output | Ended
"""What is told of a run, in this order: any number of `Queued`, `Started`, any number of `Output`, `Ended`."""

Listener = Callable[[RunEvent], None]

log = structlog.get_logger()


class Spawner(Protocol):
    """Whoever owns the tasks of this process."""

    def spawn(self, name: str, work: Coroutine[Any, Any, Any]) -> Any:
        """Begin a task that is logged when it fails and ended when the server stops."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What is to be run, and for whom.

    `user` stands for whoever shares the sandbox fairly with others. `input` is what standard input begins with; it ends there unless
    `keep_stdin_open`. `timeout` is in seconds, at most the server's own; None for that.
    """

    user: str
    language: str
    source: str
    input: str = ""
    keep_stdin_open: bool = False
    timeout: float | None = None


@dataclass(slots=True)
class Counters:
    """What the runner has done since it started: `finished` by language and outcome."""

    finished: Counter[tuple[str, str]] = field(default_factory=Counter)
    restarts: int = 0


@dataclass(slots=True, eq=False)
class Handle:
    """A run that was taken on."""

    name: str
    language: str
    listener: Listener
    accepted: asyncio.Future[None]
    given: int
    is_running: bool = False
    has_ended: bool = False


class Runner:
    """The server's sandbox. `seconds` is the longest a program may run; `command` starts another sandbox than the usual one."""

    def __init__(self, spawner: Spawner, *, seconds: float = RUN_SECONDS, command: Sequence[str] | None = None) -> None:
        self._spawner = spawner
        self._seconds = seconds
        self._command = command
        self._process: Process | None = None
        self._hello: Hello | None = None
        self._settled = asyncio.Event()  # the first start has come to something
        self._handles: dict[str, Handle] = {}
        self._numbers = itertools.count(1)
        self._stopping = asyncio.Event()
        self.counters = Counters()

    # --- its life ------------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Start the sandbox, and start it again whenever it dies. It takes half a second to try its walls; nobody waits for that."""
        self._spawner.spawn("sandbox", self._live())

    async def ready(self) -> None:
        """Wait until the first start has come to something: what can be run is known then."""
        await self._settled.wait()

    async def stop(self) -> None:
        """End every run and the sandbox."""
        self._stopping.set()
        self._end_all(SERVER_STOPPED)
        process, self._process = self._process, None
        if process is not None:
            await process.stop()

    @property
    def languages(self) -> tuple[LanguageInfo, ...]:
        """Every language, those included that are missing on this machine; empty before the sandbox is ready."""
        return self._hello.languages if self._hello else ()

    @property
    def problem(self) -> str | None:
        """Why nothing can be run here, and what to do about it."""
        return self._hello.problem if self._hello else None

    def language(self, name: str) -> LanguageInfo | None:
        """A language by its name or by another name people have for it."""
        wanted = name.casefold()
        return next((one for one in self.languages if wanted == one.name or wanted in one.aliases), None)

    def language_of(self, file: str) -> LanguageInfo | None:
        """The language that a file of this name is in, as its ending says."""
        ending = PurePath(file).suffix.casefold()
        return next((one for one in self.languages if ending in one.extensions), None)

    # --- runs ----------------------------------------------------------------------------------------------------------

    async def run(self, program: Program, listener: Listener) -> Handle:
        """Take on a run. The listener is called on the loop, and may be before this returns. Raises `Refusal`."""
        await self.ready()
        self._check(program)
        handle = self._handle(program, listener)
        self._send(
            Start(
                run=handle.name,
                user=program.user,
                language=program.language,
                source=program.source,
                input=program.input,
                keep_stdin_open=program.keep_stdin_open,
                timeout=program.timeout,
            )
        )
        try:
            await handle.accepted
        except asyncio.CancelledError:
            self.stop_run(handle)
            raise
        return handle

    def input(self, handle: Handle, data: str, *, eof: bool = False) -> None:
        """Give a run more on its standard input; `eof` ends that. Raises `Refusal` for more than it may be given in all."""
        size = len(data.encode(errors="replace"))
        if handle.given + size > MAX_INPUT:
            raise Refusal("too_long", f"A run may be given {MAX_INPUT} bytes of input, all told.")
        handle.given += size
        if not handle.has_ended:
            self._send(Input(run=handle.name, data=data, eof=eof))

    def stop_run(self, handle: Handle) -> None:
        """End a run; its `Ended` follows."""
        if not handle.has_ended:
            self._send(Stop(run=handle.name))

    def expect(self, language: str) -> None:
        """Somebody is about to run this language: have everything warm for it."""
        if self._process is not None:
            self._send(Expect(language=language))

    @property
    def running(self) -> int:
        """Runs that have begun."""
        return sum(handle.is_running for handle in self._handles.values())

    @property
    def queued(self) -> int:
        """Runs that wait for their turn."""
        return len(self._handles) - self.running

    def _check(self, program: Program) -> None:
        if self._stopping.is_set() or self._process is None:
            raise Refusal("unavailable", "The sandbox is being started; try again in a moment.", retry_after=1.0)
        if self.problem is not None:
            raise Refusal("unavailable", self.problem)
        if (size := len(program.source.encode(errors="replace"))) > MAX_SOURCE:
            raise Refusal("too_long", f"A program may have {MAX_SOURCE} bytes; this has {size}.")
        if (size := len(program.input.encode(errors="replace"))) > MAX_INPUT:
            raise Refusal("too_long", f"A run may be given {MAX_INPUT} bytes of input; this has {size}.")

    def _handle(self, program: Program, listener: Listener) -> Handle:
        name = str(next(self._numbers))
        accepted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        given = len(program.input.encode(errors="replace"))
        handle = self._handles[name] = Handle(name, program.language, listener, accepted, given)
        return handle

    def _send(self, request: Request) -> None:
        if self._process is not None:
            self._process.write(encode(request))

    # --- the sandbox process -------------------------------------------------------------------------------------------

    async def _live(self) -> None:
        loop = asyncio.get_running_loop()
        pause = FIRST_PAUSE
        while not self._stopping.is_set():
            began = loop.time()
            try:
                await self._live_once()
            except OSError as error:
                log.warning("sandbox could not be started", why=str(error))
            self._settled.set()
            if self._stopping.is_set():
                return
            if loop.time() - began > LONGEST_PAUSE:
                pause = FIRST_PAUSE
            self.counters.restarts += 1
            log.error("sandbox ended", starts_again_in=pause)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _live_once(self) -> None:
        words = self._command or command(seconds=self._seconds, tools=tools_directory())
        process = self._process = await Process.start(words)
        try:
            while line := await process.reader.readline():
                self._hear(decode_event(line))
        except (ConnectionError, ValueError) as error:  # ValueError: a line too long, or no event
            log.warning("sandbox does not make sense", why=str(error))
        finally:
            if self._process is process:
                self._process = None
            self._end_all(LOST)
            await process.stop()

    def _hear(self, event: AnyEvent) -> None:
        if isinstance(event, Hello):
            self._hello = event
            self._settled.set()
            if event.problem is not None:
                log.warning("programs cannot be run", why=event.problem)
            return
        handle = self._handles.get(event.run)
        if handle is None:
            return
        if isinstance(event, Refused):
            self._refused(handle, event)
        elif isinstance(event, Ended):
            self._end(handle, event)
        else:
            self._accept(handle)
            handle.is_running = handle.is_running or isinstance(event, Started)
            self._tell(handle, event)

    def _accept(self, handle: Handle) -> None:
        if not handle.accepted.done():
            handle.accepted.set_result(None)

    def _refused(self, handle: Handle, event: Refused) -> None:
        if handle.accepted.done():
            log.error("sandbox refused what was checked before", why=event.message)
            return
        handle.has_ended = True
        del self._handles[handle.name]
        handle.accepted.set_exception(Refusal(event.code, event.message))

    def _end(self, handle: Handle, event: Ended) -> None:
        self._accept(handle)
        handle.has_ended = True
        del self._handles[handle.name]
        self.counters.finished[handle.language, outcome(event.result)] += 1
        self._tell(handle, event)

    def _tell(self, handle: Handle, event: RunEvent) -> None:
        try:
            handle.listener(event)
        except Exception:
            log.exception("what heard a run failed")

    def _end_all(self, why: str) -> None:
        for handle in list(self._handles.values()):
            self._end(handle, Ended(run=handle.name, result=Result(exit_code=None, killed_for=why, duration_ms=0)))


def outcome(result: Result) -> str:
    """How a run came out, in a word for the metrics: success, failure, compile_error, crash, or what it was killed for."""
    if result.killed_for is not None:
        return result.killed_for
    if not result.compiled:
        return "compile_error"
    if result.signal is not None:
        return "crash"
    return "success" if result.exit_code == 0 else "failure"
