"""The sandbox process at work: requests in, events out, and as many runs at a time as there are cores.

Rule: whatever goes wrong in one run is that run's result; the next one does not notice. When the link closes, everything ends.
"""

import asyncio
import logging
from typing import Final

from kibitz.sandbox.languages import languages
from kibitz.sandbox.messages import (
    Ended,
    Event,
    Expect,
    Hello,
    Input,
    Queued,
    Refused,
    Result,
    Start,
    Started,
    Stop,
    decode_request,
    encode,
)
from kibitz.sandbox.policy import MAX_INPUT, MAX_SOURCE
from kibitz.sandbox.run import TOO_MUCH, Run
from kibitz.sandbox.scheduler import NoPlace, Scheduler
from kibitz.sandbox.workshop import Spawn, Workshop

PLACES_INTERVAL: Final = 0.25
"""Seconds between two rounds of telling everyone their place in the queue."""

log = logging.getLogger(__name__)


class Service:
    """One link's requests. `hello` is what can be run; `seconds` is the longest a program may take."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        workshop: Workshop,
        hello: Hello,
        seconds: float,
        spawn: Spawn,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._workshop = workshop
        self._hello = hello
        self._seconds = seconds
        self._spawn = spawn
        self._loop = asyncio.get_running_loop()
        self._runs: dict[str, Run] = {}
        self._scheduler: Scheduler[Run] = Scheduler(hello.at_once)
        self._telling_places: asyncio.TimerHandle | None = None

    async def work(self) -> None:
        """Answer until the link closes."""
        self._tell(self._hello)
        while line := await self._line():
            self._take(line)

    async def _line(self) -> bytes:
        try:
            return await self._reader.readline()
        except ConnectionError:
            return b""
        except ValueError:
            log.exception("the link ends: no request is as long as that line")
            return b""

    def _take(self, line: bytes) -> None:
        request = decode_request(line)
        match request:
            case Start():
                self._start(request)
            case Input():
                self._input(request)
            case Stop():
                self._stop(request.run)
            case Expect():
                self._expect(request.language)
            case Refused():
                self._tell(request)

    # --- requests ------------------------------------------------------------------------------------------------------

    def _start(self, start: Start) -> None:
        refused = self._refusal(start)
        if refused is None:
            seconds = min(start.timeout or self._seconds, self._seconds)
            run = Run(start, languages()[start.language], seconds, self._tell)
            try:
                self._scheduler.add(run)
            except NoPlace as no:
                refused = Refused(run=start.run, code=no.code, message=no.message)
            else:
                self._runs[run.id] = run
                self._next()
                self._tell_places()
        if refused is not None:
            self._tell(refused)

    def _refusal(self, start: Start) -> Refused | None:
        if self._hello.problem is not None:
            return Refused(run=start.run, code="unavailable", message=self._hello.problem)
        info = next((info for info in self._hello.languages if info.name == start.language), None)
        if info is None:
            known = ", ".join(info.name for info in self._hello.languages)
            return Refused(run=start.run, code="invalid", message=f"There is no such language; there are {known}.")
        if info.missing is not None:
            return Refused(run=start.run, code="not_available", message=info.missing)
        if start.run in self._runs:
            return Refused(run=start.run, code="already_there", message="There is a run of this name already.")
        for what, text, most in (("A program", start.source, MAX_SOURCE), ("An input", start.input, MAX_INPUT)):
            if (size := len(text.encode(errors="replace"))) > most:
                return Refused(
                    run=start.run, code="too_long", message=f"{what} may have {most} bytes; this has {size}."
                )
        return None

    def _input(self, request: Input) -> None:
        run = self._runs.get(request.run)
        if run is not None and not run.give(request.data, eof=request.eof):
            self._tell(Refused(run=run.id, code="too_long", message=TOO_MUCH))

    def _stop(self, name: str) -> None:
        run = self._runs.get(name)
        if run is None:
            return
        if self._scheduler.remove(run):
            self._end(run, Result(exit_code=None, killed_for="stopped", duration_ms=0))
            self._tell_places()
        else:
            run.end("stopped")

    def _expect(self, name: str) -> None:
        language = languages().get(name)
        info = next((info for info in self._hello.languages if info.name == name), None)
        if language is not None and info is not None and info.missing is None and self._hello.problem is None:
            self._spawn(self._workshop.expect(language))

    # --- runs ----------------------------------------------------------------------------------------------------------

    def _next(self) -> None:
        while (run := self._scheduler.next()) is not None:
            self._spawn(self._carry_out(run))

    async def _carry_out(self, run: Run) -> None:
        self._tell(Started(run=run.id, toolchain=self._toolchain(run)))
        result = await self._workshop.carry_out(run)
        await self._writer.drain()
        self._scheduler.done(run)
        self._end(run, result)
        self._next()
        self._tell_places()

    def _end(self, run: Run, result: Result) -> None:
        del self._runs[run.id]
        self._tell(Ended(run=run.id, result=result))

    def _toolchain(self, run: Run) -> str:
        return next(info.version for info in self._hello.languages if info.name == run.language.name)

    # --- telling -------------------------------------------------------------------------------------------------------

    def _tell(self, event: Event) -> None:
        self._writer.write(encode(event))

    def _tell_places(self) -> None:
        """Tell those who have just come at once, and the others soon: with every run that ends, everyone's place changes."""
        order = self._scheduler.order()
        for place, run in enumerate(order, 1):
            if not run.place:
                self._tell_place(run, place)
        if order and self._telling_places is None:
            self._telling_places = self._loop.call_later(PLACES_INTERVAL, self._tell_changed_places)

    def _tell_changed_places(self) -> None:
        self._telling_places = None
        for place, run in enumerate(self._scheduler.order(), 1):
            if place != run.place:
                self._tell_place(run, place)

    def _tell_place(self, run: Run, place: int) -> None:
        run.place = place
        self._tell(Queued(run=run.id, place=place))
