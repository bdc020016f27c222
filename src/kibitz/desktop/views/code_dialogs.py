"""The windows around code sessions: a new one, the list of them, an invitation, who takes part, and what was.

Rule: each asks one thing, says what will come of it, and is done with Return or Escape.
"""

from collections.abc import Callable
from typing import Any, Final

from kibitz.desktop.presenters.code_history import History
from kibitz.desktop.presenters.code_shown import (
    LanguageRow,
    NewSession,
    PersonHere,
    RunRow,
    Segment,
    SessionRow,
    SessionShown,
    VersionRow,
)
from kibitz.desktop.presenters.coding import Coding
from kibitz.desktop.presenters.desk import Desk
from kibitz.desktop.views import kit
from kibitz.desktop.views.kit import S1, S2, S3, S4
from kibitz.desktop.views.listing import Line, Listing
from kibitz.desktop.views.output import style

OLDER: Final = "older"
"""The key of the row that asks for more."""

_ACCESS: Final = {"room": "Members of {}", "private": "Only people I invite", "open": "Anyone on this server"}


class NewSessionDialog(kit.Dialog):
    """What a new session is to be."""

    def __init__(
        self, parent: Any, desk: Desk, languages: tuple[LanguageRow, ...], room: int | None, title: str, problem: str
    ) -> None:
        super().__init__(parent, "New code session")
        self._desk, self._room = desk, room
        self._languages = {
            f"{one.title}{'' if one.missing is None else ' (cannot be run here)'}": one for one in languages
        }
        self._access = {words.format(title): key for key, words in _ACCESS.items() if key != "room" or room is not None}
        kit.Label(self.body, "New code session", "large", bold=True).pack(fill="x", pady=(0, S3))
        self.title_entry = self._field("Title (may be empty)", kit.Entry(self.body, "What you work on"))
        self.language: kit.Choice = self._field(
            "Language", kit.Choice(self.body, list(self._languages), lambda _: self._chosen())
        )
        self.access: kit.Choice = self._field("Who may join", kit.Choice(self.body, list(self._access), lambda _: None))
        python = next((shown for shown, one in self._languages.items() if one.name == "python"), None)
        if python is not None:
            self.language.set(python)
        self.button("Create", self._create, "primary")
        self.button("Cancel", self.close)
        if problem:
            self.refuse(problem)
        else:
            self._chosen()
        self.show(self.title_entry)

    def _field(self, label: str, widget: Any) -> Any:
        kit.Label(self.body, label, "small", colour="muted").pack(fill="x", pady=(S2, 2), before=None)
        widget.pack(fill="x")
        return widget

    def _chosen(self) -> None:
        one = self._languages.get(self.language.get())
        missing = one is not None and one.missing is not None
        self.refuse(
            f"{one.title} can be written but not run here: {one.missing}" if one is not None and missing else ""
        )

    def _create(self) -> None:
        language = self._languages.get(self.language.get())
        access: Any = self._access[self.access.get()]
        wanted = NewSession(language.name if language is not None else "python", self.title_entry.get(), access)
        self.close()
        self._desk.create(wanted, self._room)


class SessionsDialog(kit.Dialog):
    """The sessions one may come back to."""

    def __init__(self, parent: Any, desk: Desk) -> None:
        super().__init__(parent, "Code sessions", width=520)
        self._desk = desk
        self._rows: list[SessionRow] = []
        kit.Label(self.body, "Code sessions", "large", bold=True).pack(fill="x", pady=(0, S3))
        self.list = Listing(
            self.body, "surface", self._chosen, width=520, height=340,
            empty="You take part in no session yet. Begin one with “New session”, or press Edit together below a code block.",
        )  # fmt: skip
        self.list.pack(fill="both", expand=True)
        self.button("New session", self._new, "primary")
        self.button("Close", self.close)

    def put(self, sessions: tuple[SessionRow, ...], *, more: bool, first: bool) -> None:
        """A page of them."""
        self._rows = [*([] if first else self._rows), *sessions]
        lines = [
            Line(
                row.session, row.title + (" (closed)" if row.closed else ""), note=row.when,
                below=f"{row.language} · {row.where} · begun by {row.who}", strong=not row.closed,
            )
            for row in self._rows
        ]  # fmt: skip
        self.list.show((*lines, Line(OLDER, "Show older ones")) if more else tuple(lines))
        if first:
            self.show(self.list if self._rows else None)

    def _chosen(self, key: Any) -> None:
        if key == OLDER:
            self._desk.browse(True)
        else:
            self.close()
            self._desk.open(key)

    def _new(self) -> None:
        self.close()
        self._desk.new()


