"""The bytes of shared files, kept under what they are: a blob's key is the SHA-256 of its content.

Rule: a blob under its key is whole and durable before anyone learns of it; whoever gives a blob its first row in the database, or
takes away one that has none, holds its lock meanwhile.
"""

import asyncio
import errno
import os
import re
import shutil
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, TypeVar
from uuid import uuid4
from weakref import WeakValueDictionary

import obstore
import structlog
from obstore.exceptions import BaseError
from obstore.store import LocalStore

from kibitz.domain.errors import Refusal

T = TypeVar("T")
log = structlog.get_logger()

PIECE: Final = 1024 * 1024
"""Bytes that are read or written at a time: a tenth of that costs half of the speed in changes of thread, ten times it buys none."""

THREADS: Final = 4
"""Threads that hash and write, for all uploads together: a slow disk makes uploads wait for each other, and nothing else."""

HEAD: Final = 8 * 1024
"""First bytes of a file, which tell what it is: the signatures of every format but ISO 9660 (32 KiB) lie in them."""

PAGE: Final = 500
"""Blobs that are listed at a time."""

_STAGING: Final = "staging"
_FULL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_KEY: Final = re.compile(r"[0-9a-f]{2}/[0-9a-f]{2}/([0-9a-f]{64})")


class Blobs:
    """The blobs of one workspace, in a directory of the local disk.

    All but `clear_staging` and `_sync` goes through obstore, which speaks to S3 by the same calls.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self._store = LocalStore(self._folder, mkdir=True)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="kibitz-blobs")
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def clear_staging(self) -> None:
        """Remove what a killed server left half written. Only for the server's start: it would end the uploads of a running one."""
        shutil.rmtree(self._folder / _STAGING, ignore_errors=True)

    def close(self) -> None:
        """Let what is being written finish."""
        self._threads.shutdown(wait=True)

    def lock(self, digest: str) -> asyncio.Lock:
        """What must be held to place a blob and write its row, or to see that it has none and delete it."""
        lock = self._locks.get(digest)
        if lock is None:
            lock = self._locks[digest] = asyncio.Lock()
        return lock

    # --- in ------------------------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def stage(self) -> AsyncIterator["Staged"]:
        """Bytes on their way in. Unless they are placed, nothing of them is left behind."""
        staged = Staged(self._store, self._folder, self._run)
        try:
            yield staged
        finally:
            await asyncio.shield(self._run(staged.discard))  # it happens even if we are cancelled meanwhile

    async def place(self, staged: "Staged") -> None:
        """Move finished bytes under their key, durably; what was there is the same and is replaced. For the holder of its lock.

        Raises `Refusal("unavailable")` where the disk does not take it.
        """
        await self._run(self._place, staged)

    def _place(self, staged: "Staged") -> None:
        key = _key(staged.sha256)
        with _told():
            obstore.rename(self._store, staged.path, key)
            # obstore syncs nothing. The directories may be new, so each entry on the way is made durable.
            _sync(*(self._folder / key).parents[:3], self._folder.parent)

    # --- out -----------------------------------------------------------------------------------------------------------

    async def read(self, digest: str, start: int, end: int) -> AsyncGenerator[memoryview, None]:
        """The bytes of a blob from `start` up to, not including, `end`, at most `PIECE` at a time.

        While one piece is used the next one is read. Raises `FileNotFoundError` if there is no such blob.
        """
        # Not obstore's get().stream(): for a local file it reads 8 KiB at a time, which is ten times slower.
        ahead = self._piece(digest, start, end)
        try:
            while ahead is not None:
                piece = memoryview(await ahead)
                start += len(piece)
                ahead = self._piece(digest, start, end) if piece else None
                yield piece
        finally:
            if ahead is not None:
                ahead.cancel()

    def _piece(self, digest: str, start: int, end: int) -> "asyncio.Future[obstore.Bytes] | None":
        if start >= end:
            return None
        # A future, whatever obstore's type stubs say: reading begins at once.
        return obstore.get_range_async(self._store, _key(digest), start=start, end=min(start + PIECE, end))  # type: ignore[return-value]

    # --- away ----------------------------------------------------------------------------------------------------------

    async def pages(self) -> AsyncIterator[list[tuple[str, float]]]:
        """Every blob there is, some at a time: its digest and when it was placed, in seconds since 1970."""
        async for page in obstore.list(self._store, chunk_size=PAGE):
            found = [(_KEY.fullmatch(meta["path"]), meta["last_modified"].timestamp()) for meta in page]
            yield [(match[1], placed) for match, placed in found if match is not None]

    async def placed(self, digest: str) -> float:
        """When a blob was placed last, in seconds since 1970; 0 if it is not there."""
        try:
            return float((await obstore.head_async(self._store, _key(digest)))["last_modified"].timestamp())
        except FileNotFoundError:
            return 0.0

    async def delete(self, digest: str) -> None:
        """Remove a blob, if it is there. For the holder of its lock."""
        with suppress(FileNotFoundError):
            await obstore.delete_async(self._store, _key(digest))

    def _run(self, work: Callable[..., T], *args: Any) -> "asyncio.Future[T]":
        return asyncio.get_running_loop().run_in_executor(self._threads, work, *args)


