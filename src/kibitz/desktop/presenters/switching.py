"""Going anywhere by a few letters: a conversation one has, or a person one could write to.

Rule: conversations come before people, and what was looked at last is what is offered before anything is typed.
"""

from dataclasses import dataclass
from typing import Final, Literal, Protocol

from kibitz.desktop.presenters import lists
from kibitz.desktop.presenters.people import People
from kibitz.desktop.presenters.shell import Shell
from kibitz.desktop.presenters.shown import Status

MAX_FOUND: Final = 60


@dataclass(frozen=True, slots=True)
class Found:
    """A place to go to: a `room` by id, or a `person` by name."""

    key: str
    title: str
    kind: Literal["general", "group", "direct", "person"]
    person: int = 0
    status: Status = "offline"
    unread: int = 0
    mentions: int = 0
    private: bool = False


class SwitchingView(Protocol):
    """The dialog."""

    def show_found(self, found: tuple[Found, ...]) -> None:
        """What the letters find."""

    def close(self) -> None:
        """One was chosen."""


class Switching:
    """The quick switcher."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._people = People(shell.client)
        self._needle = ""
        self._view: SwitchingView | None = None

    async def open(self, view: SwitchingView) -> None:
        """This is the dialog."""
        self._view = view
        self._show()
        await self._people.fetch()
        self._show()

    def closed(self) -> None:
        """The person has closed it."""
        self._view = None

    def search(self, needle: str) -> None:
        """Show what these letters find."""
        self._needle = needle.strip().lstrip("#@")
        self._show()

    async def go(self, key: str) -> None:
        """Go there."""
        if self._view is not None:
            self._view.close()
        kind, _, what = key.partition(":")
        if kind == "room":
            await self._shell.open_room(int(what))
        else:
            await self._shell.open_direct(what)

    def _show(self) -> None:
        if self._view is None:
            return
        client = self._shell.client
        rows = sorted(
            ((lists.match(self._needle, row.title), row) for row in lists.rooms(client)),
            key=lambda one: (one[0] or 0, not one[1].mentions, not one[1].unread, one[1].title.casefold()),
        )
        rooms = [
            Found(
                f"room:{row.room}", row.title, row.kind, row.person, row.status, row.unread, row.mentions, row.private
            )
            for score, row in rows
            if score is not None
        ]
        known = frozenset(one.title for one in rooms if one.kind == "direct")
        people = [
            Found(f"person:{one.name}", one.name, "person", one.person, one.status)
            for one in self._people.find(self._needle, known)
        ]
        self._view.show_found(tuple((rooms + people)[:MAX_FOUND]))
