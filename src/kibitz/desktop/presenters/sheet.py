"""The sheet of shortcuts.

Rule: it shows the table and nothing else; there is nothing to decide.
"""

from typing import Any

from kibitz.desktop.presenters.shell import Shell


class Sheet:
    """The window that lists what the keyboard does."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell

    async def open(self, view: Any) -> None:
        """This is the dialog."""

    def closed(self) -> None:
        """The person has closed it."""
