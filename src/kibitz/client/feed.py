"""Telling whoever listens what has happened, after the replica has it.

Rule: a listener that fails, or does not keep up, harms nobody else: a callback is called again for the next event, and a stream that
nobody reads ends with `Overrun` rather than grow.
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Final

from kibitz.client.errors import Ended, Overrun
from kibitz.client.notices import Notice
from kibitz.wire.events import Event

MAX_WAITING: Final = 10_000
"""Events that may wait in one stream: the replay of a login is up to 3,000."""

Happening = Event | Notice
Listener = Callable[[Happening], None]

log = logging.getLogger(__name__)


class Stream(AsyncIterator[Happening]):
    """Everything since it was made. Ends with the client; raises `Overrun` if too much waits."""

    def __init__(self) -> None:
        self._waiting: deque[Happening] = deque()
        self._arrived = asyncio.Event()
        self._over: Exception | None = None

    def put(self, happening: Happening) -> None:
        """One more."""
        if self._over is not None:
            return
        if len(self._waiting) >= MAX_WAITING:
            self._waiting.clear()
            self.end(Overrun(f"More than {MAX_WAITING} events waited; what they did is in the replica."))
        else:
            self._waiting.append(happening)
            self._arrived.set()

    def end(self, why: Exception) -> None:
        """No more will come. The first reason stays."""
        self._over = self._over or why
        self._arrived.set()

    async def __anext__(self) -> Happening:
        while not self._waiting:
            if isinstance(self._over, Overrun):
                raise self._over
            if self._over is not None:
                raise StopAsyncIteration
            self._arrived.clear()
            await self._arrived.wait()
        return self._waiting.popleft()


class Feed:
    """The listeners of one client."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []
        self._streams: list[Stream] = []
        self._waiting: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []
        self._ended: Ended | None = None

    @contextmanager
    def listening(self, listener: Listener) -> Iterator[None]:
        """Call this for everything that happens meanwhile. It must not block."""
        self._listeners.append(listener)
        try:
            yield
        finally:
            self._listeners.remove(listener)

    @contextmanager
    def stream(self) -> Iterator[Stream]:
        """Everything that happens meanwhile, to be iterated over."""
        stream = Stream()
        if self._ended is not None:
            stream.end(self._ended)
        self._streams.append(stream)
        try:
            yield stream
        finally:
            self._streams.remove(stream)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until this holds; it is asked after everything that happens. Raises `Ended` if the client ends before that."""
        if condition():
            return
        if self._ended is not None:
            raise self._ended
        waiting = (condition, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        try:
            await waiting[1]
        finally:
            self._waiting.remove(waiting)

    def publish(self, happening: Happening) -> None:
        """Tell everyone."""
        for listener in tuple(self._listeners):
            try:
                listener(happening)
            except Exception:
                log.exception("a listener failed")
        for stream in self._streams:
            stream.put(happening)
        self._ask_conditions()

    def end(self, why: Ended) -> None:
        """Nothing more will happen."""
        self._ended = self._ended or why
        for stream in self._streams:
            stream.end(self._ended)
        self._ask_conditions()
        for _, future in self._waiting:
            if not future.done():
                future.set_exception(self._ended)

    def _ask_conditions(self) -> None:
        for condition, future in self._waiting:
            if not future.done():
                try:
                    if condition():
                        future.set_result(None)
                except Exception as error:
                    future.set_exception(error)
