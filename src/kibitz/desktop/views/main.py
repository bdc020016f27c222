"""The main window: side bar, tabs, and the conversation in front.

Rule: it lays out what others draw; each part has a file of its own.
"""

from collections.abc import Callable
from typing import Any

from kibitz.desktop.presenters.shell import Shell, Tone
from kibitz.desktop.presenters.shown import Banner, PersonRow, RoomRow, Tab
from kibitz.desktop.views import kit
from kibitz.desktop.views.kit import S2, S3, S4
from kibitz.desktop.views.sidebar import Sidebar
from kibitz.desktop.views.tabs import Tabs

TOAST_MS = 6000


class MainWindow(kit.Panel):
    """Everything but dialogs and editors."""

    def __init__(self, parent: kit.Window, shell: Shell) -> None:
        super().__init__(parent, "window")
        self.window = parent
        self._shell = shell
        self._pages: dict[int, kit.Panel] = {}
        self.shown: int | None = None  # the conversation in front
        self._countdown: str | None = None
        self.grid_columnconfigure(1, weight=1)
        self.grid_rowconfigure(2, weight=1)
        self.sidebar = Sidebar(self, shell)
        self.sidebar.grid(row=0, column=0, rowspan=3, sticky="nsew")
        self.banner = kit.Label(self, "", colour="text", fg_color=kit.pair("warning_soft"), padx=S4, pady=S2)
        self.tabs = Tabs(self, shell)
        self.tabs.grid(row=1, column=1, sticky="ew")
        self.body = kit.Panel(self, "surface")
        self.body.grid(row=2, column=1, sticky="nsew")
        self.body.grid_columnconfigure(0, weight=1)
        self.body.grid_rowconfigure(0, weight=1)
        self._toasts: list[kit.Panel] = []

    def open(self) -> None:
        """Show it."""
        self.place(relx=0, rely=0, relwidth=1, relheight=1)

    # --- what the presenter tells --------------------------------------------------------------------------------------

    def add_page(self, room: int, make: Callable[[Any], kit.Panel]) -> kit.Panel:
        """Make the view of a conversation."""
        page = self._pages[room] = make(self.body)
        return page

    def remove_page(self, room: int) -> None:
        """A conversation's tab is closed."""
        page = self._pages.pop(room, None)
        if page is not None:
            page.destroy()

    def show_me(self, name: str, server: str) -> None:
        """Whose window this is."""
        self.sidebar.show_me(name, server)
        self.window.title(f"{name} – Kibitz")

    def show_rooms(self, rooms: tuple[RoomRow, ...]) -> None:
        """The side bar's conversations."""
        self.sidebar.show_rooms(rooms, self.shown)

    def show_people(self, people: tuple[PersonRow, ...], more: int) -> None:
        """Who is here."""
        self.sidebar.show_people(people, more)

    def show_tabs(self, tabs: tuple[Tab, ...], active: int | None) -> None:
        """The open conversations, and the one in front."""
        self.tabs.show(tabs, active)
        if active != self.shown:
            if (before := self._pages.get(self.shown or 0)) is not None:
                before.grid_forget()
            if (page := self._pages.get(active or 0)) is not None:
                page.grid(row=0, column=0, sticky="nsew")
            self.shown = active

    def show_banner(self, banner: Banner | None) -> None:
        """What lasts, such as that the line is down."""
        if self._countdown is not None:
            self.after_cancel(self._countdown)
            self._countdown = None
        if banner is None:
            self.banner.grid_forget()
            return
        self.banner.grid(row=0, column=1, sticky="ew")
        self._count_down(banner, round(banner.retry_in))

    def toast(self, text: str, tone: Tone) -> None:
        """What has just come of something, for a while."""
        toast = kit.Panel(
            self, "raised", radius=8, border_width=1, border_color=kit.pair("danger" if tone == "danger" else "border")
        )
        kit.Label(toast, text, wraplength=360, colour="danger" if tone == "danger" else "text").pack(padx=S4, pady=S3)
        self._toasts.append(toast)
        self._arrange()
        self.after(TOAST_MS, lambda: self._drop(toast))

    def close(self) -> None:
        """The login has ended."""
        for room in list(self._pages):
            self.remove_page(room)
        self.destroy()

    def _count_down(self, banner: Banner, seconds: int) -> None:
        when = f" Next try in {seconds} s." if seconds > 0 else " Trying again…" if banner.retry_in else ""
        self.banner.configure(text=banner.text + when, fg_color=kit.pair(f"{banner.kind}_soft"))
        self._countdown = self.after(1000, self._count_down, banner, seconds - 1) if seconds > 0 else None

    def _drop(self, toast: kit.Panel) -> None:
        if toast in self._toasts:
            self._toasts.remove(toast)
            toast.destroy()
            self._arrange()

    def _arrange(self) -> None:
        for index, toast in enumerate(reversed(self._toasts[-3:])):
            toast.place(relx=1.0, rely=1.0, x=-S4, y=-(S4 + 90 + index * 56), anchor="se")
            toast.lift()
