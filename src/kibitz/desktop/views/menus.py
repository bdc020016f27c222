"""Menus of a conversation.

Rule: a menu shows choices and gives back the act of the one that was taken; it decides nothing.
"""

import tkinter
from collections.abc import Callable
from functools import partial
from typing import Any

from kibitz.desktop.presenters.rows import Act, Choice
from kibitz.desktop.views import kit


class ChoiceMenu:
    """One menu, used again for every message."""

    def __init__(self, owner: kit.TextPane, chosen: Callable[[Act], Any]) -> None:
        self._owner, self._chosen = owner, chosen
        self.menu = tkinter.Menu(owner, tearoff=False)

    def show(self, choices: tuple[Choice, ...], place: tuple[int, int]) -> None:
        """Let the person choose."""
        self._restyle()
        self.menu.delete(0, "end")
        last = "separator"
        for choice in choices:
            if choice.act is not None:
                self.menu.add_command(label=choice.label, command=partial(self._chosen, choice.act))
                last = "command"
            elif last != "separator":
                self.menu.add_separator()
                last = "separator"
        self._pop_up(place)

    def show_emoji(self, choices: tuple[Choice, ...], place: tuple[int, int]) -> None:
        """Let the person choose an emoji, each with its name: a font may lack it."""
        self._restyle()
        self.menu.delete(0, "end")
        for at, choice in enumerate(choices):
            assert choice.act is not None, "every emoji does something"
            command = partial(self._chosen, choice.act)
            self.menu.add_command(label=choice.label, command=command, columnbreak=at > 0 and at % 6 == 0)
        self._pop_up(place)

    def _pop_up(self, place: tuple[int, int]) -> None:
        try:
            self.menu.tk_popup(*place)
        finally:
            self.menu.grab_release()

    def _restyle(self) -> None:
        now = kit.colours()
        self.menu.configure(
            font=self._owner.font(),
            background=now.raised,
            foreground=now.text,
            activebackground=now.accent,
            activeforeground=now.on_accent,
            borderwidth=1,
            activeborderwidth=self._owner.px(3),
            relief="flat",
        )
