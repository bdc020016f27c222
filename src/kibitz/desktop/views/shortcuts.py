"""The sheet of shortcuts.

Rule: it lists the table that the window's bindings are made of.
"""

from itertools import groupby
from typing import Any

from kibitz.desktop.presenters.sheet import Sheet
from kibitz.desktop.presenters.shortcuts import SHORTCUTS
from kibitz.desktop.views import kit
from kibitz.desktop.views.kit import S1, S2, S3, S4


class SheetDialog(kit.Dialog):
    """What the keyboard does."""

    def __init__(self, parent: Any, sheet: Sheet) -> None:
        super().__init__(parent, "Keyboard shortcuts", width=700)
        kit.Label(self.body, "Keyboard shortcuts", "large", bold=True).pack(fill="x", pady=(0, S2))
        columns = kit.Panel(self.body, "surface")
        columns.pack(fill="both", expand=True)
        for column in (0, 1):
            columns.grid_columnconfigure(column, weight=1, uniform="column")
        halves = [kit.Panel(columns, "surface") for _ in (0, 1)]
        for column, half in enumerate(halves):
            half.grid(row=0, column=column, sticky="nsew", padx=(0, S4) if column == 0 else (S4, 0))
        said = [one for one in SHORTCUTS if one.what]
        for place, (section, shortcuts) in enumerate(groupby(said, key=lambda one: one.section)):
            half = halves[place % 2]
            kit.Label(half, section, "small", colour="muted", bold=True).pack(fill="x", pady=(S3, S1))
            for one in shortcuts:
                row = kit.Panel(half, "surface")
                row.pack(fill="x", pady=2)
                key = kit.Panel(row, "raised", radius=5)
                key.pack(side="right", anchor="n")
                kit.Label(key, one.keys, "small", mono=True).pack(padx=S2, pady=2)
                kit.Label(row, one.what, wraplength=200).pack(side="left")
        self.button("Close", self.close, "primary")
        self.show(on_close=sheet.closed)
