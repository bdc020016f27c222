"""The text of a session as its window has it: the document, which others edit too, and who is where in it.

Rule: it lives on Tk's thread, so that document and widget are never apart, and whoever brings or takes updates asks for it there. The
widget shows what the document says has changed, whoever changed it, and nothing else.
"""

from collections.abc import Callable
from typing import Any, Protocol

from kibitz.client.presence_states import Peer
from kibitz.client.shared_text import Change, SharedText, Unusable, Whose
from kibitz.desktop.presenters.code_shown import RemoteCursor

__all__ = ["Change", "Editing", "Whose"]


class TextView(Protocol):
    """The widget."""

    def show_changes(self, changes: tuple[Change, ...], whose: Whose) -> None:
        """This has changed; of several changes each counts in the text that those before it have left."""

    def show_cursors(self, cursors: tuple[RemoteCursor, ...]) -> None:
        """Others are here."""


class Editing:
    """The document of one window. `person` finds who somebody with this name is, for their colour."""

    def __init__(self, name: str, colour: str) -> None:
        self._user = {"name": name, "color": colour, "colorLight": f"{colour}33"}
        self._document = SharedText(self._changed, self._told)
        self._view: TextView | None = None
        self._send: Callable[[bytes], Any] = lambda _: None
        self._say: Callable[[dict[str, Any]], Any] = lambda _: None
        self._peers: tuple[Peer, ...] = ()
        self._people: dict[str, int] = {}
        self._selected: tuple[int, int] | None = None
        self.why_not = ""
        """Why nothing can be edited just now."""

    @property
    def client(self) -> int:
        """The document's id of this copy."""
        return self._document.client

    @property
    def text(self) -> str:
        """The text."""
        return self._document.text

    def attach(self, view: TextView, send: Callable[[bytes], Any], say: Callable[[dict[str, Any]], Any]) -> None:
        """Show it there, send updates so, and tell so what there is to know of the person here."""
        self._view, self._send, self._say = view, send, say
        self._say({"user": self._user})

    def close(self) -> None:
        """Let go of everything."""
        self._view, self._send, self._say = None, lambda _: None, lambda _: None
        self._document.close()

    # --- what the person does ------------------------------------------------------------------------------------------

    def edit(self, *changes: Change, alone: bool = False) -> str:
        """Change the text; returns why that cannot be, or nothing. What is done `alone` is undone by itself."""
        if self.why_not:
            return self.why_not
        if alone:
            self._document.part()
        try:
            self._document.edit(*changes)
        except (ValueError, Unusable) as problem:
            return str(problem)
        if alone:
            self._document.part()
        return ""

    def undo(self) -> bool:
        """Take back what was done here last."""
        return not self.why_not and self._document.undo()

    def redo(self) -> bool:
        """Do it again."""
        return not self.why_not and self._document.redo()

    def select(self, anchor: int, head: int) -> None:
        """The cursor is at `head`, and what is between that and `anchor` is selected."""
        self._selected = (anchor, head)
        where = {"anchor": self._document.anchor(anchor).to_yjs(), "head": self._document.anchor(head).to_yjs()}
        self._say({"user": self._user, "cursor": where})

    # --- what others do ------------------------------------------------------------------------------------------------

    def state(self) -> bytes:
        """What the document has."""
        return self._document.state()

    def since(self, state: bytes) -> bytes:
        """What whoever has this state lacks."""
        return self._document.since(state)

    def apply(self, update: bytes) -> None:
        """Merge what others did."""
        self._document.apply(update)

    def present(self, peers: tuple[Peer, ...]) -> None:
        """These are here besides me."""
        self._peers = peers
        self._show_cursors()

    def know(self, people: dict[str, int]) -> None:
        """Whose names are whose."""
        self._people = people
        self._show_cursors()

    # --- within --------------------------------------------------------------------------------------------------------

    def _changed(self, changes: tuple[Change, ...], whose: Whose) -> None:
        if self._view is not None:
            self._view.show_changes(changes, whose)
            if self._peers:
                self._show_cursors()

    def _told(self, update: bytes) -> None:
        self._send(update)

    def _show_cursors(self) -> None:
        if self._view is not None:
            self._view.show_cursors(tuple(cursor for peer in self._peers if (cursor := self._cursor(peer)) is not None))

    def _cursor(self, peer: Peer) -> RemoteCursor | None:
        if peer.head is None:
            return None
        head = self._document.place(peer.head)
        anchor = self._document.place(peer.anchor) if peer.anchor is not None else head
        if head is None or anchor is None:
            return None
        return RemoteCursor(peer.client, peer.name, self._people.get(peer.name, 0), peer.colour, anchor, head)
