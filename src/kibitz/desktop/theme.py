"""Whether the system is light or dark.

Rule: asking may start a program (`gsettings` on Linux), so whoever asks while the window is open does so on another thread.
"""

from typing import Literal

import darkdetect


def detect() -> Literal["light", "dark"]:
    """What the system says; light where it says nothing."""
    try:
        return "dark" if darkdetect.isDark() else "light"
    except OSError:
        return "light"
