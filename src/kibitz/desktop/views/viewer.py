"""An image in a window of its own, as large as fits.

Rule: the pixels come from the presenter, made for the size the window has; this only shows them.
"""

import tkinter
from pathlib import Path
from typing import Any, Final

from kibitz.desktop.presenters.moving import size_in_words
from kibitz.desktop.presenters.transfers import Transfers
from kibitz.desktop.views import kit
from kibitz.desktop.views.kit import S2, S3
from kibitz.desktop.views.transfers import elided
from kibitz.wire.views import File

SETTLE_MS: Final = 120
"""How long a size has to last before the image is made anew for it."""


class Viewer(kit.Toplevel):
    """One image. Escape closes it, Control-S saves it."""

    def __init__(self, parent: Any, file: File, files: Transfers) -> None:
        super().__init__(parent, Path(file.name).name)
        self.file, self._files = file, files
        self._timer = ""
        self._asked = (0, 0)
        self._image: tkinter.PhotoImage | None = None
        self.minsize(320, 240)
        self._build()
        self.center(900, 660)
        self.bind("<Escape>", lambda _: self.close())
        self.bind("<Control-s>", lambda _: self._save())
        self.save.focus_set()

    def fill(self, png: bytes | None, problem: str) -> None:
        """Show this, or why it cannot be shown."""
        if png is None:
            self.picture.configure(image="")
            self.said.configure(text=problem)
            self.said.place(relx=0.5, rely=0.5, anchor="center")
            return
        self._image = tkinter.PhotoImage(master=self, data=png, format="png")
        self.picture.configure(image=self._image)
        self.said.place_forget()

    def close(self) -> None:
        """End it."""
        if self._timer:
            self.after_cancel(self._timer)
            self._timer = ""
        super().close()

    def _build(self) -> None:
        self.ground = kit.Panel(self, "window")
        self.ground.pack(fill="both", expand=True)
        self.picture = tkinter.Label(self.ground, borderwidth=0)
        self.picture.place(relx=0.5, rely=0.5, anchor="center")
        self.said = kit.Label(self.ground, "Fetching the image…", colour="muted", anchor="center")
        self.said.place(relx=0.5, rely=0.5, anchor="center")
        foot = kit.Panel(self, "surface", height=0)
        foot.pack(fill="x", side="bottom", before=self.ground)
        kit.Label(foot, elided(self.file.name), bold=True).pack(side="left", padx=(S3, S2), pady=S2)
        kit.Label(foot, size_in_words(self.file.size), "small", colour="muted").pack(side="left")
        kit.Button(foot, "Close", self.close, look="quiet").pack(side="right", padx=(S2, S3), pady=S2)
        self.save = kit.Button(foot, "Save as…", self._save)
        self.save.pack(side="right", pady=S2)
        self.ground.bind("<Configure>", self._resized, add=True)
        self._paint()

    def _resized(self, _: Any) -> None:
        if self._timer:
            self.after_cancel(self._timer)
        self._timer = self.after(SETTLE_MS, self._ask)

    def _ask(self) -> None:
        self._timer = ""
        size = (self.ground.winfo_width(), self.ground.winfo_height())
        if size != self._asked and min(size) > 1:
            self._asked = size
            self._files.fit(self.file, *size)

    def _save(self) -> None:
        self._files.download(self.file)

    def _paint(self) -> None:
        self.picture.configure(background=kit.colours().window)

    def _set_appearance_mode(self, mode_string: str) -> None:
        super()._set_appearance_mode(mode_string)
        if hasattr(self, "picture"):
            self._paint()
