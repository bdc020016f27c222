"""One code session in its window: who takes part, what it is written in, and the runs everyone sees.

Rule: the text itself never comes by here but as updates on their way; the window stays open whatever happens to the connection, and what
cannot be done is said there.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final, Literal, Protocol

from kibitz.client.client import Client
from kibitz.client.collab import Collab, Line
from kibitz.client.errors import ClientError, Refused
from kibitz.client.feed import Happening
from kibitz.client.notices import Connected
from kibitz.client.presence_states import Peer
from kibitz.desktop.presenters.code_history import History, HistoryView
from kibitz.desktop.presenters.code_run import CodeRun
from kibitz.desktop.presenters.code_shown import (
    LanguageRow,
    LineShown,
    PersonHere,
    Role,
    RunShown,
    Segment,
    SessionShown,
    Tone,
)
from kibitz.desktop.presenters.code_words import name_of
from kibitz.desktop.presenters.finding import Found, Wanted, find
from kibitz.desktop.presenters.painting import Painted, painted
from kibitz.wire import code_commands as cc
from kibitz.wire import events as e
from kibitz.wire.commands import Command
from kibitz.wire.results import Run as WholeRun
from kibitz.wire.results import RunStarted, SessionJoined
from kibitz.wire.views import CodeSession, Participant, RunRef

DRAW_SECONDS: Final = 0.03
"""How long output is gathered before it is drawn: a frame or two."""

_READ_ONLY: Final = "You are a viewer here: you can read and watch, not edit. The owner can make you an editor."
_CLOSED: Final = "This session is closed: everyone can read it, nobody can change it."


class CodingView(HistoryView, Protocol):
    """The window."""

    def show_session(self, session: SessionShown) -> None:
        """What it is, and who takes part."""

    def show_languages(self, languages: tuple[LanguageRow, ...], problem: str) -> None:
        """What it may be written in, and why nothing can be run where that is so."""

    def show_line(self, line: LineShown) -> None:
        """How it stands with the connection."""

    def show_run(self, run: RunShown | None, fresh: bool) -> None:
        """The run whose output is shown; `fresh`: nothing of it has been shown yet."""

    async def add_output(self, output: tuple[Segment, ...]) -> None:
        """It has written this."""

    def paint(self, version: int, lines: tuple[Painted, ...]) -> None:
        """The colours of the text as it was at this version."""

    def show_found(self, version: int, wanted: Wanted, found: Found) -> None:
        """Where that is in the text as it was at this version."""

    def suggest(self, names: tuple[str, ...]) -> None:
        """Whom one might invite."""

    def toast(self, text: str, tone: Tone) -> None:
        """What has just come of something."""

    def lift_up(self) -> None:
        """Bring it to the front."""

    def close(self) -> None:
        """It is over."""


class DocumentPort(Protocol):
    """The document on Tk's thread."""

    async def state(self) -> bytes:
        """What it has."""
        ...

    async def since(self, state: bytes) -> bytes:
        """What someone lacks."""
        ...

    async def apply(self, update: bytes) -> None:
        """Merge what others did."""
        ...

    async def present(self, peers: tuple[Peer, ...]) -> None:
        """Who else is here."""
        ...

    def know(self, people: dict[str, int]) -> Any:
        """Whose names are whose."""
        ...


