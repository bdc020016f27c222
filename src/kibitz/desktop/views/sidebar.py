"""The side bar: who I am, my conversations with what is unread, and who is here.

Rule: it shows lists and says what was chosen; what is in them, and what a search finds, is the presenter's business.
"""

from functools import partial
from typing import Any, Final

from kibitz.design import Colours
from kibitz.desktop.presenters.shell import Shell
from kibitz.desktop.presenters.shown import Me, PersonRow, RoomRow
from kibitz.desktop.views import kit
from kibitz.desktop.views.drawing import Divider, Drawing
from kibitz.desktop.views.kit import S1, S2, S3, S4
from kibitz.desktop.views.listing import ROW, Line, Listing

WIDTH: Final = 260

_SECTIONS: Final = {"general": "General", "group": "Groups", "direct": "Direct messages"}


class MeCard(Drawing):
    """Whose window this is; a click or a key opens the menu of what concerns this person."""

    def __init__(self, parent: Any, opened: Any) -> None:
        super().__init__(parent, "side", height=60)
        self.pack_propagate(flag=False)
        self.me: Me | None = None
        self._opened = opened
        self._hover = self._focused = False
        self.canvas.configure(takefocus=1, cursor="hand2")
        for event in ("<Button-1>", "<Return>", "<space>", "<Down>"):
            self.canvas.bind(event, self._open)
        for event, on in (("<Enter>", True), ("<Leave>", False)):
            self.canvas.bind(event, lambda _, on=on: self._light(hover=on))
        for event, on in (("<FocusIn>", True), ("<FocusOut>", False)):
            self.canvas.bind(event, lambda _, on=on: self._light(focused=on))

    def show(self, me: Me) -> None:
        """This is who."""
        self.me = me
        self.redraw()

    def focus_set(self) -> None:
        """Give it the focus."""
        self.canvas.focus_set()

    def draw(self, now: Colours) -> None:
        """Draw it."""
        if self.me is None:
            return
        middle = self.height / 2
        if self._hover or self._focused:
            inset = self.px(6)
            ground = now.hover if self._hover else now.side
            self.block(
                self.px(8),
                inset,
                self.width - self.px(8),
                self.height - inset,
                ground,
                now.focus if self._focused else "",
            )
        x = self.px(34)
        self.avatar(x, middle, self.px(17), self.me.name, self.me.person, now)
        self.disc(x + self.px(13), middle + self.px(12), self.px(7), now.hover if self._hover else now.side)
        self.disc(x + self.px(13), middle + self.px(12), self.px(5), getattr(now, self.me.status))
        left, right = self.px(62), self.width - self.px(34)
        name, small = self.font(bold=True), self.font("small")
        self.words(left, middle - self.px(8), self.clip(self.me.name, name, right - left), name, now.text)
        under = ("Online" if self.me.status == "online" else "Away") + (
            f" · {self.me.server}" if self.me.server else ""
        )
        self.words(left, middle + self.px(9), self.clip(under, small, right - left), small, now.muted)
        self.words(self.width - self.px(22), middle, "▾", self.font(), now.muted, "center")

    def _light(self, *, hover: bool | None = None, focused: bool | None = None) -> None:
        self._hover = self._hover if hover is None else hover
        self._focused = self._focused if focused is None else focused
        self.redraw()

    def _open(self, _: Any) -> str:
        self.canvas.focus_set()
        self._opened()
        return "break"


