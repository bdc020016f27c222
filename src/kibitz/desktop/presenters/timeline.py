"""The stretch of a room's log that a conversation shows.

Rule: it is without gaps and bounded, and every event that concerns what is in it changes it, whether it came live or with a page. What
lies outside is not kept.
"""

from collections import deque
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from kibitz.client.reducer import fold
from kibitz.wire import events as e
from kibitz.wire.views import Message

MAX_ITEMS: Final = 300
"""Messages and notes in the stretch; a few screens to either side of the one that is seen."""

KEPT: Final = 200
"""How many are left when it has grown beyond that."""

TAIL: Final = 500
"""Events that are remembered, to bring a page up to date which was read just before them."""

NOTED: Final = (
    e.RoomCreated, e.RoomUpdated, e.MemberAdded, e.MemberRemoved, e.MemberRoleChanged, e.SessionOpened, e.SessionInvited,
)  # fmt: skip
"""Events that are told in a line of their own."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Part of the log: everything with `start` <= seq <= `end` as it was at `head`; `more` and `at_end` tell what lies around it."""

    messages: tuple[Message, ...]
    notes: tuple[e.RoomEvent, ...]
    start: int
    end: int
    head: int
    more: bool
    at_end: bool


@dataclass
class Timeline:
    """`messages` and `notes` by seq. `more`: there are older ones; `at_end`: what happens next belongs here too."""

    messages: dict[int, Message] = field(default_factory=dict)
    notes: dict[int, e.RoomEvent] = field(default_factory=dict)
    start: int = 1
    end: int = 0
    more: bool = True
    at_end: bool = False
    _tail: "deque[e.RoomEvent]" = field(default_factory=lambda: deque(maxlen=TAIL))

    def __len__(self) -> int:
        return len(self.messages) + len(self.notes)

    @property
    def seqs(self) -> list[int]:
        """Everything in it, in order."""
        return sorted((*self.messages, *self.notes))

    def apply(self, event: e.RoomEvent) -> None:
        """Something happened in the room, after everything before it."""
        self._tail.append(event)
        self._take(event)

    def replace(self, stretch: Stretch) -> None:
        """Show another part of the log."""
        self.messages = {one.seq: one for one in stretch.messages}
        self.notes = {one.seq: one for one in stretch.notes}
        self.start, self.end, self.more, self.at_end = stretch.start, stretch.end, stretch.more, stretch.at_end
        for event in self._since(stretch):
            self._take(event)

    def prepend(self, stretch: Stretch) -> bool:
        """Add what comes before it. False: that does not fit, since something else was loaded meanwhile."""
        if stretch.end != self.start - 1:
            return False
        fresh = self._fresh(stretch)
        self.messages = {**fresh, **self.messages}
        self.notes = {one.seq: one for one in stretch.notes} | self.notes
        self.start, self.more = stretch.start, stretch.more
        return True

    def append(self, stretch: Stretch) -> bool:
        """Add what comes after it. False as above."""
        if stretch.start != self.end + 1 or self.at_end:
            return False
        self.messages |= {one.seq: one for one in stretch.messages}
        self.notes |= {one.seq: one for one in stretch.notes}
        self.end, self.at_end = stretch.end, stretch.at_end
        for event in self._since(stretch):
            self._take(event)
        return True

    def trim(self, *, keep_newest: bool) -> None:
        """Let go of one end, where there is too much."""
        if len(self) <= MAX_ITEMS:
            return
        seqs = self.seqs
        if keep_newest:
            kept = seqs[-KEPT:]
            self.start, self.more = kept[0], True
        else:
            kept = seqs[:KEPT]
            self.end, self.at_end = kept[-1], False
        self.messages = {seq: one for seq, one in self.messages.items() if kept[0] <= seq <= kept[-1]}
        self.notes = {seq: one for seq, one in self.notes.items() if kept[0] <= seq <= kept[-1]}

    def _since(self, stretch: Stretch) -> list[e.RoomEvent]:
        return [event for event in self._tail if event.seq > stretch.head]

    def _fresh(self, stretch: Stretch) -> dict[int, Message]:
        older = {one.seq: one for one in stretch.messages}
        for event in self._since(stretch):
            if not isinstance(event, e.MessagePosted):
                fold(older, event)
        return older

    def _take(self, event: e.RoomEvent) -> None:
        fits = self.at_end and event.seq > self.end
        fold(self.messages, event)
        if isinstance(event, e.MessagePosted) and not (fits or self.start <= event.seq <= self.end):
            self.messages.pop(event.seq, None)  # only its root counts it
        if fits:
            self.end = event.seq
            if isinstance(event, NOTED):
                self.notes[event.seq] = event
        if len(self) > 4 * MAX_ITEMS:  # nobody has drawn for a while
            self.messages = dict(islice(self.messages.items(), len(self.messages) - KEPT, None))
            self.start, self.more = next(iter(self.messages), self.end + 1), True
            self.notes = {seq: one for seq, one in self.notes.items() if seq >= self.start}
