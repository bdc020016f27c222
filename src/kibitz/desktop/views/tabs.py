"""The tabs of open conversations: a click brings one to the front, a drag moves it, the cross or the middle button closes it.

Rule: they are in the order the presenter tells, and change when that does; those that have no room are in a menu.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from kibitz.design import Colours
from kibitz.desktop.presenters.shell import Shell
from kibitz.desktop.presenters.shown import Tab
from kibitz.desktop.views import kit
from kibitz.desktop.views.drawing import Drawing

HEIGHT: Final = 44
WIDEST: Final = 200
NARROWEST: Final = 96
"""Of a tab, at scale 1."""

DRAG: Final = 8
"""Pixels that a pointer moves before it drags; Windows has 4, and a hand on a touch pad more."""


@dataclass(slots=True)
class _Drag:
    room: int
    began: int
    offset: int
    x: int
    moving: bool = False


class Tabs(Drawing):
    """The row of tabs."""

    def __init__(self, parent: Any, shell: Shell) -> None:
        super().__init__(parent, "window", height=HEIGHT)
        self._shell = shell
        self.tabs: tuple[Tab, ...] = ()
        self.active: int | None = None
        self._first = 0  # of those in sight
        self._count = 0
        self._tab = 0  # how wide one is
        self._hover: tuple[int, bool] | None = None  # whose, and whether it is the cross
        self._drag: _Drag | None = None
        self._focused = False
        self._listen()

    def show(self, tabs: tuple[Tab, ...], active: int | None) -> None:
        """The tabs, and the one in front."""
        if (tabs, active) == (self.tabs, self.active):
            return
        changed = active != self.active or len(tabs) != len(self.tabs)
        self.tabs, self.active = tabs, active
        if changed:
            self._bring_into_sight()
        self.redraw()

    def focus_set(self) -> None:
        """Give it the focus."""
        self.canvas.focus_set()

    # --- drawing -------------------------------------------------------------------------------------------------------

    def draw(self, now: Colours) -> None:
        """Draw those that have room."""
        self._measure()
        self.canvas.create_rectangle(0, self.height - self.px(1), self.width, self.height, fill=now.border, outline="")
        dragged = self._drag if self._drag is not None and self._drag.moving else None
        for place, tab in enumerate(self.tabs[self._first : self._first + self._count]):
            if dragged is None or tab.room != dragged.room:
                self._draw_tab(tab, self.px(4) + place * self._tab, now)
        if dragged is not None:
            for tab in self.tabs:
                if tab.room == dragged.room:
                    self._draw_tab(tab, dragged.x - dragged.offset, now)
        if self._count < len(self.tabs):
            hidden = len(self.tabs) - self._count
            self.words(
                self.width - self.px(24),
                self.height / 2,
                f"▾ {hidden}",
                self.font("small", bold=True),
                now.text,
                "center",
            )

    def _draw_tab(self, tab: Tab, left: int, now: Colours) -> None:
        front, hovered = tab.room == self.active, self._hover is not None and self._hover[0] == tab.room
        right, top, bottom = left + self._tab - self.px(4), self.px(6), self.height
        ground = now.surface if front else now.hover if hovered else now.window
        if front or hovered:
            self.block(left, top, right, bottom + self.px(8), ground, radius=8)
        if front:
            self.canvas.create_rectangle(
                left + self.px(8), top, right - self.px(8), top + self.px(2), fill=now.accent, outline=""
            )
            if self._focused:
                self.block(left + self.px(3), top + self.px(4), right - self.px(3), bottom - self.px(4), "", now.focus)
        middle = (top + bottom) / 2
        end: float = right - self.px(10)
        if front or hovered:
            self._draw_cross(right - self.px(18), middle, now, lit=self._hover == (tab.room, True))
            end = right - self.px(30)
        if tab.unread and not front:
            fill, words = (now.accent, now.on_accent) if tab.mentions else (now.muted, now.surface)
            number = tab.mentions or tab.unread
            end = self.badge(end, middle, str(number) if number < 100 else "99+", fill, words) - self.px(4)
        font = self.font(bold=bool(tab.unread) and not front)
        title = tab.title if tab.person else f"# {tab.title}"
        start = left + self.px(12)
        self.words(
            start, middle, self.clip(title, font, end - start), font, now.text if front or tab.unread else now.muted
        )

    def _draw_cross(self, x: int, y: float, now: Colours, *, lit: bool) -> None:
        if lit:
            self.disc(x, y, self.px(9), now.border)
        reach = self.px(3.5)
        for up in (-1, 1):
            self.canvas.create_line(
                x - reach,
                y - up * reach,
                x + reach + 1,
                y + up * (reach + 1),
                fill=now.text if lit else now.muted,
                width=max(1, self.px(1.4)),
            )

    # --- measures ------------------------------------------------------------------------------------------------------

    def _measure(self) -> None:
        room, count = self.width - self.px(8), max(1, len(self.tabs))
        self._tab = max(self.px(NARROWEST), min(self.px(WIDEST), room // count))
        fits = max(1, room // self._tab)
        if fits < len(self.tabs):
            fits = max(1, (room - self.px(44)) // self._tab)
        self._count = min(fits, len(self.tabs))
        self._first = max(0, min(self._first, len(self.tabs) - self._count))

    def _bring_into_sight(self) -> None:
        self._measure()
        at = next((index for index, tab in enumerate(self.tabs) if tab.room == self.active), None)
        if at is not None:
            self._first = min(self._first, at)
            self._first = max(self._first, at - self._count + 1)

    def _at(self, x: int) -> tuple[Tab, bool] | None:
        place = (x - self.px(4)) // self._tab if self._tab and x >= self.px(4) else -1
        if not 0 <= place < self._count:
            return None
        tab = self.tabs[self._first + place]
        right = self.px(4) + (place + 1) * self._tab - self.px(4)
        return tab, right - self.px(30) <= x <= right - self.px(4)

    # --- what is done to them ------------------------------------------------------------------------------------------

    def _listen(self) -> None:
        bind = self.canvas.bind
        self.canvas.configure(takefocus=1)
        bind("<Motion>", lambda event: self._point(event.x))
        bind("<Leave>", lambda _: self._point(None))
        bind("<Button-1>", self._press)
        bind("<B1-Motion>", self._pull)
        bind("<ButtonRelease-1>", self._release)
        bind("<Button-2>", self._close_at)
        bind("<Button-3>", self._ask)
        for event, by in (("<Left>", -1), ("<Right>", 1)):
            bind(event, lambda _, by=by: self._shell.show_beside(by))
        bind("<Delete>", lambda _: self._shell.close_front())
        bind("<Down>", lambda _: self._show_hidden())
        for event, by in (("<Button-4>", -1), ("<Button-5>", 1)):
            bind(event, lambda _, by=by: self._scroll(by))
        bind("<MouseWheel>", lambda event: self._scroll(-1 if event.delta > 0 else 1))
        for event, on in (("<FocusIn>", True), ("<FocusOut>", False)):
            bind(event, lambda _, on=on: self._focus(on=on))

    def _point(self, x: int | None) -> None:
        found = self._at(x) if x is not None else None
        hover = (found[0].room, found[1]) if found is not None else None
        if hover != self._hover:
            self._hover = hover
            self.redraw()

    def _press(self, event: Any) -> None:
        found = self._at(event.x)
        if found is None:
            if self._count < len(self.tabs) and event.x > self.width - self.px(48):
                self._show_hidden()
            return
        tab, cross = found
        if cross and (tab.room == self.active or self._hover is not None):
            return  # it is closed when the button is let go there
        place = self.tabs.index(tab) - self._first
        self._drag = _Drag(tab.room, event.x, event.x - self.px(4) - place * self._tab, event.x)
        self._shell.show_room(tab.room)

    def _pull(self, event: Any) -> None:
        drag = self._drag
        if drag is None:
            return
        drag.x = event.x
        drag.moving = drag.moving or abs(event.x - drag.began) > self.px(DRAG)
        if drag.moving:
            self.redraw()

    def _release(self, event: Any) -> None:
        drag, self._drag = self._drag, None
        if drag is None:
            if (found := self._at(event.x)) is not None and found[1]:
                self._shell.close_tab(found[0].room)
        elif drag.moving:
            place = round((drag.x - drag.offset - self.px(4)) / self._tab)
            self._shell.move_tab(drag.room, self._first + max(0, min(place, self._count - 1)))
            self.redraw()

    def _close_at(self, event: Any) -> None:
        if (found := self._at(event.x)) is not None:
            self._shell.close_tab(found[0].room)

    def _ask(self, event: Any) -> None:
        found = self._at(event.x)
        if found is None:
            return
        tab, _ = found
        at = self.tabs.index(tab)
        menu = kit.Menu(self)
        menu.add_item("Close", lambda: self._shell.close_tab(tab.room), keys="Ctrl+W")
        menu.add_item("Open the tab closed last", self._shell.reopen_tab, keys="Ctrl+Shift+T")
        menu.add_separator()
        menu.add_item("Move to the left", lambda: self._shell.move_tab(tab.room, at - 1), enabled=at > 0)
        menu.add_item(
            "Move to the right", lambda: self._shell.move_tab(tab.room, at + 1), enabled=at < len(self.tabs) - 1
        )
        menu.open_by(event)

    def _show_hidden(self) -> None:
        self.menu = menu = kit.Menu(self)
        for tab in self.tabs:
            mark = f"  ({tab.unread})" if tab.unread else ""
            menu.add_item(f"{tab.title}{mark}", partial(self._shell.show_room, tab.room))
        if self.tabs:
            menu.tk_popup(self.winfo_rootx() + self.width - self.px(160), self.winfo_rooty() + self.height)

    def _scroll(self, by: int) -> None:
        self._first += by
        self.redraw()

    def _focus(self, *, on: bool) -> None:
        self._focused = on
        self.redraw()
