"""What the system's notifications tell a person who is not looking: direct messages, mentions, and invitations to write code together.

Rule: a notice is for what a person does not see already. Many at once become one; what is read elsewhere is taken back; what was missed
while there was no connection is counted and never told one by one.
"""

import asyncio
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal, Protocol

from kibitz.client.feed import Happening
from kibitz.client.notices import Connected
from kibitz.desktop.preferences import Preferences
from kibitz.desktop.presenters.shell import Shell
from kibitz.wire.events import CaughtUp, InvitedToSession, MessagePosted, ReadMarked, RoomEvent, RoomLeft
from kibitz.wire.views import CodeSession, Message

GAP_SECONDS: Final = 4.0
"""How long a conversation is silent after a notice; what comes meanwhile is told together."""

AT_ONCE: Final = 3
"""Notices that may come within that time of all conversations; the others wait for the next."""

OLD_SECONDS: Final = 60.0
"""A message that was missed and is older than this is counted, no more."""

COUNT_SECONDS: Final = 0.2
"""How often the count in the title is made anew."""

MOST_LETTERS: Final = 180
"""Letters of a message that are shown: what fits in a notification of any desktop."""


class Board(Protocol):
    """Where notices are put up: the system's own."""

    async def put(self, key: str, title: str, text: str, clicked: Callable[[], None]) -> None:
        """Show this instead of what was last shown under `key`. Never raises: a desktop without notifications is one that shows none."""

    async def take(self, key: str) -> None:
        """Take back what was shown under `key`, if it is still there."""


class AttentionView(Protocol):
    """The window, as far as it can call for a person."""

    def show_count(self, name: str, count: int) -> None:
        """So many messages wait for the person of this name."""

    def call(self) -> None:
        """Something has come that the person does not see."""

    def raise_window(self) -> None:
        """Bring the window to the front."""


@dataclass(slots=True)
class _Bundle:
    """What came in a conversation since its last notice."""

    timer: asyncio.TimerHandle
    count: int = 0
    last: Message | None = None


