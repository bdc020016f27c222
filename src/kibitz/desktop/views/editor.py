"""The window of one code session: the text that several people edit, what it prints, and who takes part.

Rule: it closes without ending anything; whatever the connection does, what is written stays and can be gone on with.
"""

import tkinter
from collections.abc import Callable
from typing import Any, Final

from kibitz.desktop.presenters.code_history import History
from kibitz.desktop.presenters.code_shown import (
    LanguageRow,
    LineShown,
    PersonHere,
    RemoteCursor,
    RunRow,
    RunShown,
    Segment,
    SessionShown,
    Tone,
    VersionRow,
)
from kibitz.desktop.presenters.coding import Coding
from kibitz.desktop.presenters.editing import Change, Editing, Whose
from kibitz.desktop.presenters.finding import Found, Wanted
from kibitz.desktop.presenters.painting import Painted
from kibitz.desktop.views import kit
from kibitz.desktop.views.code_cursors import CodeCursors
from kibitz.desktop.views.code_dialogs import HistoryWindow, InviteDialog, PeopleDialog, ReadingWindow
from kibitz.desktop.views.code_keys import CodeKeys
from kibitz.desktop.views.code_text import CodeText
from kibitz.desktop.views.drawing import Drawing
from kibitz.desktop.views.find_bar import FindBar
from kibitz.desktop.views.gutter import Gutter
from kibitz.desktop.views.kit import S1, S2, S3
from kibitz.desktop.views.output import TONES, Output

SIZE: Final = (960, 720)
TOAST_MS: Final = 6000
SELECT_MS: Final = 60
"""How often others are told where the cursor is: the server gathers for as long."""


