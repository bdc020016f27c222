"""Memory that is free and still ours.

Rule: asked for seldom, and only after something large was let go of.
"""

import ctypes
import sys


def give_back() -> None:
    """Have the C library return what is free to the system. glibc keeps it otherwise: of 100 documents let go of, all 239 MB."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # musl has none, and needs none
        if trim is not None:
            trim(0)