class Notifying:
    """The notices of one login. `preferences` are asked each time, since a person may change them."""

    def __init__(
        self,
        shell: Shell,
        board: Board,
        view: AttentionView,
        preferences: Callable[[], Preferences],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._shell, self._board, self._view = shell, board, view
        self._preferences, self._now = preferences, now
        self._bundles: dict[int, _Bundle] = {}
        self._recent: deque[float] = deque(maxlen=AT_ONCE)
        self._looking = True
        self._catching_up = False
        self._missed = 0
        self._counting: asyncio.TimerHandle | None = None

    def close(self) -> None:
        """The login ends."""
        for bundle in self._bundles.values():
            bundle.timer.cancel()
        self._bundles.clear()
        if self._counting is not None:
            self._counting.cancel()

    # --- what happens --------------------------------------------------------------------------------------------------

    def looks(self, where: Literal["here", "elsewhere"]) -> None:
        """The person looks at the main window, or at something else."""
        self._looking = where == "here"
        if self._looking and self._shell.active is not None:
            self._seen(self._shell.active)

    def hear(self, happening: Happening) -> None:
        """Something happened: tell the person where they should know and do not see it."""
        match happening:
            case MessagePosted(room=room, message=message) if self._is_for_me(room, message):
                self._arrived(room, message)
            case InvitedToSession(session=session, by=by) if not self._looking:
                self._invited(session, by.name)
            case Connected(welcome=_):
                self._catching_up, self._missed = True, 0
            case CaughtUp():
                self._caught_up()
            case ReadMarked(room=room, unread=0) | RoomLeft(room=room):
                self._seen(room)
        if isinstance(happening, RoomEvent | ReadMarked | RoomLeft | Connected):
            self._count_soon()

    def _is_for_me(self, room: int, message: Message) -> bool:
        me, held = self._shell.client.replica.me, self._shell.client.replica.rooms.get(room)
        if me is None or held is None or message.sender.id == me.id or message.deleted:
            return False
        if message.seq <= held.mine.read_seq or (self._looking and self._shell.active == room):
            return False
        called = message.mentions_all or me.id in message.mentions
        return called or (held.mine.room.kind == "direct" and not self._shell.row(held).muted)

    def _arrived(self, room: int, message: Message) -> None:
        if self._catching_up and self._age(message) > OLD_SECONDS:
            self._missed += 1
        elif room in self._bundles:
            bundle = self._bundles[room]
            bundle.count, bundle.last = bundle.count + 1, message
        elif self._may_tell():
            self._bundles[room] = _Bundle(self._later(room))
            self._tell(room, message, 1)
        else:
            self._bundles[room] = _Bundle(self._later(room), 1, message)

    def _age(self, message: Message) -> float:
        try:
            return (self._now() - datetime.fromisoformat(message.sent_at)).total_seconds()
        except ValueError:
            return 0.0

    def _may_tell(self) -> bool:
        now = asyncio.get_running_loop().time()
        if len(self._recent) == AT_ONCE and self._recent[0] > now - GAP_SECONDS:
            return False
        self._recent.append(now)
        return True

    def _later(self, room: int) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(GAP_SECONDS, self._flush, room)

    def _flush(self, room: int) -> None:
        bundle = self._bundles.pop(room, None)
        if bundle is None or bundle.last is None:
            return
        if self._may_tell():
            self._bundles[room] = _Bundle(self._later(room))
            self._tell(room, bundle.last, bundle.count)
        else:
            self._bundles[room] = _Bundle(self._later(room), bundle.count, bundle.last)

    def _caught_up(self) -> None:
        missed, self._missed, self._catching_up = self._missed, 0, False
        if missed and not self._looking:
            self._put("missed", "While you were away", f"{_messages(missed)} for you.", self._view.raise_window)

    def _seen(self, room: int) -> None:
        bundle = self._bundles.get(room)
        if bundle is not None:
            bundle.count, bundle.last = 0, None
        self._shell.begin(self._board.take, f"room {room}")

    # --- telling -------------------------------------------------------------------------------------------------------

    def _tell(self, room: int, message: Message, count: int) -> None:
        held = self._shell.client.replica.rooms.get(room)
        if held is None:
            return
        sender, row = message.sender.name, self._shell.row(held)
        title = sender if row.kind == "direct" else f"{sender} in #{row.title}"
        if count > 1:
            title = sender if row.kind == "direct" else f"#{row.title}"
        words = f"{sender}: {summary(message)}" if count > 1 and row.kind != "direct" else summary(message)
        if not self._preferences().notification_text:
            words = ""
        head = f"{_messages(count)}" if count > 1 or not words else ""
        text = "\n".join(part for part in (head, words) if part)

        def clicked() -> None:
            self._view.raise_window()
            self._shell.begin(self._shell.open_room, room)

        self._put(f"room {room}", title, text, clicked)

    def _invited(self, session: CodeSession, by: str) -> None:
        what = session.title or f"a {session.language} session"
        text = f"Join {what} and write code together." if self._preferences().notification_text else ""

        def clicked() -> None:
            self._view.raise_window()
            if self._shell.code is not None:
                self._shell.begin(self._shell.code.open, session.id)

        self._put(f"session {session.id}", f"{by} invites you", text, clicked)

    def _put(self, key: str, title: str, text: str, clicked: Callable[[], None]) -> None:
        self._view.call()
        if self._preferences().notifications:
            self._shell.begin(self._board.put, key, title, text, clicked)

    # --- the count in the title ----------------------------------------------------------------------------------------

    def _count_soon(self) -> None:
        if self._counting is None:
            self._counting = asyncio.get_running_loop().call_later(COUNT_SECONDS, self._count)

    def _count(self) -> None:
        self._counting = None
        me = self._shell.client.replica.me
        if me is not None:
            rooms = [held.mine for held in self._shell.client.rooms]
            waiting = sum(mine.unread if mine.room.kind == "direct" else mine.mentions for mine in rooms)
            self._view.show_count(me.name, waiting)


def summary(message: Message) -> str:
    """A message in one line without its Markdown's fences."""
    text = re.sub(r"^ {0,3}(```|~~~).*$", "", message.text, flags=re.MULTILINE)
    line = " ".join(text.split())
    if message.file is not None:
        line = f"📎 {message.file.name}" + (f" – {line}" if line else "")
    return line if len(line) <= MOST_LETTERS else line[: MOST_LETTERS - 1].rstrip() + "…"


def _messages(count: int) -> str:
    return "1 new message" if count == 1 else f"{count} new messages"
