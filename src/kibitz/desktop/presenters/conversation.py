"""One open conversation: what was said, and what the person writes.

Rule: the messages shown are a window on the room's log that moves with what the person looks at; what lies outside is not kept.
"""

from typing import Protocol

from kibitz.client.client import Client
from kibitz.client.feed import Happening
from kibitz.client.room import RoomReplica
from kibitz.desktop.presenters.shell import Shell
from kibitz.wire import commands as c


class ConversationView(Protocol):
    """The conversation in its tab."""

    async def show(self, lines: tuple[str, ...]) -> None:
        """Show these messages."""

    def focus(self) -> None:
        """Put the cursor where one writes."""


class Conversation:
    """The behaviour of a conversation."""

    def __init__(self, shell: Shell, room: RoomReplica) -> None:
        self._shell, self._room = shell, room.id
        self._client: Client = shell.client
        self.view: ConversationView | None = None

    async def open(self) -> None:
        """Show it."""
        await self._client.older(self._room)
        await self._show()

    def hear(self, happening: Happening) -> None:
        """Something happened in it."""
        self._shell.begin(self._show)

    def focus(self, *, on: bool) -> None:
        """It is, or is no more, what the person looks at."""
        if on and self.view is not None:
            self.view.focus()

    async def close(self) -> None:
        """Its tab is closed."""

    async def send(self, text: str) -> None:
        """Say something."""
        await self._shell.attempt(c.PostMessage(room=self._room, text=text))

    async def _show(self) -> None:
        held = self._client.replica.rooms.get(self._room)
        if held is not None and self.view is not None:
            await self.view.show(tuple(f"{one.sender.name}: {one.text}" for one in held.messages.values()))
