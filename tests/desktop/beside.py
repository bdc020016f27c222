"""What goes on beside the windows of a test: stock Yjs clients, and a headless client, on a loop of their own.

One rule: whoever waits for them keeps the windows alive meanwhile.
"""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from kibitz.client.client import Client
from kibitz.desktop.views.editor import EditorWindow
from kibitz.wire.code_commands import JoinSession
from kibitz.wire.commands import LogIn
from tests.collab.stock import Node, Stock, stock_clients
from tests.desktop.stage import Person
from tests.support.server import Server

T = TypeVar("T")


class Beside:
    """A loop in a thread. `person` is whose windows live while something is waited for."""

    def __init__(self, person: Person) -> None:
        self._person = person
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name="beside")
        self._thread.start()

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for this."""
        future = asyncio.run_coroutine_threadsafe(work, self.loop)
        self._person.until(future.done)
        return future.result()

    def begin(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Have this done, and do something else meanwhile."""
        return asyncio.run_coroutine_threadsafe(work, self.loop)

    def end(self) -> None:
        """Stop the loop."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.close()


class Other:
    """Someone without a window: a headless client, and a stock Yjs client that edits with its login."""

    def __init__(self, beside: Beside, client: Client, node: Node) -> None:
        self.beside, self.client, self.node = beside, client, node

    def ask(self, command: Any) -> Any:
        """What a command is answered."""
        return self.beside.do(self.client.do(command))

    def join(self, session: int) -> None:
        """Take part in a session."""
        self.ask(JoinSession(session=session))

    def opens(self, session: int) -> Stock:
        """A stock client with the text of a session."""
        return self.beside.do(self.node.synced("y-websocket", str(self.client.token), document=str(session)))

    def reads(self, stock: Stock, text: str) -> None:
        """Wait until a stock client shows this text."""
        self.beside.do(stock.until("read", text))


@contextmanager
def other(person: Person, server: Server, name: str) -> Iterator[Other]:
    """Somebody of this name beside a person at a window."""
    beside = Beside(person)
    client = Client(server.tcp_url, LogIn(name=name))
    clients = stock_clients(server.ws_url)
    try:
        beside.do(client.__aenter__())
        node = beside.do(clients.__aenter__())
        try:
            yield Other(beside, client, node)
        finally:
            beside.do(clients.__aexit__(None, None, None))
            beside.do(client.close())
    finally:
        beside.end()


def editors(person: Person) -> list[EditorWindow]:
    """A person's open editors."""
    return [one for one in person.window.winfo_children() if isinstance(one, EditorWindow)]


def editor(person: Person) -> EditorWindow:
    """The person's editor, once it is open and has the text."""
    window: EditorWindow = person.until(lambda: next(iter(editors(person)), None))
    person.until(lambda: window.line.tone == "good")
    return window


def press(person: Person, widget: Any, key: str) -> None:
    """Press a key in a widget, which has the focus for it: there is no window manager here that gives it."""
    if person.window.focus_get() is not widget:
        widget.focus_force()
        person.until(lambda: person.window.focus_get() is widget)
    widget.event_generate(key)
