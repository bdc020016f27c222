"""A conversation in its tab: messages, and the place where one writes.

Rule: what can be long is in one Text, whose content is changed where it differs and never made anew.
"""

from typing import Any

from kibitz.desktop.presenters.conversation import Conversation
from kibitz.desktop.views import kit
from kibitz.desktop.views.kit import S3


class ConversationPage(kit.Panel):
    """The page of a tab."""

    def __init__(self, parent: Any, conversation: Conversation) -> None:
        super().__init__(parent, "surface")
        self._conversation = conversation
        self.pane = kit.TextPane(self, state="disabled")
        self.pane.pack(fill="both", expand=True)
        self.entry = kit.Entry(self, "Write a message")
        self.entry.pack(fill="x", padx=S3, pady=S3)
        self.entry.bind("<Return>", lambda _: self._send())

    def show(self, lines: tuple[str, ...]) -> None:
        """Show these messages."""
        text = self.pane.text
        text.configure(state="normal")
        text.delete("1.0", "end")
        text.insert("end", "\n".join(lines))
        text.configure(state="disabled")
        text.see("end")

    def focus(self) -> None:
        """Put the cursor where one writes."""
        self.entry.focus_set()

    def _send(self) -> None:
        self._conversation.send(self.entry.get())
        self.entry.replace("")
