"""Files that are dragged onto a conversation.

Rule: tkdnd is an extension that not every platform can load; without it there is no drop, and everything else is as it was.
"""

import logging
import tkinter
from collections.abc import Callable
from pathlib import Path
from tkinter import TclError
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from kibitz.desktop.views import kit

log = logging.getLogger(__name__)


class DropMark(kit.Panel):
    """What lies over a conversation while files are held over it."""

    def __init__(self, page: Any) -> None:
        super().__init__(page, "accent_soft", radius=8, border_width=2, border_color=kit.pair("accent"))
        inner = kit.Panel(self, "accent_soft")
        inner.place(relx=0.5, rely=0.5, anchor="center")
        kit.Label(inner, "Drop files to share them here", "title", bold=True, anchor="center").pack()
        kit.Label(inner, "Everyone in this conversation can download them.", colour="muted", anchor="center").pack()

    def show(self) -> None:
        """Files are over the page."""
        self.place(relx=0, rely=0, relwidth=1, relheight=1)
        self.lift()

    def hide(self) -> None:
        """They are no more."""
        self.place_forget()


def accept_drops(page: Any, dropped: Callable[[tuple[Path, ...]], Any]) -> DropMark | None:
    """Call this with files that are dropped on a page. None where this platform cannot."""
    if not load(page.winfo_toplevel()):
        return None
    mark = DropMark(page)

    def enter(_: Any) -> str:
        mark.show()
        return "copy"

    def drop(event: Any) -> str:
        mark.hide()
        if paths := paths_of(page, event.data):
            dropped(paths)
        return "copy"

    page.drop_target_register("DND_Files")
    page.dnd_bind("<<DropEnter>>", enter)
    page.dnd_bind("<<DropLeave>>", lambda _: mark.hide())
    page.dnd_bind("<<Drop:DND_Files>>", drop)
    return mark


def load(window: tkinter.Misc) -> bool:
    """Load tkdnd into the program, once; whether it is there."""
    there: bool | None = getattr(window, "has_tkdnd", None)
    if there is None:
        there = _load(window)
        window.has_tkdnd = there  # type: ignore[attr-defined]  # it belongs to the window and ends with it
    return there


def _load(window: tkinter.Misc) -> bool:
    try:
        from tkinterdnd2 import TkinterDnD  # noqa: PLC0415 - importing it gives tkinter's widgets methods, or fails

        TkinterDnD.require(window)
    except (ImportError, RuntimeError, TclError, AttributeError) as error:
        log.info("nothing can be dragged in here: %s", error)
        return False
    return True


def paths_of(widget: Any, data: str) -> tuple[Path, ...]:
    """The files that tkdnd tells of, as a Tcl list of paths or addresses."""
    found = []
    for each in widget.tk.splitlist(data):
        parts = urlsplit(str(each))
        if parts.scheme == "file":
            found.append(Path(url2pathname(parts.path)))
        elif each and parts.scheme not in ("http", "https"):
            found.append(Path(str(each)))
    return tuple(found)