class InviteDialog(kit.Dialog):
    """Whom to ask in, and as what."""

    def __init__(self, parent: Any, coding: Coding) -> None:
        super().__init__(parent, "Invite to the session")
        self._coding = coding
        self._names: tuple[str, ...] = ()
        self._roles: dict[str, Any] = {"Editors, who write and run": "editor", "Viewers, who only watch": "viewer"}
        kit.Label(self.body, "Invite to the session", "large", bold=True).pack(fill="x")
        kit.Label(
            self.body, "They hear of it at once, and find it in their conversation with you.", colour="muted"
        ).pack(fill="x", pady=(S1, S3))
        kit.Label(self.body, "Names, with commas between", "small", colour="muted").pack(fill="x", pady=(0, 2))
        self.name = kit.Entry(self.body)
        self.name.pack(fill="x")
        self.name.bind("<KeyRelease>", lambda _: self._offer())
        self.name.bind("<Down>", lambda _: self.list.focus_set())
        self.list: Listing = Listing(
            self.body, "surface", self._chosen, width=420, height=170, empty="Nobody else is online: write a name."
        )
        self.list.pack(fill="x", pady=S2)
        self.role = kit.Choice(self.body, list(self._roles), lambda _: None)
        self.role.pack(fill="x", pady=(S1, S2))
        self.button("Invite", self._invite, "primary")
        self.button("Cancel", self.close)
        self.show(self.name)

    def suggest(self, names: tuple[str, ...]) -> None:
        """Whom one might ask."""
        self._names = names
        self._offer()

    def _offer(self) -> None:
        begun = self.name.get().rpartition(",")[2].strip().casefold()
        chosen = {name.strip().casefold() for name in self.name.get().split(",")[:-1]}
        fitting = [name for name in self._names if begun in name.casefold() and name.casefold() not in chosen]
        self.list.show(tuple(Line(name, name, person=at + 1) for at, name in enumerate(fitting[:100])))

    def _chosen(self, name: Any) -> None:
        before, comma, _ = self.name.get().rpartition(",")
        self.name.replace(f"{before}{comma}{' ' if comma else ''}{name}")
        self.name.focus_set()
        self._offer()

    def _invite(self) -> None:
        names = tuple(dict.fromkeys(name.strip() for name in self.name.get().split(",") if name.strip()))
        if not names:
            self.refuse("Write a name, or choose one from the list.")
            self.name.focus_set()
            return
        role = self._roles[self.role.get()]
        self.close()
        self._coding.invite(names, role)


class PeopleDialog(kit.Dialog):
    """Who takes part, and what may be done about them."""

    def __init__(self, parent: Any, coding: Coding, invite: Callable[[], None]) -> None:
        super().__init__(parent, "Participants")
        self._coding, self._invite = coding, invite
        self._shown: SessionShown | None = None
        kit.Label(self.body, "Participants", "large", bold=True).pack(fill="x")
        self.hint = kit.Label(self.body, "", colour="muted", wraplength=420)
        self.hint.pack(fill="x", pady=(S1, S3))
        self.list = Listing(self.body, "surface", self._act, width=420, height=260, asked=lambda key, _: self._act(key))
        self.list.pack(fill="x")
        self.button("Close", self.close, "primary")
        self.button("Invite…", self._more)

    def put(self, shown: SessionShown) -> None:
        """These take part."""
        opened, self._shown = self._shown is None, shown
        owner = shown.role == "owner"
        self.hint.configure(
            text="Choose somebody to change their part." if owner else "The owner may change parts and put people out."
        )
        self.list.show(tuple(_person(one) for one in shown.people))
        if opened:
            self.show(self.list)

    def _act(self, key: Any) -> None:
        shown = self._shown
        one = next((one for one in shown.people if one.person == key), None) if shown is not None else None
        if one is None or shown is None or shown.role != "owner" or one.me:
            return
        menu = kit.Menu(self)
        coding = self._coding
        if one.role != "editor":
            menu.add_item("Make an editor", lambda: coding.set_role(one.name, "editor"))
        if one.role != "viewer":
            menu.add_item("Make a viewer", lambda: coding.set_role(one.name, "viewer"))
        menu.add_item("Hand the session over", lambda: self._hand_over(one.name))
        menu.add_separator()
        menu.add_item("Put out", lambda: coding.remove(one.name))
        menu.open_at(self.list)

    def _hand_over(self, name: str) -> None:
        kit.confirm(
            self, f"Hand the session over to {name}?", f"{name} becomes the owner, and you an editor.",
            lambda: self._coding.set_role(name, "owner"), verb="Hand over",
        )  # fmt: skip

    def _more(self) -> None:
        self.close()
        self._invite()


