"""A list of rows that can be hundreds: conversations, people, what a search has found.

Rule: one widget for all rows. Up and Down go through it, Return and a click choose, and a row that stays keeps its place under the
pointer and the cursor, whatever happens around it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from kibitz.design import Colours
from kibitz.desktop.presenters.shown import Status
from kibitz.desktop.views import kit
from kibitz.desktop.views.drawing import Drawing

ROW: Final = 34
HEADING: Final = 30
"""Heights at scale 1."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row, or with `heading` what stands over some. `sign` or the initials of `person` stand before it, `note` and `badge` at its end.

    `strong` is what wants to be read, `called` makes its badge stand out, `below` is a second line.
    """

    key: int | str
    text: str
    heading: bool = False
    sign: str = ""
    person: int = 0
    status: Status | None = None
    note: str = ""
    badge: str = ""
    called: bool = False
    strong: bool = False
    below: str = ""


class Listing(Drawing):
    """The list. `chosen` is told the key of a row, `asked` of one whose menu is wanted, `rested` whenever the cursor goes elsewhere."""

    def __init__(
        self,
        parent: Any,
        ground: str,
        chosen: Callable[[Any], Any],
        *,
        double: bool = False,
        empty: str = "",
        asked: "Callable[[Any, Any], Any] | None" = None,
        rested: Callable[[Any], Any] = lambda _: None,
        led: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(parent, ground, **options)
        self.lines: tuple[Line, ...] = ()
        self.active: int | str | None = None
        self.cursor: int | str | None = None
        self.empty = empty
        self._chosen, self._asked, self._rested = chosen, asked, rested
        self._hover: int | str | None = None
        self._focused = False
        self._led = led  # by a field that keeps the focus
        self._top = 0  # pixels above what is seen
        self._bar = kit.Scrollbar(self, self._scroll)
        self._barred = False
        self.canvas.configure(takefocus=1)
        self._listen(double=double)

    def show(self, lines: tuple[Line, ...], active: int | str | None = None) -> None:
        """Show these rows; `active` is the one that is open."""
        if (lines, active) == (self.lines, self.active):
            return
        keys = {line.key for line in lines if not line.heading}
        if self.cursor not in keys:
            self.cursor = self._neighbour(keys)
        self.lines, self.active = lines, active
        self.redraw()

    def focus_set(self) -> None:
        """Give it the focus."""
        self.canvas.focus_set()

    def move(self, by: int) -> None:
        """Put the cursor so many rows further."""
        rows = [line.key for line in self.lines if not line.heading]
        if not rows:
            return
        at = rows.index(self.cursor) + by if self.cursor in rows else (0 if by > 0 else len(rows) - 1)
        self.rest(rows[max(0, min(at, len(rows) - 1))])

    def rest(self, key: int | str) -> None:
        """Put the cursor on a row, and that into sight."""
        self.cursor = key
        top = self._place(key)
        if top is not None:
            # A heading above the first row is brought into sight with it.
            lead = self.px(HEADING) if top <= self.px(HEADING) else 0
            self._top = min(self._top, top - lead)
            self._top = max(self._top, top + self._row(key) - self.height)
        self._rested(key)
        self.redraw()

    def choose(self, key: int | str | None = None) -> None:
        """Choose a row, or the one with the cursor."""
        key = self.cursor if key is None else key
        if key is not None and any(line.key == key and not line.heading for line in self.lines):
            self._chosen(key)

    # --- drawing -------------------------------------------------------------------------------------------------------

    def draw(self, now: Colours) -> None:
        """Draw the rows in sight."""
        total = sum(self._high(line) for line in self.lines)
        self._top = max(0, min(self._top, total - self.height))
        self._show_bar(total)
        if not self.lines and self.empty:
            self.canvas.create_text(
                self.px(16), self.px(8), text=self.empty, anchor="nw", fill=now.muted,
                width=self.width - self.px(32), font=self.font(),
            )  # fmt: skip
        y = -self._top
        for line in self.lines:
            high = self._high(line)
            if y + high > 0:
                (self._heading if line.heading else self._draw_row)(line, y, high, now)
            y += high
            if y > self.height:
                break

    def _heading(self, line: Line, y: int, high: int, now: Colours) -> None:
        self.words(self.px(16), y + high - self.px(11), line.text, self.font("small", bold=True), now.muted)

    def _draw_row(self, line: Line, y: int, high: int, now: Colours) -> None:
        right: float = self.width - self.px(14 if self._barred else 8)
        cursor = self._focused and line.key == self.cursor
        active = line.key == self.active or (self._led and line.key == self.cursor)
        ground = now.accent_soft if active else now.hover if line.key == self._hover else ""
        if ground or cursor:
            inset = self.px(1)
            self.block(
                self.px(8),
                y + inset,
                right,
                y + high - inset,
                ground or getattr(now, self.ground),
                now.focus if cursor else "",
            )
        middle = y + high / 2
        left = self._sign(line, middle, now, ground or getattr(now, self.ground))
        right -= self.px(8)
        if line.badge:
            fill, words = (now.accent, now.on_accent) if line.called else (now.muted, now.surface)
            right = self.badge(right, middle, line.badge, fill, words) - self.px(6)
        elif line.note:
            self.words(right, middle, line.note, self.font("small"), now.muted, "e")
            right -= self.font("small").measure(line.note) + self.px(6)
        font = self.font(bold=line.strong)
        colour = now.text if line.strong or line.below or line.key == self.active else now.muted
        if line.below:
            self.words(
                left,
                middle + self.px(9),
                self.clip(line.below, self.font("small"), right - left),
                self.font("small"),
                now.muted,
            )
            middle -= self.px(8)
        self.words(left, middle, self.clip(line.text, font, right - left), font, colour)

    def _sign(self, line: Line, y: float, now: Colours, ground: str) -> int:
        if line.person:
            x, radius = self.px(28), self.px(11)
            self.avatar(x, y, radius, line.text, line.person, now)
            if line.status is not None:
                self.disc(x + self.px(9), y + self.px(8), self.px(6), ground)
                self.disc(x + self.px(9), y + self.px(8), self.px(4), getattr(now, line.status))
            return self.px(48)
        if line.sign == "lock":
            self._lock(self.px(28), y, now.text if line.strong else now.muted)
            return self.px(48)
        if line.sign:
            self.words(
                self.px(28), y, line.sign, self.font(bold=line.strong), now.text if line.strong else now.muted, "center"
            )
            return self.px(48)
        return self.px(18)

    def _lock(self, x: int, y: float, colour: str) -> None:
        wide, high, thick = self.px(5), self.px(4), max(1, self.px(1.5))
        self.canvas.create_rectangle(x - wide, y - self.px(1), x + wide, y + 2 * high, fill=colour, outline=colour)
        reach = self.px(3)
        self.canvas.create_arc(
            x - reach, y - self.px(6), x + reach, y + self.px(4), start=0, extent=180, style="arc", outline=colour, width=thick
        )  # fmt: skip

    # --- measures ------------------------------------------------------------------------------------------------------

    def _high(self, line: Line) -> int:
        return self.px(HEADING if line.heading else ROW + 14 if line.below else ROW)

    def _row(self, key: int | str) -> int:
        return next((self._high(line) for line in self.lines if line.key == key), 0)

    def _place(self, key: int | str) -> int | None:
        y = 0
        for line in self.lines:
            if line.key == key and not line.heading:
                return y
            y += self._high(line)
        return None

    def _at(self, y: int) -> int | str | None:
        edge = -self._top
        for line in self.lines:
            edge += self._high(line)
            if y < edge:
                return None if line.heading else line.key
        return None

    def _neighbour(self, keys: set[int | str]) -> int | str | None:
        """Where the cursor goes when its row has gone: to the next one that stays."""
        before = [line.key for line in self.lines if not line.heading]
        at = before.index(self.cursor) if self.cursor in before else len(before)
        return next((key for key in before[at:] + before[:at][::-1] if key in keys), None)

    # --- scrolling -----------------------------------------------------------------------------------------------------

    def _show_bar(self, total: int) -> None:
        barred = total > self.height > 1
        if barred != self._barred:
            self._barred = barred
            if barred:
                self._bar.place(relx=1.0, rely=0, relheight=1, anchor="ne")
            else:
                self._bar.place_forget()
        if barred:
            self._bar.set(self._top / total, (self._top + self.height) / total)

    def _scroll(self, kind: str, amount: str, unit: str = "") -> None:
        total = sum(self._high(line) for line in self.lines)
        if kind == "moveto":
            self._top = round(float(amount) * total)
        else:
            self._top += round(float(amount)) * (self.height if unit == "pages" else self.px(ROW))
        self.redraw()

    # --- what is done to it --------------------------------------------------------------------------------------------

    def _listen(self, *, double: bool) -> None:
        bind = self.canvas.bind
        bind("<Motion>", lambda event: self._point(self._at(event.y)))
        bind("<Leave>", lambda _: self._point(None))
        bind("<Button-1>", lambda event: self._click(event, choose=not double))
        if double:
            bind("<Double-Button-1>", lambda event: self._click(event, choose=True))
        bind("<Button-3>", self._ask)
        for key in ("<Shift-F10>", "<Menu>"):
            if key != "<Menu>" or self._knows_menu_key():
                bind(key, self._ask)
        for key, by in (
            ("<Up>", -1),
            ("<Down>", 1),
            ("<Prior>", -8),
            ("<Next>", 8),
            ("<Home>", -99999),
            ("<End>", 99999),
        ):
            bind(key, lambda _, by=by: self._step(by))
        for key in ("<Return>", "<KP_Enter>", "<space>"):
            bind(key, lambda _: self._take())
        bind("<MouseWheel>", lambda event: self._scroll("scroll", str(-1 if event.delta > 0 else 1), "units"))
        bind("<Button-4>", lambda _: self._scroll("scroll", "-2", "units"))
        bind("<Button-5>", lambda _: self._scroll("scroll", "2", "units"))
        bind("<FocusIn>", lambda _: self._focus(on=True))
        bind("<FocusOut>", lambda _: self._focus(on=False))

    def _knows_menu_key(self) -> bool:
        try:
            self.canvas.bind("<Menu>", lambda _: None)
        except Exception:  # Tk on Windows and macOS has no such keysym
            return False
        return True

    def _point(self, key: int | str | None) -> None:
        if key != self._hover:
            self._hover = key
            self.canvas.configure(cursor="hand2" if key is not None else "")
            self.redraw()

    def _click(self, event: Any, *, choose: bool) -> None:
        self.canvas.focus_set()
        key = self._at(event.y)
        if key is not None:
            self.cursor = key
            self._rested(key)
            self.redraw()
            if choose:
                self.choose(key)

    def _ask(self, event: Any) -> str:
        key = self._at(event.y) if event.num == 3 else self.cursor
        if key is not None and self._asked is not None:
            self.cursor = key
            self._rested(key)
            self.redraw()
            self._asked(key, event)
        return "break"

    def _step(self, by: int) -> str:
        self.move(by)
        return "break"

    def _take(self) -> str:
        self.choose()
        return "break"

    def _focus(self, *, on: bool) -> None:
        self._focused = on
        if on and self.cursor is None:
            rows = [line.key for line in self.lines if not line.heading]
            self.cursor = self.active if self.active in rows else rows[0] if rows else None
            self._rested(self.cursor)
        self.redraw()
