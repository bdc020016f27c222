"""How often Python looks for garbage that reference counts alone cannot free: objects that refer to one another in a circle.

Rule: only the pace is set here, for the whole process; everything that is in no circle is freed at once, whatever the pace.
"""

import gc
from typing import Final

YOUNG: Final = 50_000
"""Objects that may be made and still be there before the young ones are walked. With Python's own 700 a busy server walks those of
messages under way again and again: a third of its time with 800 of them. In a circle, so many are some 5 MB."""


def settle() -> None:
    """Set the pace, and never again walk what the start has made: it stays as long as the process does."""
    gc.set_threshold(YOUNG, 10, 10)
    gc.freeze()
