"""An image that was pasted: seen before it is shared.

Rule: text is pasted as ever; only a clipboard that holds an image and no text is asked for it.
"""

import tkinter
from typing import Any

from kibitz.desktop.presenters.pasting import Pasted, Pasting
from kibitz.desktop.views import kit
from kibitz.desktop.views.kit import S2, S3

WIDTH = 420
HEIGHT = 300


class PasteDialog(kit.Dialog):
    """Asks whether to share an image."""

    def __init__(self, parent: Any, pasted: Pasted, pasting: Pasting) -> None:
        super().__init__(parent, "Share an image", width=WIDTH)
        self._pasted, self._pasting, self._shared = pasted, pasting, False
        kit.Label(self.body, f"Share this image in {pasted.title}?", "large", bold=True).pack(fill="x")
        self._image = fitting(self, pasted.preview, kit.px(self, WIDTH), kit.px(self, HEIGHT))
        self._picture = tkinter.Label(self.body, image=self._image, borderwidth=0)
        self._picture.configure(background=kit.colours().surface)
        self._picture.pack(pady=S3)
        kit.Label(self.body, pasted.name, bold=True).pack(fill="x")
        kit.Label(self.body, pasted.detail, "small", colour="muted").pack(fill="x", pady=(0, S2))
        self.button("Share", self._share, "primary")
        self.button("Cancel", self.close)
        self.show()

    def close(self) -> None:
        """End it; what was not shared is thrown away."""
        if not self._shared:
            self._shared = True
            self._pasting.discard(self._pasted.id)
        super().close()

    def _share(self) -> None:
        self._shared = True
        self._pasting.share(self._pasted.id)
        self.close()


def fitting(widget: Any, png: bytes, width: int, height: int) -> tkinter.PhotoImage:
    """A picture no larger than this; Tk halves it quickly, and the presenter made it hardly larger."""
    image = tkinter.PhotoImage(master=widget, data=png, format="png")
    by = max(-(-image.width() // width), -(-image.height() // height))
    return image.subsample(by) if by > 1 else image


def holds_image(widget: Any) -> bool:
    """Whether the clipboard has an image and no text, as far as it can be told at once."""
    try:
        kinds = widget.selection_get(selection="CLIPBOARD", type="TARGETS").split()
    except tkinter.TclError:
        # Only X has such a list; elsewhere what is not text may be an image.
        return bool(widget.tk.call("tk", "windowingsystem") != "x11" and not _holds_text(widget))
    texts = {"UTF8_STRING", "STRING", "TEXT", "COMPOUND_TEXT", "text/plain"}
    return not texts & set(kinds) and any(kind.startswith("image/") for kind in kinds)


def _holds_text(widget: Any) -> bool:
    try:
        return bool(widget.clipboard_get())
    except tkinter.TclError:
        return False
