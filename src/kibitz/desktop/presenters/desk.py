"""Code sessions of one login: which are open in windows, how one comes in, and how a new one begins.

Rule: a session has one window at most; it stays open over reconnects, and closes with the login.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol

from kibitz.client.errors import ClientError
from kibitz.client.feed import Happening
from kibitz.desktop.presenters.code_shown import LanguageRow, NewSession, SessionRow
from kibitz.desktop.presenters.code_words import moment, name_of
from kibitz.desktop.presenters.coding import Coding, CodingView, DocumentPort
from kibitz.desktop.presenters.shell import Shell
from kibitz.wire import code_commands as cc
from kibitz.wire import events as e
from kibitz.wire.results import Languages, SessionJoined, Sessions
from kibitz.wire.views import CodeSession

PAGE: Final = 50
"""Sessions that are listed at a time."""

MAX_OPEN: Final = 12
"""Windows at once: each has a connection of its own."""


class DeskView(Protocol):
    """Where the person is asked, and told, about sessions."""

    def ask_new(self, languages: tuple[LanguageRow, ...], room: int | None, title: str, problem: str) -> None:
        """Ask what the new session is to be; `title` is the conversation's whose members may join."""

    def show_sessions(self, sessions: tuple[SessionRow, ...], more: bool, first: bool) -> None:
        """A page of the list of sessions; `first`: open it anew."""

    def show_invitation(self, session: int, title: str, language: str, by: str) -> None:
        """Someone asks this person into a session."""

    def close(self) -> None:
        """The login has ended."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A window that was made, and the document in it. `wide` is whether its Tk counts UTF-16 units."""

    view: CodingView
    document: DocumentPort
    client: int
    wide: bool


class Desk:
    """The code sessions of a login. `show` makes the window of one."""

    def __init__(self, shell: Shell, view: DeskView, show: Callable[[Coding], Awaitable[Opened]]) -> None:
        self._shell, self._view, self._show = shell, view, show
        self._open: dict[int, Coding] = {}
        self._opening: set[int] = set()
        self._languages: tuple[tuple[LanguageRow, ...], str] | None = None
        self._oldest: int | None = None

    # --- coming in -----------------------------------------------------------------------------------------------------

    async def open(self, session: int) -> None:
        """Join a session and show its editor, or bring that to the front."""
        if (there := self._open.get(session)) is not None:
            there.view.lift_up()
        elif session not in self._opening:
            await self._join(cc.JoinSession(session=session), session)

    async def new(self, room: int | None = None) -> None:
        """Ask what a new session is to be."""
        languages, problem = await self.languages()
        held = self._shell.client.replica.rooms.get(room) if room is not None else None
        title = self._shell.row(held).title if held is not None else ""
        self._view.ask_new(languages, room if held is not None else None, title, problem)

    async def create(self, wanted: NewSession, room: int | None) -> None:
        """Begin a session as it was wanted."""
        where = room if wanted.access == "room" else None
        await self._join(
            cc.CreateSession(language=wanted.language, title=wanted.title, access=wanted.access, room=where)
        )

    async def edit_block(self, room: int, seq: int, block: int) -> None:
        """Make a code block of a message a session that everyone there can edit, or open the one it is."""
        await self._join(cc.CreateSession(room=room, seq=seq, block=block, access="room"))

    async def browse(self, older: bool = False) -> None:
        """Show the sessions that one may come back to, the newest or those before the ones shown."""
        before = self._oldest if older else None
        page: Sessions | None = await self._shell.attempt(cc.ListSessions(before=before, limit=PAGE))
        if page is not None:
            self._oldest = page.sessions[-1].id if page.sessions else before
            self._view.show_sessions(tuple(map(self._row, page.sessions)), page.more, not older)

    def invited(self, session: CodeSession, by: str) -> None:
        """Someone asks this person into a session."""
        if session.id in self._open:
            self._open[session.id].view.toast(f"{by} invited you here.", "plain")
            self._shell.begin(self._open[session.id].rejoin)
        else:
            self._view.show_invitation(session.id, name_of(session), session.language, by)

    async def languages(self) -> tuple[tuple[LanguageRow, ...], str]:
        """The server's languages, and why nothing can be run there where that is so."""
        if self._languages is None:
            found: Languages | None = await self._shell.attempt(cc.ListLanguages())
            if found is None:
                return (), ""
            rows = tuple(LanguageRow(one.name, one.title, one.version, one.missing) for one in found.languages)
            self._languages = rows, found.problem or ""
        return self._languages

    # --- what happens --------------------------------------------------------------------------------------------------

    def hear(self, happening: Happening) -> None:
        """Something happened, perhaps in a session that is open."""
        if isinstance(happening, e.InvitedToSession):
            self.invited(happening.session, happening.by.name)
        for coding in tuple(self._open.values()):
            coding.hear(happening)

    async def close(self) -> None:
        """The login ends."""
        await asyncio.gather(*(coding.close() for coding in tuple(self._open.values())), return_exceptions=True)
        self._view.close()

    # --- within --------------------------------------------------------------------------------------------------------

    async def _join(self, command: cc.JoinSession | cc.CreateSession, session: int = 0) -> None:
        if len(self._open) >= MAX_OPEN:
            self._shell.view.toast(f"{MAX_OPEN} editors are open; close one first.", "danger")
            return
        if not self._shell.client.connected:
            self._shell.view.toast("There is no connection to the server; try again once it is back.", "danger")
            return
        self._opening.add(session)
        try:
            joined: SessionJoined | None = await self._shell.attempt(command)
            if joined is not None and (there := self._open.get(joined.session.id)) is not None:
                there.view.lift_up()
            elif joined is not None:
                await self._open_window(joined)
        finally:
            self._opening.discard(session)

    async def _open_window(self, joined: SessionJoined) -> None:
        coding = Coding(self._shell.client, joined, self._shell.begin, self._closed, self.languages)
        self._open[coding.id] = coding
        try:
            opened = await self._show(coding)
            coding.attach(opened.view, opened.document, opened.client, wide=opened.wide)
            await coding.open()
        except ClientError as error:
            self._shell.view.toast(str(error), "danger")

    def _closed(self, coding: Coding) -> None:
        self._open.pop(coding.id, None)

    def _row(self, session: CodeSession) -> SessionRow:
        held: Any = self._shell.client.replica.rooms.get(session.room or 0)
        where = (
            self._shell.row(held).title
            if held is not None
            else "Open to all"
            if session.access == "open"
            else "Private"
        )
        return SessionRow(
            session.id,
            name_of(session),
            session.language,
            where,
            session.created_by.name,
            moment(session.created_at),
            session.closed_at is not None,
            session.joined,
        )
