"""The text of a session, as plain Tk's Text shows it: whatever is typed goes to the document, and what the document says is shown.

Rule: nothing changes the widget but `show_changes`. Its own commands for changing it are taken over, so that keys, the clipboard and input
methods all come by here, and places are turned into characters in one place (`presenters.mirror`).
"""

import tkinter
from collections.abc import Callable
from contextlib import suppress
from tkinter import font as tkfont
from typing import Any, Final

from kibitz.desktop.presenters.editing import Change, Editing, Whose
from kibitz.desktop.presenters.mirror import Mirror
from kibitz.desktop.presenters.painting import Painted
from kibitz.desktop.views import kit

SLICE_LINES: Final = 60
"""Lines that are painted before keys are looked at again: a few milliseconds' work."""

PAINT_MS: Final = 60
"""How long nothing is typed before the colours are found anew."""

_KINDS: Final = ("keyword", "string", "number", "comment", "name", "builtin", "operator", "error")

_TAKE_OVER: Final = """
rename {path} {path}.real
proc {path} {{args}} {{
    switch -- [lindex $args 0] {{
        insert - delete - replace {{ return [{command} {{*}}$args] }}
        default {{ return [uplevel 1 [list {path}.real {{*}}$args]] }}
    }}
}}
"""


class CodeText(kit.TextPane):
    """The editor's text.

    `moved` is called after the cursor or the text has changed, `scrolled` after something else is seen of it, `refused` where something
    could not be typed, and `repaint` when it is time to find the colours anew.
    """

    def __init__(self, parent: Any, editing: Editing) -> None:
        super().__init__(parent, "surface", mono=True)
        self.zoom = 1.0
        self.editing = editing
        self.moved: Callable[[], None] = lambda: None
        self.scrolled: Callable[[], None] = lambda: None
        self.refused: Callable[[str], None] = lambda _: None
        self.repaint: Callable[[int, str], Any] = lambda _version, _text: None
        self.version = 0
        self.wide = _is_wide(self.text)
        self.mirror = Mirror(wide=self.wide)
        self._lines: list[Painted | None] = [()]  # what is painted; none: it has to be looked at
        self._wanted: tuple[Painted, ...] = ()
        self._slice = ""
        self._timer = ""
        self._idle = ""
        self._own = tkfont.Font(root=self)
        self.text.configure(undo=False, wrap="none", padx=0, pady=0, selectforeground="", exportselection=False)
        self.across = kit.Scrollbar(self, self.text.xview, orientation="horizontal")
        self.across.grid(row=1, column=0, sticky="ew")
        self.text.configure(xscrollcommand=self._scrolled_across, yscrollcommand=self._scrolled)
        self.restyled = self.restyle
        self.restyle()
        self._take_over()
        self.text.bind("<<Paste>>", lambda _: self._paste())
        self.text.bind("<<PasteSelection>>", self._paste_selection)
        self.text.bind("<<Cut>>", lambda _: self._cut())
        for event in ("<KeyRelease>", "<ButtonRelease-1>", "<B1-Motion>", "<<Selection>>"):
            self.text.bind(event, lambda _: self._soon_moved(), add=True)
        self.text.bind("<Configure>", lambda _: self._soon_moved(), add=True)

    # --- looks ---------------------------------------------------------------------------------------------------------

    def restyle(self) -> None:
        """Colours or scale have changed."""
        now = kit.colours()
        self._own.configure(**self.font("body", "mono").actual() | {"size": -self.line_px})
        self.text.configure(
            font=self._own,
            selectforeground="",
            spacing1=self.px(1),
            spacing3=self.px(1),
            padx=self.px(8),
            pady=self.px(6),
        )
        self.text.configure(tabs=(self._own.measure("    "),), tabstyle="wordprocessor")
        for kind in _KINDS:
            self.text.tag_configure(kind, foreground=getattr(now.syntax, kind))
        self.text.tag_configure("line", background=now.raised)
        self.text.tag_configure("match", background=now.accent_soft, foreground=now.text)
        self.text.tag_configure("found", background=now.warning_soft)
        self.text.tag_configure("current", background=now.mention, underline=True)
        self.text.tag_lower("line")
        self.text.tag_raise("sel")
        self.scrolled()

    @property
    def line_px(self) -> int:
        """How tall letters are."""
        return max(6, round(self.px(14) * self.zoom))

    @property
    def letters(self) -> tkfont.Font:
        """The font of the text."""
        return self._own

    def put_zoom(self, zoom: float) -> None:
        """Make the text larger or smaller."""
        self.zoom = max(0.5, min(zoom, 3.0))
        self.restyle()

    # --- places --------------------------------------------------------------------------------------------------------

    def at(self, index: str) -> int:
        """Which character is at an index of Tk's."""
        line, _, column = str(self._real("index", index)).partition(".")
        return self.mirror.at(int(line), int(column))

    @property
    def head(self) -> int:
        """Where the cursor is."""
        return self.at("insert")

    @property
    def selection(self) -> tuple[int, int]:
        """What is selected, from its start to its end: the cursor where nothing is."""
        ranges = self.text.tag_ranges("sel")
        if len(ranges) < 2:
            return self.head, self.head
        return self.at(str(ranges[0])), self.at(str(ranges[-1]))

    def select(self, anchor: int, head: int, *, see: bool = True) -> None:
        """Put the cursor at `head`, and select what is between that and `anchor`."""
        where = self.mirror.index(head)
        self.text.tag_remove("sel", "1.0", "end")
        self.text.mark_set("insert", where)
        self.text.mark_set("tk::anchor" + str(self.text), self.mirror.index(anchor))
        if anchor != head:
            self.text.tag_add("sel", self.mirror.index(min(anchor, head)), self.mirror.index(max(anchor, head)))
        if see:
            self.text.see(where)
        self._soon_moved()

    # --- from the person to the document -------------------------------------------------------------------------------

    def type(self, *changes: Change, alone: bool = False) -> bool:
        """Change the text as the person has asked; returns whether that was possible."""
        problem = self.editing.edit(*changes, alone=alone)
        if problem:
            self.refused(problem)
        return not problem

    def _take_over(self) -> None:
        path = str(self.text)
        command = self.register(self._command)
        self.tk.eval(_TAKE_OVER.format(path=path, command=command))
        self._real_name = f"{path}.real"

    def _real(self, *args: Any) -> Any:
        return self.tk.call(self._real_name, *args)

    def _command(self, command: str, *args: str) -> str:
        """A key, an input method or somebody's code wants to change the widget: it is the document that changes."""
        with suppress(tkinter.TclError):  # a bad index, as Tk itself would say
            if command == "insert":
                self.type(Change(self.at(args[0]), 0, "".join(args[1::2])))
            elif command == "replace":
                start, end = self._range(args[0], args[1])
                self.type(Change(start, end - start, "".join(args[2::2])))
            else:
                ranges = [self._range(*args[at : at + 2]) for at in range(0, len(args), 2)]
                for start, end in sorted(ranges, reverse=True):
                    if end > start:
                        self.type(Change(start, end - start, ""))
        return ""

    def _range(self, first: str, last: str | None = None) -> tuple[int, int]:
        start = self.at(first)
        if last is None:
            return start, min(start + 1, len(self.mirror.text))
        return start, self.at(last)

    def _paste(self) -> str:
        with suppress(tkinter.TclError):  # the clipboard is empty, or holds no text
            self._put(self.clipboard_get())
        return "break"

    def _paste_selection(self, event: "tkinter.Event[Any]") -> str:
        with suppress(tkinter.TclError):
            added = self.selection_get()
            if self.type(Change(self.at(f"@{event.x},{event.y}"), 0, added), alone=True):
                self._soon_moved()
        return "break"

    def _put(self, text: str) -> None:
        start, end = self.selection
        self.text.tag_remove("sel", "1.0", "end")
        if self.type(Change(start, end - start, text), alone=True):
            self.text.see("insert")

    def _cut(self) -> str:
        start, end = self.selection
        if end > start:
            self.clipboard_clear()
            self.clipboard_append(self.mirror.text[start:end])
            self.type(Change(start, end - start, ""), alone=True)
        return "break"

    # --- from the document to the widget -------------------------------------------------------------------------------

    def show_changes(self, changes: tuple[Change, ...], whose: Whose) -> None:
        """This has changed."""
        for at, removed, added in changes:
            self._show_change(at, removed, added, stays=whose == "theirs")
        if whose == "undone" and changes:
            last = changes[-1]
            self.select(last.at + len(last.added), last.at + len(last.added))
        self.version += 1
        self._soon_repaint()
        self._soon_moved()

    def _show_change(self, at: int, removed: int, added: str, *, stays: bool) -> None:
        mirror = self.mirror
        start, (line, _) = mirror.index(at), mirror.place(at)
        held = stays and bool(added) and self._real("compare", "insert", "==", start)
        if removed:
            lost = mirror.text.count("\n", at, at + removed)
            self._real("delete", start, mirror.index(at + removed))
            self._lines[line - 1 : line + lost] = [None]
            mirror.apply(at, removed, "")
        if added:
            self._real("insert", start, added)
            self._lines[line - 1 : line] = [None] * (added.count("\n") + 1)
            mirror.apply(at, 0, added)
            if held:  # what others write where the cursor is comes after it
                self._real("mark", "set", "insert", start)

    # --- colours -------------------------------------------------------------------------------------------------------

    def paint(self, version: int, lines: tuple[Painted, ...]) -> None:
        """These are the colours of the text as it was at this version."""
        if version != self.version or len(lines) != len(self._lines):
            return
        self._wanted = lines
        first, last = self.visible
        self._paint_lines(first - 1, last)
        self._paint_rest(0)

    @property
    def visible(self) -> tuple[int, int]:
        """The first and the last line that can be seen."""
        first, last = (str(self._real("index", f"@0,{y}")).partition(".")[0] for y in (0, self.text.winfo_height()))
        return int(first), int(last)

    def _paint_rest(self, first: int) -> None:
        self._slice = ""
        if len(self._wanted) != len(self._lines):
            return
        looked, at = 0, first
        while at < len(self._lines) and looked < SLICE_LINES:
            looked += self._lines[at] != self._wanted[at]
            self._paint_lines(at, at + 1)
            at += 1
        if at < len(self._lines):
            self._slice = self.after(5, self._paint_rest, at)

    def _paint_lines(self, first: int, last: int) -> None:
        for at in range(max(first, 0), min(last, len(self._lines))):
            wanted = self._wanted[at]
            if self._lines[at] == wanted:
                continue
            line = at + 1
            for kind in _KINDS:
                self._real("tag", "remove", kind, f"{line}.0", f"{line + 1}.0")
            for start, end, kind in wanted:
                self._real("tag", "add", kind, f"{line}.{start}", f"{line}.{end}")
            self._lines[at] = wanted

    def plain(self) -> None:
        """Forget the colours: the language has changed."""
        self._lines = [None] * len(self._lines)
        self._soon_repaint()

    def _soon_repaint(self) -> None:
        for timer in (self._timer, self._slice):
            if timer:
                self.after_cancel(timer)
        self._slice = ""
        self._timer = self.after(PAINT_MS, self._repaint)

    def _repaint(self) -> None:
        self._timer = ""
        self.repaint(self.version, self.mirror.text)

    # --- within --------------------------------------------------------------------------------------------------------

    def _scrolled(self, first: float, last: float) -> None:
        self.bar.set(float(first), float(last))
        self.scrolled()

    def _scrolled_across(self, first: float, last: float) -> None:
        self.across.set(float(first), float(last))
        if float(first) <= 0 and float(last) >= 1:
            self.across.grid_remove()
        else:
            self.across.grid()

    def _soon_moved(self) -> None:
        if not self._idle:
            self._idle = self.after_idle(self._moved)

    def _moved(self) -> None:
        self._idle = ""
        self.scrolled()
        self.moved()

    def destroy(self) -> None:
        """End it."""
        for timer in (self._timer, self._slice, self._idle):
            if timer:
                self.after_cancel(timer)
        self._timer = self._slice = self._idle = ""
        path = str(self.text)
        super().destroy()
        with suppress(tkinter.TclError):
            self.tk.eval(f"rename {path} {{}}")


def _is_wide(text: tkinter.Text) -> bool:
    """Whether this Tk counts an emoji as two, as 8.6 does."""
    text.insert("1.0", "😀")
    wide = str(text.index("1.end")) == "1.2"
    text.delete("1.0", "end")
    return wide