class Coding:
    """The behaviour of one session's window. `begin` starts work nobody waits for, `closed` is told when the window is."""

    def __init__(
        self,
        client: Client,
        joined: SessionJoined,
        begin: Callable[..., None],
        closed: Callable[["Coding"], None],
        languages: Callable[[], Awaitable[tuple[tuple[LanguageRow, ...], str]]],
    ) -> None:
        self.client, self.session = client, joined.session
        self.history = History(self.id, self.attempt, lambda: self.view)
        self._people: list[Participant] = joined.participants
        self._begin, self._closed, self._languages, self._wide = begin, closed, languages, True
        self._known: tuple[LanguageRow, ...] = ()
        self._run: CodeRun | None = None
        self._joined = joined
        self._drawing = False
        self._paint: tuple[int, str] | None = None
        self._painting = False
        self._collab: Collab | None = None
        self._out = ""  # why this person takes no part any more
        self._view: CodingView | None = None
        self._document: DocumentPort | None = None
        self._client_id = 0

    @property
    def id(self) -> int:
        """The session."""
        return self.session.id

    @property
    def view(self) -> CodingView:
        """The window."""
        assert self._view is not None, "it is opened first"
        return self._view

    @property
    def me(self) -> int:
        """My id."""
        assert self.client.replica.me is not None, "there was a login"
        return self.client.replica.me.id

    @property
    def unsaved(self) -> bool:
        """Whether there may be edits here that the server does not have."""
        return self._collab is None or self._collab.line.state != "live"

    # --- its life ------------------------------------------------------------------------------------------------------

    def attach(self, view: CodingView, document: DocumentPort, client_id: int, *, wide: bool) -> None:
        """This is the window, and the document in it."""
        self._view, self._document, self._client_id, self._wide = view, document, client_id, wide

    async def open(self) -> None:
        """Show everything there is to show, and keep the text the same as everyone's."""
        self._show_session()
        self._connect()
        self._take_runs(self._joined)
        self._known, problem = await self._languages()
        self.view.show_languages(self._known, problem)
        self._show_session()

    def _connect(self) -> None:
        assert self._document is not None, "it is attached first"
        said = self._collab.me if self._collab is not None else None
        self._collab = Collab(self.id, self._client_id, self.client.door, self._document, self._line_changed)
        if said is not None:
            self._collab.say(said)
        self._begin(self._collab.run)
        self._line_changed(Line("connecting"))

    async def close(self) -> None:
        """The window is closed: leave the text, and stay in the session."""
        collab, self._collab = self._collab, None
        self._closed(self)
        if collab is not None:
            await collab.leave()
        if self._view is not None:
            self._view.close()

    # --- from the document ---------------------------------------------------------------------------------------------

    def edited(self, update: bytes) -> None:
        """The text was edited here."""
        if self._collab is not None:
            self._collab.update(update)

    def selected(self, state: dict[str, Any]) -> None:
        """Where the person here is in it."""
        if self._collab is not None:
            self._collab.say(state)

    async def highlight(self, version: int, text: str) -> None:
        """Find the colours of the text; where it changes meanwhile only the newest matters."""
        self._paint = (version, text)
        if self._painting:
            return
        self._painting = True
        try:
            while (wanted := self._paint) is not None:
                self._paint = None
                found = await asyncio.to_thread(painted, wanted[1], self.session.language, wide=self._wide)
                self.view.paint(wanted[0], found)
        finally:
            self._painting = False

    async def find(self, version: int, text: str, wanted: Wanted) -> None:
        """Look for something in the text."""
        self.view.show_found(version, wanted, await find(text, wanted))

    # --- what the person does ------------------------------------------------------------------------------------------

    async def run(self, code: str) -> None:
        """Run this text, in the sandbox, for everyone to see."""
        if not self.client.connected:
            self.view.toast("There is no connection to the server; run it once that is back.", "warning")
            return
        if not code.strip():
            self.view.toast("There is nothing to run yet.", "warning")
            return
        started: RunStarted | None = await self.attempt(cc.RunCode(session=self.id, code=code, interactive=True))
        if started is not None and started.place and self._run is None:
            self.view.toast(f"Your run waits; it is number {started.place} in the queue.", "plain")

    async def stop(self) -> None:
        """End the run that is shown."""
        if self._run is not None and not self._run.over:
            await self.attempt(cc.StopRun(run=self._run.ref.id))

    async def send_input(self, text: str) -> None:
        """A line for the program that runs."""
        run = self._run
        if run is None or run.over:
            self.view.toast("The program has ended; it reads nothing any more.", "warning")
        elif await self.attempt(cc.SendInput(run=run.ref.id, text=f"{text}\n")) is not None and self._run is run:
            await self.view.add_output((Segment(f"{text}\n", "note"),))

    async def end_input(self) -> None:
        """There is no more to read for it."""
        if self._run is not None and not self._run.over:
            await self.attempt(cc.SendInput(run=self._run.ref.id, end=True))

    async def set_language(self, name: str) -> None:
        """Write it in another language."""
        if name != self.session.language and await self._change(language=name) is None:
            self._show_session()

    async def set_title(self, title: str) -> None:
        """Call it something else."""
        await self._change(title=title)

    async def close_session(self) -> None:
        """Nobody can change it from now on."""
        await self._change(closed=True)

    async def reopen(self) -> None:
        """Everybody can again."""
        await self._change(closed=False)

    async def invite(self, names: tuple[str, ...], role: Role) -> None:
        """Ask people in."""
        wanted: Literal["editor", "viewer"] = "viewer" if role == "viewer" else "editor"
        for name in names:
            if await self.attempt(cc.InviteToSession(session=self.id, user=name, role=wanted)) is not None:
                self.view.toast(f"{name} is invited.", "good")

    async def set_role(self, name: str, role: Role) -> None:
        """Make someone an editor, a viewer, or (which hands the session over) its owner."""
        await self.attempt(cc.SetSessionRole(session=self.id, user=name, role=role))

    async def remove(self, name: str) -> None:
        """Put someone out."""
        await self.attempt(cc.RemoveParticipant(session=self.id, user=name))

    async def leave(self) -> None:
        """Take part no more."""
        if await self.attempt(cc.LeaveSession(session=self.id)) is not None:
            await self.close()

    def suggest(self) -> None:
        """Whom one might invite: whoever is online and not here yet."""
        here = {one.user.id for one in self._people if one.joined_at is not None}
        online = [one.user.name for one in self.client.replica.presence.values() if one.user.id not in here]
        self.view.suggest(tuple(sorted(online, key=str.casefold)))

    async def attempt(self, command: Command) -> Any:
        """Carry out a command; where it is refused that is said, and None returned."""
        try:
            return await self.client.do(command)
        except Refused as refused:
            self.view.toast(refused.message, "bad")
        except (ClientError, TimeoutError) as error:
            self.view.toast(str(error) or "The server does not answer; try again.", "bad")
        return None

    async def _change(self, **what: Any) -> Any:
        return await self.attempt(cc.UpdateSession(session=self.id, **what))

    # --- what happens --------------------------------------------------------------------------------------------------

    def hear(self, happening: Happening) -> None:
        """Something happened, perhaps here."""
        match happening:
            case Connected():
                self._begin(self.rejoin)
            case e.SessionUpdated(session=session) if session.id == self.id:
                self._updated(session)
            case (
                e.ParticipantLeft(session=self.id)
                | e.ParticipantJoined(session=self.id)
                | e.ParticipantChanged(session=self.id)
            ):
                self._people = happening.participants
                if isinstance(happening, e.ParticipantLeft) and happening.user.id == self.me:
                    self._out = "You take no part in this session any more."
                self._show_session()
            case e.RunQueued(run=run, place=place) if run.session == self.id:
                self._began(run, place)
            case e.RunBegan(run=run) if run.session == self.id:
                self._began(run, 0)
            case e.RunOutput(run=run) if self._run is not None and run == self._run.ref.id:
                self._run.hear(happening)
                self._draw()
            case e.RunEnded(run=run) if run.session == self.id:
                self._ended(run)
            case e.PresenceChanged():
                pass

    async def rejoin(self) -> None:
        """Take part again: there is a new connection, which has to hear of this session, or someone has asked this person back in."""
        try:
            joined: SessionJoined = await self.client.do(cc.JoinSession(session=self.id))
        except (ClientError, TimeoutError) as error:
            self._out = str(error)
        else:
            self._out, self._people = "", joined.participants
            self._updated(joined.session)
            self._take_runs(joined)
            await self._catch_up(joined)
            if self._collab is not None and self._collab.line.state == "ended":
                self._connect()
        self._show_session()

    async def _catch_up(self, joined: SessionJoined) -> None:
        """The run that was shown may have ended while there was no connection."""
        run = self._run
        if run is not None and not run.over and all(one.run.id != run.ref.id for one in joined.running):
            whole: WholeRun | None = await self.attempt(cc.GetRun(run=run.ref.id))
            if whole is not None and self._run is run:
                self._fill(run, whole)

    def _updated(self, session: CodeSession) -> None:
        before, self.session = self.session, session
        self._show_session()
        if self._collab is not None and self._collab.line.state == "ended" and before != session:
            self._connect()

    def _line_changed(self, line: Line) -> None:
        words: dict[str, tuple[str, Tone]] = {
            "connecting": ("Connecting…", "plain"),
            "live": ("Saved as you type", "good"),
            "down": ("Offline: your edits are kept and merged later", "warning"),
            "ended": (line.reason, "bad"),
        }
        self.view.show_line(LineShown(*words[line.state]))
        if line.state == "ended":
            self._show_session()

    # --- runs ----------------------------------------------------------------------------------------------------------

    def _take_runs(self, joined: SessionJoined) -> None:
        for whole in joined.running:
            if self._run is None or whole.run.id >= self._run.ref.id:
                if self._run is None or self._run.ref.id != whole.run.id:
                    self._run = CodeRun(whole.run)
                self._fill(self._run, whole)

    def _began(self, ref: RunRef, place: int) -> None:
        if self._run is not None and self._run.ref.id > ref.id:
            return
        fresh = self._run is None or self._run.ref.id != ref.id
        if self._run is None or fresh:
            self._run = CodeRun(ref)
        self._run.ref, self._run.place, self._run.begun = ref, place, not place
        self.view.show_run(self._run.shown, fresh)

    def _ended(self, ref: RunRef) -> None:
        run = self._run
        if run is None or run.ref.id < ref.id:
            self._began(ref, 0)
            run = self._run
        if run is not None and run.ref.id == ref.id:
            run.ref = ref
            if run.gap or not run.begun or (not run.written and ref.result is not None and ref.result.duration_ms):
                self._begin(self._fetch, run)
            self._draw()

    async def _fetch(self, run: CodeRun) -> None:
        """Some of what it wrote was lost on the way here."""
        whole: WholeRun | None = await self.attempt(cc.GetRun(run=run.ref.id))
        if whole is not None and self._run is run and (run.gap or not run.written):
            self._fill(run, whole)

    def _fill(self, run: CodeRun, whole: WholeRun) -> None:
        run.fill(whole)
        self.view.show_run(run.shown, True)
        self._draw()

    def _draw(self) -> None:
        if not self._drawing:
            self._drawing = True
            self._begin(self._drawn)

    async def _drawn(self) -> None:
        """Draw what waits, and never more than the window can take."""
        await asyncio.sleep(DRAW_SECONDS)
        while (run := self._run) is not None and (output := run.take()):
            await self.view.add_output(output)
        self._drawing = False
        if self._run is not None:
            self.view.show_run(self._run.shown, False)

    # --- showing -------------------------------------------------------------------------------------------------------

    def _show_session(self) -> None:
        session = self.session
        mine = next((one for one in self._people if one.user.id == self.me), None)
        people = [
            PersonHere(one.user.id, one.user.name, one.role, one.joined_at is not None, self._is_here(one), one is mine)
            for one in self._people
        ]
        people.sort(key=lambda one: (not one.me, not one.joined, one.role == "viewer", one.name.casefold()))
        language = next((one for one in self._known if one.name == session.language), None)
        self.view.show_session(
            SessionShown(
                session.id,
                name_of(session),
                session.language,
                mine.role if mine is not None else None,
                tuple(people),
                session.closed_at is not None,
                self._why_not(mine),
                can_run=language is None or language.missing is None,
            )
        )
        if self._document is not None:
            self._document.know({one.user.name: one.user.id for one in self._people})

    def _why_not(self, mine: Participant | None) -> str:
        if self._out:
            return self._out
        if self._collab is not None and self._collab.line.state == "ended":
            return self._collab.line.reason
        if self.session.closed_at is not None:
            return _CLOSED
        return _READ_ONLY if mine is not None and mine.role == "viewer" else ""

    def _is_here(self, one: Participant) -> bool:
        return self.client.replica.status(one.user.id) != "offline"
