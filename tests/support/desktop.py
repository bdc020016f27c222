"""Stand-ins for the desktop client's windows, and a client to look at.

One rule: a view that is written down is enough to try a presenter; nothing here draws.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from kibitz.client.client import Client
from kibitz.client.room import RoomReplica
from kibitz.desktop.presenters.shell import Shell
from kibitz.wire.commands import LogIn
from tests.support.server import Server
from tests.support.waiting import until


class View:
    """Writes down what it is told: `calls` in order, `last` of a kind, `until` one came that is as it should be."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, tuple[Any, ...]]] = []

    def __getattr__(self, name: str) -> Callable[..., None]:
        if name.startswith("_"):
            raise AttributeError(name)

        def told(*args: Any, **named: Any) -> None:
            self.calls.append((name, (*args, *named.values())))

        return told

    def of(self, name: str) -> list[tuple[Any, ...]]:
        """Every call of this kind."""
        return [args for kind, args in self.calls if kind == name]

    def last(self, name: str) -> tuple[Any, ...]:
        """The last one."""
        found = self.of(name)
        return found[-1] if found else ()

    async def until(self, name: str, condition: Callable[..., object] = lambda *_: True) -> tuple[Any, ...]:
        """The last call of a kind, once it is as it should be."""
        await until(lambda: bool(self.of(name)) and bool(condition(*self.last(name))))
        return self.last(name)


class Conversation:
    """The presenter of a conversation that shows nothing."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.heard: list[Any] = []
        self.focused = self.opened = self.closed = False

    async def open(self) -> None:
        self.opened = True

    def hear(self, happening: Any) -> None:
        self.heard.append(happening)

    def focus(self, *, on: bool) -> None:
        self.focused = on

    async def close(self) -> None:
        self.closed = True


class Sitting:
    """Somebody at a main window that is written down."""

    def __init__(self, client: Client, group: asyncio.TaskGroup, **more: Any) -> None:
        self.client = client
        self.view = View()
        self.conversations: dict[int, Conversation] = {}
        self.windows: list[tuple[Any, ...]] = []
        self._group = group
        self.shell = Shell(client, self._converse, self.begin, window=self._open_window, **more)
        self.shell.attach(self.view)

    def begin(self, work: Callable[..., Coroutine[Any, Any, Any]], *args: Any) -> None:
        """Start something, as the bridge does."""
        self._group.create_task(work(*args))

    async def _converse(self, _: Shell, room: RoomReplica) -> Conversation:
        self.conversations[room.id] = made = Conversation(room.id)
        return made

    async def _open_window(self, _: Shell, kind: str, *about: Any) -> None:
        self.windows.append((kind, *about))

    def room(self, name: str) -> int:
        """A room's id."""
        return self.client.room(f"#{name}").id


@asynccontextmanager
async def sitting(server: Server, name: str, *, password: str | None = None, **more: Any) -> AsyncIterator[Sitting]:
    """Somebody logged in by this name, with the shell living meanwhile."""
    async with Client(server.tcp_url, LogIn(name=name, password=password)) as client, asyncio.TaskGroup() as group:
        made = Sitting(client, group, **more)
        living = group.create_task(made.shell.live())
        await made.view.until("show_tabs", lambda tabs, active: tabs and active is not None)
        yield made
        living.cancel()
