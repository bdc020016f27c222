"""One sandbox from its start to its end. It takes one program and is never used again.

Rule: everything happens on the event loop's thread, and a box has ended only when no process of it is left. Who ends it early kills the
first process *inside*: then all others go, and bubblewrap, which waited for it, can tell how it went.
"""

import asyncio
import logging
import os
import re
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Final

from kibitz.sandbox.cgroup import Leaf
from kibitz.sandbox.gauge import Gauge, Usage, breach, cpu_of_family
from kibitz.sandbox.jail.launch import OPEN_GATE, launch, restrain
from kibitz.sandbox.messages import Stream
from kibitz.sandbox.pipes import InputPipe, OutputPipe
from kibitz.sandbox.plan import Stage
from kibitz.sandbox.watchdog import LOST

PATIENCE: Final = 5.0
"""Seconds that bubblewrap has to say who its child is, before it is killed without."""

MAX_UNHEARD: Final = 64 * 1024
"""Bytes that a box may write before it has a program: warnings of a runtime."""

_CHILD: Final = re.compile(rb'"child-pid": (\d+)\D')

log = logging.getLogger(__name__)

Hear = Callable[[Stream, bytes], None]


@dataclass(frozen=True, slots=True)
class Ending:
    """How a box ended. `status` is as a shell tells it: 128 and the signal's number for one that a signal ended."""

    status: int
    killed_for: str | None
    seconds: float
    cpu_seconds: float
    peak_memory: int


class Box:
    """A sandbox with one stage in it. Raises `OSError` where none can be started."""

    def __init__(self, stage: Stage, *, bubblewrap: str, tools: str | None = None, leaf: Leaf | None = None) -> None:
        self.stage = stage
        self.usage: Usage | None = None
        self._loop = loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[Ending] = loop.create_future()
        self._leaf = leaf
        parts = launch(bubblewrap, stage, tools)
        self._pid = parts.pid
        self._outer = os.pidfd_open(parts.pid)
        self._inner: int | None = None  # a pidfd too
        self._gauge: Gauge | None = None
        self._hear: Hear | None = None
        self._unheard: list[tuple[Stream, bytes]] = []
        self._given_at = loop.time()
        self._cpu_before = 0.0  # warming up is not the program's
        self._cpu_seen = 0.0
        self._peak = 0
        self._killed_for: str | None = None
        self._told = b""
        self._input = InputPipe(loop, parts.stdin)
        self._outputs = (
            OutputPipe(loop, parts.stdout, partial(self._written, "stdout")),
            OutputPipe(loop, parts.stderr, partial(self._written, "stderr")),
            OutputPipe(loop, parts.status, self._tell),
        )
        loop.add_reader(self._outer, self._reap)

    # --- the program ---------------------------------------------------------------------------------------------------

    def give(self, program: bytes, hear: Hear) -> None:
        """The one program of this box; `hear` is told what it writes, as it comes. Its time begins now."""
        self._given_at = self._loop.time()
        self.look()
        self._cpu_before = cpu_of_family(self._pid)
        self._hear = hear
        self._input.write(b"%d\n" % len(program))
        self._input.write(program)
        unheard, self._unheard = self._unheard, []
        for stream, data in unheard:
            hear(stream, data)

    def write(self, data: bytes) -> None:
        """Give the program this on its standard input, after all that it was given before."""
        self._input.write(data)

    def end_input(self) -> None:
        """End its standard input, after all that it was given."""
        self._input.end()

    def kill(self, reason: str) -> None:
        """End it. The first reason is the one that is told."""
        if self.ended.done() or self._killed_for is not None:
            return
        self._killed_for = reason
        if self._gauge is not None:
            self._cpu_seen = self._gauge.cpu_seconds()  # whoever is killed is not waited for, so nobody would tell
        if self._inner is None:
            # Without bubblewrap its child may be left behind; it will be told in a moment who that is.
            self._loop.call_later(PATIENCE, self._send_kill, self._outer)
        else:
            self._send_kill(self._inner)

    def _send_kill(self, process: int) -> None:
        if not self.ended.done():
            if self._leaf is not None:
                self._leaf.kill()
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(process, signal.SIGKILL)

    def look(self) -> None:
        """Measure it, and end it if it is over a limit."""
        usage = self._gauge.measure() if self._gauge is not None and self._killed_for is None else None
        if usage is not None:
            self.usage = usage
            self._peak = max(self._peak, usage.memory)
            reason = breach(usage, self.stage.limits)
            if reason is not None:
                self.kill(reason)

    # --- from the sandbox ----------------------------------------------------------------------------------------------

    def _written(self, stream: Stream, data: bytes) -> None:
        if self._hear is not None:
            if not self._peak:
                self.look()  # it may have ended before the watchdog comes by
            self._hear(stream, data)
        elif sum(len(one) for _, one in self._unheard) < MAX_UNHEARD:
            self._unheard.append((stream, data))

    def _tell(self, data: bytes) -> None:
        """Bubblewrap says who the first process is, in pieces, and more that is of no interest."""
        if self._inner is None:
            self._told += data
            found = _CHILD.search(self._told)
            if found is not None:
                self._admit(int(found[1]))

    def _admit(self, pid: int) -> None:
        try:
            self._inner = os.pidfd_open(pid)
            if self._leaf is not None:
                self._leaf.take(pid)
            restrain(pid, self.stage.limits)
        except OSError:
            log.exception("the limits could not be put on a sandbox")
            self._killed_for = self._killed_for or LOST
        if self._killed_for is not None:
            self._send_kill(self._outer if self._inner is None else self._inner)
            return
        self._gauge = Gauge(pid, self.stage.limits)
        self._input.open(OPEN_GATE)

    def _reap(self) -> None:
        """Bubblewrap is gone, and it went last."""
        self._loop.remove_reader(self._outer)
        _, status, used = os.wait4(self._pid, 0)
        seconds = self._loop.time() - self._given_at
        for pipe in self._outputs:
            pipe.drain()
        self._input.close()
        for descriptor in (self._outer, self._inner):
            if descriptor is not None:
                os.close(descriptor)
        if self._gauge is not None:
            self._gauge.close()
        cpu = max(self._cpu_seen, used.ru_utime + used.ru_stime) - self._cpu_before
        if not self.ended.cancelled():
            self.ended.set_result(
                Ending(os.waitstatus_to_exitcode(status), self._reason(), seconds, max(0.0, cpu), self._peak)
            )

    def _reason(self) -> str | None:
        out_of_memory = self._leaf is not None and self._leaf.ran_out_of_memory
        if self._leaf is not None:
            self._leaf.remove()
        if self._killed_for is None and self._inner is None:
            return LOST
        return self._killed_for or ("memory" if out_of_memory else None)