class Staged:
    """Bytes that come in, under a name of their own until they are whole. `head` is how they begin; `sha256` is known at the end."""

    def __init__(self, store: LocalStore, folder: Path, run: "Callable[..., asyncio.Future[Any]]") -> None:
        self.path = f"{_STAGING}/{uuid4().hex}"
        self.size = 0
        self.head = b""
        self.sha256 = ""
        self._store = store
        self._file = folder / self.path
        self._run = run
        self._hash = sha256()
        self._writer: Any = obstore.open_writer(store, self.path, buffer_size=PIECE, max_concurrency=2)
        self._turn = threading.RLock()  # a cancelled upload is discarded while its last piece may still be written
        self._parts: list[bytes] = []
        self._gathered = 0
        self._writing: asyncio.Future[None] | None = None

    async def write(self, data: bytes) -> None:
        """Take more bytes. While a piece is hashed and written, the next one is gathered: at most two are in memory.

        Raises `Refusal("unavailable")`, perhaps for bytes that were taken before.
        """
        if len(self.head) < HEAD:
            self.head += data[: HEAD - len(self.head)]
        self.size += len(data)
        self._parts.append(data)
        self._gathered += len(data)
        if self._gathered >= PIECE:
            await self._hand_over(self._take)

    async def finish(self) -> None:
        """Write what is left and make it durable. Raises `Refusal("unavailable")`."""
        await (await self._hand_over(self._end))

    def discard(self) -> None:
        """Remove what is there, unless it was placed. In a thread."""
        with self._turn:
            self._writer = None  # obstore removes the part that was written when its writer goes
            try:
                obstore.delete(self._store, self.path)
            except FileNotFoundError:
                pass  # it was placed, or nothing came of it
            except (BaseError, OSError) as error:
                log.warning("an upload is left until the next start", path=self.path, why=_first_line(error))

    async def _hand_over(self, work: Callable[[list[bytes]], None]) -> "asyncio.Future[None]":
        if self._writing is not None:
            await self._writing
        parts, self._parts, self._gathered = self._parts, [], 0
        self._writing = self._run(work, parts)
        self._writing.add_done_callback(_seen)
        return self._writing

    def _take(self, parts: list[bytes]) -> None:
        with self._turn, _told():
            if self._writer is not None:
                for part in parts:
                    self._hash.update(part)
                    self._writer.write(part)

    def _end(self, parts: list[bytes]) -> None:
        with self._turn, _told():
            if self._writer is not None:
                self._take(parts)
                self._writer.close()
                self._writer = None
                self.sha256 = self._hash.hexdigest()
                _sync(self._file)


def _key(digest: str) -> str:
    return f"{digest[:2]}/{digest[2:4]}/{digest}"


def _sync(*paths: Path) -> None:
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _seen(future: "asyncio.Future[None]") -> None:
    # Whoever was cancelled or refused does not come back to ask how the last piece went.
    if not future.cancelled():
        future.exception()


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (BaseError, OSError) as error:
        raise _refusal(error) from error


def _refusal(error: Exception) -> Refusal:
    # Logged without its traceback, which some loggers print with the bytes that were on their way.
    log.error("a file could not be stored", why=_first_line(error))
    # obstore keeps the system's error number in its text alone.
    told = re.search(r"\(os error (\d+)\)", str(error))
    number = error.errno if isinstance(error, OSError) and error.errno else int(told[1]) if told else 0
    why = "The server's disk is full" if number in _FULL else "The server could not write to its disk"
    return Refusal("unavailable", f"{why}; nothing was kept.", retry_after=10.0)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
