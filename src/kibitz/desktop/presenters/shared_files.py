"""Files that were shared, in one conversation or in all.

Rule: pages are fetched as they are wanted, and a search goes through what has been fetched, fetching on until there is nothing more or
more than anyone looks through. What happens meanwhile is shown.
"""

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from kibitz.client.errors import ClientError
from kibitz.client.feed import Happening
from kibitz.desktop.presenters.moving import size_in_words
from kibitz.desktop.presenters.previews import FORMATS
from kibitz.desktop.presenters.shell import Shell
from kibitz.wire import commands as c
from kibitz.wire.events import MessageDeleted, MessagePosted
from kibitz.wire.results import Files, SharedFile

PAGE: Final = 100
"""Files that are fetched at a time."""

MAX_FILES: Final = 5000
"""Files that are kept at most."""


@dataclass(frozen=True, slots=True)
class FileLine:
    """A shared file as it is listed."""

    file: int
    name: str
    detail: str
    size: str
    mine: bool
    image: bool


@dataclass(frozen=True, slots=True)
class FileList:
    """What the dialog shows: `title` says of which conversation, `empty` why there is nothing."""

    title: str
    lines: tuple[FileLine, ...] = ()
    more: bool = False
    empty: str = ""


class SharedFilesView(Protocol):
    """The dialog."""

    def show_files(self, files: FileList) -> None:
        """Show these."""

    def refuse(self, problem: str) -> None:
        """What the server has said no to."""

    def close(self) -> None:
        """The person went elsewhere."""


class SharedFiles:
    """Looking for a file, in a `room` or, where that is None, everywhere."""

    def __init__(self, shell: Shell, room: int | None = None) -> None:
        self._shell, self._room = shell, room
        self._files: dict[int, SharedFile] = {}
        self._more, self._fetching = True, False
        self._needle = ""
        self._view: SharedFilesView | None = None
        self._stack = ExitStack()

    async def open(self, view: SharedFilesView) -> None:
        """This is the dialog."""
        self._view = view
        self._stack.enter_context(self._shell.client.feed.listening(self._hear))
        self._show()
        await self.more()

    def closed(self) -> None:
        """The person has closed it."""
        self._view = None
        self._stack.close()

    async def more(self) -> None:
        """Fetch the next page; while something is searched for, all of them."""
        if self._fetching or self._view is None:
            return
        self._fetching = True
        try:
            await self._fetch()
            while self._needle and self._more and self._view is not None:
                await self._fetch()
        except (ClientError, TimeoutError) as error:
            self._refuse(str(error) or "The server does not answer; try again.")
        finally:
            self._fetching = False
        self._show()

    async def search(self, needle: str) -> None:
        """Show files whose name, sender or conversation has these letters."""
        self._needle = needle.strip().casefold()
        self._show()
        if self._needle and self._more:
            await self.more()

    async def download(self, file: int) -> None:
        """Fetch one; the person is asked where to."""
        if (shared := self._files.get(file)) is not None and self._shell.files is not None:
            await self._shell.files.download(shared.file)

    async def look(self, file: int) -> None:
        """Show an image; fetch anything else."""
        if (shared := self._files.get(file)) is not None and self._shell.files is not None:
            await self._shell.files.look(shared.file)

    async def go(self, file: int) -> None:
        """Open the conversation it was shared in."""
        if (shared := self._files.get(file)) is not None:
            if self._view is not None:
                self._view.close()
            await self._shell.open_room(shared.room)

    async def delete(self, file: int) -> None:
        """Take one back."""
        try:
            await self._shell.client.do(c.DeleteFile(file=file))
        except (ClientError, TimeoutError) as error:
            self._refuse(str(error) or "The server does not answer; try again.")
            return
        self._files.pop(file, None)
        self._show()

    async def _fetch(self) -> None:
        before = min(self._files, default=None)
        page: Files = await self._shell.client.do(c.ListFiles(room=self._room, before=before, limit=PAGE))
        self._files |= {shared.file.id: shared for shared in page.files}
        self._more = page.more and bool(page.files) and len(self._files) < MAX_FILES
        self._show()

    def _hear(self, happening: Happening) -> None:
        match happening:
            case MessagePosted(room=room, message=message) if message.file is not None and room == (self._room or room):
                self._files[message.file.id] = SharedFile(
                    file=message.file, room=room, seq=message.seq, sender=message.sender, shared_at=message.sent_at
                )
                self._show()
            case MessageDeleted(room=room, target=target):
                gone = [one.file.id for one in self._files.values() if (one.room, one.seq) == (room, target)]
                for file in gone:
                    del self._files[file]
                if gone:
                    self._show()

    def _show(self) -> None:
        if self._view is None:
            return
        found = [self._line(self._files[file]) for file in sorted(self._files, reverse=True)]
        needle = self._needle
        lines = tuple(line for line in found if needle in line.name.casefold() or needle in line.detail.casefold())
        self._view.show_files(FileList(self._title(), lines, self._more, self._why_empty()))

    def _line(self, shared: SharedFile) -> FileLine:
        me = self._shell.client.replica.me
        said = [shared.sender.name, moment(shared.shared_at)]
        if self._room is None:
            said.insert(1, self._called(shared.room))
        return FileLine(
            shared.file.id,
            shared.file.name,
            " · ".join(part for part in said if part),
            size_in_words(shared.file.size),
            me is not None and shared.sender.id == me.id,
            shared.file.mime_type in FORMATS,
        )

    def _called(self, room: int) -> str:
        held = self._shell.client.replica.rooms.get(room)
        if held is None:
            return ""
        row = self._shell.row(held)
        return row.title if row.kind == "direct" else f"#{row.title}"

    def _title(self) -> str:
        return "Shared files" if self._room is None else f"Files in {self._called(self._room) or 'this conversation'}"

    def _why_empty(self) -> str:
        if self._more or self._fetching:
            return "Looking…"
        if self._needle and self._files:
            return "No file is called so. Fewer letters find more."
        return "No files have been shared here yet. Drop one onto a conversation, or use its File button."

    def _refuse(self, problem: str) -> None:
        if self._view is not None:
            self._view.refuse(problem)


def moment(at: str) -> str:
    """When something was, in this machine's time; nothing where that makes no sense."""
    try:
        there = datetime.fromisoformat(at).astimezone()
    except ValueError:
        return ""
    return f"{there.day} {there:%b %Y, %H:%M}"
