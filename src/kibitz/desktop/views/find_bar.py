"""Find and replace, in a bar above the text.

Rule: what is found is told for the version of the text it was looked for in; while that changes it is looked for again.
"""

from collections.abc import Callable
from typing import Any, Final

from kibitz.desktop.presenters.editing import Change
from kibitz.desktop.presenters.finding import Found, Place, Wanted
from kibitz.desktop.views import kit
from kibitz.desktop.views.code_text import CodeText
from kibitz.desktop.views.kit import S1, S2

WAIT_MS: Final = 120
"""How long nothing is typed before it is looked for."""

MARKED: Final = 1000
"""Places that are marked in the text."""


class FindBar(kit.Panel):
    """The bar. `ask` looks for something in the text of a version, and `show_found` is then called."""

    def __init__(self, parent: Any, code: CodeText, ask: Callable[[int, str, Wanted], Any]) -> None:
        super().__init__(parent, "raised")
        self._code, self._ask = code, ask
        self._found = Found()
        self._version, self._at = -1, -1
        self._case = self._pattern = self._replacing = False
        self._wanted = Wanted("")
        self._then: Callable[[], None] | None = None
        self._timer = ""
        self.shown = False
        self.what = kit.Entry(self, "Find", width=260, height=32)
        self.what.grid(row=0, column=0, padx=(S2, S1), pady=S1, sticky="ew")
        self.count = kit.Label(self, "", "small", colour="muted", width=120)
        self.count.grid(row=0, column=1, padx=S1)
        self.buttons = kit.Panel(self)
        self.buttons.grid(row=0, column=2, sticky="w")
        self.case = self._button("Aa", self._flip_case, "Match case (Alt+C)")
        self.pattern = self._button(".*", self._flip_pattern, "Regular expression (Alt+R)")
        self._button("↑", self.previous, "Previous (Shift+F3, Shift+Return)")
        self._button("↓", self.next, "Next (F3, Return)")
        self._button("✕", self.close, "Close (Escape)")
        self.put = kit.Entry(self, "Replace with", width=260, height=32)
        self.acts = kit.Panel(self)
        kit.Button(self.acts, "Replace", self.replace_one, width=84).pack(side="left", padx=(0, S1))
        kit.Button(self.acts, "Replace all", self.replace_all, width=96).pack(side="left")
        self.problem = kit.Label(self, "", "small", colour="danger")
        self.grid_columnconfigure(3, weight=1)
        self._listen()

    def open(self, *, replace: bool) -> None:
        """Show it, with what is selected in it."""
        start, end = self._code.selection
        chosen = self._code.mirror.text[start:end]
        if chosen and "\n" not in chosen and len(chosen) < 200:
            self.what.replace(chosen)
        self.shown, self._replacing = True, replace
        self.grid()
        if replace:
            self.put.grid(row=1, column=0, padx=(S2, S1), pady=(0, S1), sticky="ew")
            self.acts.grid(row=1, column=1, columnspan=2, sticky="w")
        else:
            self.put.grid_remove()
            self.acts.grid_remove()
        self.what.focus_set()
        self.what.select_range(0, "end")
        self._look()

    def close(self) -> None:
        """Hide it, and go back to the text."""
        self.shown = False
        self.grid_remove()
        self._unmark()
        self._code.text.focus_set()

    def changed(self) -> None:
        """The text is another: look again."""
        if self.shown and self._version != self._code.version:
            self._soon()

    def show_found(self, version: int, wanted: Wanted, found: Found) -> None:
        """Where it is."""
        if wanted != self._wanted or version != self._code.version or not self.shown:
            return
        self._found, self._version = found, version
        self._mark()
        self._at = next((at for at, place in enumerate(found.places) if place.start >= self._code.selection[0]), 0)
        self._say()
        then, self._then = self._then, None
        if then is not None:
            then()

    # --- going ---------------------------------------------------------------------------------------------------------

    def next(self) -> None:
        """Go to the next place."""
        start, end = self._code.selection
        on_one = any((place.start, place.end) == (start, end) for place in self._found.places)
        from_here = end if on_one else start
        places = self._found.places
        self._go(next((at for at, place in enumerate(places) if place.start >= from_here), 0))

    def previous(self) -> None:
        """Go to the one before."""
        start, _ = self._code.selection
        before = [at for at, place in enumerate(self._found.places) if place.start < start]
        self._go(before[-1] if before else len(self._found.places) - 1)

    def replace_one(self) -> None:
        """Replace what is selected, if it is one of the places, and go to the next."""
        selected = self._code.selection
        place = next((one for one in self._found.places if (one.start, one.end) == selected), None)
        if place is None or self._version != self._code.version:
            self._look(self.next)
        elif self._code.type(_change(place), alone=True):
            after = place.start + len(place.put or "")
            self._code.select(after, after)
            self._look(self.next)

    def replace_all(self) -> None:
        """Replace every place, as one step that can be undone."""
        self._look(self._replaced)

    def _replaced(self) -> None:
        places = self._found.places
        changes, moved = [], 0
        for place in places:
            change = _change(place)
            changes.append(change._replace(at=change.at + moved))
            moved += len(change.added) - change.removed
        if places and self._code.type(*changes, alone=True):
            self.count.configure(text=f"{len(places)} replaced")

    def _go(self, at: int) -> None:
        if self._found.places:
            self._at = at
            place = self._found.places[at]
            self._code.select(place.start, place.end)
            self._mark()
            self._say()

    # --- within --------------------------------------------------------------------------------------------------------

    def _look(self, then: Callable[[], None] | None = None) -> None:
        if self._timer:
            self.after_cancel(self._timer)
            self._timer = ""
        wanted = Wanted(self.what.get(), self._case, self._pattern, self.put.get() if self._replacing else None)
        if then is not None or wanted != self._wanted:
            self._wanted, self._then = wanted, then
        self._ask(self._code.version, self._code.mirror.text, self._wanted)

    def _soon(self) -> None:
        if self._timer:
            self.after_cancel(self._timer)
        self._timer = self.after(WAIT_MS, self._look)

    def _say(self) -> None:
        found = self._found
        if found.places:
            self.count.configure(text=f"{self._at + 1} of {len(found.places)}{'+' if found.more else ''}")
        else:
            self.count.configure(text="No results" if self.what.get() and not found.problem else "")
        self.problem.configure(text=found.problem)
        if found.problem:
            self.problem.grid(row=2, column=0, columnspan=4, padx=S2, pady=(0, S1), sticky="w")
        else:
            self.problem.grid_remove()

    def _mark(self) -> None:
        self._unmark()
        text, mirror = self._code.text, self._code.mirror
        for at, place in enumerate(self._found.places[:MARKED]):
            text.tag_add("current" if at == self._at else "found", mirror.index(place.start), mirror.index(place.end))

    def _unmark(self) -> None:
        for tag in ("found", "current"):
            self._code.text.tag_remove(tag, "1.0", "end")

    def _flip_case(self) -> None:
        self._case = not self._case
        self._lit(self.case, on=self._case)

    def _flip_pattern(self) -> None:
        self._pattern = not self._pattern
        self._lit(self.pattern, on=self._pattern)

    def _lit(self, button: kit.Button, *, on: bool) -> None:
        button.paint("accent_soft" if on else None, "text" if on else "muted")
        self._look()

    def _button(self, text: str, command: Callable[[], Any], tip: str) -> kit.Button:
        made = kit.Button(self.buttons, text, command, look="quiet", width=32)
        made.pack(side="left")
        kit.Tooltip(made, tip)
        return made

    def _listen(self) -> None:
        for entry in (self.what, self.put):
            entry.bind("<KeyRelease>", self._typed)
            entry.bind("<Escape>", lambda _: self.close())
            entry.bind("<Alt-c>", lambda _: self._flip_case())
            entry.bind("<Alt-r>", lambda _: self._flip_pattern())
            entry.bind("<F3>", lambda _: self.next())
            entry.bind("<Shift-F3>", lambda _: self.previous())
        self.what.bind("<Return>", lambda _: self.next())
        self.what.bind("<Shift-Return>", lambda _: self.previous())
        self.put.bind("<Return>", lambda _: self.replace_one())

    def _typed(self, event: Any) -> None:
        if event.keysym not in {"Return", "Escape", "F3", "Shift_L", "Shift_R", "Tab", "ISO_Left_Tab"}:
            self._soon()

    def destroy(self) -> None:
        """End it."""
        if self._timer:
            self.after_cancel(self._timer)
        super().destroy()


def _change(place: Place) -> Change:
    return Change(place.start, place.end - place.start, place.put or "")
