"""Files going up and down, as each conversation shows them: a strip of rows above where one writes.

Rule: a row is changed where it differs and made anew only for another transfer; more than a few are counted, so that the conversation
stays in sight.
"""

from functools import partial
from tkinter import TclError
from typing import Any, Final

from kibitz.desktop.presenters.moving import Action, Row
from kibitz.desktop.presenters.transfers import Transfers
from kibitz.desktop.views import kit
from kibitz.desktop.views.kit import S1, S2, S3

MOST_ROWS: Final = 4
"""Rows in a strip; the others are counted."""

MOST_LETTERS: Final = 44
"""Letters of a name; longer ones lose their middle, so that their ending can be read."""

_WORDS: Final[dict[Action, str]] = {
    "cancel": "Cancel",
    "retry": "Retry",
    "open": "Open",
    "show": "Show in folder",
    "dismiss": "✕",
}
_HINTS: Final[dict[Action, str]] = {"dismiss": "Dismiss"}
_IMPORTANCE: Final = {"failed": 0, "moving": 1, "done": 2, "waiting": 3, "cancelled": 4}


class TransferRow(kit.Panel):
    """One file: its name, how far it is, and what can be done about it."""

    def __init__(self, parent: Any, row: Row, files: Transfers) -> None:
        super().__init__(parent, "raised", radius=8, height=0)
        self._files = files
        self._shown: Row | None = None
        self.grid_columnconfigure(1, weight=1)
        kit.Label(self, "↑" if row.up else "↓", "large", colour="link", width=20, anchor="center").grid(
            row=0, column=0, rowspan=2, padx=(S3, S2)
        )
        self.name = kit.Label(self, "", bold=True)
        self.name.grid(row=0, column=1, sticky="sew", pady=(S1, 0))
        self.detail = kit.Label(self, "", "small", colour="muted")
        self.detail.grid(row=1, column=1, sticky="new", pady=(0, S1))
        self.progress = kit.Progress(self, height=4)
        self.buttons: dict[Action, kit.Button] = {}
        self._foot = kit.Panel(self, height=0)
        self._foot.grid(row=0, column=2, rowspan=2, padx=S2, pady=S1)
        self.show(row)

    def show(self, row: Row) -> None:
        """The transfer as it is now."""
        before, self._shown = self._shown, row
        if before is None or before.name != row.name:
            self.name.configure(text=elided(row.name))
        if before is None or (before.detail, before.state) != (row.detail, row.state):
            self.detail.configure(
                text=row.detail, text_color=kit.pair("danger" if row.state == "failed" else "muted"), wraplength=0
            )
        self.progress.set(row.share)
        if before is None or before.state != row.state:
            if row.state == "moving":
                self.progress.grid(row=2, column=0, columnspan=3, sticky="ew", padx=S3, pady=(0, S2))
            else:
                self.progress.grid_forget()
        if before is None or before.actions != row.actions:
            self._show_actions(row)

    def _show_actions(self, row: Row) -> None:
        had_focus = any(_has_focus(button) for button in self.buttons.values())
        for action in set(self.buttons) - set(row.actions):
            self.buttons.pop(action).destroy()
        for at, action in enumerate(row.actions):
            if action not in self.buttons:
                work = getattr(self._files, action)
                self.buttons[action] = button = kit.Button(
                    self._foot, _WORDS[action], partial(work, row.transfer), look="quiet", size="small", height=28
                )
                if action in _HINTS:
                    kit.Tooltip(button, _HINTS[action])
            self.buttons[action].grid(row=0, column=at, padx=(S1, 0))
        if had_focus and row.actions:
            self.buttons[row.actions[0]].focus_set()


class TransferStrip(kit.Panel):
    """The transfers of one conversation; it takes no place when there are none."""

    def __init__(self, parent: Any, files: Transfers) -> None:
        super().__init__(parent, height=0)
        self._host, self._files = parent, files
        self.rows: dict[int, TransferRow] = {}
        self.more = kit.Label(self, "", "small", colour="muted")

    def show(self, rows: tuple[Row, ...]) -> None:
        """These, of which the most important are seen."""
        seen = sorted(sorted(rows, key=lambda row: _IMPORTANCE[row.state])[:MOST_ROWS], key=lambda row: row.transfer)
        for transfer in set(self.rows) - {row.transfer for row in seen}:
            self.rows.pop(transfer).destroy()
        for at, row in enumerate(seen):
            if row.transfer in self.rows:
                self.rows[row.transfer].show(row)
            else:
                self.rows[row.transfer] = TransferRow(self, row, self._files)
            self.rows[row.transfer].grid(row=at, column=0, sticky="ew", padx=S3, pady=(S1, 0))
        self.grid_columnconfigure(0, weight=1)
        self._count(len(rows) - len(seen))
        if rows and not self.winfo_manager():
            self.pack(fill="x", pady=(0, S1))
        elif not rows and self.winfo_manager():
            self.pack_forget()
            self._host.configure(height=1)  # Tk leaves an empty frame as large as it was

    def _count(self, more: int) -> None:
        if more > 0:
            self.more.configure(text=f"and {more} more")
            self.more.grid(row=MOST_ROWS, column=0, sticky="ew", padx=S3, pady=S1)
        else:
            self.more.grid_forget()


def elided(name: str, most: int = MOST_LETTERS) -> str:
    """A name that is not too long, with its beginning and its end."""
    if len(name) <= most:
        return name
    end = most // 2 - 4
    return f"{name[: most - end - 1]}…{name[-end:]}"


def _has_focus(widget: Any) -> bool:
    try:
        focus = widget.focus_get()
    except (KeyError, TclError):  # in a menu, which tkinter does not know
        return False
    return focus is not None and str(focus).startswith(str(widget))
