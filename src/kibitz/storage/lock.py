"""One server for one directory of data.

Rule: the kernel holds the lock and lets go of it when its process ends, however it ends: a file that was left behind locks nobody
out, and its age means nothing.
"""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from kibitz.storage.faults import StartError

NAME: Final = "kibitz.lock"

PATIENCE: Final = 40
"""Tries at the lock, 50 ms apart: a server that is just stopping, or a `holder` that just looks, may have its two seconds."""

_BETWEEN_TRIES: Final = 0.05


@contextmanager
def hold(directory: Path, *, sleep: Callable[[float], None] = time.sleep) -> Iterator[None]:
    """Keep other servers off this directory, which is made if it is missing. Raises `StartError`."""
    with _opened(directory) as file:
        for _ in range(PATIENCE):
            if _take(file, fcntl.LOCK_EX):
                break
            sleep(_BETWEEN_TRIES)
        else:
            raise StartError(_in_use(directory, file))
        os.truncate(file, 0)
        os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
        yield


def holder(directory: Path) -> int | None:
    """The process that holds this directory now: None if there is none, 0 if it has not written down its id yet.

    Raises `StartError` if it may not be looked into.
    """
    try:
        file = os.open(directory / NAME, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unusable(directory, error) from error
    try:
        return None if _take(file, fcntl.LOCK_SH) else _process(file)
    finally:
        os.close(file)


@contextmanager
def _opened(directory: Path) -> Iterator[int]:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(directory / NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _unusable(directory, error) from error
    try:
        yield file
    finally:
        os.close(file)


def _take(file: int, mode: int) -> bool:
    try:
        fcntl.flock(file, mode | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _process(file: int) -> int:
    written = os.pread(file, 20, 0).strip()
    return int(written) if written.isdigit() else 0


def _unusable(directory: Path, error: OSError) -> StartError:
    return StartError(
        f"The data directory {directory} cannot be used ({error.strerror}): name another with --data-dir."
    )


def _in_use(directory: Path, file: int) -> str:
    process = _process(file)
    who = f"Kibitz (process {process})" if process else "another Kibitz"
    return f"{directory.absolute()} is in use by {who}: stop that first, or name another --data-dir."
