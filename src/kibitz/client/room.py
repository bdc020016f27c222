"""One room as this client has it: a stretch of its log, from `floor` up to `position`.

Rule: of that stretch it holds every message, as it was when the event at `position` had happened. Events are taken in order of their
seq; what comes too early waits, what comes again is nothing, and a page of history is brought to the position before it is joined on.
"""

from collections import ChainMap, deque
from dataclasses import dataclass
from itertools import islice
from typing import Final

from msgspec.structs import replace

from kibitz.client.reducer import fold
from kibitz.wire.events import MemberRoleChanged, MessageDeleted, MessagePosted, ReadMarked, RoomEvent, RoomUpdated
from kibitz.wire.results import History
from kibitz.wire.views import Message, MyRoom

KEEP: Final = 2000
"""Messages of a room that are kept in memory: some 2 MB of the usual kind."""

TAIL: Final = 256
"""Events that are remembered to bring a page up to date which was read just before them; an older page is asked for again."""

MAX_EARLY: Final = 1000
"""Events that may wait for those before them; what comes beyond is fetched when the gap is mended."""

MAX_PAGES: Final = 8
"""Pages that may wait for the events they are ahead of."""

COUNTED: Final = 1000
"""The most that a count of unread messages says, as on the server."""


@dataclass(frozen=True, slots=True)
class Page:
    """Every message with `start` <= seq < `end`, as they stood when the room was at `head`."""

    messages: dict[int, Message]
    start: int
    end: int
    head: int

    @classmethod
    def of(cls, history: History, before: int | None) -> "Page":
        """The answer to a `GetHistory` without a thread, `before` a seq or for the newest page."""
        end = history.head + 1 if before is None else before
        start = history.messages[0].seq if history.messages and history.more_before else 1
        return cls({message.seq: message for message in history.messages}, min(start, end), end, history.head)


class RoomReplica:
    """A room. `messages` are in order of their seq; `mine` is the user's own view of it, kept up to date."""

    def __init__(self, mine: MyRoom, me: int, keep: int = KEEP) -> None:
        self.mine = mine
        self.position = mine.room.head
        self.floor = mine.room.head + 1
        self.messages: dict[int, Message] = {}
        self._me = me
        self._keep = keep
        self._counted = mine.room.head  # up to here the server has counted what is unread
        self._heard = mine.room.head  # the newest seq the server was seen to have
        self._early: dict[int, RoomEvent] = {}
        self._tail: deque[RoomEvent] = deque(maxlen=TAIL)
        self._pages: list[Page] = []

    @property
    def id(self) -> int:
        """The room's id."""
        return self.mine.room.id

    @property
    def now(self) -> MyRoom:
        """The room as it would be shown now, with its newest seq as far as that is known."""
        return replace(self.mine, room=replace(self.mine.room, head=self._heard))

    @property
    def behind(self) -> bool:
        """Whether something is known to have happened that this replica does not have."""
        return self._heard > self.position

    @property
    def more_before(self) -> bool:
        """Whether there may be older messages than those held."""
        return self.floor > 1

    @property
    def has_place(self) -> bool:
        """Whether older messages can be held besides these."""
        return len(self.messages) < self._keep

    def refresh(self, mine: MyRoom) -> None:
        """The server has told anew what this room is and what is unread in it, as of `mine.room.head`."""
        self.mine = mine
        self._counted = mine.room.head
        self._heard = max(self._heard, mine.room.head)

    def mark(self, marked: ReadMarked) -> None:
        """The user has read up to here; the server has counted the rest up to what it sent last."""
        self.mine = replace(self.mine, read_seq=marked.read_seq, unread=marked.unread, mentions=marked.mentions)
        self._counted = self._heard

    def apply(self, event: RoomEvent) -> list[RoomEvent]:
        """Take an event; returns those that take effect by it, in order: none, this one, or more that had waited for it."""
        self._heard = max(self._heard, event.seq)
        if event.seq <= self.position:
            return []
        if event.seq == self.position + 1 or len(self._early) < MAX_EARLY:
            self._early[event.seq] = event
        effective = []
        while (due := self._early.pop(self.position + 1, None)) is not None:
            self._take(due)
            effective.append(due)
        return effective

    def join(self, page: Page) -> bool:
        """Hold a page of older messages too, at once or when its head is reached. False: it does not fit (any more), ask anew."""
        if page.head > self.position:
            if len(self._pages) < MAX_PAGES:
                self._pages.append(page)
                return True
            return False
        if page.end < self.floor or page.head < self.position - len(self._tail):
            return False
        if page.start < self.floor:
            self._join(page)
        return True

    def _take(self, event: RoomEvent) -> None:
        self.position = event.seq
        self._tail.append(event)
        if event.seq > self._counted:
            self._count(event)
        self._describe(event)
        fold(self.messages, event)
        if len(self.messages) > self._keep:
            self._trim()
        if self._pages:
            self._join_due()

    def _join_due(self) -> None:
        waiting, self._pages = self._pages, []
        for page in waiting:
            self.join(page)

    def _join(self, page: Page) -> None:
        older = dict(page.messages)
        known = ChainMap(older, self.messages)
        for event in self._tail:
            if event.seq > page.head:
                fold(older, event, known)
        joined = {seq: message for seq, message in older.items() if seq < self.floor}
        too_many = len(joined) + len(self.messages) - self._keep
        if too_many > 0:  # the newest of them have a place
            joined = dict(islice(joined.items(), too_many, None))
            self.floor = next(iter(joined), self.floor)
        else:
            self.floor = page.start
        self.messages = joined | self.messages

    def _trim(self) -> None:
        # A quarter at a time, so that a busy room is not copied for every message.
        kept = dict(islice(self.messages.items(), len(self.messages) - (self._keep * 3 // 4 or 1), None))
        self.messages = kept
        self.floor = next(iter(kept))

    def _describe(self, event: RoomEvent) -> None:
        if isinstance(event, RoomUpdated):
            visibility = "public" if event.visibility == "public" else "private"
            room = replace(self.mine.room, name=event.name, topic=event.topic, visibility=visibility)
            self.mine = replace(self.mine, room=room)
        elif isinstance(event, MemberRoleChanged) and event.user.id == self._me:
            self.mine = replace(self.mine, role=event.role)

    def _count(self, event: RoomEvent) -> None:
        """Keep the counts between two tellings of the server. A message that was taken back is known only if it is held."""
        if isinstance(event, MessagePosted):
            self._count_message(event.message, 1)
        elif isinstance(event, MessageDeleted) and (held := self.messages.get(event.target)):
            self._count_message(held, -1)

    def _count_message(self, message: Message, by: int) -> None:
        if message.deleted or message.sender.id == self._me or message.seq <= self.mine.read_seq:
            return
        called = by if message.mentions_all or self._me in message.mentions else 0
        unread = min(max(self.mine.unread + by, 0), COUNTED)
        self.mine = replace(self.mine, unread=unread, mentions=min(max(self.mine.mentions + called, 0), COUNTED))
