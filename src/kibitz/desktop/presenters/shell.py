"""The main window: conversations, people, tabs, and whether there is a connection.

Rule: it follows the client's feed and tells each part what concerns it; what a conversation shows is its own presenter's business.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol

from kibitz.client.client import Client
from kibitz.client.errors import ClientError, Ended, Refused
from kibitz.client.feed import Happening
from kibitz.client.notices import CommandRefused, Connected, Disconnected
from kibitz.client.room import RoomReplica
from kibitz.desktop.presenters.ports import Code, Files
from kibitz.desktop.presenters.shown import Banner, PersonRow, RoomRow, Tab
from kibitz.wire import commands as c
from kibitz.wire import events as e

Tone = Literal["info", "success", "danger"]

MAX_PEOPLE: Final = 200
"""People listed in the side bar: more than anyone reads; the rest are counted."""


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

    def show_me(self, name: str, server: str) -> None:
        """Whose window this is, and of which server."""

    def show_rooms(self, rooms: tuple[RoomRow, ...]) -> None:
        """The side bar's conversations."""

    def show_people(self, people: tuple[PersonRow, ...], more: int) -> None:
        """Who is here; `more` are not listed."""

    def show_tabs(self, tabs: tuple[Tab, ...], active: int | None) -> None:
        """The open conversations, and the one in front."""

    def show_banner(self, banner: Banner | None) -> None:
        """What lasts, such as that the line is down."""

    def toast(self, text: str, tone: Tone) -> None:
        """What has just come of something."""

    def close(self) -> None:
        """The login has ended."""


@dataclass(frozen=True, slots=True)
class _Open:
    room: int
    conversation: Conversation


