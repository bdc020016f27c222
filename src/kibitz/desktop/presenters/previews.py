"""Images as they are shown: small ones in conversations, large ones in windows of their own.

Rule: an image comes from a stranger. Only four well-known formats are decoded, of a size that is looked at first, on another thread; what
is kept, in memory and on disk, is bounded; whatever cannot be shown is no error but nothing to see.
"""

import asyncio
import hashlib
import logging
import os
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

import platformdirs
from PIL import Image, ImageOps

from kibitz.client.errors import ClientError
from kibitz.desktop.presenters.moving import size_in_words
from kibitz.wire.views import File

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

FORMATS: Final = {"image/png": "PNG", "image/jpeg": "JPEG", "image/gif": "GIF", "image/webp": "WEBP"}
"""What is decoded, by media type: the formats of the web, whose decoders are tried the most."""

MAX_BYTES: Final = 25_000_000
"""The largest file that is fetched to be shown."""

MAX_PIXELS: Final = 30_000_000
"""The largest image that is decoded: 120 MB of memory for a moment. A JPEG may have more, being made smaller while it is read."""

MAX_JPEG_PIXELS: Final = 150_000_000

MAX_WIDTH: Final = 4096
"""The widest picture that is made for a window."""

AT_ONCE: Final = 2
"""Images that are fetched and decoded at a time."""

MEMORY_BYTES: Final = 24_000_000
"""Small pictures that are kept in memory."""

DISK_BYTES: Final = 200_000_000
"""Everything that is kept on disk."""

UNSHOWABLE: Final = 1000
"""Images that are remembered as ones that cannot be shown."""

PRUNE_EVERY: Final = 50
"""Files that are written between two looks at how much there is."""

log = logging.getLogger(__name__)


class Source(Protocol):
    """Where images come from: a client."""

    def download(self, file: int, path: Path) -> Awaitable[None]:
        """Fetch a file."""


class Previews:
    """The images of one login. `server` tells the files of one server from those of another that have the same numbers."""

    def __init__(self, source: Source, server: str, place: Path | None = None) -> None:
        self._source, self._server = source, server
        self._place = place or platformdirs.user_cache_path("kibitz", appauthor=False) / "images"
        self._memory: OrderedDict[str, bytes] = OrderedDict()
        self._held = self._written = 0
        self._unshowable: OrderedDict[int, None] = OrderedDict()
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._locks: dict[int, tuple[asyncio.Lock, int]] = {}

    def can_show(self, file: File) -> bool:
        """Whether this is an image that may be shown, as far as can be told without it."""
        return file.mime_type in FORMATS and 0 < file.size <= MAX_BYTES and file.id not in self._unshowable

    async def thumbnail(self, file: File, width: int) -> bytes | None:
        """A small PNG of an image at most so many pixels wide and high; None where there is none. Never raises."""
        key = f"{file.id}-{width}"
        if (kept := self._memory.get(key)) is not None:
            self._memory.move_to_end(key)
            return kept
        if not self.can_show(file):
            return None
        async with self._alone(file.id), self._turns:
            if key not in self._memory:
                png = await self._quietly(file, self._thumbnail, file, width)
                if png is not None:
                    self._remember(key, png)
        return self._memory.get(key)

    async def fit(self, file: File, width: int, height: int) -> tuple[bytes | None, str]:
        """A PNG of an image as large as fits, never enlarged; or None, and why. Never raises."""
        if not self.can_show(file):
            return None, f"Images of up to {size_in_words(MAX_BYTES)} are shown, as PNG, JPEG, GIF or WebP."
        async with self._alone(file.id):
            png = await self._quietly(file, self._fit, file, min(width, MAX_WIDTH), min(height, MAX_WIDTH))
        problem = "This image cannot be shown; it may be damaged." if file.id in self._unshowable else ""
        return png, "" if png is not None else problem or "The image cannot be fetched just now."

    async def original(self, file: File) -> Path:
        """The image as it was shared, in our cache. Raises `ClientError` or `OSError`."""
        path = self._place / f"{self._key(file)}.image"
        if not await asyncio.to_thread(path.exists):
            await asyncio.to_thread(self._make_place)
            await self._source.download(file.id, path)
            await self._wrote()
        return path

    # --- one image -----------------------------------------------------------------------------------------------------

    async def _thumbnail(self, file: File, width: int) -> bytes:
        path = self._place / f"{self._key(file)}-{width}.png"
        with suppress(OSError):
            return await asyncio.to_thread(_read_again, path)
        png = await asyncio.to_thread(shrink, await self.original(file), FORMATS[file.mime_type], width, width)
        await asyncio.to_thread(_write, path, png)
        await self._wrote()
        return png

    async def _fit(self, file: File, width: int, height: int) -> bytes:
        return await asyncio.to_thread(shrink, await self.original(file), FORMATS[file.mime_type], width, height)

    async def _quietly(self, file: File, make: Callable[..., Awaitable[bytes]], *args: object) -> bytes | None:
        try:
            return await make(*args)
        except (ClientError, OSError, TimeoutError) as error:
            log.info("an image cannot be fetched: %s", error)
        except Unshowable as error:
            log.info("an image cannot be shown: %s", error)
            self._give_up(file)
        return None

    def _give_up(self, file: File) -> None:
        self._unshowable[file.id] = None
        if len(self._unshowable) > UNSHOWABLE:
            self._unshowable.popitem(last=False)

    @asynccontextmanager
    async def _alone(self, file: int) -> "AsyncIterator[None]":
        """Whoever wants the same image waits, and finds it made."""
        lock, waiting = self._locks.get(file, (asyncio.Lock(), 0))
        self._locks[file] = (lock, waiting + 1)
        try:
            async with lock:
                yield
        finally:
            lock, waiting = self._locks.pop(file)
            if waiting > 1:
                self._locks[file] = (lock, waiting - 1)

    # --- what is kept --------------------------------------------------------------------------------------------------

    def _key(self, file: File) -> str:
        return hashlib.sha256(f"{self._server}\0{file.id}\0{file.size}\0{file.name}".encode()).hexdigest()[:32]

    def _remember(self, key: str, png: bytes) -> None:
        self._memory[key] = png
        self._held += len(png)
        while self._held > MEMORY_BYTES and len(self._memory) > 1:
            self._held -= len(self._memory.popitem(last=False)[1])

    def _make_place(self) -> None:
        self._place.mkdir(parents=True, exist_ok=True, mode=0o700)

    async def _wrote(self) -> None:
        if self._written % PRUNE_EVERY == 0:
            await asyncio.to_thread(prune, self._place, DISK_BYTES)
        self._written += 1


