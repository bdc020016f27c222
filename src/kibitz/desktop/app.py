"""The desktop client put together: one window, one thread for Tk and one for everything else.

Rule: this is the one place where presenters meet views; the order of the start is here, and the end is its reverse.
"""

import logging
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from kibitz.client.client import Client
from kibitz.client.room import RoomReplica
from kibitz.desktop.bridge import Bridge
from kibitz.desktop.preferences import Store
from kibitz.desktop.presenters.conversation import Conversation
from kibitz.desktop.presenters.login import Form, Login
from kibitz.desktop.presenters.pasting import Pasting
from kibitz.desktop.presenters.previews import Previews
from kibitz.desktop.presenters.shell import Shell
from kibitz.desktop.presenters.transfers import Transfers
from kibitz.desktop.theme import detect
from kibitz.desktop.views import kit
from kibitz.desktop.views.conversation import ConversationPage
from kibitz.desktop.views.desk import FilesDesk
from kibitz.desktop.views.login import LoginWindow
from kibitz.desktop.views.main import MainWindow

SIZE = "1120x760"
"""The window at its first start, at scale 1."""


class App:
    """The program. `kibitz desktop` runs one; a test makes one, and pumps its window."""

    def __init__(self, store: Store | None = None) -> None:
        self.store = store or Store()
        before = self.store.load()
        kit.set_mode(detect() if before.theme == "system" else before.theme)
        self.window = kit.Window()
        kit.set_scale(before.scale or self.window.natural_scale())
        self.window.geometry(before.geometry or SIZE)
        self.window.minsize(360, 480)
        self.bridge = Bridge(self.window, self._failed)
        self.login = Login(self.store, self._enter)
        self.login_view = LoginWindow(self.window, self.bridge.hands(self.login))
        self.main: MainWindow | None = None
        self.desk: FilesDesk | None = None
        self.window.protocol("WM_DELETE_WINDOW", self.quit)

    def begin(self, given: Form, *, at_once: bool) -> None:
        """Show the login window; log in with what is `given` where that is wanted."""
        self.login_view.open()
        self.bridge.do(lambda: self.login.begin(self.bridge.eyes(self.login_view), given, at_once=at_once))

    def quit(self) -> None:
        """Close everything, and end."""
        self.window.withdraw()
        self.bridge.stop()
        self.window.destroy()

    # --- on asyncio's thread -------------------------------------------------------------------------------------------

    async def _enter(self, client: Client, form: Form) -> str:
        """A login's life."""
        shell = Shell(client, self._converse, self.bridge.do)
        shell.attach(self.bridge.eyes(await self.bridge.ask(self._open_main, shell)))
        leave_files = await self._begin_files(shell, form)
        try:
            return await shell.live()
        finally:
            await leave_files()
            self.bridge.tell(self._closed_main)

    async def _begin_files(self, shell: Shell, form: Form) -> Callable[[], Awaitable[None]]:
        """Files, pasted images and notifications of a login; returns what ends them."""
        self.desk = desk = await self.bridge.ask(FilesDesk, self.main)
        view = self.bridge.eyes(desk)
        previews = Previews(shell.client, f"{form.host}:{form.port} {shell.client.replica.epoch}")
        shell.files = files = Transfers(shell, view, previews)
        pasting = Pasting(shell, files, view)
        await self.bridge.ask(desk.attach, self.bridge.hands(files), self.bridge.hands(pasting))

        async def leave() -> None:
            self.bridge.tell(desk.close)
            await pasting.close()
            await files.close()

        return leave

    async def _converse(self, shell: Shell, room: RoomReplica) -> Conversation:
        conversation = Conversation(shell, room)
        page = await self.bridge.ask(self._open_page, room.id, conversation)
        conversation.view = self.bridge.eyes(page)
        return conversation

    # --- on Tk's thread ------------------------------------------------------------------------------------------------

    def _open_main(self, shell: Shell) -> MainWindow:
        self.main = MainWindow(self.window, self.bridge.hands(shell))
        self.main.open()
        return self.main

    def _closed_main(self) -> None:
        self.main = None
        self.login_view.open()

    def _open_page(self, room: int, conversation: Conversation) -> kit.Panel:
        assert self.main is not None, "pages are opened in it"
        make: Callable[[Any], kit.Panel] = lambda parent: ConversationPage(parent, self.bridge.hands(conversation))  # noqa: E731
        page = self.main.add_page(room, make)
        if self.desk is not None:
            self.desk.add_page(room, page)
        return page

    def _failed(self, error: BaseException) -> None:
        if self.main is not None:
            self.main.toast(f"Something went wrong here: {error}", "danger")


def run(*, host: str | None, port: int | None, user: str | None, tls: bool | None) -> int:
    """Open the desktop client and wait until it is closed; returns the exit status."""
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s", level=logging.WARNING, stream=sys.stderr)
    app = App()
    given = Form(user=user or "", host=host or "", port=str(port or ""), tls=bool(tls))
    app.begin(given, at_once=user is not None)
    app.window.mainloop()
    return 0
