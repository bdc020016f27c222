"""The main window: side bar, tabs, and the conversation in front.

Rule: it lays out what others draw; each part has a file of its own.
"""

from collections.abc import Callable
from contextlib import suppress
from tkinter import TclError
from typing import Any, Final

from kibitz.desktop.presenters.shell import Shell, Tone
from kibitz.desktop.presenters.shortcuts import SHORTCUTS, Shortcut, events
from kibitz.desktop.presenters.shown import Banner, Me, PersonRow, RoomRow, Tab
from kibitz.desktop.views import kit
from kibitz.desktop.views.banner import BannerBar
from kibitz.desktop.views.kit import S1, S4
from kibitz.desktop.views.sidebar import Sidebar
from kibitz.desktop.views.tabs import Tabs
from kibitz.desktop.views.toasts import Toasts

KEYS: Final = "KibitzKeys"
"""The bind tag that shortcuts are bound to."""

NARROW: Final = 760
"""Where a window is less wide than this, at scale 1, the side bar is a drawer."""


def put_keys_first(window: kit.Window) -> None:
    """Have whatever gets the focus in a window look at the shortcuts first: text widgets do something of their own with most keys."""

    def focused(event: Any) -> None:
        tags = event.widget.bindtags()
        if KEYS not in tags and event.widget.winfo_toplevel() is window:
            event.widget.bindtags((KEYS, *tags))

    window.bind("<FocusIn>", focused, add=True)


