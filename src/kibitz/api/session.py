"""One connection, from its first message to its last.

Rule: answers come in the order of the commands. Writing commands follow one another without waiting; whatever else is asked waits
until this connection's own writes are done, so that everyone reads what they wrote.
"""

import asyncio
import itertools
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Final, Protocol

import msgspec
import structlog

from kibitz.api.caller import Caller
from kibitz.api.gate import Gate
from kibitz.api.opening import Opening, mark_heard
from kibitz.api.verb import Mode, Verb
from kibitz.api.written import Written
from kibitz.domain.errors import Refusal
from kibitz.fanout.listener import Listener
from kibitz.fanout.outbox import Outbox
from kibitz.wire.closing import FAILED, FLOODING, FULL, REFUSED, SHUTDOWN, SLOW, TIMED_OUT, Close
from kibitz.wire.codec import NOBODY, Codec, Misread, Viewer
from kibitz.wire.commands import Command, LogIn, Quit

LOGIN_SECONDS: Final = 30.0
"""How long a connection may stay without a login: time for a person to type a name and a password."""

MAX_PENDING: Final = 256
"""Commands one connection may have under way; then its socket is not read until some are done."""

MAX_STRIKES: Final = 100
"""Malformed messages in a row before a connection is closed: a program that is not speaking to us at all."""

log = structlog.get_logger()
_numbers = itertools.count(1)


class Link(Protocol):
    """What a session needs of its transport."""

    def write(self, data: bytes) -> None:
        """Send bytes."""
        ...

    def close(self, close: Close | None) -> None:
        """Send what was written, then close, with this reason where the transport can carry one."""
        ...

    def pause_reading(self) -> None:
        """Hand over no more messages for now."""
        ...

    def resume_reading(self) -> None:
        """Hand over messages again."""
        ...


class State(Enum):
    """Where a connection stands: NEW → OPENING → OPEN, and from each to CLOSED."""

    NEW = auto()
    OPENING = auto()
    OPEN = auto()
    CLOSED = auto()


@dataclass(frozen=True, slots=True)
class _Refused:
    """A command that is not carried out, waiting for its turn to be told so."""

    command: Command | None
    refusal: Refusal


