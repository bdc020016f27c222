"""Python's collection of what refers to itself, on Tk's thread alone.

Rule: a widget, a font or an image that is collected calls Tk. From another thread that call waits for Tk's loop, and the whole client with
it; so while there is a window nobody collects but this, between two looks at keys and mouse.
"""

import gc
from typing import Any, Final

EVERY_MS: Final = 100

_STEPS: Final = ((2, 10), (1, 10), (0, 2000))
"""For each generation, the oldest first: how much is to have gathered in it, as `gc.get_count` counts."""


class Collector:
    """Collects for as long as a window lives; with the last one Python's own collection comes back."""

    _living = 0

    def __init__(self, window: Any) -> None:
        self._window = window
        self._due: str | None = None
        Collector._living += 1
        gc.disable()
        self._again()

    def stop(self) -> None:
        """The window is gone: collect what it was made of while this is still the right thread."""
        if self._due is None:
            return
        self._due = None
        gc.collect()
        Collector._living -= 1
        if not Collector._living:
            gc.enable()

    def pause(self) -> None:
        """The window is about to go."""
        if self._due is not None:
            self._window.after_cancel(self._due)

    def _again(self) -> None:
        counts = gc.get_count()
        generation = next((one for one, enough in _STEPS if counts[one] > enough), None)
        if generation is not None:
            gc.collect(generation)
        self._due = self._window.after(EVERY_MS, self._again)
