"""One open conversation: what was said, and what the person writes.

Rule: the messages shown are a window on the room's log that moves with what the person looks at; what lies outside is not kept. The view
is told what changed at most thirty times a second, and never more than it has drawn.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final, Literal, Protocol

from kibitz.client.client import Client
from kibitz.client.errors import ClientError
from kibitz.client.feed import Happening
from kibitz.client.notices import CommandRefused, Connected, Disconnected, RoomReset
from kibitz.client.replica import TYPING_SECONDS
from kibitz.client.room import RoomReplica
from kibitz.desktop.preferences import Store
from kibitz.desktop.presenters.company import About, Company
from kibitz.desktop.presenters.composer import someone_types
from kibitz.desktop.presenters.deeds import Deeds, DeedsView
from kibitz.desktop.presenters.drafts import Drafts
from kibitz.desktop.presenters.glyphs import has_emoji
from kibitz.desktop.presenters.log import Log
from kibitz.desktop.presenters.outgoing import Outgoing
from kibitz.desktop.presenters.pages import Pages
from kibitz.desktop.presenters.pictures import Pictures
from kibitz.desktop.presenters.rows import Act, Piece, Row, Update, changes
from kibitz.desktop.presenters.runs import Runs
from kibitz.desktop.presenters.shell import Shell
from kibitz.desktop.presenters.wording import Context, Wording, called_as
from kibitz.desktop.presenters.writing import Writing, WritingView
from kibitz.wire import code_commands as cc
from kibitz.wire import events as e
from kibitz.wire.views import Message, UserRef

FRAME: Final = 0.033
"""Seconds between two changes of what is shown."""

READ_SECONDS: Final = 0.5
"""How long what was seen waits to be told, so that a busy room is not told of for every message."""


PATIENCE: Final = 5.0
"""Seconds until messages that could not be loaded are asked for again."""


class ConversationView(WritingView, DeedsView, Protocol):
    """The conversation in its tab."""

    def draw(self, update: Update) -> Awaitable[None]:
        """Change what is shown."""

    def clear(self) -> None:
        """Show nothing: everything is told anew."""

    def show_about(self, about: About) -> None:
        """The header."""

    def show_typing(self, words: str) -> None:
        """Who is typing."""

    def show_gone(self, why: str) -> None:
        """Nothing can be written here any more, and why; empty: it can again."""


class Conversation:
    """The behaviour of a conversation."""

    def __init__(self, shell: Shell, room: RoomReplica, store: Store) -> None:
        self._shell, self.room = shell, room.id
        self._client: Client = shell.client
        me = self._client.replica.me
        assert me is not None, "there was a login"
        self._view: Any = None
        self.company = Company(self._client, self.room)
        self.outgoing = Outgoing(self._client, self.room)
        self.runs = Runs(self.room)
        drafts = Drafts(store, self._client.replica.epoch or "", me.id, self.room)
        self.writing = Writing(self._client, self.room, drafts, self.company, self.outgoing, self._toast)
        self.pages = Pages(Log(self._client, self.room), self.runs, self._saw)
        self.pictures = Pictures(shell, self.refresh)
        self.deeds = Deeds(
            shell,
            self.room,
            self.pages.find,
            writing=self.writing,
            outgoing=self.outgoing,
            runs=self.runs,
            jump=self._jump,
        )
        self.context = Context(
            UserRef(id=me.id, name=me.name),
            self.runs,
            self.company.names,
            self.pages.quote,
            self.pictures.has_thumb,
            called_as(me.name),
            self.pages.sessions,
        )
        self._wording = Wording(self.context)
        self._shown: list[Row] = []
        self._dirty = self._pumping = self._closed = False
        self._front = self._attended = False
        self._at_bottom = True
        self._new = 0
        self._patience = 0.0  # when to ask for more again, after that failed
        self._to_end, self._jump_to = False, ""
        self._tasks: set[str] = set()
        self._next: dict[str, tuple[Callable[..., Awaitable[Any]], tuple[Any, ...]]] = {}

    @property
    def view(self) -> Any:
        """The page, as presenters hold it."""
        return self._view

    @view.setter
    def view(self, view: Any) -> None:
        self._view = self.writing.view = self.deeds.view = view

    # --- its life ------------------------------------------------------------------------------------------------------

    async def open(self) -> None:
        """Show it."""
        held = self._client.replica.rooms.get(self.room)
        if held is not None and held.mine.unread:
            self.context.chosen_new = held.mine.read_seq
        self._about()
        self.context.emoji = await asyncio.to_thread(has_emoji)
        await self.writing.open()
        self._once("page", self._load, self.pages.newest)
        self._once("company", self._meet)

    async def close(self) -> None:
        """Its tab is closed."""
        self._closed = True
        await self.writing.close()

    def focus(self, *, on: bool) -> None:
        """It is, or is no more, what the person looks at."""
        if on and not self._front and self._view is not None:
            self._mark_new()
            self._view.focus()
        self._front = on
        self._read()

    def attend(self, on: bool) -> None:
        """Whether the person's keys go to this window."""
        if on and not self._attended:
            self._mark_new()
        self._attended = on
        self._read()

    def looks(self, mode: Literal["light", "dark"], avatar: int, width: int) -> None:
        """How it is drawn now: the pictures are to fit."""
        self.pictures.looks(mode, avatar, width)
        self.refresh()

    # --- what happens --------------------------------------------------------------------------------------------------

    def hear(self, happening: Happening) -> None:
        """Something happened in it, or to the connection."""
        if self._closed or not self._concerns(happening):
            return
        match happening:
            case e.RoomEvent():
                self._happened(happening)
            case e.Typing():
                self._typing()
                asyncio.get_running_loop().call_later(TYPING_SECONDS + 0.1, self._typing)
                return
            case RoomReset():
                self._once("page", self._load, self.pages.again)
            case e.CaughtUp() | e.RoomJoined():
                self._returned()
            case e.RoomLeft():
                self._view.show_gone("You are not in this conversation any more.")
            case CommandRefused(command=command, refused=refused):
                if not self.outgoing.refuse(command, refused.message):
                    return
            case e.PresenceChanged():
                self._seen(happening)
                return
        self.refresh()

    def _concerns(self, happening: Happening) -> bool:
        if isinstance(happening, e.RoomEvent | e.Typing | RoomReset | e.RoomLeft):
            return happening.room == self.room
        if isinstance(happening, e.RoomJoined):
            return happening.room.room.id == self.room
        if isinstance(happening, e.RunQueued | e.RunBegan | e.RunOutput | e.RunEnded):
            return self.runs.hear(happening)
        return isinstance(happening, Connected | Disconnected | CommandRefused | e.CaughtUp | e.PresenceChanged)

    def _happened(self, event: e.RoomEvent) -> None:
        follows = self._follows
        self.pages.apply(event)
        match event:
            case e.MessagePosted(message=message):
                mine = message.sender.id == self.context.me.id
                if mine:
                    self.context.chosen_new = 0
                elif not (follows and self._front and self._attended):
                    self._new += not follows
                self._typing()
                self._read()
            case e.MemberAdded() | e.MemberRemoved():
                self._once("company", self._meet)
            case e.RoomUpdated():
                self._about()

    def _returned(self) -> None:
        self._view.show_gone("")
        if not self.pages.loaded:
            self._once("page", self._load, self.pages.newest)
        elif self._follows:
            self.outgoing.settle()
        self._once("company", self._meet)
        self._read()

    def _seen(self, changed: e.PresenceChanged) -> None:
        other = self.company.other
        if self.company.welcome([one.user for one in changed.people]):
            self._about()
        for one in changed.people:
            if other is not None and one.user.id == other.id:
                self.company.left(one.last_seen)
                self._about()

    def _typing(self) -> None:
        if not self._closed and self._view is not None:
            me = self.context.me.id
            names = [one.name for one in self._client.replica.typing(self.room) if one.id != me]
            self._view.show_typing(someone_types(names))

    def _saw(self, message: Message) -> None:
        self.outgoing.saw(message)
        self.company.saw(message.sender)
        if self.company.welcome([message.sender]):
            self._about()

    # --- the window on the log -----------------------------------------------------------------------------------------

    @property
    def _follows(self) -> bool:
        return self._at_bottom and self.pages.timeline.at_end

    def scrolled(self, at_top: bool, at_bottom: bool) -> None:
        """The person looks at the first of what is shown, or at the last, or neither."""
        self._at_bottom = at_bottom
        timeline = self.pages.timeline
        if self._can_load:
            if at_top and timeline.more:
                self._once("page", self._load, self.pages.older)
            elif at_bottom and not timeline.at_end:
                self._once("page", self._load, self.pages.newer)
        if self._follows and self._new:
            self._new = 0
            self.refresh()
        self._read()

    @property
    def _can_load(self) -> bool:
        """Whether it makes sense to ask for more; the view tells again where one looks whenever something was drawn."""
        if "page" in self._tasks or not self.pages.loaded or asyncio.get_running_loop().time() < self._patience:
            return False
        held = self._client.replica.rooms.get(self.room)
        return held is not None and (self._client.connected or held.floor < self.pages.timeline.start)

    def newest(self) -> None:
        """Go to the newest message."""
        self._new = 0
        self._to_end = True
        if self.pages.timeline.at_end:
            self.refresh()
        else:
            self._once("page", self._load, self.pages.newest)

    async def _load(self, load: Callable[[], Awaitable[bool]]) -> None:
        try:
            await load()
        except (ClientError, TimeoutError) as error:
            self._patience = asyncio.get_running_loop().time() + PATIENCE
            if self.pages.loaded:
                self._toast(str(error) or "The server does not answer; older messages cannot be shown now.", "danger")
        self.refresh()

    async def _look_up(self) -> None:
        """Ask for what rows lack: the messages that were answered, and what was printed."""
        async for _ in self.pages.look_up(self._client):
            self.refresh()

    async def _jump(self, seq: int) -> None:
        if seq not in self.pages.timeline.messages:
            try:
                await self.pages.around(seq)
            except (ClientError, TimeoutError) as error:
                self._toast(str(error) or "The server does not answer; try again.", "danger")
                return
        self._at_bottom = False
        self._jump_to = f"{seq}/0"
        self.refresh()

    async def _meet(self) -> None:
        await self.company.load()
        self._about()
        self.refresh()

    def _about(self) -> None:
        if self._view is not None and not self._closed:
            self._view.show_about(self.company.about())

    # --- what is read --------------------------------------------------------------------------------------------------

    def _mark_new(self) -> None:
        held = self._client.replica.rooms.get(self.room)
        if held is not None and held.mine.unread and self.pages.loaded:
            self.context.chosen_new = held.mine.read_seq
            self.refresh()

    def _read(self) -> None:
        seen = self._front and self._attended and self._follows
        if seen and self._client.connected and "read" not in self._tasks:
            self._once("read", self._mark_read)

    async def _mark_read(self) -> None:
        await asyncio.sleep(READ_SECONDS)
        held = self._client.replica.rooms.get(self.room)
        if (
            held is None
            or not held.mine.unread
            or self._closed
            or not (self._front and self._attended and self._follows)
        ):
            return
        try:
            await self._client.mark_read(self.room, held.position)
        except (ClientError, OSError):
            return  # it is marked with the next message that is seen

    # --- drawing -------------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Something is to be shown differently."""
        self._dirty = True
        if not self._pumping and not self._closed and self._view is not None:
            self._pumping = True
            self._shell.begin(self._pump)

    async def _pump(self) -> None:
        try:
            while self._dirty and not self._closed:
                self._dirty = False
                await self._draw()
                await asyncio.sleep(FRAME)
        finally:
            self._pumping = False

    async def _draw(self) -> None:
        self.pages.timeline.trim(keep_newest=self._at_bottom)
        rows = self._rows()
        removed, put = changes(self._shown, rows)
        pictures, forgotten = self.pictures.wanted(rows)
        to_end, self._to_end = self._to_end, False
        jump, self._jump_to = self._jump_to, ""
        update = Update(removed, put, pictures, forgotten, jump, to_end, self.pages.timeline.at_end, self._new)
        try:
            await self._view.draw(update)
        except Exception:
            if self._closed:
                return
            self._shown = []
            self.pictures.forget()
            self._view.clear()
            raise
        self._shown = rows
        if self.pages.lacks and self._client.connected and "look up" not in self._tasks:
            self._once("look up", self._look_up)

    def _rows(self) -> list[Row]:
        timeline = self.pages.timeline
        if not self.pages.loaded and not timeline.messages:
            rows = [_words("loading", "Loading messages…")]
        else:
            self.context.changing = self.outgoing.changing
            rows = self._wording.rows(timeline)
            if timeline.more and rows:
                rows.insert(0, _words("more", "Loading older messages…"))
            elif not timeline.messages:
                rows.append(_words("empty", "Nothing has been said here yet. Write the first message below."))
        if timeline.at_end or not self.pages.loaded:
            waiting = self.outgoing.waiting(timeline.end)
            rows += self._wording.waiting(waiting, connected=self._client.connected)
        return rows + self._wording.refused(self.outgoing.refused)

    # --- what the person does ------------------------------------------------------------------------------------------

    async def send(self, text: str) -> None:
        """Say this, or change the message that is being edited to it."""
        sending = self.writing.send(text)
        self._at_bottom = True
        self.newest()
        await sending
        self.refresh()

    async def typed(self, before: str, after: str) -> None:
        """What stands where one writes, before and after the cursor."""
        if self.writing.typed(before, after):
            await self._client.typing(self.room)

    def edit_last(self) -> None:
        """Change my newest message."""
        mine = [
            one
            for one in self.pages.timeline.messages.values()
            if one.sender.id == self.context.me.id and not one.deleted and one.text
        ]
        if mine:
            self.writing.edit(max(mine, key=lambda one: one.seq))

    def cancel(self) -> None:
        """Neither edit nor answer any more."""
        self.writing.cancel()

    async def act(self, act: Act) -> None:
        """What a click or a key on a message does."""
        await self.deeds.do(act)
        self.refresh()

    def menu(self, seq: int) -> None:
        """Show what can be done with a message."""
        self.deeds.menu(seq)

    async def give(self, run: int, text: str, end: bool) -> None:
        """Send a running program a line, or the end of its input."""
        await self._shell.attempt(cc.SendInput(run=run, text=text, end=end))

    async def upload(self, paths: tuple[Path, ...]) -> None:
        """Share these files here."""
        if self._shell.files is None:
            self._toast("Files cannot be sent just now.", "danger")
            return
        for path in paths:
            self._shell.begin(self._shell.files.upload, self.room, path)

    async def pick(self) -> None:
        """Choose files to share here, in a dialog of ours."""
        if self._shell.files is None:
            self._toast("Files cannot be sent just now.", "danger")
        else:
            await self._shell.files.pick(self.room)

    async def new_session(self) -> None:
        """Begin to write code with everyone here."""
        if self._shell.code is None:
            self._toast("The editor is not available here.", "danger")
        else:
            await self._shell.code.new(self.room)

    async def members(self) -> None:
        """Show who is here."""
        await self._shell.show_members(self.room)

    # --- helpers -------------------------------------------------------------------------------------------------------

    def _toast(self, text: str, tone: Any) -> None:
        self._shell.view.toast(text, tone)

    def _once(self, name: str, work: Callable[..., Awaitable[Any]], *args: Any) -> None:
        """Begin something; while something of that name is under way, once more after it."""
        if self._closed:
            return
        if name in self._tasks:
            self._next[name] = (work, args)
            return
        self._tasks.add(name)

        async def run() -> None:
            try:
                await work(*args)
            finally:
                self._tasks.discard(name)
                if (following := self._next.pop(name, None)) is not None:
                    self._once(name, following[0], *following[1])

        self._shell.begin(run)


def _words(key: str, words: str) -> Row:
    return Row(key, (Piece(f"{words}\n", ("note", "muted")),))
