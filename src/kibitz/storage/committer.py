"""Group commit: the one writer of a workspace.

Rule: whatever waits is committed in one transaction, in the order it came, and nobody is answered before that transaction is durable.
While one batch is being made durable the next one gathers, so the slower the disk, the larger the batches.
"""

import asyncio
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from queue import SimpleQueue
from typing import Any, Final, Protocol, TypeVar

import structlog
from sqlalchemy import Engine, text

from kibitz.domain.errors import Refusal
from kibitz.storage import Tx, nonces
from kibitz.storage.faults import refusal_of
from kibitz.storage.prepared import Prepared
from kibitz.storage.seed import epoch

T = TypeVar("T")
log = structlog.get_logger()

MAX_BATCH: Final = 1024
"""Jobs in one transaction: enough to hide the cost of making it durable, few enough that the first does not wait for the last."""

MAX_WAITING: Final = 20_000
"""Jobs that may wait: about a second's worth at full speed. Whoever comes then is told to come again."""

_VERSION: Final = Prepared(text("PRAGMA data_version"))
_SAVE: Final = Prepared(text("SAVEPOINT job"))
_UNDO: Final = Prepared(text("ROLLBACK TO SAVEPOINT job"))
_KEEP: Final = Prepared(text("RELEASE SAVEPOINT job"))


class Committed(Protocol):
    """What a job with a nonce returns: its answer as it is sent and kept."""

    @property
    def answer(self) -> bytes:
        """JSON."""
        ...


@dataclass(slots=True, eq=False)
class Job:
    """Something to do in a write transaction, and whom to tell.

    `done` is called on the loop with what `run` returned or the exception it raised; `repeated` makes the result of a command that was
    carried out before, from its stored answer. Consecutive jobs with the same `group` are given to it together, instead of `run`.
    """

    run: Callable[[Tx], Any]
    done: Callable[[Any], None]
    group: "Callable[[Tx, Sequence[Job]], list[Any]] | None" = None
    user: int = 0
    nonce: str | None = None
    fingerprint: bytes = b""
    repeated: Callable[[bytes], Any] = lambda answer: answer
    payload: Any = None


@dataclass(slots=True)
class Counters:
    """What the committer has done since it started."""

    jobs: int = 0
    commits: int = 0
    failures: int = 0
    largest: int = 0


