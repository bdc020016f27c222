"""The part of a room's log that a conversation shows, and how it moves.

Rule: one stretch is loaded at a time, and what was loaded for another part of the log than is shown by now is thrown away.
"""

from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from typing import Final

from kibitz.client.client import Client
from kibitz.client.errors import ClientError
from kibitz.desktop.presenters.log import Log
from kibitz.desktop.presenters.markup import first_line
from kibitz.desktop.presenters.runs import Runs
from kibitz.desktop.presenters.timeline import Stretch, Timeline
from kibitz.wire import code_commands as cc
from kibitz.wire import events as e
from kibitz.wire.results import Run
from kibitz.wire.views import Message

MAX_QUOTES: Final = 1000
"""Beginnings of answered messages that are remembered."""

MAX_SESSIONS: Final = 1000


class Pages:
    """`timeline` is what is shown; `sessions` the code sessions that blocks of its messages are, by seq and block."""

    def __init__(self, log: Log, runs: Runs, saw: Callable[[Message], None]) -> None:
        self._log, self._runs, self._saw = log, runs, saw
        self.timeline = Timeline()
        self.loaded = False
        self.sessions: dict[int, dict[int, int]] = {}
        self._quotes: OrderedDict[int, str] = OrderedDict()
        self._lacking: set[int] = set()

    def find(self, seq: int) -> Message | None:
        """A message that is shown."""
        return self.timeline.messages.get(seq)

    def apply(self, event: e.RoomEvent) -> None:
        """Something happened in the room."""
        self.timeline.apply(event)
        match event:
            case e.MessagePosted(message=message):
                self._saw(message)
            case e.MessageEdited(message=message):
                self._quotes.pop(message.seq, None)
            case e.MessageDeleted(target=target):
                self._quotes.pop(target, None)
            case e.SessionOpened(session=session, target=int(target), block=block):
                self._session(target, block or 0, session.id)
            case e.BlockRun():
                self._runs.hear(event)

    # --- moving --------------------------------------------------------------------------------------------------------

    async def newest(self) -> bool:
        """Show the end."""
        self._replace(await self._log.newest())
        return True

    async def around(self, seq: int) -> bool:
        """Show what stands around a message."""
        self._replace(await self._log.around(seq))
        return True

    async def again(self) -> bool:
        """Show the same part anew, since something was missed."""
        timeline = self.timeline
        if timeline.at_end or not timeline.messages:
            timeline.at_end = False
            return await self.newest()
        seqs = sorted(timeline.messages)
        return await self.around(seqs[len(seqs) // 2])

    async def older(self) -> bool:
        """Show what comes before, too."""
        stretch = await self._log.before(self.timeline.start)
        if fits := self.timeline.prepend(stretch):
            self.timeline.trim(keep_newest=False)
            self._look(stretch)
        return fits

    async def newer(self) -> bool:
        """Show what comes after, too."""
        stretch = await self._log.after(self.timeline.end)
        if fits := self.timeline.append(stretch):
            self.timeline.trim(keep_newest=True)
            self._look(stretch)
        return fits

    def _replace(self, stretch: Stretch) -> None:
        self.timeline.replace(stretch)
        self.loaded = True
        self._look(stretch)

    def _look(self, stretch: Stretch) -> None:
        for message in stretch.messages:
            self._saw(message)
            for block in message.blocks:
                self._runs.see(message.seq, block.block, block.run)
                if block.session is not None:
                    self._session(message.seq, block.block, block.session)
        for one in stretch.notes:
            if isinstance(one, e.SessionOpened) and one.target is not None:
                self._session(one.target, one.block or 0, one.session.id)

    def _session(self, seq: int, block: int, session: int) -> None:
        self.sessions.setdefault(seq, {})[block] = session
        if len(self.sessions) > MAX_SESSIONS:
            self.sessions.pop(next(iter(self.sessions)))

    # --- what is asked for besides -------------------------------------------------------------------------------------

    def quote(self, seq: int) -> str:
        """How an answered message begins, as far as that is known."""
        message = self.timeline.messages.get(seq)
        if message is not None:
            said = quotation(message)
            self._remember(seq, said)
            return said
        if seq not in self._quotes:
            self._lacking.add(seq)
            return "an earlier message"
        return self._quotes[seq]

    async def look_up(self, client: Client) -> AsyncIterator[None]:
        """Ask for what rows lack, one by one."""
        while self._lacking:
            seq = self._lacking.pop()
            message = await self._log.message(seq)
            self._remember(seq, quotation(message) if message is not None else "an earlier message")
            yield
        for run in self._runs.unknown():
            try:
                found: Run = await client.do(cc.GetRun(run=run.run), timeout=10)
            except (ClientError, TimeoutError):
                self._runs.give_up(run.run)
            else:
                self._runs.fill(found)
            yield

    @property
    def lacks(self) -> bool:
        """Whether there is something to be asked for."""
        return bool(self._lacking) or bool(self._runs.unknown())

    def _remember(self, seq: int, said: str) -> None:
        if self._quotes.get(seq) != said:
            self._quotes[seq] = said
            if len(self._quotes) > MAX_QUOTES:
                self._quotes.popitem(last=False)


def quotation(message: Message) -> str:
    """`ann: how the message begins`."""
    if message.deleted:
        return f"{message.sender.name}: a deleted message"
    said = first_line(message.text) or (message.file.name if message.file is not None else "")
    return f"{message.sender.name}: {said}"
