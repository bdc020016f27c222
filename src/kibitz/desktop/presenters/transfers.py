"""Files going up and down: several at once, with progress, and without losing any.

Rule: two go each way at a time and the others wait. Whatever goes wrong is said at the file that it happened to, and can be tried again;
a file that is there already is never overwritten unless a person was asked.
"""

import asyncio
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

import platformdirs

from kibitz.client.errors import ClientError, Refused
from kibitz.desktop.presenters import opening
from kibitz.desktop.presenters.moving import Row, Transfer, problem_of, refusal_of, size_in_words
from kibitz.desktop.presenters.previews import Previews
from kibitz.desktop.presenters.shell import Shell
from kibitz.domain.files import clean_file_name
from kibitz.wire.views import File

AT_ONCE: Final = 2
"""Files that move at a time, each way."""

MAX_WAITING: Final = 100
"""Files that may wait: more than anyone shares by hand."""

KEPT: Final = 30
"""Transfers that stay in sight when they are over, until they are dismissed."""

TELL_SECONDS: Final = 0.1
"""How often progress is shown."""

SHOWN_SECONDS: Final = 4.0
"""How long an upload stays in sight when it is done: the conversation shows the file from then on."""

SPARE_BYTES: Final = 16_000_000
"""What a download leaves free on the disk."""


class FilesView(Protocol):
    """Where transfers are shown, and where a person is asked about them."""

    async def show_transfers(self, rows: tuple[Row, ...]) -> None:
        """Every transfer, the oldest first; each is shown in its room."""

    def ask_target(self, file: File, suggestion: Path) -> None:
        """Ask where to save a file, then call `download` with that."""

    def show_image(self, file: File) -> None:
        """Open a window for an image; it asks for the pixels by `fit`."""

    def fill_image(self, file: int, png: bytes | None, problem: str) -> None:
        """Show these pixels in the window of this image, or why there are none."""


