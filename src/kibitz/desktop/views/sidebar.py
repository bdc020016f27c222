"""The side bar: who I am, my conversations with what is unread, and who is here.

Rule: rows are kept and changed, not made anew: a list that is told ten times a second must not flicker or lose the focus.
"""

from functools import partial
from typing import Any

from kibitz.desktop.presenters.shell import Shell
from kibitz.desktop.presenters.shown import PersonRow, RoomRow
from kibitz.desktop.views import kit
from kibitz.desktop.views.kit import S1, S2, S3, S4

WIDTH = 240


class Sidebar(kit.Panel):
    """The left part of the main window."""

    def __init__(self, parent: Any, shell: Shell) -> None:
        super().__init__(parent, "side", width=WIDTH)
        self._shell = shell
        self.me = kit.Label(self, "", "large", bold=True)
        self.me.pack(fill="x", padx=S4, pady=(S4, S2))
        self.rooms = kit.Scroller(self, "side", width=WIDTH - 20)
        self.rooms.pack(fill="both", expand=True)
        self.here = kit.Label(self, "Online", "small", colour="muted", bold=True)
        self.here.pack(fill="x", padx=S4, pady=(S3, S1))
        self.people = kit.Scroller(self, "side", width=WIDTH - 20, height=180)
        self.people.pack(fill="x")
        self._room_rows: dict[int, kit.Button] = {}
        self._people_rows: dict[int, kit.Button] = {}

    def show_me(self, name: str, server: str) -> None:
        """Whose window this is."""
        self.me.configure(text=name)

    def show_rooms(self, rooms: tuple[RoomRow, ...], active: int | None) -> None:
        """My conversations."""
        for room in set(self._room_rows) - {row.room for row in rooms}:
            self._room_rows.pop(room).destroy()
        for at, row in enumerate(rooms):
            button = self._room_rows.get(row.room)
            if button is None:
                button = self._room_rows[row.room] = kit.Button(
                    self.rooms, "", partial(self._shell.open_room, row.room), look="quiet", anchor="w"
                )
            sign = "●" if row.kind == "direct" and row.status == "online" else "@" if row.kind == "direct" else "#"
            button.configure(text=f"{sign} {row.title}" + (f"  ({row.unread})" if row.unread else ""))
            button.grid(row=at, column=0, sticky="ew", padx=S1)
        self.rooms.grid_columnconfigure(0, weight=1)

    def show_people(self, people: tuple[PersonRow, ...], more: int) -> None:
        """Who is here."""
        self.here.configure(text=f"Online – {len(people) + more}")
        for person in set(self._people_rows) - {row.person for row in people}:
            self._people_rows.pop(person).destroy()
        for at, row in enumerate(people):
            button = self._people_rows.get(row.person)
            if button is None:
                button = self._people_rows[row.person] = kit.Button(
                    self.people, "", lambda: None, look="quiet", anchor="w"
                )
                button.configure(command=partial(self._shell.open_direct, row.name))
            button.configure(text=f"● {row.name}" + (" (you)" if row.me else ""))
            button.grid(row=at, column=0, sticky="ew", padx=S1)
        self.people.grid_columnconfigure(0, weight=1)
