"""An image on the clipboard, on its way into a conversation: it is shown first, and shared when the person says so.

Rule: the clipboard is asked on another thread, since its owner is another program; the picture lies in a file of ours until it is shared
or thrown away.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final, Protocol

from PIL import Image, ImageGrab

from kibitz.desktop.aside import aside
from kibitz.desktop.presenters.moving import size_in_words
from kibitz.desktop.presenters.shell import Shell
from kibitz.desktop.presenters.transfers import Transfers

CLIPBOARD_SECONDS: Final = 10.0
"""How long the clipboard's owner may take."""

PREVIEW: Final = 840
"""Pixels of the picture that is shown before it is shared: enough for a dialog at scale 2."""


@dataclass(frozen=True, slots=True)
class Pasted:
    """An image that may be shared: in which room, and what it looks like. `preview` is a PNG."""

    id: int
    room: int
    title: str
    name: str
    detail: str
    preview: bytes


class PasteView(Protocol):
    """Where a person is asked."""

    def confirm_image(self, pasted: Pasted) -> None:
        """Show it, and call `share` or `discard`."""


class Pasting:
    """The clipboard's way into conversations."""

    def __init__(
        self,
        shell: Shell,
        files: Transfers,
        view: PasteView,
        grab: "Callable[[], Image.Image | list[str] | None]" = ImageGrab.grabclipboard,
    ) -> None:
        self._shell, self._files, self._view, self._grab = shell, files, view, grab
        self._waiting: dict[int, tuple[int, Path]] = {}
        self._last = 0

    async def paste(self, room: int) -> None:
        """Take an image, or files, from the clipboard, and ask whether to share it in this room."""
        try:
            async with asyncio.timeout(CLIPBOARD_SECONDS):
                found = await aside(self._grab)
        except NotImplementedError:
            self._refuse(f"To paste images install {_helper()}.")
        except (TimeoutError, OSError, ValueError, SyntaxError) as error:  # as Pillow raises over what is no image
            self._refuse(f"The image on the clipboard cannot be read: {str(error) or 'its program does not answer'}.")
        else:
            await self._found(room, found)

    async def share(self, pasted: int) -> None:
        """The person says yes."""
        if (waiting := self._waiting.pop(pasted, None)) is not None:
            await self._files.share_once(*waiting)

    async def discard(self, pasted: int) -> None:
        """The person says no."""
        if (waiting := self._waiting.pop(pasted, None)) is not None:
            await asyncio.to_thread(_forget, waiting[1])

    async def close(self) -> None:
        """The login ends."""
        for pasted in list(self._waiting):
            await self.discard(pasted)

    async def _found(self, room: int, found: "Image.Image | list[str] | None") -> None:
        if isinstance(found, list):
            await self._files.upload_all(room, [Path(path) for path in found])
        elif found is None:
            self._refuse("There is no image on the clipboard.")
        else:
            await self._ask(room, found)

    async def _ask(self, room: int, image: Image.Image) -> None:
        try:
            path, preview, detail = await asyncio.to_thread(_keep, image)
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            self._refuse(f"The image on the clipboard cannot be read: {error}.")
            return
        self._last += 1
        self._waiting[self._last] = (room, path)
        held = self._shell.client.replica.rooms.get(room)
        row = self._shell.row(held) if held is not None else None
        title = "" if row is None else row.title if row.kind == "direct" else f"#{row.title}"
        self._view.confirm_image(Pasted(self._last, room, title, path.name, detail, preview))

    def _refuse(self, problem: str) -> None:
        self._shell.view.toast(problem, "danger")


def _helper() -> str:
    if os.environ.get("WAYLAND_DISPLAY"):
        return "wl-clipboard: sudo apt-get install wl-clipboard"
    return "xclip: sudo apt-get install xclip"


def _keep(image: Image.Image) -> tuple[Path, bytes, str]:
    """Put the image into a file of its own, in a directory of its own that only we can read; and a small picture of it."""
    image.load()
    width, height = image.size
    path = Path(tempfile.mkdtemp(prefix="kibitz-")) / time.strftime("image-%Y-%m-%d-%H%M%S.png")
    image.save(path, "PNG")
    image.thumbnail((PREVIEW, PREVIEW))
    preview = BytesIO()
    image.save(preview, "PNG", compress_level=1)
    return path, preview.getvalue(), f"{width} × {height} pixels, {size_in_words(path.stat().st_size)}"


def _forget(path: Path) -> None:
    with suppress(OSError):
        path.unlink(missing_ok=True)
        path.parent.rmdir()
