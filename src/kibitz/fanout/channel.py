"""One room as the hub sees it.

Rule: everyone who listens here has been offered everything up to `head`.
"""

from dataclasses import replace

from kibitz.fanout.listener import Listener
from kibitz.wire.codec import Codec, Label


class Channel:
    """The listeners of one room, by codec, so that one encoding serves each group."""

    __slots__ = ("head", "label", "listeners")

    def __init__(self, label: Label, head: int) -> None:
        self.label = label
        self.head = head
        self.listeners: dict[Codec, set[Listener]] = {}

    def add(self, listener: Listener) -> None:
        """Let a connection hear this room."""
        self.listeners.setdefault(listener.codec, set()).add(listener)
        listener.rooms.add(self.label.room)

    def remove(self, listener: Listener) -> bool:
        """Let it hear no more. True if nobody listens now."""
        listener.rooms.discard(self.label.room)
        same_codec = self.listeners.get(listener.codec, set())
        same_codec.discard(listener)
        if not same_codec:
            self.listeners.pop(listener.codec, None)
        return not self.listeners

    def rename(self, name: str | None) -> None:
        """The room is called this from now on."""
        self.label = replace(self.label, name=name)
