"""What the parts of the desktop client ask of one another.

Rule: a part knows another by what it does for it, never by its class: conversations, files and code are put together in `kibitz.desktop.app`.
"""

from pathlib import Path
from typing import Protocol

from kibitz.wire.views import CodeSession, File


class Files(Protocol):
    """Files going up and down."""

    async def upload(self, room: int, path: Path) -> None:
        """Share a file in a room, with its progress shown there; what goes wrong is shown too."""

    async def download(self, file: File, target: Path | None = None) -> None:
        """Fetch a file to `target`, or ask the person where to."""

    async def pick(self, room: int) -> None:
        """Ask which files to share in a room, in a dialog of ours."""

    async def look(self, file: File) -> None:
        """Show an image large in a window of its own; anything else is downloaded."""

    async def thumbnail(self, file: File, width: int) -> bytes | None:
        """A small PNG of an image at most so many pixels wide; None for what is none, is too large, or cannot be had just now."""


class Code(Protocol):
    """Code sessions, each in a window of its own."""

    async def open(self, session: int) -> None:
        """Join a session and show its editor, or bring that to the front."""

    async def new(self, room: int | None = None) -> None:
        """Begin a session, for the members of a conversation where one is named, and show it."""

    async def edit_block(self, room: int, seq: int, block: int) -> None:
        """Make a code block of a message a session that everyone there can edit, or open the one it is."""

    def invited(self, session: CodeSession, by: str) -> None:
        """Someone asks this person into a session: show it so that one click leads there."""

    async def browse(self) -> None:
        """Show the sessions that one may come back to."""