class EditorWindow(kit.Toplevel):
    """The window."""

    def __init__(self, parent: Any, coding: Coding, history: History, editing: Editing) -> None:
        super().__init__(parent, "Code session")
        self.withdraw()
        self.coding, self._past, self.editing = coding, history, editing
        self.shown: SessionShown | None = None
        self.run_shown: RunShown | None = None
        self.line = LineShown("Connecting…", "plain")
        self._languages: tuple[LanguageRow, ...] = ()
        self._problem = ""
        self._saved = 0  # the version of the text when the connection was lost
        self._timers: dict[str, str] = {}
        self._selected: tuple[int, int] | None = None
        self._dialogs: dict[str, Any] = {}
        self._build()
        editing.attach(self, coding.edited, coding.selected)
        self.center(*SIZE)
        self.minsize(480, 360)
        self.deiconify()
        self.code.text.focus_set()

    # --- what the presenter tells --------------------------------------------------------------------------------------

    def show_session(self, session: SessionShown) -> None:
        """What it is, and who takes part."""
        before, self.shown = self.shown, session
        self.title(f"{session.title} – Kibitz")
        self.editing.why_not = session.why_not
        self._show_language()
        self.people.show(session.people)
        self._show_notice()
        if before is None or before.language != session.language:
            self.keys.language = session.language
            self.code.plain()
        self.invite.enable(on=session.role is not None)
        people = self._dialogs.get("people")
        if people is not None and people.winfo_exists():
            people.put(session)
        self._show_buttons()

    def show_languages(self, languages: tuple[LanguageRow, ...], problem: str) -> None:
        """What it may be written in."""
        self._languages, self._problem = languages, problem
        self._show_language()
        self._show_notice()

    def show_line(self, line: LineShown) -> None:
        """How it stands with the connection."""
        if self.line.tone == "good":
            self._saved = self.code.version
        self.line = line
        self.line_label.configure(text=f"●  {line.text}", text_color=kit.pair(TONES[line.tone]))

    def show_run(self, run: RunShown | None, fresh: bool) -> None:
        """The run whose output is shown."""
        self.run_shown = run
        self.output.show_run(run, fresh)
        self._show_buttons()

    def add_output(self, output: tuple[Segment, ...]) -> None:
        """It has written this."""
        self.output.add(output)

    def paint(self, version: int, lines: tuple[Painted, ...]) -> None:
        """The colours of the text."""
        self.code.paint(version, lines)

    def show_found(self, version: int, wanted: Wanted, found: Found) -> None:
        """Where something is."""
        self.find.show_found(version, wanted, found)

    def suggest(self, names: tuple[str, ...]) -> None:
        """Whom one might invite."""
        dialog = self._dialogs.get("invite")
        if dialog is not None and dialog.winfo_exists():
            dialog.suggest(names)

    def show_runs(self, runs: tuple[RunRow, ...], more: bool, first: bool) -> None:
        """A page of the history of runs."""
        if (window := self._history()) is not None:
            window.show_runs(runs, more, first)

    def show_versions(self, versions: tuple[VersionRow, ...], more: bool, first: bool) -> None:
        """A page of the text's history."""
        if (window := self._history()) is not None:
            window.show_versions(versions, more, first)

    def show_text(self, title: str, parts: tuple[Segment, ...]) -> None:
        """A text to be read."""
        ReadingWindow(self._history() or self, title, parts)

    def toast(self, text: str, tone: Tone) -> None:
        """What has just come of something, for a while."""
        self.note.configure(text=text, text_color=kit.pair("text" if tone == "plain" else TONES[tone]))
        self.tip.pack_forget()
        self._later("note", TOAST_MS, self._hide_note)

    def _hide_note(self) -> None:
        self.note.configure(text="")
        self.tip.pack(side="right", padx=S3)

    def lift_up(self) -> None:
        """Bring it to the front."""
        self.deiconify()
        self.lift()
        self.focus_force()
        self.code.text.focus_set()

    def close(self) -> None:
        """It is over."""
        if self.winfo_exists():
            super().close()

    def destroy(self) -> None:
        """End it, and whatever it was about to do."""
        for timer in self._timers.values():
            self.after_cancel(timer)
        self._timers.clear()
        self.editing.close()
        super().destroy()

    # --- what the document tells ---------------------------------------------------------------------------------------

    def show_changes(self, changes: tuple[Change, ...], whose: Whose) -> None:
        """The text has changed."""
        self.code.show_changes(changes, whose)

    def show_cursors(self, cursors: tuple[RemoteCursor, ...]) -> None:
        """Others are here."""
        self.cursors.show(cursors)

    # --- what the person does ------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Run the text as it stands here."""
        self.coding.run(self.code.mirror.text)

    @property
    def is_unsaved(self) -> bool:
        """Whether there are edits here that the server does not have."""
        return self.line.tone in {"warning", "plain"} and self.code.version != self._saved

    def ask_to_close(self) -> None:
        """The window is to be closed, which what is not saved yet would not survive."""
        if self.is_unsaved:
            kit.confirm(
                self, "Close while offline?",
                "Edits you made since the connection was lost have not reached the server. If you close this window, they are gone.",
                self.coding.close, verb="Close", danger=True,
            )  # fmt: skip
        else:
            self.coding.close()

    def open_find(self, *, replace: bool = False) -> None:
        """Look for something in the text."""
        self.find.open(replace=replace)

    def open_invite(self) -> None:
        """Ask somebody in."""
        self._dialogs["invite"] = InviteDialog(self, self.coding)
        self.coding.suggest()

    def open_people(self) -> None:
        """See who takes part."""
        if self.shown is not None:
            dialog = self._dialogs["people"] = PeopleDialog(self, self.coding, self.open_invite)
            dialog.put(self.shown)

    def open_history(self) -> None:
        """See what was run and written before."""
        before = self._history()
        if before is not None:
            before.lift()
            before.focus_force()
        elif self.shown is not None:
            self._dialogs["history"] = HistoryWindow(self, self.shown.title, self._past, can_write=self.shown.can_write)

    def open_menu(self) -> None:
        """What is done more rarely."""
        shown = self.shown
        if shown is None:
            return
        menu = kit.Menu(self)
        owner = shown.role == "owner"
        menu.add_item("Find", self.open_find, keys="Ctrl+F")
        menu.add_item("Replace", lambda: self.open_find(replace=True), keys="Ctrl+H")
        menu.add_item("Comment lines out", self.keys.comment, keys="Ctrl+/", enabled=shown.can_write)
        menu.add_separator()
        menu.add_item("Participants", self.open_people)
        menu.add_item("Close the session for everyone", self._ask_to_end, enabled=owner and not shown.closed)
        menu.add_item("Reopen the session", self.coding.reopen, enabled=owner and shown.closed)
        menu.add_item("Leave the session", self._ask_to_leave, enabled=shown.role is not None)
        menu.open_at(self.more)

    def zoom(self, by: float) -> None:
        """Larger or smaller letters; 0: as they were."""
        self.code.put_zoom(self.code.zoom * by if by else 1.0)
        self.cursors.restyle()

    def _ask_to_leave(self) -> None:
        kit.confirm(
            self, "Leave the session?", "You take part no more. You can come back where anyone may join, or when you are invited again.",
            self.coding.leave, verb="Leave",
        )  # fmt: skip

    def _ask_to_end(self) -> None:
        kit.confirm(
            self, "Close the session?", "Everyone can still read it, nobody can change or run it. You can reopen it.",
            self.coding.close_session, verb="Close the session",
        )  # fmt: skip

    # --- within --------------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self._build_bar()
        self.notice = kit.Label(
            self, "", colour="text", fg_color=kit.pair("warning_soft"), padx=S3, pady=S2, wraplength=880
        )
        self.split = tkinter.PanedWindow(self, orient="vertical", borderwidth=0, sashwidth=6, opaqueresize=True)
        self._build_foot()
        self.split.pack(fill="both", expand=True)
        top = self.top = kit.Panel(self.split, "surface")
        top.grid_rowconfigure(1, weight=1)
        top.grid_columnconfigure(1, weight=1)
        self.code = CodeText(top, self.editing)
        self.gutter = Gutter(top, self.code)
        self.gutter.grid(row=1, column=0, sticky="ns")
        self.code.grid(row=1, column=1, sticky="nsew")
        self.find = FindBar(top, self.code, self.coding.find)
        self.find.grid(row=0, column=0, columnspan=2, sticky="ew")
        self.find.grid_remove()
        self.cursors = CodeCursors(self.code)
        self.keys = CodeKeys(self.code)
        self.output = Output(self.split, self.coding)
        self.split.add(top, stretch="always", minsize=120)
        self.split.add(self.output, stretch="never", minsize=80)
        self.code.moved, self.code.scrolled = self._moved, self._scrolled
        self.code.refused = lambda why: self.toast(why, "warning")
        self.code.repaint = self.coding.highlight
        self._restyle()
        self._listen()
        self._timers["sash"] = self.after_idle(self._place_sash)

    def _build_bar(self) -> None:
        bar = kit.Panel(self, "window")
        bar.pack(fill="x", padx=S2, pady=S2)
        self.language = kit.Choice(bar, [""], self._choose_language, width=150)
        self.language.pack(side="left")
        self.run_button = kit.Button(bar, "▶  Run", self.run, look="primary", bold=True, width=84)
        self.run_button.pack(side="left", padx=(S2, S1))
        kit.Tooltip(self.run_button, "Run it for everyone to see (F5 or Ctrl+Return)")
        self.stop_button = kit.Button(bar, "■  Stop", self.coding.stop, width=80)
        self.stop_button.pack(side="left")
        kit.Tooltip(self.stop_button, "End the program (Shift+F5)")
        self.more = kit.Button(bar, "⋯", self.open_menu, look="quiet", width=36, bold=True)
        self.more.pack(side="right")
        kit.Tooltip(self.more, "More (F10)")
        self.history = kit.Button(bar, "History", self.open_history, look="quiet")
        self.history.pack(side="right", padx=(0, S1))
        self.invite = kit.Button(bar, "Invite…", self.open_invite, width=84)
        self.invite.pack(side="right", padx=S2)
        self.people = _Faces(bar, self.open_people)
        self.people.pack(side="right", fill="y")

    def _build_foot(self) -> None:
        foot = kit.Panel(self, "window")
        foot.pack(fill="x", side="bottom", padx=S3, pady=S1)
        self.line_label = kit.Label(foot, "", "small", colour="muted")
        self.line_label.pack(side="left")
        self.note = kit.Label(foot, "", "small", colour="text")
        self.note.pack(side="left", padx=S3)
        self.where = kit.Label(foot, "Line 1, column 1", "small", colour="muted")
        self.where.pack(side="right")
        self.tip = kit.Label(foot, "Esc, then Tab leaves the text", "small", colour="muted")
        self.tip.pack(side="right", padx=S3)

    def _listen(self) -> None:
        self.protocol("WM_DELETE_WINDOW", self.ask_to_close)
        keys: dict[str, Callable[[], Any]] = {
            "<F5>": self.run,
            "<Control-Return>": self.run,
            "<Shift-F5>": self.coding.stop,
            "<Control-f>": self.open_find,
            "<Control-h>": lambda: self.open_find(replace=True),
            "<F3>": self.find.next,
            "<Shift-F3>": self.find.previous,
            "<F10>": self.open_menu,
            "<Control-w>": self.ask_to_close,
            "<Control-plus>": lambda: self.zoom(1.1),
            "<Control-equal>": lambda: self.zoom(1.1),
            "<Control-KP_Add>": lambda: self.zoom(1.1),
            "<Control-minus>": lambda: self.zoom(1 / 1.1),
            "<Control-KP_Subtract>": lambda: self.zoom(1 / 1.1),
            "<Control-Key-0>": lambda: self.zoom(0),
        }
        for key, act in keys.items():
            for widget in (self, self.code.text):
                tkinter.Misc.bind(widget, key, lambda _, act=act: self._act(act))

    def _act(self, act: Callable[[], Any]) -> str:
        act()
        return "break"

    def _place_sash(self) -> None:
        self._timers.pop("sash", None)
        self.update_idletasks()
        self.split.sash_place(0, 0, round(self.split.winfo_height() * 0.66))

    def _moved(self) -> None:
        head = self.code.head
        line, column = self.code.mirror.place(head)
        start, end = self.code.selection
        chosen = f" ({end - start} selected)" if end > start else ""
        self.where.configure(text=f"Line {line}, column {column + 1}{chosen}")
        self.keys.mark_line()
        self.find.changed()
        anchor = start if head == end else end
        if (anchor, head) != self._selected:
            self._selected = (anchor, head)
            if "select" not in self._timers:
                self._later("select", SELECT_MS, self._tell_selection)

    def _tell_selection(self) -> None:
        if self._selected is not None:
            self.editing.select(*self._selected)

    def _scrolled(self) -> None:
        self.gutter.follow()
        self.cursors.follow()

    def _choose_language(self, title: str) -> None:
        chosen = next((one for one in self._languages if one.title == title), None)
        if chosen is not None:
            self.coding.set_language(chosen.name)

    def _show_language(self) -> None:
        self.language.configure(values=[one.title for one in self._languages] or [""])
        now = self._language()
        self.language.set(now.title if now is not None else self.shown.language if self.shown is not None else "")

    def _language(self) -> LanguageRow | None:
        return next(
            (one for one in self._languages if self.shown is not None and one.name == self.shown.language), None
        )

    def _show_notice(self) -> None:
        now, why = self._language(), self.shown.why_not if self.shown is not None else ""
        if not why and self._problem:
            why = f"Nothing can be run on this server: {self._problem}"
        elif not why and now is not None and now.missing:
            why = f"{now.title} cannot be run on this server yet. {now.missing}"
        self.notice.configure(text=why)
        if why:
            self.notice.pack(fill="x", before=self.split)
        else:
            self.notice.pack_forget()
        self.code.text.configure(insertontime=0 if self.shown is not None and not self.shown.can_write else 600)

    def _show_buttons(self) -> None:
        shown, run = self.shown, self.run_shown
        running = run is not None and run.state != "ended"
        may = shown is not None and shown.can_write
        self.run_button.enable(on=may and shown is not None and shown.can_run and not self._problem)
        self.stop_button.enable(on=may and running)

    def _history(self) -> HistoryWindow | None:
        window: HistoryWindow | None = self._dialogs.get("history")
        return window if window is not None and window.winfo_exists() else None

    def _later(self, name: str, ms: int, act: Callable[[], Any]) -> None:
        if name in self._timers:
            self.after_cancel(self._timers[name])

        def due() -> None:
            self._timers.pop(name, None)
            act()

        self._timers[name] = self.after(ms, due)

    def _restyle(self) -> None:
        self.split.configure(background=kit.colours().border, sashwidth=kit.px(self, 4))

    def _set_appearance_mode(self, mode_string: str) -> None:
        super()._set_appearance_mode(mode_string)
        if hasattr(self, "split"):
            self._restyle()
            self.cursors.restyle()


