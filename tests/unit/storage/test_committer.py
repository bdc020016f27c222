"""The committer: in order, once, together, and nobody answered too early."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select
from tests.support.database import NOW

from kibitz.domain.errors import Refusal
from kibitz.storage import Tx
from kibitz.storage.committer import MAX_WAITING, Committer, Job
from kibitz.storage.schema import VIEWS, messages, meta, metadata
from kibitz.storage.seed import seed
from kibitz.storage.store import database_url, open_engine


@dataclass(frozen=True)
class Answer:
    answer: bytes


class Office:
    """A committer on a database of its own, with everything it reports."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.batches: list[list[Any]] = []
        self.outside: list[str] = []
        engine = open_engine(database_url(str(path)), writer=True)
        metadata.create_all(engine)
        with engine.begin() as tx:
            for name, query in VIEWS.items():
                tx.exec_driver_sql(f"CREATE VIEW {name} AS {query}")
            seed(tx, epoch="first", now=NOW)
        self.committer = Committer(engine)
        self.committer.start(self._settled, self.outside.append)

    def _settled(self, jobs: Sequence[Job], results: Sequence[Any]) -> None:
        self.batches.append(list(results))
        for job, result in zip(jobs, results, strict=True):
            job.done(result)

    async def all_of(self, jobs: Sequence[Job]) -> list[Any]:
        """Submit in one tick; the results in order of the jobs."""
        futures = [asyncio.get_running_loop().create_future() for _ in jobs]
        for job, future in zip(jobs, futures, strict=True):
            job.done = future.set_result
            self.committer.submit(job)
        return list(await asyncio.gather(*futures))

    def keys(self) -> list[str]:
        with sqlite3.connect(self.path) as other:
            return [row[0] for row in other.execute("SELECT key FROM meta WHERE key <> 'epoch' ORDER BY rowid")]


@asynccontextmanager
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    made = Office(tmp_path / "kibitz.db")
    try:
        yield made
    finally:
        await made.committer.stop()


def note(key: str, *, nonce: str | None = None, mark: bytes = b"") -> Job:
    """A job that writes one row."""

    def run(tx: Tx) -> Answer:
        tx.execute(insert(meta).values(key=key, value="here"))
        return Answer(key.encode())

    return Job(run=run, done=lambda _: None, user=1, nonce=nonce, fingerprint=mark, repeated=Answer)


def failing(error: Exception) -> Callable[[Tx], Any]:
    def run(tx: Tx) -> Any:
        tx.execute(insert(meta).values(key="half", value="done"))
        raise error

    return run


async def test_jobs_of_one_tick_are_one_commit_in_their_order(tmp_path: Path) -> None:
    async with office(tmp_path) as it:
        results = await it.all_of([note(key) for key in "cab"])
        assert [one.answer for one in results] == [b"c", b"a", b"b"]
        assert it.keys() == ["c", "a", "b"]
        assert it.committer.counters.commits == 1
        assert it.committer.waiting == 0


async def test_an_answer_is_given_only_when_another_connection_can_read_the_row(tmp_path: Path) -> None:
    async with office(tmp_path) as it:
        seen: list[list[str]] = []
        future = asyncio.get_running_loop().create_future()
        job = note("row")

        def done(result: Any) -> None:
            seen.append(it.keys())
            future.set_result(result)

        job.done = done
        it.committer.submit(job)
        await future
        assert seen == [["row"]]


async def test_a_refused_job_leaves_nothing_and_the_others_stay(tmp_path: Path) -> None:
    async with office(tmp_path) as it:
        refused = Job(run=failing(Refusal("forbidden", "No.")), done=lambda _: None)
        results = await it.all_of([note("a"), refused, note("b")])
        assert isinstance(results[1], Refusal)
        assert results[1].code == "forbidden"
        assert it.keys() == ["a", "b"]


async def test_a_broken_job_is_found_and_the_others_are_committed_all_the_same(tmp_path: Path) -> None:
    async with office(tmp_path) as it:
        broken = Job(run=failing(ZeroDivisionError()), done=lambda _: None)
        results = await it.all_of([note("a"), broken, note("b")])
        assert [isinstance(one, Answer) for one in results] == [True, False, True]
        assert results[1].code == "internal"
        assert it.keys() == ["a", "b"]