class Committer:
    """A thread with the only writing connection."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._loop = asyncio.get_running_loop()
        self._tick: list[Job] = []
        self._queue: SimpleQueue[list[Job] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="kibitz-commit", daemon=True)
        self._version: int | None = None
        self._connection: Tx | None = None
        self.counters = Counters()
        self.waiting = 0

    def start(self, settled: Callable[[Sequence[Job], Sequence[Any]], None], outside: Callable[[str], None]) -> None:
        """Begin to commit.

        `settled` is called on the loop with each batch's jobs and results, in order; `outside` with the epoch when another process
        (an administrator's command, a restore) has changed the database: before `settled`, so that nothing is told to clients who
        are in another history.
        """
        self._settled = settled
        self._outside = outside
        self._thread.start()

    def submit(self, job: Job) -> None:
        """Have a job done with the next batch. Raises `Refusal("busy")` if too many wait."""
        if self.waiting >= MAX_WAITING:
            raise Refusal(
                "busy", "The server has more to write than it can just now; send this again.", retry_after=1.0
            )
        self.waiting += 1
        if not self._tick:
            self._loop.call_soon(self._hand_over)
        self._tick.append(job)

    async def run(self, work: Callable[[Tx], T]) -> T:
        """What `work(tx)` returns, once it is durable. Raises what it raised."""
        future: asyncio.Future[T] = self._loop.create_future()
        self.submit(Job(run=work, done=settle(future)))
        return await future

    async def stop(self) -> None:
        """Commit what waits, tell everyone, and end."""
        if not self._thread.is_alive():
            return
        self._hand_over()
        self._queue.put(None)
        await self._loop.run_in_executor(None, self._thread.join)
        await asyncio.sleep(0)  # the last batch's results were handed to the loop by the thread: let them be told

    # --- on the loop ---------------------------------------------------------------------------------------------------

    def _hand_over(self) -> None:
        if self._tick:
            jobs, self._tick = self._tick, []
            self._queue.put(jobs)

    def _settle(self, jobs: Sequence[Job], results: Sequence[Any], outside: str | None) -> None:
        self.waiting -= len(jobs)
        if outside is not None:
            self._outside(outside)
        self._settled(jobs, results)

    # --- in the thread -------------------------------------------------------------------------------------------------

    def _work(self) -> None:
        rest: list[Job] = []
        going = True
        while going or rest:
            if not rest:
                taken = self._queue.get()
                if taken is None:
                    break
                rest = taken
            while going and len(rest) < MAX_BATCH and not self._queue.empty():
                more = self._queue.get()
                if more is None:
                    going = False
                else:
                    rest.extend(more)
            jobs, rest = rest[:MAX_BATCH], rest[MAX_BATCH:]
            self._commit(jobs)
        self._disconnect()

    def _commit(self, jobs: Sequence[Job]) -> None:
        outside: list[str] = []
        try:
            results = self._transaction(jobs, outside)
        except Exception as error:
            results = self._recover(jobs, error, outside)
        self.counters.jobs += len(jobs)
        self.counters.largest = max(self.counters.largest, len(jobs))
        self._loop.call_soon_threadsafe(self._settle, jobs, results, outside[-1] if outside else None)

    def _recover(self, jobs: Sequence[Job], error: Exception, outside: list[str]) -> list[Any]:
        self.counters.failures += 1
        self._disconnect()
        refusal = refusal_of(error)
        if refusal is not None:
            log.error("commit failed", jobs=len(jobs), code=refusal.code, why=str(error.__cause__ or error))
            return [refusal] * len(jobs)
        if len(jobs) == 1:
            log.error("job failed", exc_info=error)
            return [Refusal("internal", "The server made a mistake; nothing was stored. Its log says more.")]
        # One job of the batch is broken: find it by doing each alone, so that only its own sender is refused.
        return [result for job in jobs for result in self._alone(job, outside)]

    def _alone(self, job: Job, outside: list[str]) -> list[Any]:
        try:
            return self._transaction([job], outside)
        except Exception as error:
            return self._recover([job], error, outside)

    def _transaction(self, jobs: Sequence[Job], outside: list[str]) -> list[Any]:
        tx = self._connect()
        with tx.begin():
            if self._changed_outside(tx):
                outside.append(epoch(tx))
            results = carry_out(tx, jobs)
        self.counters.commits += 1
        return results

    def _changed_outside(self, tx: Tx) -> bool:
        """Whether another process has committed since the last look: SQLite's `data_version` does not count our own commits."""
        if tx.dialect.name != "sqlite":
            return False
        version = int(_VERSION.one(tx)[0])
        before, self._version = self._version, version
        return before is not None and version != before

    def _connect(self) -> Tx:
        if self._connection is None:
            self._connection = self._engine.connect()
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
            # The counter belongs to the connection: after a new one, anything may have changed meanwhile.
            self._version = -1 if self._version is not None else None


def settle(future: "asyncio.Future[Any]") -> Callable[[Any], None]:
    """A job's `done` that hands its result, or raises its refusal, to whoever awaits the future."""

    def done(result: Any) -> None:
        if future.cancelled():
            return
        if isinstance(result, Exception):
            future.set_exception(result)
        else:
            future.set_result(result)

    return done


@dataclass(slots=True)
class _Sorting:
    """A batch, sorted into what is new and what was sent before."""

    results: list[Any]
    fresh: list[int] = field(default_factory=list)
    twins: list[tuple[int, int]] = field(
        default_factory=list
    )  # the second of two that came in one batch, and the first


def carry_out(tx: Tx, jobs: Sequence[Job]) -> list[Any]:
    """Do each job once, however often it was sent: results in the order of the jobs, a `Refusal` where one was refused."""
    sorting = _sort(tx, jobs)
    results = sorting.results
    for group, run in groupby(sorting.fresh, key=lambda index: jobs[index].group):
        indexes = list(run)
        if group is None:
            for index in indexes:
                results[index] = _run_one(tx, jobs[index])
        else:
            for index, result in zip(indexes, group(tx, [jobs[index] for index in indexes]), strict=True):
                results[index] = result
    _remember(tx, jobs, sorting)
    for second, first in sorting.twins:
        results[second] = _repeat(jobs[second], jobs[first].fingerprint, results[first])
    return results


def _sort(tx: Tx, jobs: Sequence[Job]) -> _Sorting:
    sorting = _Sorting([None] * len(jobs))
    known = nonces.lookup(tx, [(job.user, job.nonce) for job in jobs if job.nonce is not None])
    first: dict[nonces.Key, int] = {}
    for index, job in enumerate(jobs):
        key = (job.user, job.nonce) if job.nonce is not None else None
        if key is None:
            sorting.fresh.append(index)
        elif key in known:
            fingerprint, answer = known[key]
            sorting.results[index] = _same_or_refused(job, fingerprint, answer)
        elif key in first:
            sorting.twins.append((index, first[key]))
        else:
            first[key] = index
            sorting.fresh.append(index)
    return sorting


def _run_one(tx: Tx, job: Job) -> Any:
    _SAVE.run(tx)
    try:
        result = job.run(tx)
    except Refusal as refusal:
        _UNDO.run(tx)
        result = refusal
    _KEEP.run(tx)
    return result


def _remember(tx: Tx, jobs: Sequence[Job], sorting: _Sorting) -> None:
    nonces.remember(
        tx,
        [
            (job.user, job.nonce, job.fingerprint, sorting.results[index].answer)
            for index in sorting.fresh
            if (job := jobs[index]).nonce is not None and not isinstance(sorting.results[index], Exception)
        ],
    )


def _repeat(job: Job, fingerprint: bytes, result: Any) -> Any:
    if isinstance(result, Exception):
        return result
    return _same_or_refused(job, fingerprint, result.answer)


def _same_or_refused(job: Job, fingerprint: bytes, answer: bytes) -> Any:
    if job.fingerprint != fingerprint:
        return Refusal("nonce_reused", "This nonce was used for another command; choose a new one for each.")
    return job.repeated(answer)