class Transfers:
    """The files of one login."""

    def __init__(self, shell: Shell, view: FilesView, previews: Previews) -> None:
        self._shell, self._view = shell, view
        self.previews = previews
        self._transfers: dict[int, Transfer] = {}
        self._turns = {True: asyncio.Semaphore(AT_ONCE), False: asyncio.Semaphore(AT_ONCE)}
        self._last = 0
        self._shown: tuple[Row, ...] = ()
        self._telling = self._closed = False
        self._folder: Path | None = None  # where the person saved last
        self._opened = Path.home()  # and where from they shared

    @property
    def rows(self) -> tuple[Row, ...]:
        """Every transfer as it is now."""
        connected = self._shell.client.connected
        return tuple(transfer.row(connected=connected) for transfer in self._transfers.values())

    async def close(self) -> None:
        """The login ends: what is under way is given up."""
        self._closed = True
        tasks = [transfer.task for transfer in self._transfers.values() if transfer.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for transfer in self._transfers.values():
            self._let_go(transfer)

    # --- up ------------------------------------------------------------------------------------------------------------

    async def upload(self, room: int, path: Path) -> None:
        """Share a file in a room; returns once it waits for its turn, or was refused."""
        await self._upload(room, path, passing=False)

    async def upload_all(self, room: int, paths: Iterable[Path]) -> None:
        """Share several files in a room."""
        for path in paths:
            await self.upload(room, path)

    async def share_once(self, room: int, path: Path) -> None:
        """Share a file that is ours, such as a pasted image, and delete it then."""
        await self._upload(room, path, passing=True)

    async def _upload(self, room: int, path: Path, *, passing: bool) -> None:
        server = self._shell.client.replica.server
        largest = server.max_file if server is not None else 0
        problem = await asyncio.to_thread(refusal_of, path, largest)
        if problem is None and self._is_full():
            problem = f"{MAX_WAITING} files wait already; share this one when they are through."
        if problem is not None:
            self._shell.view.toast(problem, "danger")
            return
        self._begin(Transfer(self._new_id(), room, path, passing=passing))

    # --- down ----------------------------------------------------------------------------------------------------------

    async def download(self, file: File, target: Path | None = None) -> None:
        """Fetch a file to `target`, which may be overwritten, or ask the person where to."""
        if target is None:
            folder = await asyncio.to_thread(self._suggest)
            name = await asyncio.to_thread(free_name, folder, clean_file_name(file.name), self._targets())
            self._view.ask_target(file, folder / name)
        elif target in self._targets():
            self._shell.view.toast(f"“{target.name}” is being downloaded already.", "info")
        elif self._is_full():
            self._shell.view.toast(f"{MAX_WAITING} files wait already; fetch this one when they are through.", "danger")
        else:
            self._folder = target.parent
            self._begin(Transfer(self._new_id(), self._shell.active or 0, target, file))

    async def download_all(self, files: tuple[File, ...]) -> None:
        """Fetch several files into the folder for downloads, under names that are free there."""
        folder = await asyncio.to_thread(self._suggest)
        for file in files:
            name = await asyncio.to_thread(free_name, folder, clean_file_name(file.name), self._targets())
            await self.download(file, folder / name)

    async def pick(self, room: int) -> None:
        """Ask which files to share in a room, where the system has no dialog for that."""

        async def chosen(paths: tuple[Path, ...]) -> None:
            self._opened = paths[0].parent
            await self.upload_all(room, paths)

        folder = self._opened if await asyncio.to_thread(self._opened.is_dir) else Path.home()
        await self._shell.open_window("pick", folder, None, chosen)

    async def pick_target(self, file: File, suggestion: Path) -> None:
        """Ask where to save a file, where the system has no dialog for that."""

        async def chosen(paths: tuple[Path, ...]) -> None:
            await self.download(file, paths[0])

        await self._shell.open_window("pick", suggestion.parent, suggestion.name, chosen)

    def _suggest(self) -> Path:
        folder = self._folder or platformdirs.user_downloads_path()
        return folder if folder.is_dir() else Path.home()

    def _targets(self) -> set[Path]:
        return {one.path for one in self._transfers.values() if not one.up and not one.over}

    # --- images --------------------------------------------------------------------------------------------------------

    async def thumbnail(self, file: File, width: int) -> bytes | None:
        """A small PNG of an image; see `Previews`."""
        return await self.previews.thumbnail(file, width)

    async def look(self, file: File) -> None:
        """Show an image large; anything else is offered for saving."""
        if self.previews.can_show(file):
            self._view.show_image(file)
        else:
            await self.download(file)

    async def fit(self, file: File, width: int, height: int) -> None:
        """Give an image's window its pixels, so that it is as large as fits."""
        png, problem = await self.previews.fit(file, width, height)
        self._view.fill_image(file.id, png, problem)

    # --- what a person does to them ------------------------------------------------------------------------------------

    def cancel(self, transfer: int) -> None:
        """Give one up."""
        one = self._transfers.get(transfer)
        if one is not None and not one.over:
            one.state = "cancelled"
            if one.task is not None:
                one.task.cancel()
            self._tell()

    def retry(self, transfer: int) -> None:
        """Try again what did not work, or was given up."""
        one = self._transfers.get(transfer)
        if one is not None and one.state in ("failed", "cancelled") and not self._is_full():
            self._begin(one)

    def dismiss(self, transfer: int) -> None:
        """Put one out of sight that is over."""
        one = self._transfers.get(transfer)
        if one is not None and one.over:
            del self._transfers[transfer]
            self._let_go(one)
            self._tell()

    async def open(self, transfer: int) -> None:
        """Open what was downloaded, or show its folder where it might be a program."""
        if (one := self._transfers.get(transfer)) is not None:
            self._say(await asyncio.to_thread(opening.open_file, one.path))

    async def show(self, transfer: int) -> None:
        """Show what was downloaded in its folder."""
        if (one := self._transfers.get(transfer)) is not None:
            self._say(await asyncio.to_thread(opening.show_file, one.path))

    def _say(self, problem: str | None) -> None:
        if problem is not None:
            self._shell.view.toast(problem, "danger")

    # --- moving --------------------------------------------------------------------------------------------------------

    def _new_id(self) -> int:
        self._last += 1
        return self._last

    def _is_full(self) -> bool:
        return sum(not one.over for one in self._transfers.values()) >= MAX_WAITING

    def _begin(self, transfer: Transfer) -> None:
        transfer.state, transfer.problem = "waiting", ""
        self._transfers[transfer.id] = transfer
        self._shell.begin(self._run, transfer)
        self._tell()

    async def _run(self, transfer: Transfer) -> None:
        if self._closed or transfer.over or transfer.task is not None:  # given up before it began
            return
        transfer.task = asyncio.current_task()
        try:
            async with self._turns[transfer.up]:
                transfer.state = "moving"
                await self._move(transfer)
            transfer.state = "done"
        except asyncio.CancelledError:
            transfer.state = "cancelled"
        except (ClientError, OSError) as error:
            transfer.state, transfer.problem = "failed", problem_of(error, transfer)
            if isinstance(error, Refused) and not error.passes:
                transfer.nonce = Transfer(0, 0, transfer.path).nonce  # mended, it is another upload
        finally:
            transfer.task = None
        self._over(transfer)

    async def _move(self, transfer: Transfer) -> None:
        client, file, told = self._shell.client, transfer.file, transfer.meter.told
        if file is None:
            await client.upload(transfer.room, transfer.path, nonce=transfer.nonce, progress=told)
            return
        await asyncio.to_thread(_check_space, transfer.path.parent, file.size)
        await client.download(file.id, transfer.path, progress=told)
        told(file.size, file.size)

    def _over(self, transfer: Transfer) -> None:
        if self._closed:
            return
        if transfer.state == "done":
            self._let_go(transfer)
        if transfer.up and transfer.state == "done":
            asyncio.get_running_loop().call_later(SHOWN_SECONDS, self.dismiss, transfer.id)
        over = [one for one in self._transfers.values() if one.over]
        for one in over[:-KEPT]:
            self.dismiss(one.id)
        self._tell()

    def _let_go(self, transfer: Transfer) -> None:
        if transfer.passing:
            with suppress(OSError):
                transfer.path.unlink(missing_ok=True)
                transfer.path.parent.rmdir()

    # --- showing -------------------------------------------------------------------------------------------------------

    def _tell(self) -> None:
        if not self._telling and not self._closed:
            self._telling = True
            self._shell.begin(self._show)

    async def _show(self) -> None:
        """Show every change, ten times a second at most, for as long as something moves."""
        try:
            while not self._closed:
                for transfer in self._transfers.values():
                    if transfer.state == "moving":
                        transfer.meter.sample()
                rows = self.rows
                if rows != self._shown:
                    self._shown = rows
                    await self._view.show_transfers(rows)
                if rows == self.rows and all(one.over for one in self._transfers.values()):
                    return
                await asyncio.sleep(TELL_SECONDS)
        finally:
            self._telling = False


def _check_space(folder: Path, size: int) -> None:
    """Raises `OSError` if the disk has no place for so much."""
    free = shutil.disk_usage(folder).free
    if free < size + SPARE_BYTES:
        raise OSError(None, f"The disk has {size_in_words(free)} left, too little for a file of {size_in_words(size)}.")


def free_name(folder: Path, name: str, taken: Iterable[Path] = ()) -> str:
    """This name, or “name (2)” and so on where there is such a file already or one is about to be."""
    stem, dot, ending = name.rpartition(".")
    if not stem:
        stem, dot, ending = name, "", ""
    taken, number, free = set(taken), 1, name
    while folder / free in taken or (folder / free).exists():
        number += 1
        free = f"{stem} ({number}){dot}{ending}"
    return free