class Unshowable(Exception):
    """An image that nobody will ever see."""


def shrink(path: Path, kind: str, width: int, height: int) -> bytes:
    """An image as a PNG that fits, never enlarged. Raises `Unshowable`, or `FileNotFoundError`."""
    try:
        return _shrink(path, kind, width, height)
    except FileNotFoundError:
        raise
    except Exception as error:  # a decoder may raise anything over what a stranger wrote
        raise Unshowable(repr(error)) from error


def _shrink(path: Path, kind: str, width: int, height: int) -> bytes:
    with Image.open(path, formats=[kind]) as image:
        if image.width * image.height > (MAX_JPEG_PIXELS if kind == "JPEG" else MAX_PIXELS):
            raise Unshowable(f"{image.width} × {image.height} pixels are too many.")
        image.draft("RGB", (width, height))
        upright = ImageOps.exif_transpose(image)
        made = upright if upright.mode in ("RGB", "RGBA", "L") else upright.convert("RGBA")
        made.thumbnail((max(1, width), max(1, height)))
        target = BytesIO()
        made.save(target, "PNG", compress_level=3)
        return target.getvalue()


def prune(place: Path, most: int) -> None:
    """Delete what was used the longest ago until no more than `most` bytes are left."""
    found = []
    with suppress(OSError):
        for entry in os.scandir(place):
            with suppress(OSError):
                status = entry.stat(follow_symlinks=False)
                found.append((status.st_mtime, status.st_size, entry.path))
    total = sum(size for _, size, _ in found)
    for _, size, path in sorted(found):
        if total <= most:
            return
        with suppress(OSError):
            os.unlink(path)
            total -= size


def _read_again(path: Path) -> bytes:
    png = path.read_bytes()
    os.utime(path, (time.time(), time.time()))
    return png


def _write(path: Path, png: bytes) -> None:
    """Keep it, where that can be: the picture is shown in any case."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    with suppress(OSError):
        draft.write_bytes(png)
        draft.replace(path)
