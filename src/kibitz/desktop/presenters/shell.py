"""The main window: conversations, people, tabs, and whether there is a connection.

Rule: it follows the client's feed and tells each part what concerns it; what a conversation shows is its own presenter's business.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any, Final, Literal, Protocol

from kibitz.client.client import Client
from kibitz.client.errors import ClientError, Ended, Refused
from kibitz.client.feed import Happening
from kibitz.client.notices import CommandRefused, Connected, Disconnected
from kibitz.client.room import RoomReplica
from kibitz.desktop.presenters import lists
from kibitz.desktop.presenters.ports import Code, Files
from kibitz.desktop.presenters.shown import Banner, Me, PersonRow, RoomRow, Tab
from kibitz.desktop.presenters.tabs import OpenTabs, Tabs
from kibitz.wire import commands as c
from kibitz.wire import events as e

Tone = Literal["info", "success", "danger"]

REFRESH_SECONDS: Final = 0.03
"""How long what happens is gathered before the lists are shown anew: two frames."""

PATIENCE_SECONDS: Final = 1.0
"""What takes longer is told to be under way: Nielsen's limit for a flow of thought to stay uninterrupted (1993)."""

DIALOG_SECONDS: Final = 15.0
"""How long a dialog waits before it says that there is no answer."""

FAREWELL_SECONDS: Final = 2.0
"""How long a server may take to note that somebody logs out."""


class Conversation(Protocol):
    """The presenter of an open conversation."""

    async def open(self) -> None:
        """Show it."""

    def hear(self, happening: Happening) -> None:
        """Something happened in it, or to the connection."""

    def focus(self, *, on: bool) -> None:
        """It is, or is no more, what the person looks at."""

    async def close(self) -> None:
        """Its tab is closed, or the window."""


class ShellView(Protocol):
    """The main window."""

    def show_me(self, me: Me) -> None:
        """Whose window this is, and of which server."""

    def show_rooms(self, rooms: tuple[RoomRow, ...], active: int | None, needle: str) -> None:
        """The side bar's conversations, the one in front, and what they were searched by."""

    def show_people(self, people: tuple[PersonRow, ...], more: int, here: int) -> None:
        """Who is here; `more` are not listed, `here` are there in all."""

    def show_tabs(self, tabs: tuple[Tab, ...], active: int | None) -> None:
        """The open conversations, and the one in front."""

    def remove_page(self, room: int) -> None:
        """A conversation's tab is closed."""

    def show_banner(self, banner: Banner | None) -> None:
        """What lasts, such as that the line is down."""

    def show_doing(self, what: str) -> None:
        """What takes its time just now; an empty text: nothing."""

    def toast(self, text: str, tone: Tone) -> None:
        """What has just come of something."""

    def close(self) -> None:
        """The login has ended."""


class TabStore(Protocol):
    """Where the open tabs are remembered."""

    def load(self) -> OpenTabs | None:
        """What was open last."""

    def save(self, tabs: OpenTabs) -> None:
        """Remember these."""


