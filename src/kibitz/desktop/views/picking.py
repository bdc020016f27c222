"""The dialog to choose files in, where the system has none of its own.

Rule: it looks and works like every other dialog of ours: arrows go through the list, Return opens or takes, Escape gives up.
"""

from typing import Any, Final

from kibitz.desktop.presenters.picking import Folder, Picking
from kibitz.desktop.views import kit
from kibitz.desktop.views.kit import S2
from kibitz.desktop.views.listing import Line, Listing

WIDTH: Final = 560


class PickingDialog(kit.Dialog):
    """Chooses files to share, or the name to save one under."""

    def __init__(self, parent: Any, picking: Picking, name: str | None) -> None:
        super().__init__(parent, "Share files" if name is None else "Save file", width=WIDTH)
        self._picking, self._saving = picking, name is not None
        self.taken: set[str] = set()
        self._folder = Folder("", ())
        self._make_head()
        self.list = Listing(
            self.body, "surface", self._choose, rested=self._rested, empty="Looking…", width=WIDTH, height=300
        )
        self.list.pack(fill="both", expand=True)
        self.name = kit.Entry(self.body, "Name", width=WIDTH)
        if self._saving:
            self.name.replace(name or "")
            self.name.pack(fill="x", pady=(S2, 0))
        self.take = self.button("Save" if self._saving else "Share", self._take, "primary")
        self.button("Cancel", self.close)
        self.hidden = kit.Switch(self.foot, "Hidden files too", self._show_hidden)
        self.hidden.pack(side="left")
        self.confirmed = self._returned
        self.list.canvas.bind("<BackSpace>", lambda _: picking.go(".."))
        self.list.canvas.bind("<Alt-Up>", lambda _: picking.go(".."))
        self.show(self.name if self._saving else self.list, on_close=picking.closed)

    def show_folder(self, folder: Folder) -> None:
        """Show this folder."""
        if folder.path != self._folder.path:
            self.taken.clear()
            self.path.replace(folder.path)
        self._folder = folder
        self.refuse(folder.problem)
        self.list.empty = "" if folder.problem else "This folder is empty."
        self._draw()

    def ask_replace(self, name: str) -> None:
        """Ask whether to replace a file."""
        kit.confirm(
            self,
            "Replace this file?",
            f"There is a file “{name}” in this folder already. Its content will be lost.",
            lambda: self._picking.save_over(name),
            verb="Replace",
            danger=True,
        )

    def _make_head(self) -> None:
        head = kit.Panel(self.body, "surface", height=0)
        head.pack(fill="x", pady=(0, S2))
        self.up = kit.Button(head, "↑", lambda: self._picking.go(".."), height=36, width=40)
        self.up.pack(side="left", padx=(0, S2))
        kit.Tooltip(self.up, "The folder above (Backspace)")
        self.path = kit.Entry(head, "Folder")
        self.path.pack(side="left", fill="x", expand=True)

    def _draw(self) -> None:
        self.list.show(
            tuple(
                Line(
                    place.name,
                    f"{place.name}/" if place.folder else place.name,
                    sign="✓" if place.name in self.taken else "▸" if place.folder else " ",
                    note=" · ".join(part for part in (place.size, place.changed) if part),
                    strong=place.name in self.taken,
                )
                for place in self._folder.places
            )
        )
        self.list.redraw()
        if not self._saving:
            many = len(self.taken)
            self.take.configure(text=f"Share {many} files" if many > 1 else "Share")
            self.take.enable(on=many > 0)

    def _choose(self, name: str) -> None:
        if any(place.name == name and place.folder for place in self._folder.places):
            self._picking.go(name)
        elif self._saving:
            self.name.replace(name)
        else:
            self.taken ^= {name}
            self._draw()

    def _rested(self, name: Any) -> None:
        if self._saving and any(place.name == name and not place.folder for place in self._folder.places):
            self.name.replace(str(name))

    def _returned(self) -> None:
        """Return was pressed, wherever the focus is."""
        if self.focus_get() is self.path._entry:
            self._picking.go(self.path.get())
        else:
            self._take()

    def _take(self) -> None:
        if self._saving:
            self._picking.save(self.name.get())
        else:
            self._picking.choose(tuple(sorted(self.taken)))

    def _show_hidden(self) -> None:
        self._picking.show_hidden(self.hidden.on)