class Sidebar(kit.Panel):
    """The left part of the main window. `gone` is called when a conversation was chosen, `act` carries out what a menu says."""

    def __init__(self, parent: Any, shell: Shell, act: Any, gone: Any) -> None:
        super().__init__(parent, "side", width=WIDTH)
        self._shell, self._act, self._gone = shell, act, gone
        self.pack_propagate(flag=False)
        self.me = MeCard(self, self._open_menu)
        self.me.pack(fill="x")
        self.search = kit.Entry(self, "Search  (Ctrl+F)", height=34)
        self.search.pack(fill="x", padx=S3, pady=(0, S2))
        self._build_foot()
        self.people = Listing(
            self,
            "side",
            self._write_to,
            double=True,
            empty="Nobody is here.",
            asked=self._ask_about,
            rested=self._rested,
            height=200,
        )
        self.people.pack(fill="x", side="bottom")
        here = kit.Panel(self, "side", height=30)
        here.pack(fill="x", side="bottom", padx=(S4, S2), pady=(S2, 0))
        self.here = kit.Label(here, "Online", "small", colour="muted", bold=True)
        self.here.pack(side="left")
        self.message = kit.Button(here, "Message", self._message, look="quiet", size="small", height=26)
        self.message.pack(side="right")
        kit.Tooltip(self.message, "Write to the person chosen below; a double-click does the same.")
        Divider(self).pack(fill="x", side="bottom")
        self.rooms = Listing(self, "side", self._open_room, asked=self._ask_about_room)
        self.rooms.pack(fill="both", expand=True)
        self._people: dict[int, PersonRow] = {}
        self._people_high = 0
        self.bind("<Configure>", lambda _: self._share())
        self._rows: dict[int, RoomRow] = {}
        self._bind_search()
        self._rested(None)

    def show_me(self, me: Me) -> None:
        """Whose window this is."""
        self.me.show(me)

    def show_rooms(self, rooms: tuple[RoomRow, ...], active: int | None, needle: str) -> None:
        """My conversations, or those that a search found."""
        self._rows = {row.room: row for row in rooms}
        lines: list[Line] = []
        section = ""
        for row in rooms:
            if row.kind != section:
                section = row.kind
                lines.append(Line(section, _SECTIONS[section], heading=True))
            lines.append(_line(row))
        self.rooms.empty = f"No conversation is called “{needle}”." if needle else "No conversations yet."
        self.rooms.show(tuple(lines), active)

    def show_people(self, people: tuple[PersonRow, ...], more: int, here: int) -> None:
        """Who is here."""
        self.here.configure(text=f"Online – {here}")
        self._people = {row.person: row for row in people}
        lines = [
            Line(
                row.person, row.name, person=row.person, status=row.status, note="you" if row.me else "", strong=row.me
            )
            for row in people
        ]
        if more:
            lines.append(Line("more", f"and {more} more", heading=True))
        self.people.show(tuple(lines))
        self._share()
        self._rested(self.people.cursor)

    # --- within --------------------------------------------------------------------------------------------------------

    def _build_foot(self) -> None:
        foot = kit.Panel(self, "side")
        foot.pack(fill="x", side="bottom", padx=S2, pady=S2)
        for column in (0, 1):
            foot.grid_columnconfigure(column, weight=1, uniform="foot")
        self.new_group = self._foot_button(foot, "+ New group", "create_group", 0, 0)
        self.browse = self._foot_button(foot, "Browse groups", "browse_groups", 0, 1)
        self.code = self._foot_button(foot, "Code sessions", "browse_code", 1, 0)
        self.files = self._foot_button(foot, "Shared files", "show_files", 1, 1)
        Divider(self).pack(fill="x", side="bottom")

    def _foot_button(self, foot: Any, text: str, action: str, row: int, column: int, **more: Any) -> kit.Button:
        button = kit.Button(foot, text, lambda: self._act(action), look="quiet", size="small", height=30)
        button.grid(row=row, column=column, sticky="ew", padx=S1, pady=1, **more)
        return button

    def _bind_search(self) -> None:
        self.search.bind("<KeyRelease>", lambda _: self._shell.search(self.search.get()))
        self.search.bind("<Return>", lambda _: self._take_first())
        self.search.bind("<Escape>", lambda _: self._clear())
        self.search.bind("<Down>", lambda _: self.rooms.focus_set())

    def _take_first(self) -> None:
        if self.search.get().strip():
            self._shell.open_found(self.search.get())
            self._clear()
            self._gone()

    def _clear(self) -> str:
        self.search.replace("")
        self._shell.search("")
        return "break"

    def _open_room(self, room: int) -> None:
        self._shell.open_room(room)
        self._gone()

    def _write_to(self, person: int) -> None:
        if (row := self._people.get(person)) is not None:
            self._shell.open_direct(row.name)
            self._gone()

    def _message(self) -> None:
        if isinstance(self.people.cursor, int):
            self._write_to(self.people.cursor)

    def _share(self) -> None:
        """Give people as much height as they need, up to a third of what there is."""
        third = round(self.winfo_height() / kit.scale_of(self) / 3)
        high = max(2 * ROW, min((len(self.people.lines) + 1) * ROW, third))
        if high != self._people_high:
            self._people_high = high
            self.people.configure(height=high)

    def _rested(self, person: Any) -> None:
        self.message.enable(on=person in self._people)

    def _ask_about(self, person: int, event: Any) -> None:
        row = self._people.get(person)
        if row is not None:
            menu = kit.Menu(self)
            menu.add_item(f"Message {row.name}", lambda: self._write_to(person), keys="Enter")
            menu.open_by(event)

    def _ask_about_room(self, room: int, event: Any) -> None:
        row = self._rows.get(room)
        if row is None:
            return
        menu = kit.Menu(self)
        menu.add_item("Open", lambda: self._open_room(room), keys="Enter")
        if row.kind != "direct":
            menu.add_item("Members and settings…", lambda: self._shell.show_members(room))
        menu.open_by(event)

    def _open_menu(self) -> None:
        me = self.me.me
        if me is None:
            return
        menu = self.menu = kit.Menu(self)
        online, away = ("●", "○") if me.status == "online" else ("○", "●")
        menu.add_item(f"{online} Online", partial(self._shell.set_status, "online"))
        menu.add_item(f"{away} Away", partial(self._shell.set_status, "away"))
        menu.add_separator()
        menu.add_item("Settings…", lambda: self._act("settings"), keys="Ctrl+,")
        menu.add_item("Keyboard shortcuts", lambda: self._act("shortcuts"), keys="F1")
        menu.add_separator()
        menu.add_item("Log out", self._shell.ask_to_log_out)
        menu.open_at(self.me)


def _line(row: RoomRow) -> Line:
    sign = "" if row.kind == "direct" else "lock" if row.private else "#"
    return Line(
        row.room,
        row.title,
        sign=sign,
        person=row.person,
        status=row.status if row.kind == "direct" else None,
        badge=_count(row.mentions or row.unread),
        called=bool(row.mentions) or (row.kind == "direct" and bool(row.unread)),
        strong=bool(row.unread),
    )


def _count(number: int) -> str:
    return "" if not number else str(number) if number < 100 else "99+"
