"""The windows that a login can open besides its main one: which presenter each has, and which view.

Rule: one of a kind at a time; a window that the person closes is told to its presenter by the view.
"""

from collections.abc import Callable
from typing import Any

from kibitz.desktop import preferences
from kibitz.desktop.bridge import Bridge
from kibitz.desktop.preferences import Preferences, Store
from kibitz.desktop.presenters.browsing import Browsing
from kibitz.desktop.presenters.groups import CreateGroup, Members
from kibitz.desktop.presenters.picking import Picking
from kibitz.desktop.presenters.settings import Settings
from kibitz.desktop.presenters.shared_files import SharedFiles
from kibitz.desktop.presenters.sheet import Sheet
from kibitz.desktop.presenters.shell import Shell
from kibitz.desktop.presenters.switching import Switching
from kibitz.desktop.presenters.tabs import OpenTabs
from kibitz.desktop.views import kit
from kibitz.desktop.views.dialogs import BrowsingDialog, SwitchingDialog
from kibitz.desktop.views.group_dialogs import CreateGroupDialog, MembersDialog
from kibitz.desktop.views.picking import PickingDialog
from kibitz.desktop.views.settings import SettingsDialog
from kibitz.desktop.views.shared_files import SharedFilesDialog
from kibitz.desktop.views.shortcuts import SheetDialog


class Windows:
    """Opens them. `apply` has changed preferences take effect."""

    def __init__(
        self, parent: kit.Window, bridge: Bridge, kept: preferences.Settings, apply: Callable[[Preferences], None]
    ) -> None:
        self._parent, self._bridge, self._kept, self._apply = parent, bridge, kept, apply
        self.open: dict[str, kit.Dialog] = {}
        """Those that are open, by their kind."""

    async def show(self, shell: Shell, kind: str, *about: Any) -> None:
        """Open one of this kind, or bring it to the front."""
        presenter, view = self._made(shell, kind, *about)
        shown = await self._bridge.ask(self._show, kind, view, presenter)
        if shown is not None:
            await presenter.open(self._bridge.eyes(shown))

    def close(self) -> None:
        """Close them all: the login has ended. On Tk's thread."""
        for dialog in list(self.open.values()):
            if dialog.winfo_exists():
                dialog.close()
        self.open.clear()

    def _made(self, shell: Shell, kind: str, *about: Any) -> tuple[Any, Callable[..., kit.Dialog]]:
        match kind:
            case "create_group":
                return CreateGroup(shell), CreateGroupDialog
            case "members":
                return Members(shell, *about), MembersDialog
            case "browse_groups":
                return Browsing(shell), BrowsingDialog
            case "quick_switch":
                return Switching(shell), SwitchingDialog
            case "settings":
                return Settings(shell, self._kept, self._apply), SettingsDialog
            case "files":
                return SharedFiles(shell, *about), SharedFilesDialog
            case "pick":
                folder, name, done = about
                picking = Picking(shell, folder, name, done)
                return picking, lambda parent, hands: PickingDialog(parent, hands, name)
            case "shortcuts":
                return Sheet(shell), SheetDialog
        raise ValueError(f"There is no window called {kind}.")

    def _show(self, kind: str, view: Callable[..., kit.Dialog], presenter: Any) -> kit.Dialog | None:
        there = self.open.get(kind)
        if there is not None and there.winfo_exists():
            there.lift()
            return None
        self.open[kind] = made = view(self._parent, self._bridge.hands(presenter))
        return made


class TabFile:
    """The file that remembers the open tabs of one user of one server."""

    def __init__(self, store: Store, user: str, host: str, port: int) -> None:
        self._store, self._name = store, store.tabs(user, host, port)

    def load(self) -> OpenTabs | None:
        """What was open last."""
        return self._store.read(self._name, OpenTabs)

    def save(self, tabs: OpenTabs) -> None:
        """Remember these."""
        self._store.write(self._name, tabs)
