"""The dialog of shared files: a list to search in, and what can be done with each.

Rule: Return shows an image and fetches anything else, Delete takes one's own file back after a question; the buttons say the same.
"""

from functools import partial
from typing import Any, Final

from kibitz.desktop.presenters.shared_files import FileLine, FileList, SharedFiles
from kibitz.desktop.views import kit
from kibitz.desktop.views.dialogs import drive
from kibitz.desktop.views.kit import S2, S3
from kibitz.desktop.views.listing import Line, Listing

WIDTH: Final = 560
MORE: Final = "more"
"""The key of the row that fetches older files."""


class SharedFilesDialog(kit.Dialog):
    """Files that were shared."""

    def __init__(self, parent: Any, files: SharedFiles) -> None:
        super().__init__(parent, "Files", width=WIDTH)
        self._files = files
        self._lines: dict[int | str, FileLine] = {}
        self.heading = kit.Label(self.body, "Shared files", "large", bold=True)
        self.heading.pack(fill="x")
        self.entry = kit.Entry(self.body, "Search by name, sender or conversation", width=WIDTH)
        self.entry.pack(fill="x", pady=(S3, S2))
        self.list = Listing(
            self.body,
            "surface",
            self._choose,
            double=True,
            rested=self._rested,
            empty="Looking…",
            width=WIDTH,
            height=340,
        )
        self.list.pack(fill="both", expand=True)
        self.entry.bind("<KeyRelease>", self._typed)
        drive(self.entry, self.list)
        self.list.canvas.bind("<Delete>", lambda _: self._delete())
        self.save = self.button("Download", self._download, "primary")
        self.look = self.button("View", self._look)
        self.delete = kit.Button(self.foot, "Delete", self._delete, look="danger", height=36)
        self.button("Close", self.close)
        self.confirmed = self.list.choose
        self._needle = ""
        self._rested(None)
        self.show(self.entry, on_close=files.closed)

    def show_files(self, files: FileList) -> None:
        """Show these."""
        self._lines = {line.file: line for line in files.lines}
        self.heading.configure(text=files.title)
        self.list.empty = files.empty
        lines = [
            Line(line.file, line.name, sign="▣" if line.image else "▤", note=line.size, below=line.detail)
            for line in files.lines
        ]
        if files.more and lines:
            lines.append(Line(MORE, "Show older files", sign="↓"))
        self.list.show(tuple(lines), self.list.cursor)
        if not lines:
            self.list.redraw()
        self._rested(self.list.cursor)

    def _typed(self, _: Any) -> None:
        if (needle := self.entry.get()) != self._needle:
            self._needle = needle
            self._files.search(needle)

    def _chosen(self) -> FileLine | None:
        return self._lines.get(self.list.cursor) if self.list.cursor is not None else None

    def _rested(self, key: int | str | None) -> None:
        line = self._lines.get(key) if key is not None else None
        if self.list.active != key:
            self.list.active = key
            self.list.redraw()
        self.save.enable(on=line is not None)
        self.look.enable(on=line is not None and line.image)
        if line is not None and line.mine:
            self.delete.pack(side="left")
        else:
            self.delete.pack_forget()

    def _choose(self, key: int | str) -> None:
        if key == MORE:
            self._files.more()
        elif (line := self._lines.get(key)) is not None:
            (self._files.look if line.image else self._files.download)(line.file)

    def _download(self) -> None:
        if (line := self._chosen()) is not None:
            self._files.download(line.file)

    def _look(self) -> None:
        if (line := self._chosen()) is not None and line.image:
            self._files.look(line.file)

    def _delete(self) -> None:
        line = self._chosen()
        if line is not None and line.mine:
            kit.confirm(
                self,
                "Delete this file?",
                f"“{line.name}” and the message it came with are deleted for everyone.",
                partial(self._files.delete, line.file),
                verb="Delete",
                danger=True,
            )
