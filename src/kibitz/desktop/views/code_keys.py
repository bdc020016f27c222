"""What the keys of an editor of code do in its text.

Rule: what a key does to the text is decided by `presenters.indenting`; here it is found out what is selected, and selected again after.
"""

import tkinter
from collections.abc import Callable
from functools import partial
from typing import Any

from kibitz.desktop.presenters import indenting
from kibitz.desktop.presenters.indenting import Edit
from kibitz.desktop.views.code_text import CodeText


class CodeKeys:
    """The keys of one text."""

    def __init__(self, code: CodeText) -> None:
        self.language = "python"
        self._code = code
        self._leaving = False  # Escape was pressed: the next Tab leaves the text
        acts: dict[str, Callable[[], Any]] = {
            "<Return>": lambda: self._edit(indenting.new_line),
            "<KP_Enter>": lambda: self._edit(indenting.new_line),
            "<Control-slash>": self.comment,
            "<Control-a>": lambda: code.select(0, len(code.mirror.text), see=False),
            "<Control-bracketright>": lambda: self._edit(indenting.tab, whole=True),
            "<Control-bracketleft>": lambda: self._edit(indenting.back_tab, whole=True),
            "<<Undo>>": code.editing.undo,
            "<<Redo>>": code.editing.redo,
            "<Control-y>": code.editing.redo,
            "<Control-Shift-Z>": code.editing.redo,
        }
        for key, act in acts.items():
            code.text.bind(key, partial(self._act, act))
        code.text.bind("<Tab>", lambda _: self._tab(indenting.tab))
        for key in ("<Shift-Tab>", "<ISO_Left_Tab>"):
            try:
                code.text.bind(key, lambda _: self._tab(indenting.back_tab))
            except tkinter.TclError:  # only X11 knows the second name
                continue
        code.text.bind("<Home>", lambda _: self._home(keep=False))
        code.text.bind("<Shift-Home>", lambda _: self._home(keep=True))
        code.text.bind("<Escape>", lambda _: self._escape())
        code.text.bind("<KeyPress>", self._other, add=True)
        code.text.bind("<Control-o>", lambda _: "break")  # Tk's own, from Emacs: it would open a line
        code.text.bind("<Control-d>", lambda _: "break")
        code.text.bind("<Control-k>", lambda _: "break")
        code.text.bind("<Control-t>", lambda _: "break")

    def comment(self) -> None:
        """Comment the selected lines out, or back in."""
        self._edit(indenting.comment)

    def mark_line(self) -> None:
        """Show the line with the cursor, and the bracket that belongs to the one beside it."""
        code = self._code
        text = code.text
        text.tag_remove("line", "1.0", "end")
        start, end = code.selection
        if start == end:
            text.tag_add("line", "insert linestart", "insert lineend +1c")
        text.tag_remove("match", "1.0", "end")
        pair = indenting.matching(code.mirror.text, code.head) if start == end else None
        for at in pair or ():
            text.tag_add("match", code.mirror.index(at), code.mirror.index(at + 1))

    def _edit(self, how: Callable[[str, int, int, str], Edit], *, whole: bool = False) -> None:
        code = self._code
        text = code.mirror.text
        start, end = code.selection
        if whole and "\n" not in text[start:end]:
            start = text.rfind("\n", 0, start) + 1
            end = max(text.find("\n", end), start) + 1 or len(text) + 1
            made = how(text + "\n", start, end, self.language)
        else:
            made = how(text, start, end, self.language)
        if made.changes and code.type(*made.changes):
            length = len(code.mirror.text)
            code.select(min(made.anchor, length), min(made.head, length))

    def _tab(self, how: Callable[[str, int, int, str], Edit]) -> str | None:
        if self._leaving or self._code.editing.why_not:
            self._leaving = False
            ahead = how is indenting.tab
            (self._code.text.tk_focusNext() if ahead else self._code.text.tk_focusPrev()).focus_set()  # type: ignore[union-attr]
            return "break"
        self._edit(how)
        return "break"

    def _home(self, *, keep: bool) -> str:
        """To where the line's text begins, and from there to where the line does."""
        code = self._code
        text, head = code.mirror.text, code.head
        start = text.rfind("\n", 0, head) + 1
        line = text[start : text.find("\n", start) if "\n" in text[start:] else len(text)]
        begins = start + len(line) - len(line.lstrip())
        to = start if head == begins else begins
        first, last = code.selection
        anchor = (first if head == last else last) if keep else to
        code.select(anchor, to)
        return "break"

    def _escape(self) -> str:
        self._leaving = True
        return "break"

    def _other(self, event: "tkinter.Event[Any]") -> None:
        if event.keysym not in {"Tab", "ISO_Left_Tab", "Escape", "Shift_L", "Shift_R"}:
            self._leaving = False

    def _act(self, act: Callable[[], Any], _: object) -> str:
        self._leaving = False
        act()
        return "break"
