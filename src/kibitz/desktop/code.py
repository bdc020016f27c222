"""Code sessions put together: a desk for each login, and for each session a window with its document.

Rule: as in `kibitz.desktop.app`: presenters meet views here and nowhere else.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from kibitz.design import tokens
from kibitz.desktop.bridge import Bridge
from kibitz.desktop.presenters.coding import Coding
from kibitz.desktop.presenters.desk import Desk, Opened
from kibitz.desktop.presenters.editing import Editing
from kibitz.desktop.presenters.shell import Shell
from kibitz.desktop.views import kit
from kibitz.desktop.views.code_dialogs import CodeDesk
from kibitz.desktop.views.editor import EditorWindow


@asynccontextmanager
async def code_sessions(shell: Shell, bridge: Bridge, window: kit.Window) -> AsyncIterator[None]:
    """The code sessions of a login."""
    me = shell.client.replica.me
    assert me is not None, "there was a login"
    people = tokens().light.people
    view = await bridge.ask(CodeDesk, window)

    async def show(coding: Coding) -> Opened:
        editing = await bridge.ask(Editing, me.name, people[me.id % len(people)])
        made = await bridge.ask(EditorWindow, window, bridge.hands(coding), bridge.hands(coding.history), editing)
        return Opened(bridge.eyes(made), bridge.eyes(editing), editing.client, made.code.wide)

    desk = Desk(shell, bridge.eyes(view), show)
    await bridge.ask(view.attach, bridge.hands(desk))
    shell.code = desk
    try:
        with shell.client.feed.listening(desk.hear):
            yield
    finally:
        shell.code = None
        await desk.close()
