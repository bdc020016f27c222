"""Pictures that a conversation has been given, as Tk's images.

Rule: they are made of a PNG's bytes, which is quick, and kept for as long as they are told to be; a name without a picture has an empty one.
"""

import tkinter
from typing import Any


class Images:
    """Images by name, for the widgets of one window."""

    def __init__(self, owner: Any) -> None:
        self._owner = owner
        self._images: dict[str, tkinter.PhotoImage] = {}

    def put(self, name: str, png: bytes) -> tkinter.PhotoImage:
        """Have this picture go by this name; where one does already it changes wherever it is shown."""
        image = tkinter.PhotoImage(master=self._owner, data=png, format="png")
        held = self._images.get(name)
        if held is not None:
            held.configure(data=png, format="png", width=image.width(), height=image.height())
            return held
        self._images[name] = image
        return image

    def get(self, name: str) -> tkinter.PhotoImage:
        """The picture of this name."""
        if name not in self._images:
            self._images[name] = tkinter.PhotoImage(master=self._owner, width=1, height=1)
        return self._images[name]

    def close(self) -> None:
        """Let go of all of them now: Python would on whichever thread it tidies up, and Tk has but one."""
        for image in self._images.values():
            image.tk.call("image", "delete", str(image))
            image.name = None  # what tkinter asks before it deletes an image
        self._images.clear()

    def forget(self, name: str) -> None:
        """Nobody shows it any more."""
        self._images.pop(name, None)
