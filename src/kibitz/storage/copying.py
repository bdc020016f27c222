"""Copies of a SQLite database, taken or put in place while others use it.

Rule: whoever looks, or is cut off, finds the old or the new one whole, never a mix. All files that this package makes appear the
same way: written under another name, made durable, then renamed.
"""

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

PAGES: Final = 1024
"""Pages between two reports of progress: 4 MiB with SQLite's usual pages."""

BUSY_SECONDS: Final = 30.0
"""How long to wait for the write lock of a database that others write to."""

Progress = Callable[[int, int], None]
"""Told again and again how many bytes are done, and of how many."""


def no_progress(done: int, of: int) -> None:
    """For whoever does not want to know."""


def snapshot(source: Path, target: Path, progress: Progress = no_progress) -> None:
    """Copy a database as it stands at one moment into a new file; others go on writing meanwhile. Raises `sqlite3.Error`."""
    with replacing(target) as part, closing(_open(source)) as theirs, closing(_open(part, "rwc")) as ours:
        # Without a transaction that stays open, every write of another process would make the copy begin again.
        theirs.execute("BEGIN")
        theirs.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        _copy(theirs, ours, progress)
        ours.execute("PRAGMA journal_mode = DELETE")  # it is one file, without a log beside it


def overwrite(target: Path, source: Path, progress: Progress = no_progress) -> None:
    """Put another database's content into this one, which is made if it is not there. Raises `sqlite3.Error`.

    It is one transaction: a server that uses the database sees the old content or the new.
    """
    with closing(_open(source)) as theirs, closing(_open(target, "rwc")) as ours:
        ours.execute("PRAGMA journal_mode = WAL")
        ours.execute("PRAGMA synchronous = FULL")
        _same_page_size(theirs, ours)
        _copy(theirs, ours, progress)


def damage(path: Path) -> str | None:
    """What SQLite finds wrong with a database file; None if nothing. Reads all of it."""
    with closing(_open(path)) as connection:
        found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        broken = connection.execute("PRAGMA foreign_key_check").fetchone()
    if found != "ok":
        return str(found)
    return None if broken is None else f"a row of {broken[0]} refers to a row of {broken[2]} that is not there"


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A path to write to, whose file becomes `target` when the block ends well, and vanishes when it does not.

    It is for its owner alone, since all that this package copies is somebody's talk.
    """
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)
    try:
        yield part
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(target)
        sync_directory(target.parent)
    finally:
        part.unlink(missing_ok=True)


def sync_directory(directory: Path) -> None:
    """Make the names in a directory durable."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _open(path: Path, mode: str = "rw") -> sqlite3.Connection:
    # By its URI: a plain path would make an empty database of a file that is not there.
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=BUSY_SECONDS, isolation_level=None
    )


def _copy(source: sqlite3.Connection, target: sqlite3.Connection, progress: Progress) -> None:
    size = source.execute("PRAGMA page_size").fetchone()[0]
    patience = time.monotonic() + BUSY_SECONDS

    def report(status: int, remaining: int, total: int) -> None:
        # Python's backup() tries for ever while the database is busy.
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) and time.monotonic() > patience:
            raise _busy()
        progress((total - remaining) * size, total * size)

    source.backup(target, pages=PAGES, progress=report, sleep=0.01)


def _busy() -> sqlite3.Error:
    error = sqlite3.OperationalError("database is locked")
    error.sqlite_errorcode = sqlite3.SQLITE_BUSY
    return error


def _same_page_size(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    # A database in WAL mode keeps its page size, so the copy must take it on (sqlite.org, «sqlite3_backup_step»).
    wanted = target.execute("PRAGMA page_size").fetchone()[0]
    if wanted != source.execute("PRAGMA page_size").fetchone()[0]:
        source.execute(f"PRAGMA page_size = {wanted}")
        source.execute("VACUUM")