class Shell:
    """The main window's behaviour. `converse` makes the presenter of a conversation that is opened; `begin` starts work that nobody waits for."""

    def __init__(
        self,
        client: Client,
        converse: "Callable[[Shell, RoomReplica], Awaitable[Conversation]]",
        begin: Callable[..., None],
    ) -> None:
        self.begin = begin
        self.files: Files | None = None
        self.code: Code | None = None
        self.client = client
        self._view: ShellView | None = None
        self._converse = converse
        self._tabs: list[_Open] = []
        self._active: int | None = None
        self._dirty = False
        self._ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def attach(self, view: ShellView) -> None:
        """This is the window."""
        self._view = view

    @property
    def view(self) -> ShellView:
        """The window."""
        assert self._view is not None, "it is attached before anything happens"
        return self._view

    async def live(self) -> str:
        """Show everything until the login ends; returns why, where that was not the person's wish."""
        with ExitStack() as stack:
            stack.enter_context(self.client.feed.listening(self.hear))
            me, server = self.client.replica.me, self.client.replica.server
            assert me is not None and server is not None, "there was a login"
            self.view.show_me(me.name, server.version)
            self.refresh()
            general = next((room for room in self.client.rooms if room.mine.room.kind == "general"), None)
            if general is not None:
                await self.open_room(general.id)
            try:
                await self.client.feed.until(self._ended.done)
                why = self._ended.result()
            except Ended as ended:
                why = str(ended)
            for tab in self._tabs:
                await tab.conversation.close()
        self.view.close()
        return why

    def log_out(self) -> None:
        """Back to the login window."""
        if not self._ended.done():
            self._ended.set_result("")
            self.client.feed.publish(e.Heartbeat())  # so that whoever waits looks up

    # --- conversations -------------------------------------------------------------------------------------------------

    async def open_room(self, room: int) -> None:
        """Bring a conversation to the front, in a tab of its own."""
        if all(tab.room != room for tab in self._tabs):
            held = self.client.replica.rooms.get(room)
            if held is None:
                self.view.toast("You are not in this conversation any more.", "danger")
                return
            conversation = await self._converse(self, held)
            self._tabs.append(_Open(room, conversation))
            await conversation.open()
        self.show_room(room)

    def show_room(self, room: int) -> None:
        """Bring an open tab to the front."""
        self._active = room
        for tab in self._tabs:
            tab.conversation.focus(on=tab.room == room)
        self.refresh()

    async def open_direct(self, name: str) -> None:
        """The conversation with one person, made where there is none yet."""
        room = await self.attempt(c.OpenDirect(user=name))
        if room is not None:
            await self.client.feed.until(lambda: room.id in self.client.replica.rooms)
            await self.open_room(room.id)

    async def close_tab(self, room: int) -> None:
        """Close a tab; the conversation goes on without it."""
        at = next((index for index, tab in enumerate(self._tabs) if tab.room == room), None)
        if at is None:
            return
        closed = self._tabs.pop(at)
        if self._active == room:
            self._active = None
            if self._tabs:
                self.show_room(self._tabs[min(at, len(self._tabs) - 1)].room)
        await closed.conversation.close()
        self.refresh()

    def move_tab(self, room: int, to: int) -> None:
        """Put a tab elsewhere among the others."""
        tab = next((one for one in self._tabs if one.room == room), None)
        if tab is not None:
            self._tabs.remove(tab)
            self._tabs.insert(max(0, min(to, len(self._tabs))), tab)
            self.refresh()

    async def attempt(self, command: c.Command) -> Any:
        """Carry out a command; where it is refused that is shown, and None returned."""
        try:
            return await self.client.do(command)
        except Refused as refused:
            self.view.toast(refused.message, "danger")
        except (ClientError, TimeoutError) as error:
            self.view.toast(str(error) or "The server does not answer; try again.", "danger")
        return None

    # --- what happens --------------------------------------------------------------------------------------------------

    def hear(self, happening: Happening) -> None:
        """Something happened: whoever it concerns shows it."""
        match happening:
            case Disconnected(reason=reason, retry_in=wait):
                self.view.show_banner(Banner(f"{reason} What you write is kept and sent later.", retry_in=wait))
            case Connected():
                self.view.show_banner(None)
            case CommandRefused(refused=refused):
                self.view.toast(refused.message, "danger")
        room: int | None = getattr(happening, "room", None)
        for tab in self._tabs:
            if room == tab.room or room is None:
                tab.conversation.hear(happening)
        if not isinstance(happening, e.Typing | e.Heartbeat | e.RunOutput):
            self.refresh()

    def refresh(self) -> None:
        """Show the lists anew, once for all that happens in a tick."""
        if not self._dirty:
            self._dirty = True
            asyncio.get_running_loop().call_later(0.03, self._refresh)

    def _refresh(self) -> None:
        self._dirty = False
        rows = tuple(sorted((self.row(room) for room in self.client.rooms), key=_order))
        self.view.show_rooms(rows)
        self.view.show_people(*self._people())
        known = {row.room: row for row in rows}
        shown = [
            Tab(tab.room, known[tab.room].title, known[tab.room].unread, known[tab.room].mentions)
            for tab in self._tabs
            if tab.room in known
        ]
        self.view.show_tabs(tuple(shown), self._active)

    def row(self, room: RoomReplica) -> RoomRow:
        """A conversation as the side bar shows it."""
        mine, me = room.mine, self.client.replica.me
        kind = mine.room.kind
        if kind != "direct":
            return RoomRow(room.id, mine.room.name or "general", kind, mine.unread, mine.mentions)
        others = [person for person in mine.room.members if me is None or person.id != me.id] or list(mine.room.members)
        other = others[0]
        status = self.client.replica.status(other.id)
        return RoomRow(room.id, other.name, kind, mine.unread, mine.mentions, other.id, status)

    def _people(self) -> tuple[tuple[PersonRow, ...], int]:
        me = self.client.replica.me
        here = [
            PersonRow(one.user.id, one.user.name, one.status, me is not None and one.user.id == me.id)
            for one in self.client.replica.presence.values()
        ]
        here.sort(key=lambda one: (not one.me, one.status != "online", one.name.casefold()))
        return tuple(here[:MAX_PEOPLE]), max(0, len(here) - MAX_PEOPLE)


def _order(row: RoomRow) -> tuple[int, str]:
    return ({"general": 0, "group": 1, "direct": 2}[row.kind], row.title.casefold())
