"""One workspace's database: how it is opened, and how it is read.

Rule: writing is the committer's alone (`kibitz.storage.committer`); everyone else reads, each in a transaction of its own, in a
thread, so that the loop never waits for a disk.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import URL, Engine, create_engine, event, make_url, text
from sqlalchemy.pool import NullPool, QueuePool

from kibitz.storage import Tx
from kibitz.storage.faults import refusal_of

T = TypeVar("T")

READERS: Final = 4
"""Threads that read: SQLite's readers do not block one another, and more than a few only fight over the interpreter lock."""

BUSY_SECONDS: Final = 5.0
"""How long to wait for another process (a backup, an administrator's command) that holds the database's write lock."""


def database_url(database: str) -> URL:
    """A URL for a database named by URL or by a path to a SQLite file."""
    return make_url(database) if "://" in database else URL.create("sqlite", database=str(Path(database)))


def open_engine(url: URL, *, writer: bool) -> Engine:
    """An engine for the one writer or for the readers.

    A transaction of the writer takes the write lock at its start, so that what it read stays true until it commits.
    """
    if url.get_backend_name() != "sqlite":
        return create_engine(url, pool_size=1 if writer else READERS, max_overflow=0)
    engine = create_engine(
        url,
        poolclass=NullPool if writer else QueuePool,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        **({} if writer else {"pool_size": READERS, "max_overflow": 0}),
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: object) -> None:
        connection.isolation_level = None  # the driver must not begin transactions by itself
        for pragma in _pragmas(writer):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(tx: Tx) -> None:
        tx.exec_driver_sql("BEGIN IMMEDIATE" if writer else "BEGIN")

    return engine


def _pragmas(writer: bool) -> tuple[str, ...]:
    # synchronous FULL: in WAL mode, NORMAL may forget acknowledged commits at a power cut (sqlite.org, «Write-Ahead Logging»).
    common = ("foreign_keys = ON", "cache_size = -16384", "temp_store = MEMORY")
    return (*common, "journal_mode = WAL", "synchronous = FULL") if writer else (*common, "query_only = ON")


class Store:
    """The readers of one database."""

    def __init__(self, url: URL) -> None:
        self.url = url
        self._engine = open_engine(url, writer=False)
        self._threads = ThreadPoolExecutor(READERS, thread_name_prefix="kibitz-read")

    async def read(self, work: Callable[..., T], *args: Any) -> T:
        """What `work(tx, *args)` returns, in a transaction that sees one moment of the database.

        Raises `Refusal("unavailable")` where the database cannot be read just now.
        """
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._read, work, args)

    def _read(self, work: Callable[..., T], args: tuple[Any, ...]) -> T:
        try:
            with self._engine.connect() as tx:
                return work(tx, *args)
        except Exception as error:
            refusal = refusal_of(error)
            if refusal is None:
                raise
            raise refusal from error

    async def answers(self) -> bool:
        """Whether the database can be read just now."""
        return bool(await self.read(lambda tx: tx.execute(text("SELECT 1")).scalar_one()))

    def close(self) -> None:
        """Let the readers finish, then close their connections."""
        self._threads.shutdown(wait=True)
        self._engine.dispose()
