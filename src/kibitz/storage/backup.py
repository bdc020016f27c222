"""Backup and restore, also while the server runs.

Rule: files come after the database on the way out and before it on the way in, so that no row ever refers to a file that was
left behind.
"""

import errno
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from sqlalchemy import URL, func, select, update

from kibitz import __version__
from kibitz.storage import archive, copying, seed
from kibitz.storage.archive import Manifest, Reader
from kibitz.storage.copying import replacing, sync_directory
from kibitz.storage.faults import StartError, named, told_at_start
from kibitz.storage.schema import messages, meta, rooms, shared_files, users
from kibitz.storage.store import open_engine
from kibitz.storage.upgrade import revision, upgrade

Progress = Callable[[str, int, int], None]
"""Told again and again what is being done, how many bytes of it are done, and of how many."""

_SPARE: Final = 1024 * 1024
"""Bytes of room asked for besides what is known: names, directories, the tail of a log."""


def no_progress(what: str, done: int, of: int) -> None:
    """For whoever does not want to know."""


def backup(url: URL, blobs: Path, target: Path, *, now: str, progress: Progress = no_progress) -> Manifest:
    """Write the database as it stands, and every file that it refers to, into the archive `target`. Raises `StartError`."""
    database = _file_of(url)
    with told_at_start(url), _told(target), _work_beside(target) as work:
        _need(work, sum(path.stat().st_size for path in _with_its_log(database)))
        copy = work / "copy.db"
        copying.snapshot(database, copy, partial(progress, "copying the database"))
        held = _look_into(copy)
        size = copy.stat().st_size + sum(held.files.values())
        _need(work, size)
        meter = _Meter(size, partial(progress, "writing the archive"))
        with replacing(target) as part, archive.writing(part, meter.add) as writer:
            database_sha256 = writer.add_database(copy)
            missing = [digest for digest in held.files if not writer.add_file(digest, _place(blobs, digest))]
            manifest = _manifest(held, now, database_sha256, missing)
            writer.finish(manifest)
    return manifest


def look(source: Path) -> Manifest:
    """What an archive says it holds. Raises `StartError`."""
    with _told(source), archive.reading(source) as reader:
        return reader.manifest


def restore(source: Path, url: URL, blobs: Path, *, epoch: str, progress: Progress = no_progress) -> Manifest:
    """Replace the database's content by an archive's, and put back the files that are not there any more. Raises `StartError`.

    A server that runs on the database sees the old content or the new; by `epoch`, a fresh random id, it learns that its clients
    must start afresh. Whatever cuts this off, a power cut included, leaves the old content or the new. Files that nothing refers
    to any more are left to the server's sweep.
    """
    database = _file_of(url)
    with told_at_start(url), _told(source), archive.reading(source) as reader, _staging(blobs) as work:
        copy = work / "copy.db"
        _need(work, reader.database_bytes)
        meter = _Meter(reader.database_bytes, partial(progress, "reading the archive"))
        reader.extract_database(copy, meter.add)
        held = _prepare(source, copy, epoch)
        wanted = [digest for digest in held.files if digest not in set(reader.manifest.missing)]
        _put_back(reader, wanted, blobs, work, partial(progress, "putting files back"))
        _need(database.absolute().parent, copy.stat().st_size)
        copying.overwrite(database, copy, partial(progress, "replacing the database"))
        # Until now the server's sweep may have taken a file that no row referred to.
        _put_back(reader, wanted, blobs, work, partial(progress, "looking after the files"))
        if found := copying.damage(database):
            raise StartError(f"{database} is damaged after the restore ({found}): check the disk, then restore again.")
        return reader.manifest


# --- the database ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """What a database holds: `files` are sizes in bytes by SHA-256."""

    revision: str
    epoch: str
    users: int
    rooms: int
    messages: int
    files: dict[str, int]


def _file_of(url: URL) -> Path:
    if url.get_backend_name() != "sqlite" or not url.database:
        raise StartError(
            f"{named(url)} is no SQLite file: back it up and restore it with its own tools, such as pg_dump and pg_restore, "
            "and copy the directory of files after it."
        )
    return Path(url.database)


def _with_its_log(database: Path) -> list[Path]:
    return [path for path in (database, database.with_name(f"{database.name}-wal")) if path.exists()]


