"""Choosing files to share, or where to save one, where the system has no dialog of its own for that.

Rule: the disk is read on another thread, and a folder that cannot be read says why; nothing is overwritten before the person was asked.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

from kibitz.desktop.presenters.moving import size_in_words
from kibitz.desktop.presenters.shell import Shell
from kibitz.domain.files import clean_file_name

MOST: Final = 5000
"""What is listed of a folder; the others are found by writing their name."""


@dataclass(frozen=True, slots=True)
class Place:
    """A file or a folder as it is listed."""

    name: str
    folder: bool
    size: str = ""
    changed: str = ""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder as it is shown."""

    path: str
    places: tuple[Place, ...]
    problem: str = ""


class PickingView(Protocol):
    """The dialog."""

    def show_folder(self, folder: Folder) -> None:
        """Show this folder."""

    def refuse(self, problem: str) -> None:
        """Say what is wrong."""

    def ask_replace(self, name: str) -> None:
        """Ask whether to replace the file of this name, and call `save_over` then."""

    def close(self) -> None:
        """It is chosen."""


class Picking:
    """One choice. Where `name` is given, a file is to be saved under it; otherwise several can be chosen."""

    def __init__(
        self, shell: Shell, folder: Path, name: str | None, done: Callable[[tuple[Path, ...]], Awaitable[None]]
    ) -> None:
        self._shell, self._folder, self._done = shell, folder, done
        self.name = name
        self._hidden = False
        self._view: PickingView | None = None

    async def open(self, view: PickingView) -> None:
        """This is the dialog."""
        self._view = view
        await self._show()

    def closed(self) -> None:
        """The person has closed it."""
        self._view = None

    async def go(self, where: str) -> None:
        """Look into a folder: its name, or a whole path, or `..` for the one above."""
        target = await asyncio.to_thread(_resolved, self._folder, where)
        if target is None:
            self._refuse(f"There is no folder {where}.")
            return
        self._folder = target
        await self._show()

    async def show_hidden(self, show: bool) -> None:
        """Whether names that begin with a dot are listed."""
        self._hidden = show
        await self._show()

    async def choose(self, names: tuple[str, ...]) -> None:
        """These are to be shared."""
        if not names:
            self._refuse("Choose a file first.")
        else:
            await self._finish(tuple(self._folder / name for name in names))

    async def save(self, name: str) -> None:
        """Save under this name, unless there is such a file already."""
        target = self._folder / clean_file_name(name)
        if not name.strip():
            self._refuse("Enter a name for the file.")
        elif await asyncio.to_thread(target.is_dir):
            await self.go(str(target))
        elif await asyncio.to_thread(target.exists):
            if self._view is not None:
                self._view.ask_replace(target.name)
        else:
            await self._finish((target,))

    async def save_over(self, name: str) -> None:
        """Save under this name, whatever is there."""
        await self._finish((self._folder / clean_file_name(name),))

    async def _finish(self, paths: tuple[Path, ...]) -> None:
        if self._view is not None:
            self._view.close()
        await self._done(paths)

    async def _show(self) -> None:
        shown = await asyncio.to_thread(listed, self._folder, hidden=self._hidden)
        if self._view is not None:
            self._view.show_folder(shown)

    def _refuse(self, problem: str) -> None:
        if self._view is not None:
            self._view.refuse(problem)


def listed(folder: Path, *, hidden: bool = False) -> Folder:
    """A folder's files and folders, those first, by name."""
    found: list[Place] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if len(found) >= MOST:
                    break
                if hidden or not entry.name.startswith("."):
                    found.append(_place(entry))
    except OSError as error:
        return Folder(str(folder), (), f"This folder cannot be read: {error.strerror}.")
    found.sort(key=lambda one: (not one.folder, one.name.casefold()))
    return Folder(str(folder), tuple(found))


def _place(entry: "os.DirEntry[str]") -> Place:
    try:
        if entry.is_dir():
            return Place(entry.name, folder=True)
        status = entry.stat()
    except OSError:  # such as a link to nowhere
        return Place(entry.name, folder=False)
    changed = datetime.fromtimestamp(status.st_mtime).astimezone()
    return Place(entry.name, False, size_in_words(status.st_size), f"{changed.day} {changed:%b %Y, %H:%M}")


def _resolved(folder: Path, where: str) -> Path | None:
    target = folder.parent if where == ".." else folder / Path(where).expanduser()
    return target if target.is_dir() else None
