"""What the person writes in a conversation: messages, answers, edits.

Rule: a text leaves the place where one writes only when the outbox has it; whatever goes wrong gives it back.
"""

import time
from dataclasses import dataclass
from typing import Any, Final, Protocol

from kibitz.client.client import Client
from kibitz.client.errors import ClientError, Refused
from kibitz.client.nonces import new_nonce
from kibitz.desktop.presenters.company import Company
from kibitz.desktop.presenters.composer import TYPING_SECONDS, Purpose, Room, room_for, suggestions
from kibitz.desktop.presenters.drafts import Draft, Drafts
from kibitz.desktop.presenters.markup import first_line
from kibitz.desktop.presenters.outgoing import Outgoing
from kibitz.wire import commands as c
from kibitz.wire.views import Message

MAX_DRAFT: Final = 1_000_000
"""Characters of a draft that are kept; nobody types more, and what is pasted is still on the clipboard."""


class WritingView(Protocol):
    """The place where one writes."""

    def write(self, text: str) -> None:
        """Have this stand there, with the cursor behind it."""

    def give_back(self, text: str) -> None:
        """Put this in front of what stands there."""

    def show_purpose(self, purpose: Purpose) -> None:
        """Say what is being edited or answered."""

    def show_room(self, room: Room) -> None:
        """Say how much more there is room for."""

    def suggest(self, begun: str, names: tuple[str, ...]) -> None:
        """Offer names for what begins with `begun` in front of the cursor; none: offer nothing."""

    def focus(self) -> None:
        """Put the cursor there."""


@dataclass
class Writing:
    """The behaviour of the place where one writes, in one room."""

    client: Client
    room: int
    drafts: Drafts
    company: Company
    outgoing: Outgoing
    tell: Any  # shows a toast
    view: Any = None
    text: str = ""
    purpose: Purpose = Purpose()  # noqa: RUF009 - it is immutable
    _before: str = ""  # what stood there before an edit began
    _told: float = float("-inf")
    _offered: bool = False
    _crowded: bool = False

    async def open(self) -> None:
        """Show what was being written the last time."""
        draft = await self.drafts.load()
        if not self.text and draft.text:
            self.text = draft.text
            self.view.write(draft.text)
            if draft.edits or draft.answers:
                about = "Editing your message" if draft.edits else "Replying"
                self._aim(Purpose(draft.edits, draft.answers, about))

    async def close(self) -> None:
        """Keep what is written, and what was refused and not taken back."""
        refused = [self.outgoing.take_back(nonce) for nonce in list(self.outgoing.refused)]
        if refused:
            self.text = "\n\n".join([*refused, *([self.text] if self.text else [])])
            self._keep()
        await self.drafts.close()

    def typed(self, before: str, after: str) -> bool:
        """The text is this now, with the cursor in between. Whether others should be told that one is typing."""
        self.text = before + after
        self._keep()
        self._count()
        begun, names = suggestions(before, self.company.callable())
        if names or self._offered:
            self._offered = bool(names)
            self.view.suggest(begun, names)
        now = time.monotonic()
        if not self.text.strip() or self.purpose.edits or now - self._told < TYPING_SECONDS:
            return False
        self._told = now
        return True

    async def send(self, text: str) -> None:
        """Say this; it stands in the view no more."""
        if not text.strip():
            return
        if (room := room_for(text, self._limit)).over:
            self._refuse(text, f"This message is {room.shown}.")
            return
        purpose, nonce = self.purpose, new_nonce()
        command: c.PostMessage | c.EditMessage
        if purpose.edits:
            command = c.EditMessage(room=self.room, seq=purpose.edits, text=text, nonce=nonce)
        else:
            command = c.PostMessage(room=self.room, text=text, thread=purpose.answers or None, nonce=nonce)
        try:
            answer = self.client.outbox.add(command)
        except (ClientError, OSError) as error:
            self._refuse(text, str(error))
            return
        self._told = float("-inf")
        if isinstance(command, c.PostMessage):
            self.outgoing.add(command)
        before, self._before = self._before, ""
        self._aim(Purpose())
        self._set(before if purpose.edits else "")
        try:
            stored = await answer
        except (Refused, ClientError):
            return  # `CommandRefused` tells; or the login has ended, and the journal keeps it
        if isinstance(command, c.PostMessage):
            self.outgoing.answered(nonce, stored.seq)

    def edit(self, message: Message) -> None:
        """Begin to change a message of mine."""
        if not self.purpose.edits:
            self._before = self.text
        self._aim(Purpose(edits=message.seq, about=f"Editing: {first_line(message.text, 80)}"))
        self._set(message.text)
        self.view.focus()

    def reply(self, message: Message) -> None:
        """Begin to answer a message."""
        if self.purpose.edits:
            self.cancel()
        root = message.thread or message.seq
        said = first_line(message.text, 80) or (message.file.name if message.file else "")
        self._aim(Purpose(answers=root, about=f"Replying to {message.sender.name}: {said}"))
        self.view.focus()

    def cancel(self) -> None:
        """Neither edit nor answer any more."""
        if self.purpose.edits:
            before, self._before = self._before, ""
            self._aim(Purpose())
            self._set(before)
        elif self.purpose.answers:
            self._aim(Purpose())

    def give_back(self, text: str) -> None:
        """Put a text that was refused where one writes."""
        self.text = f"{text}\n{self.text}" if self.text else text
        self._keep()
        self.view.give_back(text)
        self.view.focus()

    @property
    def _limit(self) -> int:
        server = self.client.replica.server
        return server.max_text if server is not None else 32 * 1024

    def _refuse(self, text: str, why: str) -> None:
        self.view.give_back(text)
        self.tell(why, "danger")

    def _set(self, text: str) -> None:
        if text != self.text or text:
            self.text = text
            self.view.write(text)
        self._keep()
        self._count()

    def _aim(self, purpose: Purpose) -> None:
        self.purpose = purpose
        self.view.show_purpose(purpose)
        self._keep()

    def _keep(self) -> None:
        text = self._before if self.purpose.edits and not self.text else self.text
        self.drafts.keep(Draft(text[:MAX_DRAFT], self.purpose.edits if self.text else 0, self.purpose.answers))

    def _count(self) -> None:
        room = room_for(self.text, self._limit)
        if room.shown or self._crowded:
            self._crowded = bool(room.shown)
            self.view.show_room(room)