def _look_into(copy: Path) -> _Held:
    engine = open_engine(URL.create("sqlite", database=str(copy)), writer=False)
    try:
        stands_at = revision(engine)
        if not stands_at:
            raise StartError("The database is empty: there is nothing to back up yet.")
        with engine.connect() as tx:
            kept = shared_files.c.deleted_at.is_(None)
            files = select(shared_files.c.sha256, shared_files.c.file_size).where(kept).order_by(shared_files.c.id)
            return _Held(
                revision=stands_at,
                epoch=seed.epoch(tx),
                users=tx.execute(select(func.count()).select_from(users)).scalar_one(),
                rooms=tx.execute(select(func.count()).select_from(rooms)).scalar_one(),
                messages=tx.execute(select(func.count()).select_from(messages)).scalar_one(),
                files={digest: size for digest, size in tx.execute(files)},  # noqa: C416 - dict() is not typed for rows
            )
    finally:
        engine.dispose()


def _manifest(held: _Held, now: str, database_sha256: str, missing: list[str]) -> Manifest:
    stored = held.files.keys() - set(missing)
    return Manifest(
        kibitz=__version__,
        created_at=now,
        revision=held.revision,
        epoch=held.epoch,
        users=held.users,
        rooms=held.rooms,
        messages=held.messages,
        files=len(stored),
        file_bytes=sum(held.files[digest] for digest in stored),
        database_sha256=database_sha256,
        missing=missing,
    )


def _prepare(source: Path, copy: Path, epoch: str) -> _Held:
    """Make an archive's database one that this program can go on with, under a new epoch."""
    if found := copying.damage(copy):
        raise StartError(f"The database in {source} is damaged ({found}): restore another backup.")
    engine = open_engine(URL.create("sqlite", database=str(copy)), writer=True)
    try:
        upgrade(engine, keep_copy=False)
        with engine.begin() as tx:
            tx.execute(update(meta).where(meta.c.key == "epoch").values(value=epoch))
    finally:
        engine.dispose()
    return _look_into(copy)


# --- the files -------------------------------------------------------------------------------------------------------------


def _place(blobs: Path, digest: str) -> Path:
    # As kibitz.blobs lays them out, which this room may not import; a test holds the two together.
    return blobs / digest[:2] / digest[2:4] / digest


def _put_back(reader: Reader, digests: list[str], blobs: Path, work: Path, tell: copying.Progress) -> None:
    gone = [digest for digest in digests if not _is_there(_place(blobs, digest), reader.file_bytes(digest))]
    size = sum(reader.file_bytes(digest) for digest in gone)
    _need(work, size)
    meter = _Meter(size, tell)
    for digest in gone:
        part, place = work / digest, _place(blobs, digest)
        reader.extract_file(digest, part, meter.add)
        place.parent.mkdir(parents=True, exist_ok=True)
        part.replace(place)
        for directory in (place.parent, place.parent.parent, blobs):
            sync_directory(directory)


def _is_there(place: Path, size: int) -> bool:
    return place.is_file() and place.stat().st_size == size


@contextmanager
def _staging(blobs: Path) -> Iterator[Path]:
    """Room on the disk of the files. What a cut leaves here the server clears away at its next start, as it does with uploads."""
    staging = blobs / "staging"
    staging.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=staging, prefix="restore-") as work:
        yield Path(work)


# --- the surroundings ------------------------------------------------------------------------------------------------------


class _Meter:
    """Counts bytes and tells how far they are."""

    def __init__(self, of: int, tell: copying.Progress) -> None:
        self._of = of
        self._done = 0
        self._tell = tell

    def add(self, size: int) -> None:
        self._done += size
        self._tell(self._done, self._of)


@contextmanager
def _work_beside(target: Path) -> Iterator[Path]:
    directory = target.absolute().parent
    if target.is_dir():
        raise StartError(f"{target} is a directory: name a file in it.")
    if target.exists():
        raise StartError(f"{target} is there already: name a new file.")
    if not directory.is_dir():
        raise StartError(f"There is no directory {directory}: make it, or name another place.")
    with TemporaryDirectory(dir=directory, prefix=".kibitz-backup-") as work:
        yield Path(work)


def _need(place: Path, size: int) -> None:
    free = shutil.disk_usage(place).free
    if free < size + _SPARE:
        raise StartError(
            f"This takes {size + _SPARE:,} bytes on the disk of {place}, which has {free:,} free: make room."
        )


@contextmanager
def _told(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise StartError("The disk is full: make room, then try again.") from error
        raise StartError(f"{error.filename or place} cannot be used: {error.strerror or error}.") from error
