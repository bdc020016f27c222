"""Whether the system is light or dark, and following it.

Rule: asking may start a program (`gsettings` on Linux), so it is never done on Tk's thread.
"""

import asyncio
from collections.abc import Callable
from typing import Final, Literal

import darkdetect

from kibitz.desktop.aside import aside
from kibitz.desktop.preferences import Settings

Mode = Literal["light", "dark"]

LOOK_SECONDS: Final = 5.0
"""How often the system is asked: whoever has just changed it waits no longer than this."""


def detect() -> Mode:
    """What the system says; light where it says nothing."""
    try:
        return "dark" if darkdetect.isDark() else "light"
    except OSError:
        return "light"


async def wanted(kept: Settings, look: Callable[[], Mode] = detect) -> Mode:
    """What is to be worn now: what the person has chosen, or what the system says."""
    theme = kept.value.theme
    return await aside(look) if theme == "system" else theme


async def follow(
    kept: Settings, wear: Callable[[Mode], None], *, every: float = LOOK_SECONDS, look: Callable[[], Mode] = detect
) -> None:
    """Wear what the system does, from now on, for as long as the person wants that."""
    worn: Mode | None = None
    while True:
        mode = await wanted(kept, look)
        if mode != worn:
            worn = mode
            wear(mode)
        await asyncio.sleep(every)
