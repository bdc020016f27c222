"""The place where one writes.

Rule: it grows with its text and keeps it; every change is told, and what is sent leaves it at once, to be given back if that fails.
"""

import tkinter
from contextlib import suppress
from pathlib import Path
from tkinter import filedialog
from typing import Any, Final

from kibitz.desktop.presenters.composer import Purpose, Room
from kibitz.desktop.presenters.conversation import Conversation
from kibitz.desktop.views import kit
from kibitz.desktop.views.kit import S1, S2, S3, S4

LINES: Final = 8
"""How high it grows."""


class Composer(kit.Panel):
    """`text` is the widget one types into."""

    def __init__(self, parent: Any, conversation: Conversation) -> None:
        super().__init__(parent, "surface")
        self._conversation = conversation
        self._hint = "Message"
        self._names: tuple[str, ...] = ()
        self._begun = ""
        self._quiet = False  # while the text is changed by us
        self.grid_columnconfigure(1, weight=1)
        self._make_bar()
        self._make_suggestions()
        self._make_line()
        self._make_foot()
        self._listen()
        self._fit()

    # --- what the presenter tells --------------------------------------------------------------------------------------

    def write(self, text: str) -> None:
        """Have this stand here."""
        self._replace(text)

    def give_back(self, text: str) -> None:
        """Put this in front of what stands here."""
        held = self.content
        self._replace(f"{text}\n{held}" if held else text)
        self._changed()

    def show_purpose(self, purpose: Purpose) -> None:
        """Say what is being edited or answered."""
        if purpose.edits or purpose.answers:
            self.about.configure(text=purpose.about)
            self.bar.grid(row=0, column=0, columnspan=3, sticky="ew", padx=S4, pady=(S2, 0))
        else:
            self.bar.grid_forget()

    def show_room(self, room: Room) -> None:
        """Say how much more may be written."""
        self.counter.configure(text=room.shown, text_color=kit.pair("danger" if room.over else "muted"))

    def suggest(self, begun: str, names: tuple[str, ...]) -> None:
        """Offer names."""
        self._names, self._begun = names, begun
        if not names:
            self.offered.place_forget()
            return
        self.list.delete(0, "end")
        for name in names:
            self.list.insert("end", f" @{name}" + ("   everyone here" if name == "all" else ""))
        now = kit.colours()
        self.list.configure(
            height=len(names),
            font=self.pane.font(),
            background=now.raised,
            foreground=now.text,
            selectbackground=now.accent,
            selectforeground=now.on_accent,
        )
        self._offer(0)
        page = self.master
        tkinter.Misc.lift(self.offered)
        scale = float(self._get_widget_scaling())  # `place` scales what it is given
        self.offered.place(in_=page, x=S4, y=(self.winfo_y() + self.line.winfo_y()) / scale - 2, anchor="sw")

    def show_hint(self, title: str) -> None:
        """Whom one writes to."""
        self._hint = f"Message {title}"
        self._show_hint()

    def enable(self, *, on: bool) -> None:
        """Whether one can write here."""
        self.text.configure(state="normal" if on else "disabled")
        for button in (self.file, self.code, self.send):
            button.enable(on=on)

    def focus(self) -> None:
        """Put the cursor here."""
        self.text.focus_set()

    @property
    def content(self) -> str:
        """What stands here."""
        return str(self.text.get("1.0", "end-1c"))

    # --- its parts -----------------------------------------------------------------------------------------------------

    def _make_bar(self) -> None:
        self.bar = kit.Panel(self, "accent_soft", radius=5)
        self.about = kit.Label(self.bar, "", "small", colour="text")
        self.about.pack(side="left", fill="x", expand=True, padx=S3, pady=S1)
        self.stop = kit.Button(
            self.bar, "✕", self._conversation.cancel, look="quiet", size="small", width=26, height=24
        )
        self.stop.pack(side="right", padx=S1, pady=2)

    def _make_suggestions(self) -> None:
        self.offered = kit.Panel(self.master, "raised", border_width=1, border_color=kit.pair("border"))
        self.list = tkinter.Listbox(
            self.offered,
            activestyle="none",
            borderwidth=0,
            highlightthickness=0,
            exportselection=False,
            takefocus=0,
            width=28,
        )
        self.list.pack(padx=4, pady=4)
        self.list.bind("<ButtonRelease-1>", lambda _: self._complete())

    def _make_line(self) -> None:
        self.line = kit.Panel(self)
        self.line.grid(row=1, column=0, columnspan=3, sticky="ew", padx=S4, pady=(S2, 0))
        self.line.grid_columnconfigure(2, weight=1)
        self.file = kit.Button(self.line, "File", self._choose_files)
        self.file.grid(row=0, column=0, sticky="s", padx=(0, S1))
        self.code = kit.Button(self.line, "Code", self._conversation.new_session)
        self.code.grid(row=0, column=1, sticky="s", padx=(0, S2))
        self.box = kit.Panel(self.line, "surface", radius=6, border_width=2, border_color=kit.pair("border"))
        self.box.grid(row=0, column=2, sticky="ew")
        self.box.grid_columnconfigure(0, weight=1)
        self.pane = kit.TextPane(self.box, undo=True, height=1, maxundo=500)
        self.pane.grid(row=0, column=0, sticky="ew", padx=S2, pady=5)
        self.pane.bar.grid_forget()
        self.text = self.pane.text
        self.hint = kit.Label(self.box, "", colour="muted")
        self.send = kit.Button(self.line, "Send", self._send, look="primary", bold=True)
        self.send.grid(row=0, column=3, sticky="s", padx=(S2, 0))

    def _make_foot(self) -> None:
        self.typing = kit.Label(self, "", "small", colour="muted", height=16)
        self.typing.grid(row=2, column=0, columnspan=2, sticky="ew", padx=S4, pady=(2, S1))
        self.counter = kit.Label(self, "", "small", colour="muted", height=16)
        self.counter.grid(row=2, column=2, sticky="e", padx=S4, pady=(2, S1))

    # --- keys ----------------------------------------------------------------------------------------------------------

    def _listen(self) -> None:
        text = self.text
        text.bind("<Return>", self._enter)
        text.bind("<KP_Enter>", self._enter)
        text.bind("<Shift-Return>", lambda _: None)
        text.bind("<Up>", lambda _: self._up())
        text.bind("<Down>", lambda _: self._down())
        text.bind("<Tab>", lambda event: self._tab())
        text.bind("<Shift-Tab>", lambda _: self._go(text.tk_focusPrev()))
        with suppress(tkinter.TclError):  # a key of X alone
            text.bind("<ISO_Left_Tab>", lambda _: self._go(text.tk_focusPrev()))
        text.bind("<Escape>", lambda _: self._escape())
        text.bind("<Control-a>", lambda _: self._select_all())
        text.bind("<<Modified>>", lambda _: self._modified())
        text.bind("<KeyRelease>", lambda event: self._moved(event.keysym), add=True)
        text.bind("<ButtonRelease-1>", lambda _: self._changed(), add=True)
        text.bind("<Configure>", lambda _: self._fit(), add=True)
        text.bind("<FocusIn>", lambda _: self.box.configure(border_color=kit.pair("focus")), add=True)
        text.bind("<FocusOut>", lambda _: self._left(), add=True)
        self.hint.bind("<Button-1>", lambda _: text.focus_set())

    def _enter(self, event: "tkinter.Event[Any]") -> str | None:
        if self._names:
            self._complete()
            return "break"
        if int(event.state) & 0x1:  # Shift
            return None
        self._send()
        return "break"

    def _send(self) -> None:
        text = self.content
        if text.strip() and str(self.text.cget("state")) == "normal":
            self._replace("")
            self._conversation.send(text)
        self.text.focus_set()

    def _up(self) -> str | None:
        if self._names:
            return self._offer(self._offered - 1)
        if not self.content:
            self._conversation.edit_last()
            return "break"
        return None

    def _down(self) -> str | None:
        return self._offer(self._offered + 1) if self._names else None

    def _tab(self) -> str:
        if self._names:
            self._complete()
            return "break"
        return self._go(self.text.tk_focusNext())

    def _go(self, to: Any) -> str:
        if to is not None:
            to.focus_set()
        return "break"

    def _escape(self) -> str:
        if self._names:
            self.suggest("", ())
        else:
            self._conversation.cancel()
        return "break"

    def _select_all(self) -> str:
        self.text.tag_add("sel", "1.0", "end-1c")
        return "break"

    def _left(self) -> None:
        self.box.configure(border_color=kit.pair("border"))
        self.after_idle(self._maybe_hide)

    def _maybe_hide(self) -> None:
        if self._names and self.winfo_exists() and self.text.focus_get() is not self.text:
            self.suggest("", ())

    # --- names ---------------------------------------------------------------------------------------------------------

    _offered = 0

    def _offer(self, at: int) -> str:
        self._offered = at % len(self._names)
        self.list.selection_clear(0, "end")
        self.list.selection_set(self._offered)
        self.list.see(self._offered)
        return "break"

    def _complete(self) -> None:
        if chosen := self.list.curselection():  # type: ignore[no-untyped-call]
            self._offered = int(chosen[0])
        name = self._names[self._offered]
        self.text.delete(f"insert - {len(self._begun)}c", "insert")
        self.text.insert("insert", f"{name} ")
        self.suggest("", ())
        self.text.focus_set()
        self._changed()

    # --- its text ------------------------------------------------------------------------------------------------------

    def _replace(self, text: str) -> None:
        writable = str(self.text.cget("state")) == "normal"
        self.text.configure(state="normal")
        self._quiet = True
        self.text.delete("1.0", "end")
        self.text.insert("1.0", text)
        self.text.edit_reset()
        self.text.edit_modified(False)
        self._quiet = False
        self.text.configure(state="normal" if writable else "disabled")
        self.text.mark_set("insert", "end-1c")
        self.text.see("insert")
        self._fit()

    def _modified(self) -> None:
        if self._quiet or not self.text.edit_modified():
            return
        self.text.edit_modified(False)
        self._changed()

    def _moved(self, key: str) -> None:
        if key in ("Left", "Right", "Home", "End", "BackSpace", "Delete"):
            self._changed()

    def _changed(self) -> None:
        self._fit()
        self._conversation.typed(self.text.get("1.0", "insert"), self.text.get("insert", "end-1c"))

    def _fit(self) -> None:
        """As high as its text, up to a few lines."""
        counted: Any = self.text.count(
            "1.0", "end", "displaylines"
        )  # a tuple, a number or nothing: it depends on Python
        lines = int(counted[0] if isinstance(counted, tuple) else counted or 1)
        high = max(1, min(lines, LINES))
        if int(self.text.cget("height")) != high:
            self.text.configure(height=high)
        if lines > LINES:
            self.pane.bar.grid(row=0, column=1, sticky="ns")
            self.pane.bar.configure(height=20)
        else:
            self.pane.bar.grid_forget()
        self._show_hint()

    def _show_hint(self) -> None:
        if self.content:
            self.hint.place_forget()
        else:
            self.hint.configure(text=self._hint)
            self.hint.place(x=S2 + 2, rely=0.5, anchor="w")
            tkinter.Misc.lift(self.hint)

    def _choose_files(self) -> None:
        """By the system's dialog; where it has none, as on X, by ours."""
        if self.tk.call("tk", "windowingsystem") == "x11":
            self._conversation.pick()
        elif chosen := filedialog.askopenfilenames(parent=self, title="Send files"):
            self._conversation.upload(tuple(Path(name) for name in chosen))