def _person(one: PersonHere) -> Line:
    note = one.role if one.joined else f"{one.role}, invited"
    return Line(
        one.person,
        one.name + (" (you)" if one.me else ""),
        person=one.person,
        status="online" if one.here else "offline",
        note=note,
    )


class ReadingWindow(kit.Toplevel):
    """A text to be read and copied."""

    def __init__(self, parent: Any, title: str, parts: tuple[Segment, ...]) -> None:
        super().__init__(parent, title)
        self.pane = kit.TextPane(self, "code", mono=True)
        self.pane.pack(fill="both", expand=True)
        text = self.pane.text
        text.configure(padx=self.pane.px(S3), pady=self.pane.px(S3), wrap="none")
        self.pane.restyled = lambda: style(self.pane)
        style(self.pane)
        for part in parts:
            tags = tuple(tag for tag in (part.stream, part.colour, "bold" if part.bold else "") if tag)
            text.insert("end", part.text, tags)
        text.configure(state="disabled")
        self.bind("<Escape>", lambda _: self.close())
        self.center(720, 520)
        text.focus_set()


class HistoryWindow(kit.Toplevel):
    """The runs of a session, and the versions of its text."""

    def __init__(self, parent: Any, title: str, history: History, *, can_write: bool) -> None:
        super().__init__(parent, f"History – {title}")
        self._history, self._can_write = history, can_write
        self._runs: list[RunRow] = []
        self._versions: list[VersionRow] = []
        self._compared: int | None = None
        bar = kit.Panel(self, "window")
        bar.pack(fill="x", padx=S3, pady=S2)
        self.runs_button = kit.Button(bar, "Runs", lambda: self._turn("runs"), width=76)
        self.versions_button = kit.Button(bar, "Versions of the text", lambda: self._turn("versions"), width=160)
        for button in (self.runs_button, self.versions_button):
            button.pack(side="left", padx=(0, S1))
        self.list = Listing(
            self,
            "surface",
            self._look,
            double=True,
            asked=self._menu,
            width=640,
            height=380,
        )
        self.list.pack(fill="both", expand=True)
        foot = kit.Panel(self, "window")
        foot.pack(fill="x", padx=S3, pady=S2)
        self.look = kit.Button(foot, "Look at it", lambda: self._look(self.list.cursor), look="primary", width=96)
        self.act = kit.Button(foot, "Run again", self._act, width=96)
        self.compare = kit.Button(foot, "Compare with…", self._compare, look="quiet")
        for button in (self.look, self.act, self.compare):
            button.pack(side="left", padx=(0, S2))
        self.note = kit.Label(foot, "", "small", colour="muted")
        self.note.pack(side="left", padx=S2)
        self.bind("<Escape>", lambda _: self.close())
        self.center(680, 500)
        self._turn("runs")

    def show_runs(self, runs: tuple[RunRow, ...], more: bool, first: bool) -> None:
        """A page of runs."""
        self._runs = [*([] if first else self._runs), *runs]
        self.list.empty = "Nothing has been run in this session yet. Press Run (F5) in its window."
        if self._what == "runs":
            lines = [
                Line(
                    one.run,
                    one.result,
                    note=one.when,
                    below=f"{one.who} · {one.language}",
                    sign=_SIGNS[one.tone],
                    strong=True,
                )
                for one in self._runs
            ]
            self._put(lines, more)

    def show_versions(self, versions: tuple[VersionRow, ...], more: bool, first: bool) -> None:
        """A page of versions."""
        self._versions = [*([] if first else self._versions), *versions]
        self.list.empty = "Nothing has been written in this session yet."
        if self._what == "versions":
            lines = [
                Line(one.version, f"Version {one.version}", note=one.when, below=f"{one.who} · {one.size}", strong=True)
                for one in self._versions
            ]
            self._put(lines, more)

    def _put(self, lines: list[Line], more: bool) -> None:
        self.list.show((*lines, Line(OLDER, "Show older ones")) if more else tuple(lines))
        if lines and self.list.cursor is None:
            self.list.rest(lines[0].key)
        self.list.redraw()
        for button in (self.look, self.act, self.compare):
            button.enable(on=bool(lines) and (button is not self.act or self._can_write))

    def _turn(self, what: str) -> None:
        self._what = what
        self._compared = None
        self.runs_button.paint("accent_soft" if what == "runs" else "raised", "text")
        self.versions_button.paint("accent_soft" if what == "versions" else "raised", "text")
        self.act.configure(text="Run again" if what == "runs" else "Restore")
        if what == "runs":
            self.compare.pack(side="left", padx=(0, S2), after=self.act)
        else:
            self.compare.pack_forget()
        self.note.configure(text="")
        self._put([], more=False)
        if what == "runs":
            self._history.runs()
        else:
            self._history.versions()
        self.list.focus_set()

    def _look(self, key: Any) -> None:
        if key == OLDER and self._what == "runs":
            self._history.runs(True)
        elif key == OLDER:
            self._history.versions(True)
        elif key is not None and self._compared is not None:
            self._history.compare(self._compared, key)
            self._compared = None
            self.note.configure(text="")
        elif key is not None and self._what == "runs":
            self._history.look_at_run(key)
        elif key is not None:
            self._history.look_at_version(key)

    def _act(self) -> None:
        key: Any = self.list.cursor
        if key in {None, OLDER}:
            return
        if self._what == "runs":
            self._history.run_again(key)
        else:
            kit.confirm(
                self, f"Restore version {key}?", "The text becomes what it was then, for everyone. What came since stays in the history.",
                lambda: self._history.restore(key), verb="Restore",
            )  # fmt: skip

    def _compare(self) -> None:
        key: Any = self.list.cursor
        if key in {None, OLDER}:
            return
        if self._compared is None or self._compared == key:
            self._compared = key
            self.note.configure(text=f"Choose the run to compare run {key} with, and open it.")
            self.list.focus_set()
        else:
            self._look(key)

    def _menu(self, key: Any, event: Any) -> None:
        menu = kit.Menu(self)
        menu.add_item("Look at it", lambda: self._look(key), keys="Return")
        menu.add_item(self.act.cget("text"), self._act, enabled=self._can_write)
        if self._what == "runs":
            menu.add_item("Compare with…", self._compare)
        menu.open_by(event)


