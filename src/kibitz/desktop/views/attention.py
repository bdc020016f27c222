"""The window calling for a person: the count in its title, and coming to the front.

Rule: whether the person looks is asked of Tk once a focus has settled, since it goes from one widget to the next by way of none.
"""

import tkinter
from contextlib import suppress
from typing import Any

from kibitz.desktop.presenters.notifying import Notifying


class Attention:
    """The main window's part in notices. `notifying` is given by `attach`, being made after it."""

    def __init__(self, window: Any) -> None:
        self._window = window
        self._notifying: Notifying | None = None
        self._looks: bool | None = None
        self._timer = ""
        window.bind("<Destroy>", self._destroyed, add=True)
        self._bindings = [(event, window.bind(event, self._changed, add=True)) for event in ("<FocusIn>", "<FocusOut>")]

    def attach(self, notifying: Notifying) -> None:
        """This is to know where the person looks."""
        self._notifying = notifying
        self._changed(None)

    def show_count(self, name: str, count: int) -> None:
        """So many messages wait for the person of this name."""
        self._window.title(f"({count}) {name} – Kibitz" if count else f"{name} – Kibitz")

    def call(self) -> None:
        """Ring the task bar's bell, where there is one; X knows no such call from Tk, and has the title."""
        if self._window.tk.call("tk", "windowingsystem") == "win32" and not self._looks:
            from ctypes import windll  # type: ignore[attr-defined]  # noqa: PLC0415 - Windows only

            windll.user32.FlashWindow(int(self._window.wm_frame(), 16), True)

    def raise_window(self) -> None:
        """Bring the window to the front."""
        self._window.deiconify()
        self._window.lift()
        self._window.focus_force()

    def close(self) -> None:
        """The login has ended."""
        with suppress(tkinter.TclError):
            if self._timer:
                self._window.after_cancel(self._timer)
            for event, binding in self._bindings:
                self._window.unbind(event, binding)
            self._window.title("Kibitz")
        self._notifying = None

    def _destroyed(self, event: "tkinter.Event[Any]") -> None:
        if event.widget is self._window and self._timer:
            self._window.after_cancel(self._timer)

    def _changed(self, _: Any) -> None:
        if not self._timer:
            self._timer = self._window.after(20, self._look)

    def _look(self) -> None:
        self._timer = ""
        looks = self._has_focus()
        if looks != self._looks and self._notifying is not None:
            self._looks = looks
            self._notifying.looks("here" if looks else "elsewhere")

    def _has_focus(self) -> bool:
        focus = str(self._window.tk.call("focus"))
        return bool(focus) and str(self._window.tk.call("winfo", "toplevel", focus)) == "."
