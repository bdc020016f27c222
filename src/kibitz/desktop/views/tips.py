"""Words under the pointer.

Rule: they lie over the pane they belong to, take no focus, and go when the pointer does.
"""

import tkinter
from typing import Any

from kibitz.desktop.views import kit

DELAY_MS = 400


class Tip:
    """The words of one pane."""

    def __init__(self, owner: Any) -> None:
        self._owner = owner
        self._label: tkinter.Label | None = None
        self._due: str | None = None
        self._words = ""

    def show(self, words: str, x: int, y: int) -> None:
        """Show this soon, unless it is shown already; nothing where there are no words."""
        if words == self._words:
            return
        self.hide()
        self._words = words
        if words:
            self._due = self._owner.after(DELAY_MS, self._open, words, x, y)

    def hide(self) -> None:
        """Show nothing."""
        self._words = ""
        if self._due is not None:
            self._owner.after_cancel(self._due)
            self._due = None
        if self._label is not None:
            self._label.destroy()
            self._label = None

    def _open(self, words: str, x: int, y: int) -> None:
        self._due = None
        now, px = kit.colours(), self._owner.px
        self._label = tkinter.Label(
            self._owner,
            text=words,
            font=self._owner.font("small"),
            background=now.text,
            foreground=now.surface,
            padx=px(8),
            pady=px(4),
            wraplength=px(360),
            justify="left",
        )
        width = self._label.winfo_reqwidth()
        left = max(0, min(x + px(8), self._owner.winfo_width() - width - px(16)))
        high = self._label.winfo_reqheight()
        top = y + px(18) if y + px(18) + high < self._owner.winfo_height() else y - high - px(6)
        self._label.place(x=left, y=top)
        self._label.lift()
