"""A client's copy of its rooms, made of nothing but what the server sent.

Rule: an event is applied only where it is the next of its room; whatever else comes is a `Gap`.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Any

Event = dict[str, Any]

DURABLE = frozenset(
    {
        "room_created", "room_updated", "member_added", "member_removed", "member_role_changed",
        "message_posted", "message_edited", "message_deleted", "reaction_added", "reaction_removed",
    }
)  # fmt: skip
"""The events that carry a `seq`."""


class Gap(Exception):
    """An event that cannot follow what is here: one was lost, doubled, or came out of order."""


@dataclass
class Said:
    """A message as it stands."""

    sender: int
    text: str
    deleted: bool
    reactions: set[tuple[str, int]]


@dataclass
class RoomCopy:
    """One room. While it is `loading`, what comes live waits in `held`."""

    seq: int = 0
    loading: bool = False
    messages: dict[int, Said] = field(default_factory=dict)
    recent: deque[int] = field(default_factory=lambda: deque(maxlen=50))
    held: list[Event] = field(default_factory=list)

    def hear(self, event: Event) -> None:
        """A durable event came over the connection. Raises `Gap`."""
        if self.loading:
            self.held.append(event)
        else:
            self.apply(event)

    def apply(self, event: Event) -> None:
        """The next event of the room. Raises `Gap` if it is not the next."""
        if event["seq"] != self.seq + 1:
            raise Gap(f"{event['type']} has seq {event['seq']} after {self.seq}")
        self.seq = event["seq"]
        match event["type"]:
            case "message_posted" | "message_edited":
                self.put(event["message"])
            case "message_deleted":
                said = self._target(event)
                said.text, said.deleted, said.reactions = "", True, set()
            case "reaction_added":
                self._target(event).reactions.add((event["emoji"], event["user"]["id"]))
            case "reaction_removed":
                self._target(event).reactions.discard((event["emoji"], event["user"]["id"]))

    def put(self, message: dict[str, Any]) -> None:
        """A message as the server shows it now."""
        reactions = {(one["emoji"], user) for one in message.get("reactions", ()) for user in one["users"]}
        if message["seq"] not in self.messages:
            self.recent.append(message["seq"])
        self.messages[message["seq"]] = Said(
            message["sender"]["id"], message["text"], message.get("deleted", False), reactions
        )

    def loaded(self, head: int) -> None:
        """Everything up to `head` is here: go on with what came meanwhile. Raises `Gap`."""
        self.seq, self.loading = head, False
        held, self.held = self.held, []
        for event in held:
            if event["seq"] > self.seq:
                self.apply(event)

    def _target(self, event: Event) -> Said:
        if event["target"] not in self.messages:
            raise Gap(f"{event['type']} {event['seq']} is about message {event['target']}, which never came")
        return self.messages[event["target"]]
