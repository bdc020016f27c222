"""The runs that are under way: who hears what they write, and how their ends are stored.

Rule: a run's end is told when it is stored, and not before; until then what it has written is kept here, for those who come late.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal

import msgspec
from msgspec.structs import replace

from kibitz.domain.errors import Refusal, not_found
from kibitz.fanout.hub import Hub
from kibitz.fanout.steps import Notify
from kibitz.features.call import Outcome
from kibitz.features.running import ending
from kibitz.runner.runner import Handle, Program, RunEvent, Runner
from kibitz.sandbox.messages import Ended, Output, Queued, Started
from kibitz.storage import Tx
from kibitz.storage.committer import Committer, Job
from kibitz.storage.runs import LOST
from kibitz.wire import events as e
from kibitz.wire.codec import Context, Printed
from kibitz.wire.results import Run
from kibitz.wire.views import Piece, RunRef, RunResult

PIECE: Final = 4096
"""Characters up to which neighbours on the same stream are joined, so that a program that writes much in small bits costs little more
than its text."""

RETRY: Final = 1.0
"""Seconds until the end of a run that could not be stored just now is stored again."""


@dataclass(slots=True, eq=False)
class LiveRun:
    """A run under way, and all that it has been given and has written."""

    run: Run
    pieces: list[Piece] = field(default_factory=list)
    given: list[str] = field(default_factory=list)
    written: int = 0  # characters
    place: int = 0
    toolchain: str = ""
    handle: Handle | None = None  # none until the sandbox has taken it
    ended: bool = False
    held: list[tuple[e.Event, Context]] | None = field(default_factory=list)  # until whoever asked knows its number
    followers: list[Callable[[e.Event], None]] = field(default_factory=list)  # calls over HTTP that wait for it

    @property
    def ref(self) -> RunRef:
        """The run as it is listed."""
        return replace(self.run.run, toolchain=self.toolchain)

    def add(self, stream: Literal["stdout", "stderr"], text: str) -> None:
        """Keep what it has written."""
        last = self.pieces[-1] if self.pieces else None
        if last is not None and last.stream == stream and len(last.text) < PIECE:
            self.pieces[-1] = Piece(stream=stream, text=last.text + text)
        else:
            self.pieces.append(Piece(stream=stream, text=text))
        self.written += len(text)

    def shown(self) -> Run:
        """The run as someone who comes now is shown it."""
        return replace(self.run, run=self.ref, input="".join(self.given), output=list(self.pieces))

    def printed(self) -> Printed:
        """All that it wrote, by stream."""
        out, err = ("".join(one.text for one in self.pieces if one.stream == name) for name in ("stdout", "stderr"))
        return Printed(out, err)


class LiveRuns:
    """The runs under way of one workspace; `now` is the time as it is stored."""

    def __init__(self, runner: Runner, committer: Committer, hub: Hub, now: Callable[[], str]) -> None:
        self._runner = runner
        self._committer = committer
        self._hub = hub
        self._now = now
        self._runs: dict[int, LiveRun] = {}

    def __len__(self) -> int:
        return len(self._runs)

    async def begin(self, run: Run, *, interactive: bool) -> LiveRun:
        """Hand a run that is written down to the sandbox. Raises `Refusal` where that does not take it."""
        live = self._runs[run.run.id] = LiveRun(run, given=[run.input])
        program = Program(
            user=str(run.run.user.id),
            language=run.run.language,
            source=run.code,
            input=run.input,
            keep_stdin_open=interactive,
            timeout=run.limits["timeout"],
        )
        try:
            live.handle = await self._runner.run(program, self._listener(live))
        except Refusal:
            del self._runs[run.run.id]
            raise
        asyncio.get_running_loop().call_soon(self._release, live)
        return live

    def find(self, run: int) -> LiveRun | None:
        """A run whose end is not stored yet."""
        return self._runs.get(run)

    def give(self, run: int, text: str, *, end: bool) -> None:
        """Send a run more on its standard input. Raises `Refusal`."""
        live, handle = self._under_way(run)
        self._runner.input(handle, text, eof=end)
        live.given.append(text)

    def stop_run(self, run: int) -> None:
        """End a run. Raises `Refusal("not_found")`."""
        self._runner.stop_run(self._under_way(run)[1])

    def _under_way(self, run: int) -> tuple[LiveRun, Handle]:
        live = self._runs.get(run)
        if live is None or live.ended or live.handle is None:
            raise not_found("Run under way")
        return live, live.handle

    def of_session(self, session: int) -> list[Run]:
        """What is under way in a session, with what it has written so far."""
        return [live.shown() for live in self._runs.values() if live.run.run.session == session]

    async def stop(self) -> None:
        """The server stops: what is under way has ended, and is stored so."""
        for live in list(self._runs.values()):
            if not live.ended:
                self._end(live, LOST)
        await self._committer.run(lambda tx: None)  # after all of those

    # --- what the sandbox tells ----------------------------------------------------------------------------------------

    def _listener(self, live: LiveRun) -> Callable[[RunEvent], None]:
        run = live.run.run

        def hear(event: RunEvent) -> None:
            match event:
                case Queued(place=place):
                    live.place = place
                    self._tell(live, e.RunQueued(run=live.ref, place=place))
                case Started(toolchain=toolchain):
                    live.place, live.toolchain = 0, toolchain
                    self._tell(live, e.RunBegan(run=live.ref))
                case Output(stream=stream, data=text):
                    told = e.RunOutput(run=run.id, stream=stream, text=text, offset=live.written, session=run.session)
                    live.add(stream, text)
                    self._tell(live, told)
                case Ended(result=result):
                    self._end(live, msgspec.convert(result, RunResult, from_attributes=True))

        return hear

    def _end(self, live: LiveRun, result: RunResult) -> None:
        live.ended = True
        self._store(live, result, self._now())

    def _store(self, live: LiveRun, result: RunResult, now: str) -> None:
        ref, given = live.ref, "".join(live.given)

        def done(stored: Outcome | Exception) -> None:
            if isinstance(stored, Refusal) and stored.http_status == 503:
                self._store_later(live, result, now)
                return
            self._runs.pop(ref.id, None)
            self._tell(live, e.RunEnded(run=replace(ref, ended_at=now, result=result)), live.printed())

        def finish(tx: Tx) -> Outcome:
            return ending.finish(tx, ref, result, live.pieces, given=given, toolchain=live.toolchain, now=now)

        try:
            self._committer.submit(Job(run=finish, done=done))
        except Refusal:  # more waits to be written than may
            self._store_later(live, result, now)

    def _store_later(self, live: LiveRun, result: RunResult, now: str) -> None:
        asyncio.get_running_loop().call_later(RETRY, self._store, live, result, now)

    def _release(self, live: LiveRun) -> None:
        """Tell what has happened already: whoever asked for the run has been answered by now, and knows its number."""
        held, live.held = live.held or [], None
        for event, context in held:
            self._tell(live, event, context)

    def _tell(self, live: LiveRun, event: e.Event, context: Context = None) -> None:
        """To those in the session, in the message's room, or else to whoever asked for the run."""
        if live.held is not None:
            live.held.append((event, context))
            return
        ref = live.run.run
        if ref.session is not None:
            self._hub.audiences.tell(ref.session, event, context)
        elif ref.room is not None:
            self._hub.fleeting(ref.room, event)
        else:
            self._hub.apply((Notify((ref.user.id,), event),))
        for heard in tuple(live.followers):
            heard(event)