class _Faces(Drawing):
    """Who takes part, as initials in their colours; a press shows them all."""

    def __init__(self, parent: Any, pressed: Callable[[], Any]) -> None:
        super().__init__(parent, "window", width=40, height=32)
        self._people: tuple[PersonHere, ...] = ()
        self._focused = False
        self.canvas.configure(takefocus=1, cursor="hand2")
        for event in ("<Button-1>", "<space>", "<Return>"):
            self.canvas.bind(event, lambda _: pressed())
        self.canvas.bind("<FocusIn>", lambda _: self._focus(on=True))
        self.canvas.bind("<FocusOut>", lambda _: self._focus(on=False))
        self.tip = kit.Tooltip(self, "")

    def show(self, people: tuple[PersonHere, ...]) -> None:
        """These take part."""
        self._people = tuple(one for one in people if one.joined)
        self.tip.text = ", ".join(one.name + (" (you)" if one.me else "") for one in self._people[:20])
        self.configure(width=min(len(self._people), 5) * 26 + (34 if len(self._people) > 5 else 12))
        self.redraw()

    def draw(self, now: Any) -> None:
        """Draw them."""
        x, middle = self.px(18), self.height / 2
        for one in self._people[:5]:
            if not one.here:
                self.disc(x, middle, self.px(13), now.offline)
            self.avatar(x, middle, self.px(12), one.name, one.person, now)
            x += self.px(26)
        if len(self._people) > 5:
            self.words(x - self.px(8), middle, f"+{len(self._people) - 5}", self.font("small", bold=True), now.muted)
        if self._focused:
            self.block(1, self.px(2), self.width - 2, self.height - self.px(2), "", now.focus)

    def _focus(self, *, on: bool) -> None:
        self._focused = on
        self.redraw()
