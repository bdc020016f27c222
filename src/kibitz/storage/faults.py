"""What a database's errors mean to people.

Rule: an error is told apart by its code, never by its text, which differs between releases and languages.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum, auto
from pathlib import Path
from typing import Final

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from kibitz.domain.errors import Refusal


class StartError(Exception):
    """Why the server, or a command that works beside it, cannot go on: a sentence that says what to do."""


class Fault(Enum):
    """What can be wrong with a database that is not this program's fault."""

    BUSY = auto()
    FULL = auto()
    READ_ONLY = auto()
    DAMAGED = auto()
    NO_DATABASE = auto()
    UNREACHABLE = auto()
    DISK = auto()


# sqlite.org, «Result and Error Codes»: the low byte is the primary code.
_SQLITE: Final = {
    sqlite3.SQLITE_BUSY: Fault.BUSY,
    sqlite3.SQLITE_LOCKED: Fault.BUSY,
    sqlite3.SQLITE_PROTOCOL: Fault.BUSY,
    sqlite3.SQLITE_FULL: Fault.FULL,
    sqlite3.SQLITE_READONLY: Fault.READ_ONLY,
    sqlite3.SQLITE_CORRUPT: Fault.DAMAGED,
    sqlite3.SQLITE_NOTADB: Fault.NO_DATABASE,
    sqlite3.SQLITE_CANTOPEN: Fault.UNREACHABLE,
    sqlite3.SQLITE_IOERR: Fault.DISK,
}

# postgresql.org, «PostgreSQL Error Codes»: two characters name the class. The first prefix that fits counts.
_SQLSTATE: Final = (
    ("53100", Fault.FULL),
    ("53", Fault.BUSY),
    ("55P03", Fault.BUSY),
    ("40", Fault.BUSY),
    ("57014", Fault.BUSY),
    ("57P", Fault.UNREACHABLE),
    ("08", Fault.UNREACHABLE),
    ("25006", Fault.READ_ONLY),
    ("XX001", Fault.DAMAGED),
    ("XX002", Fault.DAMAGED),
    ("58", Fault.DISK),
)

# Where a commit may have reached the disk after all, the sentence does not say that nothing was stored: the same nonce sent
# again gets the right answer either way.
_REFUSALS: Final = {
    Fault.BUSY: ("The database is busy with other work; nothing was stored. Send this again.", 1.0),
    Fault.FULL: ("The server's disk is full; nothing was stored.", 10.0),
    Fault.READ_ONLY: ("The server may not write to its database; nothing was stored.", 10.0),
    Fault.DAMAGED: ("The server's database is damaged; its operator has to restore a backup.", 60.0),
    Fault.NO_DATABASE: ("The server's database is damaged; its operator has to restore a backup.", 60.0),
    Fault.UNREACHABLE: ("The server cannot reach its database just now; send this again.", 2.0),
    Fault.DISK: ("The server's disk reports an error; send this again.", 2.0),
}

_START: Final = {
    Fault.BUSY: "{database} is locked by another program: end that program, then try again.",
    Fault.FULL: "The disk that holds {database} is full: make room, then try again.",
    Fault.READ_ONLY: "{database} cannot be written to: check its owner and permissions, and those of its directory.",
    Fault.DAMAGED: "{database} is damaged: move it away and restore a backup with 'kibitz admin restore'.",
    Fault.NO_DATABASE: "{database} is not a SQLite database: name another file with --database, or move this one away.",
    Fault.UNREACHABLE: "{database} cannot be opened: check that it is there and that this user may read and write it.",
    Fault.DISK: "The disk that holds {database} reports an error: see the system's log.",
}


def fault_of(error: BaseException) -> Fault | None:
    """What is wrong with the database, or None if the error says nothing of the kind."""
    if isinstance(error, NoConnectionFree):
        return Fault.BUSY
    if isinstance(error, sqlite3.Error):
        return _SQLITE.get(getattr(error, "sqlite_errorcode", -1) & 0xFF)
    if isinstance(error, DBAPIError) and isinstance(error.orig, sqlite3.Error):
        return fault_of(error.orig)
    # Of a driver other than SQLite's, be it wrapped or not.
    state = getattr(error.orig if isinstance(error, DBAPIError) else error, "sqlstate", None)
    if state is None:  # the driver failed before the server could say anything
        lost = isinstance(error, DBAPIError) and error.connection_invalidated
        return Fault.UNREACHABLE if lost or isinstance(error, OperationalError) else None
    return next((fault for prefix, fault in _SQLSTATE if state.startswith(prefix)), None)


def refusal_of(error: Exception) -> Refusal | None:
    """How a command is answered that a database error ended; None for an error that is this program's own fault."""
    fault = fault_of(error)
    if fault is None:
        return None
    sentence, wait = _REFUSALS[fault]
    return Refusal("unavailable", sentence, retry_after=wait)


@contextmanager
def told_at_start(url: URL) -> Iterator[None]:
    """Turn what goes wrong with a database while it is opened into a `StartError` that names it."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        fault = fault_of(error)
        if fault is None:
            raise
        raise StartError(_why_not(url, fault)) from error


def _why_not(url: URL, fault: Fault) -> str:
    if url.get_backend_name() == "sqlite" and url.database:
        path = Path(url.database)
        if fault in {Fault.UNREACHABLE, Fault.READ_ONLY} and (reason := _why_no_file(path)):
            return reason
    return _START[fault].format(database=named(url))


def named(url: URL) -> str:
    """A database in a sentence: the file, or the URL without its password."""
    return str(url.database) if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)


def _why_no_file(path: Path) -> str | None:
    directory = path.absolute().parent
    if path.is_dir():
        return f"{path} is a directory: name a file in it with --database."
    if not directory.is_dir():
        return f"There is no directory {directory} for the database: make it, or name another with --database."
    if os.statvfs(directory).f_flag & os.ST_RDONLY:
        return f"{directory} is on a read-only file system: name another place with --data-dir or --database."
    # In WAL mode SQLite makes two files beside the database, so the directory must be writable too.
    for place in (directory, path):
        if place.exists() and not os.access(
            place, os.R_OK | os.W_OK, effective_ids=os.access in os.supports_effective_ids
        ):
            return f"This user may not write to {place}: give it the right, or name another place with --database."
    return None
