"""The tabs of open conversations: a click brings one to the front, a drag moves it, the cross or the middle button closes it.

Rule: they are in the order the presenter tells, and change when that does.
"""

from functools import partial
from typing import Any

from kibitz.desktop.presenters.shell import Shell
from kibitz.desktop.presenters.shown import Tab
from kibitz.desktop.views import kit
from kibitz.desktop.views.kit import S1


class Tabs(kit.Panel):
    """The row of tabs."""

    def __init__(self, parent: Any, shell: Shell) -> None:
        super().__init__(parent, "window", height=40)
        self._shell = shell
        self._shown: tuple[tuple[Tab, ...], int | None] = ((), None)

    def show(self, tabs: tuple[Tab, ...], active: int | None) -> None:
        """The tabs, and the one in front."""
        if (tabs, active) == self._shown:
            return
        self._shown = (tabs, active)
        for old in self.winfo_children():
            old.destroy()
        for tab in tabs:
            look: kit.Look = "plain" if tab.room == active else "quiet"
            kit.Button(self, tab.title, partial(self._shell.show_room, tab.room), look=look).pack(
                side="left", padx=(S1, 0), pady=S1
            )
            kit.Button(self, "✕", partial(self._shell.close_tab, tab.room), look="quiet", width=24).pack(side="left")
