"""Where asyncio's thread and Tk's loop meet.

Rule: nothing else crosses. Work goes from Tk to asyncio by `do` and `call`, and comes back by `tell` and `ask`; what crosses is immutable,
and each way keeps its order. Tk's thread never waits for the other.
"""

import asyncio
import inspect
import logging
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from typing import Any, Final, Protocol, TypeVar, cast

T = TypeVar("T")

SLICE_SECONDS: Final = 0.008
"""How long Tk's loop works for the other thread before it looks at keys and mouse again: half of a frame at 60 Hz."""

POLL_MS: Final = 15
"""How often the queue is looked at where Tk cannot wait for a socket (Windows)."""

STOP_SECONDS: Final = 5.0
"""How long what is under way may take to end when the program does."""

log = logging.getLogger(__name__)


class Tk(Protocol):
    """What is needed of the toolkit's root."""

    def after(self, ms: int, func: Callable[[], None]) -> str:
        """Call this in a while, on Tk's thread."""
        ...


class Bridge:
    """Both ways. Made and stopped on Tk's thread; `failed` is told there of work that raised what nobody expected."""

    def __init__(self, tk: Tk, failed: Callable[[BaseException], None]) -> None:
        self._tk = tk
        self._failed = failed
        self._queue: deque[tuple[Callable[..., Any], tuple[Any, ...], Future[Any]]] = deque()
        self._woken = threading.Event()
        self._bell, self._ear = socket.socketpair()
        for end in (self._bell, self._ear):
            end.setblocking(False)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._work, name="asyncio", daemon=True)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._stopped = False
        self._listen()
        self._thread.start()

    def hands(self, presenter: T) -> T:
        """A presenter as views hold it: what is called on it happens on asyncio's thread, in order, and returns nothing."""
        return cast(T, _Hands(self, presenter))

    def eyes(self, view: Any) -> Any:
        """A view as presenters hold it: what is called on it happens on Tk's thread, in order, and can be awaited."""
        return _Eyes(self, view)

    # --- from Tk to asyncio --------------------------------------------------------------------------------------------

    def call(self, work: Callable[..., Any], *args: Any) -> None:
        """Have this called on asyncio's thread."""
        if not self._stopped:
            self._loop.call_soon_threadsafe(self._guarded, work, args)

    def do(self, work: Callable[..., Coroutine[Any, Any, Any]], *args: Any) -> None:
        """Have this carried out on asyncio's thread, as a task of its own."""
        self.call(self._begin, work, args)

    def stop(self, farewell: Callable[[], Coroutine[Any, Any, None]] | None = None) -> None:
        """End the other thread, after `farewell` and everything under way. The one place where Tk waits, and its window is gone by then."""
        if self._stopped:
            return
        self._stopped = True
        self._loop.call_soon_threadsafe(self._end, farewell)
        self._thread.join(2 * STOP_SECONDS)
        if hasattr(self._tk, "deletefilehandler"):
            with suppress(Exception):  # the window may be gone already
                self._tk.deletefilehandler(self._ear)
        self._bell.close()
        self._ear.close()

    # --- from asyncio to Tk --------------------------------------------------------------------------------------------

    def tell(self, show: Callable[..., Any], *args: Any) -> None:
        """Have this called on Tk's thread."""
        self.send(show, *args)

    async def ask(self, show: Callable[..., T], *args: Any) -> T:
        """The same, and what it returned. Whoever sends much awaits it, so that Tk is never behind by more than one piece."""
        return cast(T, await asyncio.wrap_future(self.send(show, *args)))

    def send(self, show: Callable[..., Any], *args: Any) -> Future[Any]:
        """The same, for whoever waits in his own way."""
        future: Future[Any] = Future()
        self._queue.append((show, args, future))
        if not self._woken.is_set():
            self._woken.set()
            with suppress(OSError):  # full: it rings already; closed: the window is gone
                self._bell.send(b"\0")
        return future

    # --- on Tk's thread ------------------------------------------------------------------------------------------------

    def _listen(self) -> None:
        listen = getattr(self._tk, "createfilehandler", None)
        if listen is not None:
            listen(self._ear, 2, lambda *_: self._heard())  # 2: tkinter.READABLE
        else:
            self._tk.after(POLL_MS, self._poll)

    def _heard(self) -> None:
        with suppress(BlockingIOError):
            self._ear.recv(4096)
        self._drain()

    def _poll(self) -> None:
        self._drain()
        if not self._stopped:
            self._tk.after(POLL_MS, self._poll)

    def _drain(self) -> None:
        self._woken.clear()
        until = time.monotonic() + SLICE_SECONDS
        while self._queue:
            if time.monotonic() > until:
                self._woken.set()
                self._tk.after(1, self._drain)  # not `after_idle`: drawing and keys come first
                return
            show, args, future = self._queue.popleft()
            self._show(show, args, future)

    def _show(self, show: Callable[..., Any], args: tuple[Any, ...], future: "Future[Any]") -> None:
        if not future.set_running_or_notify_cancel():
            return
        try:
            future.set_result(show(*args))
        except Exception as error:
            future.set_exception(error)
            log.exception("showing something failed")

    # --- on asyncio's thread -------------------------------------------------------------------------------------------

    def _work(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
        finally:
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
            self._loop.close()

    def _guarded(self, work: Callable[..., Any], args: tuple[Any, ...]) -> None:
        try:
            work(*args)
        except Exception as error:
            self._report(error)

    def _begin(self, work: Callable[..., Coroutine[Any, Any, Any]], args: tuple[Any, ...]) -> None:
        task = self._loop.create_task(work(*args), name=getattr(work, "__qualname__", "work"))
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._report(error)

    def _report(self, error: BaseException) -> None:
        log.error("work failed", exc_info=error)
        if not self._stopped:
            self.tell(self._failed, error)

    def _end(self, farewell: Callable[[], Coroutine[Any, Any, None]] | None) -> None:
        self._last = self._loop.create_task(self._say_goodbye(farewell), name="goodbye")

    async def _say_goodbye(self, farewell: Callable[[], Coroutine[Any, Any, None]] | None) -> None:
        try:
            async with asyncio.timeout(STOP_SECONDS):
                if farewell is not None:
                    await farewell()
                for task in self._tasks:
                    task.cancel()
                await asyncio.gather(*self._tasks, return_exceptions=True)
        except TimeoutError:
            log.warning("something would not end")
        finally:
            self._loop.stop()


class _Hands:
    def __init__(self, bridge: Bridge, presenter: Any) -> None:
        self._bridge, self._presenter = bridge, presenter

    def __getattr__(self, name: str) -> Callable[..., None]:
        work = getattr(self._presenter, name)
        send = self._bridge.do if inspect.iscoroutinefunction(work) else self._bridge.call
        return lambda *args, **named: send(partial(work, **named) if named else work, *args)


class _Eyes:
    def __init__(self, bridge: Bridge, view: Any) -> None:
        self._bridge, self._view = bridge, view

    def __getattr__(self, name: str) -> Callable[..., "asyncio.Future[Any]"]:
        view, show = self._view, getattr(self._view, name)

        def send(*args: Any, **named: Any) -> "asyncio.Future[Any]":
            shown = asyncio.wrap_future(self._bridge.send(_if_there, view, partial(show, *args, **named)))
            shown.add_done_callback(lambda one: one.cancelled() or one.exception())  # it is logged where it failed
            return shown

        return send


def _if_there(view: Any, show: Callable[[], Any]) -> Any:
    """Show something, unless the person has closed its window meanwhile, which is no failure."""
    try:
        there = view.winfo_exists() if hasattr(view, "winfo_exists") else True
    except Exception:  # the whole program's window is gone, and with it whoever could say
        there = False
    return show() if there else None