class Shell:
    """The main window's behaviour. `converse` makes the presenter of a conversation that is opened; `begin` starts work that nobody waits for.

    `window` opens another window of this login by its kind; `server` is what people call the server. `ask_first` does something once the
    person has agreed to lose what it would lose.
    """

    def __init__(
        self,
        client: Client,
        converse: "Callable[[Shell, RoomReplica], Awaitable[Conversation]]",
        begin: Callable[..., None],
        *,
        window: "Callable[..., Awaitable[None]] | None" = None,
        store: TabStore | None = None,
        server: str = "",
        ask_first: "Callable[[str, Callable[[], Coroutine[Any, Any, None]]], None] | None" = None,
    ) -> None:
        self.begin = begin
        self.files: Files | None = None
        self.code: Code | None = None
        self.client = client
        self.server = server
        self.tabs = Tabs()
        self._view: ShellView | None = None
        self._converse = converse
        self._window = window
        self._store = store
        self._ask_first = ask_first
        self._saved: OpenTabs | None = None
        self._open: dict[int, Conversation] = {}
        self._making: set[int] = set()
        self._titles: dict[int, str] = {}
        self._needle = ""
        self._status: Literal["online", "away"] = "online"
        self._dirty = False
        self._doing: list[str] = []
        self._leaving: str | None = None
        self._ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def attach(self, view: ShellView) -> None:
        """This is the window."""
        self._view = view

    @property
    def view(self) -> ShellView:
        """The window."""
        assert self._view is not None, "it is attached before anything happens"
        return self._view

    @property
    def active(self) -> int | None:
        """The conversation in front."""
        return self.tabs.front

    # --- its life ------------------------------------------------------------------------------------------------------

    async def live(self) -> str:
        """Show everything until the login ends; returns why, where that was not the person's wish."""
        with ExitStack() as stack:
            stack.enter_context(self.client.feed.listening(self.hear))
            self._show_me()
            self.refresh()
            await self._restore()
            try:
                await self.client.feed.until(self._ended.done)
                why = self._ended.result()
            except Ended as ended:
                why = str(ended) if self._leaving is None else self._leaving
            for conversation in list(self._open.values()):
                await conversation.close()
            await self._save()
        self.view.close()
        return why

    async def ask_to_log_out(self) -> None:
        """The same as `log_out`, once the person has agreed to lose what that would lose."""
        if self._ask_first is not None:
            self._ask_first("Log out", self.log_out)
        else:
            await self.log_out()

    async def log_out(self) -> None:
        """Back to the login window; the server forgets this login."""
        await self.leave()
        if not self._ended.done():
            self._ended.set_result("")
            self.client.feed.publish(e.Heartbeat())  # so that whoever waits looks up

    async def leave(self) -> None:
        """Have the server forget this login, if it can be told just now."""
        self._leaving = ""
        if self.client.connected:
            with suppress(ClientError, TimeoutError):
                await self.client.do(c.LogOut(), timeout=FAREWELL_SECONDS)

    async def log_out_everywhere(self) -> None:
        """End every login of this person, this one included."""
        self._leaving = "You are logged out everywhere."
        if await self.attempt(c.LogOutEverywhere(), "Logging out…") is None:
            self._leaving = None

    async def _restore(self) -> None:
        saved = await asyncio.to_thread(self._store.load) if self._store is not None else None
        if saved is not None:
            self.tabs.restore(saved, self.client.replica.rooms)
            self._saved = saved
        front = self.tabs.front
        if front is None:
            front = next((room.id for room in self.client.rooms if room.mine.room.kind == "general"), None)
        if front is not None:
            await self.open_room(front)

    async def _save(self) -> None:
        saved = self.tabs.saved
        if self._store is not None and saved != self._saved:
            self._saved = saved
            await asyncio.to_thread(self._store.save, saved)

    # --- conversations -------------------------------------------------------------------------------------------------

    async def open_room(self, room: int) -> None:
        """Bring a conversation to the front, in a tab of its own."""
        held = self.client.replica.rooms.get(room)
        if held is None:
            self.view.toast("You are not in this conversation any more.", "danger")
            return
        if room in self._making:
            return
        if room in self._open:
            self.show_room(room)
            return
        self._making.add(room)
        try:
            conversation = await self._converse(self, held)
        finally:
            self._making.discard(room)
        self._open[room] = conversation
        evicted = self.tabs.open(room)
        self._focus()  # before it is filled: whoever goes on to something else meanwhile is not called back
        self.refresh()
        if evicted is not None:
            await self._drop(evicted)
        await self._fill(conversation)

    async def _fill(self, conversation: Conversation) -> None:
        with self.doing("Loading the conversation…"):
            try:
                await conversation.open()
            except (ClientError, TimeoutError) as error:
                self.view.toast(str(error) or "The server does not answer; what is missing follows.", "danger")

    def show_room(self, room: int) -> None:
        """Bring an open tab to the front."""
        if room in self._open:
            self.tabs.open(room)
            self._focus()
        elif room in self.tabs.rooms:  # remembered from last time, and not looked at yet
            self.begin(self.open_room, room)
        self.refresh()

    async def open_direct(self, name: str) -> None:
        """The conversation with one person, made where there is none yet."""
        room = await self.attempt(c.OpenDirect(user=name), f"Opening the conversation with {name}…")
        if room is not None:
            await self.client.feed.until(lambda: room.id in self.client.replica.rooms)
            await self.open_room(room.id)

    async def close_tab(self, room: int) -> None:
        """Close a tab; the conversation goes on without it."""
        if self.tabs.close(room):
            self.refresh()
            await self._drop(room)
            if (front := self.tabs.front) is not None:
                self.show_room(front)

    async def close_front(self) -> None:
        """Close the tab in front."""
        if self.tabs.front is not None:
            await self.close_tab(self.tabs.front)

    async def reopen_tab(self) -> None:
        """Bring back the tab that was closed last."""
        room = self.tabs.reopen(self.client.replica.rooms)
        if room is not None:
            await self.open_room(room)

    def move_tab(self, room: int, to: int) -> None:
        """Put a tab elsewhere among the others."""
        self.tabs.move(room, to)
        self.refresh()

    def move_front(self, by: int) -> None:
        """Put the tab in front so many places further."""
        front = self.tabs.front
        if front is not None:
            self.move_tab(front, max(0, self.tabs.rooms.index(front) + by))

    def show_beside(self, by: int) -> None:
        """Bring the tab so many places further to the front."""
        if (room := self.tabs.beside(by)) is not None:
            self.show_room(room)

    def show_number(self, number: int) -> None:
        """Bring the tab at this place to the front."""
        if (room := self.tabs.number(number)) is not None:
            self.show_room(room)

    async def _drop(self, room: int) -> None:
        conversation = self._open.pop(room, None)
        if conversation is not None:
            await conversation.close()
            self.view.remove_page(room)

    def _focus(self) -> None:
        for room, conversation in self._open.items():
            conversation.focus(on=room == self.tabs.front)

    # --- the side bar --------------------------------------------------------------------------------------------------

    def search(self, needle: str) -> None:
        """List only what these letters find."""
        self._needle = needle.strip()
        self.refresh()

    async def open_found(self, needle: str) -> None:
        """Open the first that these letters find: a conversation, or else a person."""
        rooms = lists.rooms(self.client, needle.strip())
        people, _ = lists.people(self.client, needle.strip())
        if rooms:
            await self.open_room(rooms[0].room)
        elif people:
            await self.open_direct(people[0].name)

    async def set_status(self, status: Literal["online", "away"]) -> None:
        """Be shown as here, or as away."""
        if await self.attempt(c.SetPresence(status=status)) is not None:
            self._status = status
            self._show_me()

    # --- other windows -------------------------------------------------------------------------------------------------

    async def open_window(self, kind: str, *about: Any) -> None:
        """Open a window of this login: `create_group`, `members` of a room, `browse_groups`, `quick_switch`, `settings`, `shortcuts`, `files`."""
        if self._window is not None:
            await self._window(self, kind, *about)

    async def show_members(self, room: int | None = None) -> None:
        """Who is in a group, or in the one in front, and what can be done about that."""
        room = self.tabs.front if room is None else room
        held = self.client.replica.rooms.get(room or 0)
        if held is None or held.mine.room.kind == "direct":
            self.view.toast("Only groups have members to look at; open one first.", "info")
            return
        await self.open_window("members", held.id)

    async def show_files(self, room: int | None = None) -> None:
        """Files that were shared in a conversation, or in all."""
        await self.open_window("files", room)

    async def browse_code(self) -> None:
        """The code sessions there are."""
        browse = getattr(self.code, "browse", None)
        if browse is None:
            self.view.toast("This server runs no code sessions.", "info")
        else:
            await browse()

    # --- doing things --------------------------------------------------------------------------------------------------

    async def carry_out(self, command: c.Command) -> Any:
        """Carry out a command that somebody waits for in a dialog. Raises `Refused`, or `ClientError` where the server is away for long."""
        try:
            async with asyncio.timeout(DIALOG_SECONDS):
                return await self.client.do(command)
        except TimeoutError:
            later = " It is done as soon as the server is there again." if isinstance(command, c.Write) else ""
            raise ClientError(f"The server does not answer.{later}") from None

    async def attempt(self, command: c.Command, doing: str = "") -> Any:
        """Carry out a command; where it is refused that is shown, and None returned. `doing` is shown if it takes its time."""
        try:
            with self.doing(doing or "Waiting for the server…"):
                return await self.client.do(command)
        except Refused as refused:
            self.view.toast(refused.message, "danger")
        except (ClientError, TimeoutError) as error:
            self.view.toast(str(error) or "The server does not answer; try again.", "danger")
        return None

    @contextmanager
    def doing(self, what: str) -> Iterator[None]:
        """Say that this is under way, once it has been for a while."""
        timer = asyncio.get_running_loop().call_later(PATIENCE_SECONDS, self._show_doing, what)
        try:
            yield
        finally:
            timer.cancel()
            if what in self._doing:
                self._doing.remove(what)
                self.view.show_doing(self._doing[-1] if self._doing else "")

    def _show_doing(self, what: str) -> None:
        self._doing.append(what)
        self.view.show_doing(what)

    def try_now(self) -> None:
        """Connect now, rather than when the wait is over."""
        self.client.hurry()

    # --- what happens --------------------------------------------------------------------------------------------------

    def hear(self, happening: Happening) -> None:
        """Something happened: whoever it concerns shows it."""
        match happening:
            case Disconnected(reason=reason, retry_in=wait):
                self.view.show_banner(Banner(f"{reason} What you write is kept and sent later.", retry_in=wait))
            case Connected():
                self.view.show_banner(None)
                self._show_me()
                if self._status == "away":
                    self.begin(self.set_status, "away")
            case CommandRefused(refused=refused):
                self.view.toast(refused.message, "danger")
            case e.UserUpdated():
                self._show_me()
            case e.RoomJoined(room=mine, by=by):
                self._joined(mine.room.name, by)
            case e.RoomLeft(room=left):
                self.begin(self._left, left)
        room: object = getattr(happening, "room", None)
        for at, conversation in list(self._open.items()):
            if room is None or room == at:
                conversation.hear(happening)
        if not isinstance(happening, e.Typing | e.Heartbeat | e.RunOutput):
            self.refresh()

    def _joined(self, name: str | None, by: Any) -> None:
        me = self.client.replica.me
        if name is not None and by is not None and me is not None and by.id != me.id:
            self.view.toast(f"{by.name} has brought you into “{name}”.", "info")

    async def _left(self, room: int) -> None:
        if room in self.tabs.rooms:
            self.view.toast(f"You are not in “{self._titles.get(room, 'this conversation')}” any more.", "info")
        await self.close_tab(room)

    def refresh(self) -> None:
        """Show the lists anew, once for all that happens in a tick."""
        if not self._dirty:
            self._dirty = True
            asyncio.get_running_loop().call_later(REFRESH_SECONDS, self._refresh)

    def _refresh(self) -> None:
        self._dirty = False
        every = lists.rooms(self.client)
        self._titles = {row.room: row.title for row in every}
        shown = lists.rooms(self.client, self._needle) if self._needle else every
        self.view.show_rooms(shown, self.tabs.front, self._needle)
        people, more = lists.people(self.client, self._needle)
        self.view.show_people(people, more, len(self.client.replica.presence))
        known = {row.room: row for row in every}
        tabs = (known[room] for room in self.tabs.rooms if room in known)
        self.view.show_tabs(
            tuple(Tab(row.room, row.title, row.unread, row.mentions, row.person) for row in tabs), self.tabs.front
        )
        if self._store is not None and self.tabs.saved != self._saved:
            self.begin(self._save)

    def row(self, room: RoomReplica) -> RoomRow:
        """A conversation as the side bar shows it."""
        return lists.room_row(self.client, room)

    def _show_me(self) -> None:
        me = self.client.replica.me
        if me is not None:
            self.view.show_me(Me(me.id, me.display_name or me.name, self._status, not me.guest, self.server))
