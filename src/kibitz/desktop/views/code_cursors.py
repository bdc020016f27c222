"""Where others are in a text: a line where their cursor is, their name for a while, and what they have selected.

Rule: they are drawn over the text and never change it; who moves shows their name, who rests does not hide what is read.
"""

import re
import tkinter
from typing import Any, Final

from kibitz.design import contrast
from kibitz.desktop.presenters.code_shown import RemoteCursor
from kibitz.desktop.views import kit
from kibitz.desktop.views.code_text import CodeText

NAME_MS: Final = 3000
"""How long a name is shown after its cursor has moved."""

MAX_CURSORS: Final = 50
"""Cursors that are drawn."""

_COLOUR: Final = re.compile("#[0-9a-fA-F]{6}")


class _Cursor:
    """One of them."""

    def __init__(self, code: CodeText, shown: RemoteCursor) -> None:
        self.shown = shown
        self.mark, self.tag = f"peer{shown.client}", f"peers{shown.client}"
        self.caret = tkinter.Frame(code.text, borderwidth=0)
        self.name = tkinter.Label(code.text, borderwidth=0)
        self.timer = ""
        self.named = False


class CodeCursors:
    """All of them in one text."""

    def __init__(self, code: CodeText) -> None:
        self._code = code
        self._there: dict[int, _Cursor] = {}
        code.text.bind("<Destroy>", lambda _: self._gone(), add=True)

    def show(self, cursors: tuple[RemoteCursor, ...]) -> None:
        """These are there now."""
        wanted = {one.client: one for one in cursors[:MAX_CURSORS]}
        for client in set(self._there) - set(wanted):
            self._drop(client)
        for client, shown in wanted.items():
            cursor = self._there.get(client)
            if cursor is None:
                cursor = self._there[client] = _Cursor(self._code, shown)
                self._paint(cursor)
                self._name(cursor)
            elif (cursor.shown.anchor, cursor.shown.head) != (shown.anchor, shown.head):
                self._name(cursor)
            if cursor.shown.person != shown.person or cursor.shown.name != shown.name:
                cursor.shown = shown
                self._paint(cursor)
            cursor.shown = shown
            self._put(cursor)
        self.follow()

    def restyle(self) -> None:
        """Colours or scale have changed."""
        for cursor in self._there.values():
            self._paint(cursor)
        self.follow()

    def follow(self) -> None:
        """The text has moved under them."""
        for cursor in self._there.values():
            box = self._code.text.bbox(cursor.mark)
            if box is None:
                cursor.caret.place_forget()
                cursor.name.place_forget()
                continue
            x, y, _, height = box
            width = self._code.px(2)
            cursor.caret.place(x=x - width // 2, y=y, width=width, height=height, bordermode="outside")
            if cursor.named:
                above = y - cursor.name.winfo_reqheight()
                cursor.name.place(x=x - width // 2, y=above if above >= 0 else y + height, bordermode="outside")
                cursor.name.lift()
            else:
                cursor.name.place_forget()

    def colour(self, shown: RemoteCursor) -> str:
        """Whose colour: their own where they are known, else the one they say."""
        people = kit.colours().people
        if shown.person:
            return people[shown.person % len(people)]
        return shown.colour if _COLOUR.fullmatch(shown.colour) else people[shown.client % len(people)]

    def _put(self, cursor: _Cursor) -> None:
        text, mirror, shown = self._code.text, self._code.mirror, cursor.shown
        head = mirror.index(shown.head)
        text.mark_set(cursor.mark, head)
        text.mark_gravity(cursor.mark, "left")
        text.tag_remove(cursor.tag, "1.0", "end")
        if shown.anchor != shown.head:
            first, last = sorted((shown.anchor, shown.head))
            text.tag_add(cursor.tag, mirror.index(first), mirror.index(last))

    def _paint(self, cursor: _Cursor) -> None:
        now, colour = kit.colours(), self.colour(cursor.shown)
        words = max("#ffffff", "#000000", key=lambda one: contrast(one, colour))
        cursor.caret.configure(background=colour)
        cursor.name.configure(
            text=cursor.shown.name, background=colour, foreground=words, padx=self._code.px(4), pady=self._code.px(1)
        )
        cursor.name.configure(font=self._code.font("small", "bold"))
        self._code.text.tag_configure(cursor.tag, background=_mixed(colour, now.surface, 0.25))
        self._code.text.tag_raise("sel")

    def _name(self, cursor: _Cursor) -> None:
        """Show the name, for a while."""
        cursor.named = True
        if cursor.timer:
            self._code.after_cancel(cursor.timer)
        cursor.timer = self._code.after(NAME_MS, self._unname, cursor)

    def _unname(self, cursor: _Cursor) -> None:
        cursor.timer, cursor.named = "", False
        cursor.name.place_forget()

    def _drop(self, client: int) -> None:
        cursor = self._there.pop(client)
        if cursor.timer:
            self._code.after_cancel(cursor.timer)
        cursor.caret.destroy()
        cursor.name.destroy()
        self._code.text.tag_delete(cursor.tag)
        self._code.text.mark_unset(cursor.mark)

    def _gone(self) -> None:
        for cursor in self._there.values():
            if cursor.timer:
                self._code.after_cancel(cursor.timer)
        self._there.clear()


def _mixed(one: str, other: str, share: float) -> str:
    """A colour between two."""
    parts: list[Any] = [
        round(int(one[at : at + 2], 16) * share + int(other[at : at + 2], 16) * (1 - share)) for at in (1, 3, 5)
    ]
    return "#" + "".join(f"{part:02x}" for part in parts)
