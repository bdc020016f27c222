"""The archive that a backup is: a tar file of the database, every shared file, and a manifest at its end.

Rule: what an archive says is not believed. Its names are compared and never followed, and what comes out of it counts only once
its hash is the right one.
"""

import os
import re
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import IO, Final

import msgspec

from kibitz.storage.faults import StartError

FORMAT: Final = 1
"""The shape described here. Nothing is compressed: most of an archive is files, which are mostly compressed already."""

PIECE: Final = 1024 * 1024
"""Bytes that are in memory at a time."""

MAX_MANIFEST: Final = 64 * 1024 * 1024
"""Bytes of a manifest that is read: it names each missing file, in 67 bytes."""

_DATABASE: Final = "kibitz.db"
_MANIFEST: Final = "manifest.json"
_FILES: Final = "files/"
_NAME: Final = re.compile(rf"{_DATABASE}|{_MANIFEST}|{_FILES}[0-9a-f]{{64}}", re.ASCII)

Tell = Callable[[int], None]
"""Told how many more bytes are done."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What an archive holds. `missing` are files that were gone or damaged when it was made; sizes are in bytes."""

    format: int = FORMAT
    kibitz: str
    created_at: str
    revision: str
    epoch: str
    users: int
    rooms: int
    messages: int
    files: int
    file_bytes: int
    database_sha256: str
    missing: list[str]


class Writer:
    """An archive in the making; it is one only after `finish`."""

    def __init__(self, archive: tarfile.TarFile, tell: Tell) -> None:
        self._archive = archive
        self._tell = tell

    def add_database(self, path: Path) -> str:
        """Put the database in; returns its SHA-256."""
        return self._add(_DATABASE, path)

    def add_file(self, digest: str, path: Path) -> bool:
        """Put a shared file in; False if it is not there or has other content than its digest says."""
        try:
            return self._add(_FILES + digest, path) == digest
        except FileNotFoundError:
            return False

    def finish(self, manifest: Manifest) -> None:
        """Say what the archive holds."""
        content = msgspec.json.format(msgspec.json.encode(manifest), indent=2)
        member = _member(_MANIFEST, len(content))
        self._archive.addfile(member, BytesIO(content))

    def _add(self, name: str, path: Path) -> str:
        with path.open("rb") as file:
            hashed = _Hashed(file, self._tell)
            self._archive.addfile(_member(name, os.fstat(file.fileno()).st_size), hashed)
            return hashed.digest


class Reader:
    """An archive that is whole as far as its names and its manifest say."""

    def __init__(self, path: Path, file: IO[bytes], members: dict[str, tarfile.TarInfo]) -> None:
        self._path = path
        self._file = file
        self._members = members
        self.manifest = self._read_manifest()

    @property
    def database_bytes(self) -> int:
        """How large the database is."""
        return self._members[_DATABASE].size

    def file_bytes(self, digest: str) -> int:
        """How large a shared file is. Raises `StartError` if it is not in the archive."""
        return self._file_member(digest).size

    def extract_database(self, target: Path, tell: Tell) -> None:
        """Write the database to a file of this name. Raises `StartError` if it is not what the manifest says."""
        if self._extract(self._members[_DATABASE], target, tell) != self.manifest.database_sha256:
            raise _broken(self._path, "its database has other content")

    def extract_file(self, digest: str, target: Path, tell: Tell) -> None:
        """Write a shared file to a file of this name. Raises `StartError` if it is not what its digest says."""
        if self._extract(self._file_member(digest), target, tell) != digest:
            raise _broken(self._path, f"the file {digest} has other content")

    def _file_member(self, digest: str) -> tarfile.TarInfo:
        member = self._members.get(_FILES + digest)
        if member is None:
            raise _broken(self._path, f"the file {digest} is not in it")
        return member

    def _extract(self, member: tarfile.TarInfo, target: Path, tell: Tell) -> str:
        self._file.seek(member.offset_data)
        hashed, left = _Hashed(self._file, tell), member.size
        with target.open("wb") as out:
            while left and (piece := hashed.read(min(left, PIECE))):
                out.write(piece)
                left -= len(piece)
            out.flush()
            os.fsync(out.fileno())
        return hashed.digest

    def _read_manifest(self) -> Manifest:
        member = self._members.get(_MANIFEST)
        if member is None or _DATABASE not in self._members or member.size > MAX_MANIFEST:
            raise _broken(self._path, "its end is missing")
        self._file.seek(member.offset_data)
        try:
            manifest = msgspec.json.decode(self._file.read(member.size), type=Manifest)
        except msgspec.MsgspecError as error:
            raise _broken(self._path, f"its manifest is not readable: {error}") from error
        if manifest.format > FORMAT:
            raise StartError(f"{self._path} was made by a newer Kibitz ({manifest.kibitz}): restore it with that one.")
        return manifest


@contextmanager
def writing(path: Path, tell: Tell) -> Iterator[Writer]:
    """Make an archive in this file."""
    with tarfile.TarFile(path, "w", copybufsize=PIECE) as archive:
        yield Writer(archive, tell)


@contextmanager
def reading(path: Path) -> Iterator[Reader]:
    """Read the archive in this file. Raises `StartError` for what is not one."""
    with path.open("rb") as file:
        yield Reader(path, file, _members_of(path, file))


def _members_of(path: Path, file: IO[bytes]) -> dict[str, tarfile.TarInfo]:
    found: dict[str, tarfile.TarInfo] = {}
    try:
        with tarfile.TarFile(fileobj=file, mode="r") as archive:
            for member in archive:
                if member.name in found or not _is_ours(member):
                    raise _broken(path, f"it holds {member.name!r}")
                found[member.name] = member
    except (tarfile.TarError, ValueError, OverflowError) as error:  # the last two by headers with impossible numbers
        raise _broken(path, "it is no tar file") from error
    return found


def _is_ours(member: tarfile.TarInfo) -> bool:
    return member.isreg() and member.size >= 0 and _NAME.fullmatch(member.name) is not None


class _Hashed:
    """A file that is hashed and counted while something reads it."""

    def __init__(self, file: IO[bytes], tell: Tell) -> None:
        self._file = file
        self._tell = tell
        self._hash = sha256()

    def read(self, size: int = -1, /) -> bytes:
        piece = self._file.read(size)
        self._hash.update(piece)
        self._tell(len(piece))
        return piece

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    return member


def _broken(path: Path, why: str) -> StartError:
    return StartError(f"{path} is not a whole backup of Kibitz ({why}): restore another one.")