async def test_a_command_sent_again_gets_the_first_answer_and_is_not_done_again(tmp_path: Path) -> None:
    async with office(tmp_path) as it:
        first = await it.all_of([note("a", nonce="nonce-1", mark=b"m")])
        again = await it.all_of([note("a", nonce="nonce-1", mark=b"m")])
        assert first == again == [Answer(b"a")]
        assert it.keys() == ["a"]


async def test_the_same_command_twice_in_one_batch_is_done_once(tmp_path: Path) -> None:
    async with office(tmp_path) as it:
        twice = await it.all_of([note("a", nonce="nonce-1", mark=b"m"), note("a", nonce="nonce-1", mark=b"m")])
        assert twice == [Answer(b"a"), Answer(b"a")]
        assert it.keys() == ["a"]


@pytest.mark.parametrize("together", [True, False])
async def test_a_nonce_with_another_body_is_refused(tmp_path: Path, together: bool) -> None:
    async with office(tmp_path) as it:
        jobs = [note("a", nonce="nonce-1", mark=b"one"), note("b", nonce="nonce-1", mark=b"two")]
        results = await it.all_of(jobs) if together else [*await it.all_of(jobs[:1]), *await it.all_of(jobs[1:])]
        assert results[0] == Answer(b"a")
        assert results[1].code == "nonce_reused"
        assert it.keys() == ["a"]


async def test_a_nonce_belongs_to_its_user(tmp_path: Path) -> None:
    async with office(tmp_path) as it:
        mine, theirs = note("a", nonce="nonce-1", mark=b"m"), note("b", nonce="nonce-1", mark=b"n")
        theirs.user = 2
        assert await it.all_of([mine, theirs]) == [Answer(b"a"), Answer(b"b")]


async def test_a_refused_command_may_be_tried_again_with_its_nonce(tmp_path: Path) -> None:
    async with office(tmp_path) as it:
        refused = Job(
            run=failing(Refusal("forbidden", "No.")), done=lambda _: None, user=1, nonce="nonce-1", fingerprint=b"m"
        )
        await it.all_of([refused])
        assert await it.all_of([note("a", nonce="nonce-1", mark=b"m")]) == [Answer(b"a")]


async def test_a_locked_database_refuses_with_a_code_to_come_back_and_stores_nothing(tmp_path: Path) -> None:
    async with office(tmp_path) as it:
        await it.all_of([note("before")])
        it.committer._connect().exec_driver_sql("PRAGMA busy_timeout = 50")
        it.committer._connect().rollback()
        other = sqlite3.connect(it.path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        results = await it.all_of([note("a"), note("b")])
        assert [one.code for one in results] == ["unavailable", "unavailable"]
        assert all(one.retry_after for one in results)
        other.execute("ROLLBACK")
        other.close()
        assert isinstance((await it.all_of([note("a")]))[0], Answer)
        assert it.keys() == ["before", "a"]


async def test_what_another_process_changed_is_noticed_and_what_we_changed_is_not(tmp_path: Path) -> None:
    async with office(tmp_path) as it:
        await it.all_of([note("a")])
        await it.all_of([note("b")])
        assert it.outside == []
        with sqlite3.connect(it.path) as other:
            other.execute("UPDATE meta SET value = 'second' WHERE key = 'epoch'")
        other.close()
        await it.committer.run(lambda tx: None)
        assert it.outside == ["second"]


async def test_run_raises_what_was_refused_and_returns_what_was_done(tmp_path: Path) -> None:
    async with office(tmp_path) as it:
        assert await it.committer.run(lambda tx: tx.execute(select(messages)).all()) == []
        with pytest.raises(Refusal, match="No"):
            await it.committer.run(failing(Refusal("forbidden", "No.")))


async def test_too_many_waiting_jobs_are_refused_at_once(tmp_path: Path) -> None:
    async with office(tmp_path) as it:
        it.committer.waiting = MAX_WAITING
        with pytest.raises(Refusal, match="more to write"):
            it.committer.submit(note("a"))
        it.committer.waiting = 0


async def test_stopping_commits_and_answers_what_waits(tmp_path: Path) -> None:
    async with office(tmp_path) as it:
        answers: list[Any] = []
        for key in "abc":
            job = note(key)
            job.done = answers.append
            it.committer.submit(job)
        await it.committer.stop()
        assert len(answers) == 3
        assert it.keys() == ["a", "b", "c"]