_SIGNS: Final = {"plain": "…", "good": "✓", "bad": "✗", "warning": "!"}


class Invitation(kit.Panel):
    """Somebody asks this person into a session: in a corner of the main window until it is answered."""

    def __init__(self, parent: Any, session: int, title: str, language: str, by: str, desk: Desk) -> None:
        super().__init__(parent, "raised", radius=8, border_width=1, border_color=kit.pair("accent"))
        kit.Label(self, f"{by} invites you to edit together", bold=True).pack(fill="x", padx=S4, pady=(S3, 0))
        kit.Label(self, f"{title} · {language}", colour="muted").pack(fill="x", padx=S4, pady=(2, S2))
        row = kit.Panel(self)
        row.pack(fill="x", padx=S4, pady=(0, S3))
        self.join = kit.Button(row, "Join", lambda: self._joined(session), look="primary", width=76)
        self.join.pack(side="left")
        kit.Button(row, "Not now", self.destroy, look="quiet", width=76).pack(side="left", padx=S2)
        self._desk = desk

    def _joined(self, session: int) -> None:
        self.destroy()
        self._desk.open(session)


class CodeDesk:
    """Where the desk's presenter asks and tells: dialogs over the main window. Attach the presenter before it is used."""

    def __init__(self, parent: Any) -> None:
        self._parent = parent
        self._sessions: SessionsDialog | None = None
        self._invitations: dict[int, Invitation] = {}
        self._dialog: kit.Dialog | None = None
        self.desk: Desk

    def attach(self, desk: Desk) -> None:
        """Whom to tell what was done."""
        self.desk = desk

    def ask_new(self, languages: tuple[LanguageRow, ...], room: int | None, title: str, problem: str) -> None:
        """Ask what a new session is to be."""
        self._dialog = NewSessionDialog(self._parent, self.desk, languages, room, title, problem)

    def show_sessions(self, sessions: tuple[SessionRow, ...], more: bool, first: bool) -> None:
        """A page of the list of sessions."""
        if first or self._sessions is None or not self._sessions.winfo_exists():
            if self._sessions is not None and self._sessions.winfo_exists():
                self._sessions.close()
            self._sessions, first = SessionsDialog(self._parent, self.desk), True
        self._sessions.put(sessions, more=more, first=first)

    def show_invitation(self, session: int, title: str, language: str, by: str) -> None:
        """Someone asks this person into a session."""
        before = self._invitations.pop(session, None)
        if before is not None and before.winfo_exists():
            before.destroy()
        card = self._invitations[session] = Invitation(self._parent, session, title, language, by, self.desk)
        there = [one for one in self._invitations.values() if one.winfo_exists()]
        card.place(relx=1.0, rely=0.0, x=-S4, y=S4 + (len(there) - 1) * 110, anchor="ne")
        card.lift()

    def close(self) -> None:
        """The login has ended."""
        for window in (self._sessions, self._dialog, *self._invitations.values()):
            if window is not None and window.winfo_exists():
                window.destroy()
