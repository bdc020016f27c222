"""A screen, and people at their windows.

One rule: a test waits for what a person would see, and does what a person would do: it clicks, types, and looks.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from PIL import Image, ImageGrab

from kibitz.desktop.app import App
from kibitz.desktop.preferences import Store
from kibitz.desktop.presenters.login import Form
from kibitz.desktop.views import kit
from kibitz.desktop.views.main import MainWindow
from tests.support.server import Server
from tests.support.waiting import WAIT

WIDTH: Final = 2400
HEIGHT: Final = 1700
"""Pixels of the screen: room for a window at twice its size."""


@contextmanager
def screen(width: int = WIDTH, height: int = HEIGHT) -> Iterator[str]:
    """An X server with one screen; its name goes into DISPLAY meanwhile.

    One for a process: Tk keeps its connection to a screen after its last window there, and Xlib ends the process where that breaks.
    """
    program = shutil.which("Xvfb")
    if program is None:
        pytest.skip("Xvfb is not installed: sudo apt-get install xvfb")
    ours, theirs = os.pipe()
    process = subprocess.Popen(
        [program, "-displayfd", str(theirs), "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp"],
        pass_fds=[theirs],
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs)
    before = os.environ.get("DISPLAY")
    try:
        with os.fdopen(ours) as pipe:
            name = f":{pipe.readline().strip()}"
        os.environ["DISPLAY"] = name
        yield name
    finally:
        os.environ.pop("DISPLAY", None)
        if before is not None:
            os.environ["DISPLAY"] = before
        process.terminate()
        process.wait(10)


_KEYSYMS: Final = {" ": "space", ".": "period", "-": "minus", "@": "at", "#": "numbersign", "/": "slash", ":": "colon"}


class Person:
    """Someone at a window of the desktop client. Several can share a screen: whoever waits keeps all their windows alive."""

    everyone: Final[list["Person"]] = []

    def __init__(self, place: Path) -> None:
        self.app = App(Store(place))
        self.put_pointer_away()
        self.everyone.append(self)

    def put_pointer_away(self) -> None:
        """Into the last corner of the screen.

        Without a window manager the focus follows the pointer, and Tk 8.6 crashes later where a window under it goes.
        """
        self.app.window.update()
        left, top = self.app.window.winfo_rootx(), self.app.window.winfo_rooty()
        self.app.window.event_generate("<Motion>", warp=True, x=WIDTH - 1 - left, y=HEIGHT - 1 - top)

    @property
    def window(self) -> kit.Window:
        """The program's window."""
        return self.app.window

    @property
    def main(self) -> MainWindow:
        """The main window, once there is a login."""
        assert self.app.main is not None, "log in first"
        return self.app.main

    def log_in(self, server: Server, name: str) -> None:
        """As `kibitz desktop --user NAME` does it; returns once the main window shows the general channel."""
        self.app.begin(Form(user=name, host=server.tcp[0], port=str(server.tcp[1])), at_once=True)
        self.until(lambda: self.app.main is not None and self.app.main.shown is not None)

    def until(self, condition: Callable[[], Any]) -> Any:
        """Let everyone's windows live until this holds; returns what it was."""
        deadline = time.monotonic() + WAIT
        while not (found := condition()):
            assert time.monotonic() < deadline, "it never came to that"
            self.live(0.01)
        return found

    def live(self, seconds: float) -> None:
        """Let everyone's windows live for a while."""
        until = time.monotonic() + seconds
        while True:
            for person in self.everyone:
                person.window.update()
            if time.monotonic() >= until:
                return
            time.sleep(0.002)

    # --- what a person does --------------------------------------------------------------------------------------------

    def press(self, keys: str, widget: Any = None) -> None:
        """Press keys, such as `<Control-k>`, in a widget or where the focus is."""
        target = self.focused if widget is None else widget
        if widget is not None:
            self.window.focus_force()
            target.focus_force()
            self.live(0.02)
        target.event_generate(keys)
        self.live(0.02)

    def type(self, text: str) -> None:
        """Type a text where the focus is."""
        for char in text:
            self.focused.event_generate("<KeyPress>", keysym=_KEYSYMS.get(char, char))
            self.focused.event_generate("<KeyRelease>", keysym=_KEYSYMS.get(char, char))
        self.live(0.02)

    @property
    def focused(self) -> Any:
        """What has the focus; the window gets it first, since no window manager gives it."""
        found = self.window.focus_get()
        if found is None:
            self.window.focus_force()
            self.live(0.02)
            found = self.window.focus_get() or self.window
        return found

    def click(
        self, widget: Any, x: int | None = None, y: int | None = None, *, button: int = 1, times: int = 1
    ) -> None:
        """Click on a widget, in its middle unless a place is named."""
        self.live(0.02)
        x = widget.winfo_width() // 2 if x is None else x
        y = widget.winfo_height() // 2 if y is None else y
        widget.event_generate("<Enter>", x=x, y=y)
        widget.event_generate("<Motion>", x=x, y=y)
        for _ in range(times):
            widget.event_generate(f"<Button-{button}>", x=x, y=y)
            widget.event_generate(f"<ButtonRelease-{button}>", x=x, y=y)
        self.live(0.02)

    def look(self) -> Image.Image:
        """A picture of the whole screen."""
        self.window.lift()
        for child in self.window.winfo_children():
            if isinstance(child, kit.Toplevel):
                child.lift()
        self.live(0.05)
        return ImageGrab.grab(xdisplay=os.environ["DISPLAY"])

    def leave(self) -> None:
        """Close the program."""
        self.everyone.remove(self)
        self.app.quit()


@contextmanager
def person(place: Path) -> Iterator[Person]:
    """Someone with a new profile in this directory, until the block ends."""
    made = Person(place)
    try:
        yield made
    finally:
        made.leave()
