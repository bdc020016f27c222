"""Public groups one could join.

Rule: pages are fetched as they are wanted, and a search goes through what has been fetched.
"""

from typing import Final, Protocol

from kibitz.client.errors import ClientError
from kibitz.desktop.presenters import lists
from kibitz.desktop.presenters.shell import Shell
from kibitz.wire import commands as c
from kibitz.wire.views import Room

MAX_GROUPS: Final = 2000
"""Groups fetched at most: more than anyone looks through."""


class BrowsingView(Protocol):
    """The dialog."""

    def show_groups(self, groups: tuple[tuple[int, str, str], ...], needle: str) -> None:
        """Groups by id, name and topic, and what they were searched by."""

    def refuse(self, problem: str) -> None:
        """What the server has said no to."""

    def close(self) -> None:
        """One was joined."""


class Browsing:
    """Looking for a group."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._groups: list[Room] = []
        self._needle = ""
        self._view: BrowsingView | None = None

    async def open(self, view: BrowsingView) -> None:
        """This is the dialog."""
        self._view = view
        after = ""
        try:
            while len(self._groups) < MAX_GROUPS:
                page = await self._shell.client.do(c.BrowseRooms(after=after, limit=200))
                self._groups += page.rooms
                self._show()
                if not page.more or not self._there():
                    return
                after = page.rooms[-1].name or ""
        except (ClientError, TimeoutError) as error:
            self._refuse(error)

    def closed(self) -> None:
        """The person has closed it."""
        self._view = None

    def search(self, needle: str) -> None:
        """Show what these letters find."""
        self._needle = needle.strip()
        self._show()

    async def join(self, room: int) -> None:
        """Go into one, and look at it."""
        try:
            await self._shell.carry_out(c.JoinRoom(room=room))
        except (ClientError, TimeoutError) as error:
            self._refuse(error)
            return
        if self._view is not None:
            self._view.close()
        await self._shell.client.feed.until(lambda: room in self._shell.client.replica.rooms)
        await self._shell.open_room(room)

    def _there(self) -> bool:
        return self._view is not None

    def _refuse(self, error: Exception) -> None:
        if self._view is not None:
            self._view.refuse(str(error) or "The server does not answer; try again.")

    def _show(self) -> None:
        if self._view is None:
            return
        mine = self._shell.client.replica.rooms
        found = [
            (score, room.name or "", room)
            for room in self._groups
            if room.id not in mine and (score := lists.match(self._needle, f"{room.name} {room.topic}")) is not None
        ]
        found.sort(key=lambda one: (one[0] if self._needle else 0, one[1].casefold()))
        self._view.show_groups(tuple((room.id, name, room.topic) for _, name, room in found), self._needle)