class MainWindow(kit.Panel):
    """Everything but dialogs and editors."""

    def __init__(self, parent: kit.Window, shell: Shell, leave: Callable[[], Any] = lambda: None) -> None:
        super().__init__(parent, "window")
        self.window = parent
        self._shell, self._leave = shell, leave
        self._pages: dict[int, kit.Panel] = {}
        self.shown: int | None = None  # the conversation in front
        self._name, self._unread = "", 0
        self.narrow: bool | None = None
        self.drawer_open = False
        self.grid_columnconfigure(1, weight=1)
        self.grid_rowconfigure(2, weight=1)
        self.sidebar = Sidebar(self, shell, self.act, self.close_drawer)
        self.banner = BannerBar(self, shell.try_now)
        self._build_bar()
        self.body = kit.Panel(self, "surface")
        self.body.grid(row=2, column=1, sticky="nsew")
        self.body.grid_columnconfigure(0, weight=1)
        self.body.grid_rowconfigure(0, weight=1)
        self.nothing = kit.Label(
            self.body,
            "No conversation is open.\n\nChoose one in the side bar, or press Ctrl+K.",
            colour="muted",
            justify="center",
            anchor="center",
        )
        self.status = kit.Label(self, "", "small", colour="muted")
        self.toasts = Toasts(self)
        self.bind("<Configure>", lambda event: self._fit(event.width))
        self._bind_shortcuts()

    def open(self) -> None:
        """Show it."""
        self.place(relx=0, rely=0, relwidth=1, relheight=1)
        self._fit(self.window.winfo_width())

    # --- what the presenter tells --------------------------------------------------------------------------------------

    def add_page(self, room: int, make: Callable[[Any], kit.Panel]) -> kit.Panel:
        """Make the view of a conversation."""
        page = self._pages[room] = make(self.body)
        if room == self.shown:
            page.grid(row=0, column=0, sticky="nsew")
        return page

    def remove_page(self, room: int) -> None:
        """A conversation's tab is closed."""
        page = self._pages.pop(room, None)
        if page is not None:
            page.destroy()
        if self.shown == room:
            self.shown = None

    def show_me(self, me: Me) -> None:
        """Whose window this is."""
        self.sidebar.show_me(me)
        self._name = me.name
        self._show_title()

    def show_rooms(self, rooms: tuple[RoomRow, ...], active: int | None, needle: str) -> None:
        """The side bar's conversations."""
        self.sidebar.show_rooms(rooms, active, needle)
        if not needle:
            self._unread = sum(row.mentions or (row.unread if row.kind == "direct" else 0) for row in rooms)
            self.menu_button.configure(text="☰ •" if any(row.unread for row in rooms) else "☰")
            self._show_title()

    def show_people(self, people: tuple[PersonRow, ...], more: int, here: int) -> None:
        """Who is here."""
        self.sidebar.show_people(people, more, here)

    def show_tabs(self, tabs: tuple[Tab, ...], active: int | None) -> None:
        """The open conversations, and the one in front."""
        self.tabs.show(tabs, active)
        if active != self.shown:
            if (before := self._pages.get(self.shown or 0)) is not None:
                before.grid_forget()
            if (page := self._pages.get(active or 0)) is not None:
                page.grid(row=0, column=0, sticky="nsew")
            self.shown = active
        if active is None:
            self.nothing.grid(row=0, column=0)
        else:
            self.nothing.grid_forget()

    def show_banner(self, banner: Banner | None) -> None:
        """What lasts, such as that the line is down."""
        if banner is None:
            self.banner.hide()
            self.banner.grid_forget()
        else:
            self.banner.grid(row=0, column=0, columnspan=2, sticky="ew")
            self.banner.show(banner)

    def show_doing(self, what: str) -> None:
        """What takes its time."""
        self.status.configure(text=what)
        if what:
            self.status.grid(row=3, column=1, sticky="ew", padx=S4, pady=S1)
        else:
            self.status.grid_forget()

    def toast(self, text: str, tone: Tone) -> None:
        """What has just come of something, for a while."""
        self.toasts.say(text, tone)

    def close(self) -> None:
        """The login has ended."""
        for shortcut in SHORTCUTS:
            for event in events(shortcut) if shortcut.action else ():
                self.window.unbind_class(KEYS, event)
        for room in list(self._pages):
            self.remove_page(room)
        self.destroy()

    # --- what the keyboard does ----------------------------------------------------------------------------------------

    def act(self, action: str, value: int | None = None) -> None:
        """Do what a shortcut or a menu says."""
        own: dict[str, Callable[[], Any]] = {
            "search": self._search,
            "swap_focus": self._swap_focus,
            "escape": self._escape,
            "quit": self._leave,
        }
        if action in own:
            own[action]()
        elif action in ("quick_switch", "create_group", "browse_groups", "settings", "shortcuts"):
            self.close_drawer()
            self._shell.open_window(action)
        elif value is not None:
            getattr(self._shell, action)(value)
        else:
            getattr(self._shell, action)()

    def _bind_shortcuts(self) -> None:
        for shortcut in SHORTCUTS:
            for event in events(shortcut) if shortcut.action else ():
                with suppress(TclError):  # a keysym that this system has not
                    self.window.bind_class(KEYS, event, lambda _, one=shortcut: self._pressed(one))

    def _pressed(self, shortcut: Shortcut) -> str | None:
        if shortcut.action == "escape" and not self._covered:
            return None
        self.act(shortcut.action, shortcut.value)
        return "break"

    @property
    def _covered(self) -> bool:
        return bool(self.toasts.shown) or self.drawer_open

    def _escape(self) -> None:
        if self.drawer_open:
            self.close_drawer()
        else:
            self.toasts.drop_last()

    def _search(self) -> None:
        self.open_drawer()
        self.sidebar.search.focus_set()
        self.sidebar.search.select_range(0, "end")

    def _swap_focus(self) -> None:
        focused = str(self.window.focus_get() or "")
        if focused.startswith(str(self.sidebar)):
            self.close_drawer()
            if (page := self._pages.get(self.shown or 0)) is not None:
                page.focus()
        else:
            self.open_drawer()
            self.sidebar.rooms.focus_set()

    # --- its shape -----------------------------------------------------------------------------------------------------

    def _build_bar(self) -> None:
        bar = kit.Panel(self, "window")
        bar.grid(row=1, column=1, sticky="ew")
        bar.grid_columnconfigure(1, weight=1)
        self.menu_button = kit.Button(bar, "☰", self._toggle_drawer, look="quiet", size="large", width=40)
        kit.Tooltip(self.menu_button, "Conversations and people")
        self.tabs = Tabs(bar, self._shell)
        self.tabs.grid(row=0, column=1, sticky="ew")

    def open_drawer(self) -> None:
        """Show the side bar, where it is a drawer: over the conversation, below the tabs."""
        if self.narrow:
            self.drawer_open = True
            self.sidebar.grid(row=2, column=1, rowspan=2, sticky="nsw")
            self.sidebar.lift()

    def close_drawer(self) -> None:
        """Put it away again."""
        if self.drawer_open:
            self.drawer_open = False
            self.sidebar.grid_forget()

    def _toggle_drawer(self) -> None:
        if self.drawer_open:
            self.close_drawer()
        else:
            self.open_drawer()
            self.sidebar.rooms.focus_set()

    def _fit(self, width: int) -> None:
        narrow = width < kit.px(self, NARROW)
        if narrow == self.narrow:
            return
        self.narrow, self.drawer_open = narrow, False
        if narrow:
            self.sidebar.grid_forget()
            self.menu_button.grid(row=0, column=0, padx=(S1, 0))
        else:
            self.sidebar.grid(row=1, column=0, rowspan=3, sticky="nsew")
            self.menu_button.grid_forget()

    def _show_title(self) -> None:
        called = f"({self._unread}) " if self._unread else ""
        self.window.title(f"{called}{self._name} – Kibitz")
