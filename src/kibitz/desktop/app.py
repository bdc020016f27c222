"""The desktop client put together: one window, one thread for Tk and one for everything else.

Rule: this is the one place where presenters meet views; the order of the start is here, and the end is its reverse.
"""

import logging
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from kibitz.client.client import Client
from kibitz.client.room import RoomReplica
from kibitz.desktop.bridge import Bridge
from kibitz.desktop.code import code_sessions
from kibitz.desktop.preferences import Preferences, Settings, Store
from kibitz.desktop.presenters.board import SystemBoard
from kibitz.desktop.presenters.conversation import Conversation
from kibitz.desktop.presenters.login import Form, Login
from kibitz.desktop.presenters.notifying import Notifying
from kibitz.desktop.presenters.pasting import Pasting
from kibitz.desktop.presenters.previews import Previews
from kibitz.desktop.presenters.shell import Shell
from kibitz.desktop.presenters.transfers import Transfers
from kibitz.desktop.theme import Mode, detect, follow, wanted
from kibitz.desktop.views import kit
from kibitz.desktop.views.attention import Attention
from kibitz.desktop.views.conversation import ConversationPage
from kibitz.desktop.views.desk import FilesDesk
from kibitz.desktop.views.editor import EditorWindow
from kibitz.desktop.views.login import LoginWindow
from kibitz.desktop.views.main import MainWindow, put_keys_first
from kibitz.desktop.windows import TabFile, Windows

SIZE = "1120x760"
"""The window at its first start, at scale 1."""