class Session:
    """A connection's place between its transport and the gate."""

    __slots__ = (
        "_alone", "_choose", "_codec", "_early", "_heads", "_inflight", "_leaving", "_link", "_queue", "_reading", "_strikes", "_timer",
        "caller", "gate", "listener", "number", "outbox", "state",
    )  # fmt: skip

    def __init__(self, gate: Gate, link: Link, choose: Callable[[bytes], Codec], address: str) -> None:
        self.gate = gate
        self.number = next(_numbers)
        self.caller = Caller(address, connection=self.number)
        self.state = State.NEW
        self.listener: Listener | None = None
        self.outbox = Outbox(link, gate.workspace.flusher, self._too_slow)
        self._link = link
        self._choose = choose
        self._codec: Codec | None = None
        self._queue: deque[tuple[Verb, Command] | tuple[None, _Refused]] = deque()
        self._early: deque[bytes] = deque()  # messages that came while the login was under way
        self._heads: dict[int, int] = {}  # what the opening showed of each room
        self._inflight = 0  # writes handed to the committer
        self._alone = False  # a command runs that nothing may overtake
        self._reading = True
        self._leaving = False  # the client has said its last
        self._strikes = 0
        self._timer: Any = gate.sessions.watch(self, LOGIN_SECONDS)
        if gate.sessions.full:
            self.end(FULL)
        elif gate.workspace.draining:
            self.end(SHUTDOWN)

    # --- from the transport --------------------------------------------------------------------------------------------

    def receive(self, raw: bytes) -> None:
        """One message, without its line end."""
        if self.state is State.OPENING:
            self._early.append(raw)
            self._hold_back(len(self._early))
            return
        if self.state is State.CLOSED:
            return
        if self._codec is None:
            self._codec = self._choose(raw)
        try:
            command = self._codec.decode(raw) if self.state is State.OPEN else self._codec.decode_first(raw)
            if command is not None:
                self._accept(command, len(raw))
                self._strikes = 0
        except Refusal as refusal:
            self._strike(refusal)

    def open_with(self, codec: Codec, token: str) -> None:
        """Log in by a token that came with the handshake."""
        self._codec = codec
        try:
            self._accept(LogIn(token=token), 0)
        except Refusal as refusal:
            self._refuse(None, refusal)

    def overlong(self) -> None:
        """A message longer than the transport takes was dropped."""
        if self.state is not State.CLOSED:
            self._codec = self._codec or self._choose(b"")
            self._strike(
                Refusal("too_long", "A message may have 65,536 bytes; this one was dropped. Send it as a file.")
            )

    def lost(self) -> None:
        """The connection is gone."""
        if self.state is State.CLOSED:
            return
        self.state = State.CLOSED
        self.outbox.close()
        self._queue.clear()
        self._early.clear()
        self._timer.cancel()
        self.gate.sessions.forget(self)
        self._unlisten()

    def _unlisten(self) -> None:
        if self.listener is None:
            return
        hub = self.gate.workspace.hub
        if self._codec is not None and self._codec.greeting is not None:
            mark_heard(self.gate.workspace, self.caller, hub.direct_heads(self.listener), self._heads)
        hub.close(self.listener)

    def hang_up(self) -> bool:
        """The client says no more. True if it is still owed answers: the session then closes the link itself, once they are sent."""
        if self.state is State.CLOSED or not self._pending:
            return False
        self._leaving = True
        return True

    # --- ending --------------------------------------------------------------------------------------------------------

    def end(self, close: Close) -> None:
        """Say why and close."""
        if self.state is State.CLOSED:
            return
        # Who has not said anything yet may be a person at `nc`, or a program that has a close code or comes back anyway.
        codec = self._codec or self._choose(b"")
        if last_words := codec.encode_close(close):
            self.outbox.send(last_words)
        self.outbox.resume()
        self.outbox.flush()
        self.lost()
        self._link.close(close)

    def _leave(self) -> None:
        self.outbox.resume()
        self.outbox.flush()
        self.lost()
        self._link.close(None)

    def _too_slow(self) -> None:
        self.gate.workspace.counters.slow_closed += 1
        self.outbox.close()  # what was written ends with a whole message, so that last words can follow it
        if self._codec is not None and (last_words := self._codec.encode_close(SLOW)):
            self._link.write(last_words)
        self.lost()
        self._link.close(SLOW)

    def login_timed_out(self) -> None:
        """Nobody logged in in time."""
        if self.state is not State.OPEN:
            self.end(TIMED_OUT)

    # --- commands ------------------------------------------------------------------------------------------------------

    def _accept(self, command: Command, size: int) -> None:
        try:
            verb = (
                self.gate.admit(self.caller, command, size)
                if not isinstance(command, LogIn)
                else self._login_verb(command, size)
            )
        except Refusal as refusal:
            self._queue.append((None, _Refused(command, refusal)))
        else:
            self._queue.append((verb, command))
            if isinstance(command, LogIn):
                self.state = State.OPENING
        self._pump()
        self._hold_back(len(self._queue) + self._inflight)

    def _hold_back(self, pending: int) -> None:
        if self._reading and pending >= MAX_PENDING and self.state is not State.CLOSED:
            self._reading = False
            self._link.pause_reading()

    def _login_verb(self, command: LogIn, size: int) -> Verb:
        if self.state is not State.NEW:
            raise Refusal("invalid", "This connection is logged in already; open another one for another login.")
        return self.gate.admit(self.caller, command, size)

    def _pump(self) -> None:
        while self._queue and not self._alone and self.state is not State.CLOSED:
            verb, command = self._queue[0]
            if self._inflight and (verb is None or verb.mode is not Mode.WRITE):
                break
            self._queue.popleft()
            self._start(verb, command)
        if not self._reading and len(self._queue) + self._inflight < MAX_PENDING // 2 and self.state is State.OPEN:
            self._reading = True
            self._link.resume_reading()
        if self._leaving and not self._pending and self.state is not State.CLOSED:
            self._leave()

    @property
    def _pending(self) -> bool:
        return bool(self._queue or self._early or self._inflight or self._alone)

    def _start(self, verb: Verb | None, command: Any) -> None:
        if verb is None:
            self._refuse(command.command, command.refusal)
        elif verb.mode is Mode.WRITE:
            self._write(verb, command)
        elif verb.mode is Mode.LIVE:
            self._live(verb, command)
        else:
            self._alone = True
            self.gate.workspace.tasks.spawn(f"command of connection {self.number}", self._run_alone(verb, command))

    def _write(self, verb: Verb, command: Command) -> None:
        def done(result: Written | Exception) -> None:
            self._inflight -= 1
            if isinstance(result, Written):
                self._answer(command, msgspec.Raw(result.answer))
            else:
                self._refuse(command, result)
            if self._queue or not self._reading or self._leaving:
                # Not at once: what this very commit told everyone comes before the answer to what was asked after it.
                asyncio.get_running_loop().call_soon(self._pump)

        try:
            self.gate.write(self.caller, verb, command, done)
            self._inflight += 1
        except Refusal as refusal:
            self._refuse(command, refusal)

    def _live(self, verb: Verb, command: Command) -> None:
        try:
            self._answer(command, verb.run(self.gate.workspace, self.caller, command))
        except Refusal as refusal:
            self._refuse(command, refusal)
        if isinstance(command, Quit):
            self._leave()

    async def _run_alone(self, verb: Verb, command: Command) -> None:
        try:
            if isinstance(command, LogIn):
                await self._log_in(command)
            else:
                result = await (
                    self.gate.read(self.caller, verb, command)
                    if verb.mode is Mode.READ
                    else self.gate.task(self.caller, verb, command)
                )
                self._answer(command, result)
        except Refusal as refusal:
            self._refuse(command, refusal)
            if self.state is State.OPENING:
                self.end(REFUSED)
        except Exception as error:  # a mistake of ours: the connection lives on
            log.exception("command failed", command=type(command).__name__)
            self._refuse(command, error)
            if self.state is State.OPENING:
                self.end(FAILED)
        finally:
            self._alone = False
            self._pump()

    async def _log_in(self, command: LogIn) -> None:
        assert self._codec is not None
        opening = Opening(self.gate.workspace, self.outbox, self._codec, self.end)
        try:
            self.caller = await opening.identify(command, self.caller)
        except Refusal as refusal:
            self._refuse(command, refusal)
            self.end(REFUSED)
            return
        self.listener = opening.listener
        if self.state is State.CLOSED:  # it was lost while the password was checked
            self._unlisten()
            return
        self._timer.cancel()
        await opening.welcome(command)
        self._heads = opening.heads
        if self.state is State.OPENING:
            self.state = State.OPEN
        while self._early and self.state is State.OPEN:
            self.receive(self._early.popleft())

    # --- answers -------------------------------------------------------------------------------------------------------

    def _answer(self, command: Command, result: msgspec.Struct | msgspec.Raw) -> None:
        if self._codec is not None and (data := self._codec.encode_reply(command, result, self._viewer)):
            self.outbox.send(data)

    def _refuse(self, command: Command | None, error: Exception) -> None:
        refusal = (
            error
            if isinstance(error, Refusal)
            else Refusal("internal", "The server made a mistake; its log says more.")
        )
        refused = self.gate.workspace.counters.refused
        refused[refusal.code] = refused.get(refusal.code, 0) + 1
        if self._codec is not None and (data := self._codec.encode_refusal(command, refusal)):
            self.outbox.send(data)

    def _strike(self, refusal: Refusal) -> None:
        self._strikes += isinstance(refusal, Misread)
        self._queue.append((None, _Refused(None, refusal)))
        self._pump()
        if self._strikes >= MAX_STRIKES:
            self.end(FLOODING)
            return
        try:
            self.gate.limiter.check(self.caller, 1.0, self.gate.workspace.monotonic())
        except Refusal:
            self.end(FLOODING)

    @property
    def _viewer(self) -> Viewer:
        return self.listener.viewer if self.listener is not None else NOBODY
