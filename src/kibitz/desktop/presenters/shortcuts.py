"""What the keyboard does: one table, for the bindings of the main window and for the sheet that lists them.

Rule: a key that is not here does nothing special, and one that is here does what it says.
"""

import sys
from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True, slots=True)
class Shortcut:
    """`keys` are as people write them, `events` as Tk does. `action` is what the main window does; without one, a part of it binds them itself.

    `value` is handed to the action.
    """

    section: Literal["Going places", "Tabs", "Messages", "Window"]
    keys: str
    events: tuple[str, ...]
    what: str
    action: str = ""
    value: int | None = None


_NUMBERS: Final = tuple(
    Shortcut("Tabs", f"Ctrl+{number}", (f"<Control-Key-{number}>",), "", "show_number", number)
    for number in range(2, 9)
)

SHORTCUTS: Final = (
    Shortcut("Going places", "Ctrl+K", ("<Control-k>",), "Find a conversation or a person", "quick_switch"),
    Shortcut("Going places", "Ctrl+F", ("<Control-f>",), "Search the side bar", "search"),
    Shortcut("Going places", "F6", ("<F6>",), "Go to the side bar, and back to the message", "swap_focus"),
    Shortcut("Going places", "Ctrl+N", ("<Control-n>",), "Create a group", "create_group"),
    Shortcut("Going places", "Ctrl+M", ("<Control-m>",), "Members of the group in front", "show_members"),
    Shortcut("Going places", "Ctrl+E", ("<Control-e>",), "Code sessions", "browse_code"),
    Shortcut("Going places", "Ctrl+Shift+F", ("<Control-Shift-F>", "<Control-Shift-f>"), "Shared files", "show_files"),
    Shortcut("Tabs", "Ctrl+Tab", ("<Control-Tab>", "<Control-Next>"), "Next tab", "show_beside", 1),
    Shortcut(
        "Tabs",
        "Ctrl+Shift+Tab",
        ("<Control-Shift-Tab>", "<Control-ISO_Left_Tab>", "<Control-Prior>"),
        "Tab before",
        "show_beside",
        -1,
    ),
    Shortcut("Tabs", "Ctrl+1 … 8", ("<Control-Key-1>",), "Tab by its place", "show_number", 1),
    *_NUMBERS,
    Shortcut("Tabs", "Ctrl+9", ("<Control-Key-9>",), "Last tab", "show_number", 9),
    Shortcut("Tabs", "Ctrl+W", ("<Control-w>",), "Close the tab", "close_front"),
    Shortcut(
        "Tabs", "Ctrl+Shift+T", ("<Control-Shift-T>", "<Control-Shift-t>"), "Open the tab closed last", "reopen_tab"
    ),
    Shortcut("Tabs", "Ctrl+Shift+Page Up", ("<Control-Shift-Prior>",), "Move the tab to the left", "move_front", -1),
    Shortcut("Tabs", "Ctrl+Shift+Page Down", ("<Control-Shift-Next>",), "Move the tab to the right", "move_front", 1),
    Shortcut("Messages", "Enter", ("<Return>",), "Send the message"),
    Shortcut("Messages", "Shift+Enter", ("<Shift-Return>",), "Begin a new line"),
    Shortcut("Messages", "Up", ("<Up>",), "Change your last message, while nothing is written"),
    Shortcut("Window", "Ctrl+,", ("<Control-comma>",), "Settings", "settings"),
    Shortcut("Window", "F1 or Ctrl+/", ("<F1>", "<Control-slash>"), "This list", "shortcuts"),
    Shortcut("Window", "Escape", ("<Escape>",), "Close what lies over the window", "escape"),
    Shortcut("Window", "Ctrl+Q", ("<Control-q>",), "Quit", "quit"),
)
"""Every one of them, in the order of the sheet; one without words is part of the one before."""


def events(shortcut: Shortcut) -> tuple[str, ...]:
    """The events to bind on this system, in both cases of a letter, since Caps Lock may be on."""
    found: list[str] = []
    for event in shortcut.events:
        if "ISO_Left_Tab" in event and sys.platform in ("win32", "darwin"):
            continue  # a keysym of X alone
        found.append(event)
        letter = event[-2]
        if event.startswith("<Control-") and letter.isalpha() and event[-3] == "-" and "Shift" not in event:
            found.append(f"{event[:-2]}{letter.upper()}>")
    return tuple(found)