class App:
    """The program. `kibitz desktop` runs one; a test makes one, and pumps its window."""

    def __init__(self, store: Store | None = None) -> None:
        self.store = store or Store()
        self.kept = Settings(self.store)
        before = self.kept.value
        kit.set_mode(detect() if before.theme == "system" else before.theme)
        self.window = kit.Window()
        kit.set_scale(before.scale or self.window.natural_scale())
        put_keys_first(self.window)
        self.window.restore(before.geometry or SIZE)
        self.bridge = Bridge(self.window, self._failed)
        self.windows = Windows(self.window, self.bridge, self.kept, self._apply)
        self.login = Login(self.kept, self._enter, self.bridge.do, lambda text: self.bridge.tell(self._say, text))
        self.login_view = LoginWindow(self.window, self.bridge.hands(self.login))
        self.main: MainWindow | None = None
        self.shell: Shell | None = None
        self.desk: FilesDesk | None = None
        self.window.protocol("WM_DELETE_WINDOW", self.ask_to_quit)

    def begin(self, given: Form, *, at_once: bool, tls: bool | None = None) -> None:
        """Show the login window; log in with what is `given` where that is wanted. `tls` None is as last time."""
        self.login_view.open()
        self.bridge.do(lambda: self.login.begin(self.bridge.eyes(self.login_view), given, at_once=at_once, tls=tls))
        self.bridge.do(lambda: follow(self.kept, lambda mode: self.bridge.tell(self._wear, mode)))

    def ask_to_quit(self) -> None:
        """End, once the person has agreed to lose what that would lose."""
        self._ask_first("Quit", self.quit)

    def quit(self) -> None:
        """Close everything, and end."""
        geometry = self.window.geometry()
        self.window.withdraw()
        self.bridge.stop(lambda: self._say_goodbye(geometry))
        self.window.destroy()

    # --- on asyncio's thread -------------------------------------------------------------------------------------------

    async def _enter(self, client: Client, form: Form) -> str:
        """A login's life."""
        shell = self.shell = Shell(
            client,
            self._converse,
            self.bridge.do,
            window=self.windows.show,
            store=TabFile(self.store, form.user, form.host, int(form.port)),
            server=f"{form.host}:{form.port}",
            ask_first=lambda verb, work: self.bridge.tell(self._ask_first, verb, partial(self.bridge.do, work)),
        )
        shell.attach(self.bridge.eyes(await self.bridge.ask(self._open_main, shell)))
        try:
            async with self._files(shell, form), self._notices(shell), code_sessions(shell, self.bridge, self.window):
                return await shell.live()
        finally:
            self.shell = None
            self.bridge.tell(self._closed_main)

    @asynccontextmanager
    async def _files(self, shell: Shell, form: Form) -> AsyncIterator[None]:
        """Files and pasted images of a login."""
        self.desk = desk = await self.bridge.ask(FilesDesk, self.main)
        view = self.bridge.eyes(desk)
        previews = Previews(shell.client, f"{form.host}:{form.port} {shell.client.replica.epoch}")
        shell.files = files = Transfers(shell, view, previews)
        pasting = Pasting(shell, files, view)
        await self.bridge.ask(desk.attach, self.bridge.hands(files), self.bridge.hands(pasting))
        try:
            yield
        finally:
            self.bridge.tell(desk.close)
            await pasting.close()
            await files.close()

    @asynccontextmanager
    async def _notices(self, shell: Shell) -> AsyncIterator[None]:
        """Notifications of a login."""
        attention, board = await self.bridge.ask(Attention, self.window), SystemBoard()
        notifying = Notifying(shell, board, self.bridge.eyes(attention), lambda: self.kept.value)
        await self.bridge.ask(attention.attach, self.bridge.hands(notifying))
        try:
            with shell.client.feed.listening(notifying.hear):
                yield
        finally:
            notifying.close()
            self.bridge.tell(attention.close)
            await board.close()

    async def _converse(self, shell: Shell, room: RoomReplica) -> Conversation:
        conversation = Conversation(shell, room, self.store)
        page = await self.bridge.ask(self._open_page, room.id, conversation)
        conversation.view = self.bridge.eyes(page)
        return conversation

    async def _say_goodbye(self, geometry: str) -> None:
        self.kept.change(geometry=geometry)
        if self.shell is not None:
            await self.shell.leave()

    def _apply(self, preferences: Preferences) -> None:
        self.bridge.do(self._change, preferences)

    async def _change(self, preferences: Preferences) -> None:
        self.bridge.tell(self._wear, await wanted(self.kept))
        self.bridge.tell(self._rescale, preferences.scale)

    # --- on Tk's thread ------------------------------------------------------------------------------------------------

    def _open_main(self, shell: Shell) -> MainWindow:
        self.main = MainWindow(self.window, self.bridge.hands(shell), self.ask_to_quit)
        self.main.open()
        return self.main

    def _ask_first(self, verb: str, then: Callable[[], None]) -> None:
        """Do something that ends the login, after asking where it would lose something."""
        unsaved = sum(isinstance(one, EditorWindow) and one.is_unsaved for one in self.window.winfo_children())
        files = self.desk.under_way if self.main is not None and self.desk is not None else 0
        lost = ["Edits of code that have not reached the server would be gone."] if unsaved else []
        lost += ["Files that are on their way would be given up."] if files else []
        if lost:
            kit.confirm(self.window, f"{verb} now?", " ".join(lost), then, verb=verb, danger=True)
        else:
            then()

    def _closed_main(self) -> None:
        self.windows.close()
        self.main = None
        self.login_view.open()

    def _open_page(self, room: int, conversation: Conversation) -> kit.Panel:
        assert self.main is not None, "pages are opened in it"
        make: Callable[[Any], kit.Panel] = lambda parent: ConversationPage(parent, self.bridge.hands(conversation))  # noqa: E731
        page = self.main.add_page(room, make)
        if self.desk is not None:
            self.desk.add_page(room, page)
        return page

    def _wear(self, mode: Mode) -> None:
        if mode != kit.mode():
            kit.set_mode(mode)

    def _rescale(self, scale: float) -> None:
        wanted_scale = scale or self.window.natural_scale()
        if wanted_scale != kit.scale_of(self.window):
            kit.set_scale(wanted_scale)

    def _say(self, text: str) -> None:
        if self.main is not None:
            self.main.toast(text, "info")

    def _failed(self, error: BaseException) -> None:
        if self.main is not None:
            self.main.toast(f"Something went wrong here: {error}", "danger")


def run(*, host: str | None, port: int | None, user: str | None, tls: bool | None) -> int:
    """Open the desktop client and wait until it is closed; returns the exit status."""
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s", level=logging.WARNING, stream=sys.stderr)
    app = App()
    given = Form(user=user or "", host=host or "", port=str(port or ""))
    app.begin(given, at_once=user is not None, tls=tls)
    app.window.mainloop()
    return 0
