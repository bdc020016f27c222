"""Where files meet the window: strips, drops, pasted images, and the questions where to save.

Rule: one for a login; a conversation's page is told to it once, and whatever belongs to that goes with the page.
"""

import tkinter
from contextlib import suppress
from pathlib import Path
from tkinter import filedialog
from typing import Any

from kibitz.desktop.presenters.moving import Row
from kibitz.desktop.presenters.pasting import Pasted, Pasting
from kibitz.desktop.presenters.transfers import Transfers
from kibitz.desktop.views.drop import accept_drops
from kibitz.desktop.views.paste import PasteDialog, holds_image
from kibitz.desktop.views.transfers import TransferStrip
from kibitz.desktop.views.viewer import Viewer
from kibitz.wire.views import File


class FilesDesk:
    """The files' place in the main window. `files` and `pasting` are given by `attach`, being made after it."""

    def __init__(self, parent: Any) -> None:
        self._parent = parent
        self._window = parent.winfo_toplevel()
        self._files: Transfers | None = None
        self._pasting: Pasting | None = None
        self._pages: dict[int, tuple[Any, TransferStrip]] = {}
        self._rows: tuple[Row, ...] = ()
        self.viewers: dict[int, Viewer] = {}
        self.pasted: PasteDialog | None = None
        self._binding = self._window.bind("<<Paste>>", self._on_paste, add=True)

    @property
    def files(self) -> Transfers:
        """What is done about files."""
        assert self._files is not None, "it is attached first"
        return self._files

    def attach(self, files: Transfers, pasting: Pasting) -> None:
        """These carry out what is done here."""
        self._files, self._pasting = files, pasting

    def add_page(self, room: int, page: Any) -> None:
        """A conversation's page was made: show its transfers there, and take what is dropped on it."""
        host = getattr(page, "transfers", None)
        strip = TransferStrip(page if host is None else host, self.files)
        self._pages[room] = (page, strip)
        page.bind("<Destroy>", lambda event: self._forget(room, page, event), add=True)
        accept_drops(page, lambda paths: self.files.upload_all(room, paths))
        strip.show(tuple(row for row in self._rows if row.room == room))

    def strip(self, room: int) -> TransferStrip | None:
        """What a conversation shows of its transfers, if it is open."""
        return self._pages[room][1] if room in self._pages else None

    @property
    def under_way(self) -> int:
        """How many files are on their way."""
        return sum(row.state in {"waiting", "moving"} for row in self._rows)

    # --- what presenters tell ------------------------------------------------------------------------------------------

    def show_transfers(self, rows: tuple[Row, ...]) -> None:
        """Every transfer; each is shown in its conversation."""
        self._rows = rows
        for room, (_, strip) in self._pages.items():
            strip.show(tuple(row for row in rows if row.room == room))

    def ask_target(self, file: File, suggestion: Path) -> None:
        """Ask where to save a file."""
        if self._window.tk.call("tk", "windowingsystem") == "x11":  # which has no dialog of its own
            self.files.pick_target(file, suggestion)
        else:  # a moment later: what else is told does not wait for the answer
            self._window.after(1, self._ask_target, file, suggestion)

    def confirm_image(self, pasted: Pasted) -> None:
        """Ask whether to share what was pasted."""
        assert self._pasting is not None, "it is attached first"
        if self.pasted is not None:
            self.pasted.close()
        self.pasted = PasteDialog(self._window, pasted, self._pasting)

    def show_image(self, file: File) -> None:
        """Open a window for an image, or bring it to the front."""
        viewer = self.viewers.get(file.id)
        if viewer is None:
            viewer = self.viewers[file.id] = Viewer(self._window, file, self.files)
            viewer.bind("<Destroy>", lambda event: self._closed(file.id, viewer, event), add=True)
        viewer.lift()
        viewer.focus_set()

    def fill_image(self, file: int, png: bytes | None, problem: str) -> None:
        """The pixels of an image."""
        if file in self.viewers:
            self.viewers[file].fill(png, problem)

    def close(self) -> None:
        """The login has ended."""
        for viewer in list(self.viewers.values()):
            viewer.close()
        if self.pasted is not None:
            self.pasted.close()
        with suppress(tkinter.TclError):
            self._window.unbind("<<Paste>>", self._binding)

    # --- what a person does --------------------------------------------------------------------------------------------

    def _ask_target(self, file: File, suggestion: Path) -> None:
        with suppress(tkinter.TclError):  # the program was closed meanwhile
            chosen = filedialog.asksaveasfilename(
                parent=self._window,
                title=f"Save {file.name}",
                initialdir=str(suggestion.parent),
                initialfile=suggestion.name,
            )
            if chosen:
                self.files.download(file, Path(chosen))

    def _on_paste(self, event: "tkinter.Event[Any]") -> None:
        where = str(event.widget)
        room = next((room for room, (page, _) in self._pages.items() if where.startswith(f"{page}.")), None)
        if room is not None and self._pasting is not None and holds_image(self._window):
            self._pasting.paste(room)

    def _forget(self, room: int, page: Any, event: "tkinter.Event[Any]") -> None:
        if event.widget is page and room in self._pages and self._pages[room][0] is page:
            del self._pages[room]

    def _closed(self, file: int, viewer: Viewer, event: "tkinter.Event[Any]") -> None:
        if event.widget is viewer:
            self.viewers.pop(file, None)
