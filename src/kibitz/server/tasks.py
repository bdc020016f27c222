"""Every task has an owner and a name.

Rule: this is the one place where tasks are made. A task that fails is logged, none is lost to the garbage collector, and all of
them have ended when `stop` returns.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final

import structlog

STOP_SECONDS: Final = 5.0
"""How long a cancelled task may take to clean up before the server goes on without it."""

log = structlog.stdlib.get_logger(__name__)


class Tasks:
    """The tasks of one owner, who stops them all."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()
        self._stopped = False

    def __len__(self) -> int:
        return len(self._running)

    def spawn(self, name: str, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Begin the work on the running loop. Whoever awaits the task gets its failure too; it is logged in any case.

        Raises `RuntimeError` once the owner has stopped.
        """
        if self._stopped:
            work.close()
            raise RuntimeError(f"The task {name} begins after its owner has stopped.")
        task = asyncio.create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._ended)
        return task

    async def stop(self, *, grace: float = STOP_SECONDS) -> None:
        """Cancel every task and wait until they have ended, at most `grace` seconds."""
        self._stopped = True
        for task in self._running:
            task.cancel()
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=grace)
            for task in late:
                log.error("task_would_not_end", task=task.get_name())

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("task_failed", task=task.get_name(), exc_info=error)
