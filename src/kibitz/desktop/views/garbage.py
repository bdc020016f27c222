"""Python's collection of what refers to itself, on Tk's thread alone.

Rule: a widget, a font or an image that is collected calls Tk. From another thread that call waits for Tk's loop, and the whole client with
it; so while there is a window nobody collects but this, between two looks at keys and mouse.
"""

import gc
from typing import Any, Final

EVERY_MS: Final = 100

_STEPS: Final = ((2, 10), (1, 10), (0, 2000))
"""For each generation, the oldest first: how much is to have gathered in it, as `gc.get_count` counts."""


class Collecting:
    """A root window that collects for as long as it lives; with the last one Python's own collection comes back."""

    _living = 0
    after: Any
    after_cancel: Any
    _due: str | None = None

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        Collecting._living += 1
        gc.disable()
        self._collect()

    def destroy(self) -> None:
        """End the window, and let go of what it was made of while this is the right thread."""
        due, self._due = self._due, None
        if due is not None:
            self.after_cancel(due)
        super().destroy()  # type: ignore[misc]  # the window's own
        if due is not None:
            gc.collect()
            Collecting._living -= 1
            if not Collecting._living:
                gc.enable()

    def _collect(self) -> None:
        counts = gc.get_count()
        generation = next((one for one, enough in _STEPS if counts[one] > enough), None)
        if generation is not None:
            gc.collect(generation)
        self._due = self.after(EVERY_MS, self._collect)
