"""What was sent and is not stored yet, and what the server would not have.

Rule: a text is here from the moment it leaves the place where one writes until it is seen in the log, and never in both; what was
refused stays until its writer takes it back or lets it go.
"""

from collections import deque
from dataclasses import dataclass
from typing import Final

from kibitz.client.client import Client
from kibitz.wire import commands as c
from kibitz.wire.views import Message

REMEMBERED: Final = 2000
"""Nonces of stored messages that are remembered: more than can wait in an outbox."""

Said = c.PostMessage | c.EditMessage


@dataclass(frozen=True, slots=True)
class Refusal:
    """A command the server would not carry out, and why."""

    command: Said
    why: str


class Outgoing:
    """Of one room."""

    def __init__(self, client: Client, room: int) -> None:
        self._client, self._room = client, room
        self._sent: dict[str, c.PostMessage] = {}  # out of the outbox by now, or soon
        self._stored: dict[str, int] = {}  # answered: their seqs, which the log may not have reached yet
        self._seen: deque[str] = deque(maxlen=REMEMBERED)
        self.refused: dict[str, Refusal] = {}

    def add(self, command: c.PostMessage) -> None:
        """The outbox has taken this."""
        assert command.nonce is not None, "it was given one"
        self._sent[command.nonce] = command

    def answered(self, nonce: str, seq: int) -> None:
        """It is stored there."""
        if nonce in self._sent:
            self._stored[nonce] = seq

    def saw(self, message: Message) -> None:
        """A message is in the log."""
        if message.nonce is not None:
            self._seen.append(message.nonce)
            self._sent.pop(message.nonce, None)
            self._stored.pop(message.nonce, None)

    def refuse(self, command: c.Write, why: str) -> bool:
        """The server will not carry this out; whether it is one of ours."""
        if not isinstance(command, Said) or command.nonce is None or not self._is_here(command.room):
            return False
        self._sent.pop(command.nonce, None)
        self.refused[command.nonce] = Refusal(command, why)
        return True

    def waiting(self, position: int) -> list[c.PostMessage]:
        """What is on its way, in order, for a log that is known up to `position`."""
        queued = {one.nonce: one for one in self._client.outbox.waiting if isinstance(one, c.PostMessage)}
        for nonce, command in queued.items():
            if nonce is not None and nonce not in self._seen and self._is_here(command.room):
                self._sent.setdefault(nonce, command)
        for nonce, seq in list(self._stored.items()):
            if seq <= position and nonce not in queued:  # stored, and told before we listened or in a page
                self._sent.pop(nonce, None)
                self._stored.pop(nonce)
        return list(self._sent.values())

    def settle(self) -> None:
        """The log is known as it is now: whatever left the outbox before this is in it."""
        queued = {one.nonce for one in self._client.outbox.waiting}
        for nonce in [nonce for nonce in self._sent if nonce not in queued and nonce not in self._stored]:
            self._sent.pop(nonce)

    @property
    def changing(self) -> frozenset[int]:
        """The messages of which an edit or a deletion is on its way."""
        return frozenset(
            one.seq
            for one in self._client.outbox.waiting
            if isinstance(one, c.EditMessage | c.DeleteMessage) and self._is_here(one.room)
        )

    def take_back(self, nonce: str) -> str:
        """The text of what was refused, which is let go of."""
        refusal = self.refused.pop(nonce, None)
        return refusal.command.text if refusal is not None else ""

    def _is_here(self, ref: int | str) -> bool:
        if isinstance(ref, int):
            return ref == self._room
        found = self._client.replica.find(ref)
        return found is not None and found.id == self._room
