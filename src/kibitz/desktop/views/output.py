"""What a program writes, as it does, and what came of it; while it runs, a line to answer it.

Rule: only the end of much is kept; who has scrolled up to read stays there.
"""

from typing import Any, Final

from kibitz.desktop.presenters.code_shown import RunShown, Segment, Tone
from kibitz.desktop.presenters.coding import Coding
from kibitz.desktop.views import kit
from kibitz.desktop.views.kit import S1, S2, S3

MAX_LINES: Final = 5000
"""Lines that are kept: more than anyone scrolls back."""

MAX_CHARS: Final = 300_000
"""Characters that are kept, where lines are long."""

LINE_CHARS: Final = 4000
"""A longer line is broken: Tk is slow at lines of a hundred thousand characters."""

TONES: Final[dict[Tone, str]] = {"plain": "muted", "good": "success", "bad": "danger", "warning": "warning"}

EMPTY: Final = "Press Run (F5) and what the program writes is shown here, to everyone in this session.\n"


class Output(kit.Panel):
    """The pane."""

    def __init__(self, parent: Any, coding: Coding) -> None:
        super().__init__(parent, "code")
        self._coding = coding
        self._head = kit.Panel(self, "raised")
        self._head.pack(fill="x")
        kit.Label(self._head, "Output", "small", bold=True).pack(side="left", padx=S3, pady=S1)
        self.head = kit.Label(self._head, "", "small", colour="muted")
        self.head.pack(side="left", pady=S1)
        self.result = kit.Label(self._head, "", "small", bold=True)
        self.result.pack(side="right", padx=S3, pady=S1)
        self.pane = kit.TextPane(self, "code", mono=True)
        self.text = self.pane.text
        self.text.configure(
            state="disabled", wrap="char", padx=self.pane.px(S3), pady=self.pane.px(S2), takefocus=1, height=1, width=1
        )
        self.pane.pack(fill="both", expand=True)
        self.pane.restyled = self._restyle
        self._restyle()
        self.input = kit.Panel(self, "raised")
        self.entry = kit.Entry(self.input, "Input for the program: Return sends it", height=32)
        self.entry.pack(side="left", fill="x", expand=True, padx=(S2, S1), pady=S1)
        self.entry.bind("<Return>", lambda _: self._send())
        self.entry.bind("<Control-d>", lambda _: self._end())
        self.entry.bind("<Up>", lambda _: self._recall(-1))
        self.entry.bind("<Down>", lambda _: self._recall(1))
        kit.Button(self.input, "Send", self._send).pack(side="left", padx=S1)
        ends = kit.Button(self.input, "End of input", self._end, look="quiet")
        ends.pack(side="left", padx=(0, S2))
        kit.Tooltip(ends, "The program reads that there is no more (Ctrl+D)")
        self._sent: list[str] = []
        self._at = 0
        self._column = 0
        self._say(EMPTY)
        self._empty = True

    def show_run(self, run: RunShown | None, fresh: bool) -> None:
        """The run whose output is shown."""
        if fresh:
            self._clear()
        if run is None:
            return
        self.head.configure(text=run.head)
        self.result.configure(text=run.result, text_color=kit.pair(TONES[run.tone]))
        if run.state == "running":
            self.input.pack(fill="x", side="bottom", before=self.pane)
        else:
            focused = run.state == "ended" and self.focus_displayof() == self.entry._entry
            self.input.pack_forget()
            if focused:
                self.text.focus_set()
        if run.state == "ended" and not self._column and self.text.compare("end-1c", "==", "1.0"):
            self._say("It wrote nothing.\n")
            self._empty = True

    def add(self, output: tuple[Segment, ...]) -> None:
        """It has written this."""
        if self._empty:
            self._clear()
        follows = self.text.yview()[1] >= 0.999
        self.text.configure(state="normal")
        for one in output:
            self._add(one)
        self._shorten()
        self.text.configure(state="disabled")
        if follows:
            self.text.see("end-1c")

    # --- within --------------------------------------------------------------------------------------------------------

    def _add(self, one: Segment) -> None:
        if one.over:
            self.text.delete("end-1c linestart", "end-1c")
            self._column = 0
        tags = tuple(tag for tag in (one.stream, one.colour, "bold" if one.bold else "") if tag)
        for number, line in enumerate(one.text.split("\n")):
            if number:
                self.text.insert("end", "\n", tags)
                self._column = 0
            at = 0
            while at < len(line):
                piece = line[at : at + LINE_CHARS - self._column]
                self.text.insert("end", piece, tags)
                at += len(piece)
                self._column += len(piece)
                if self._column >= LINE_CHARS:
                    self.text.insert("end", "\n", tags)
                    self._column = 0

    def _shorten(self) -> None:
        lines = int(str(self.text.index("end-1c")).partition(".")[0])
        if lines > MAX_LINES:
            self.text.delete("1.0", f"{lines - MAX_LINES * 3 // 4}.0")
        size = self.text.count("1.0", "end", "chars")
        count = int(size[0]) if size else 0
        if count > MAX_CHARS:
            self.text.delete("1.0", f"1.0 + {count - MAX_CHARS * 3 // 4} chars")

    def _say(self, text: str) -> None:
        self.text.configure(state="normal")
        self.text.insert("end", text, "hint")
        self.text.configure(state="disabled")

    def _clear(self) -> None:
        self._empty = False
        self._column = 0
        self.text.configure(state="normal")
        self.text.delete("1.0", "end")
        self.text.configure(state="disabled")

    def _send(self) -> str:
        text = self.entry.get()
        self.entry.replace("")
        if text and text not in self._sent[-1:]:
            self._sent = [*self._sent[-99:], text]
        self._at = len(self._sent)
        self._coding.send_input(text)
        return "break"

    def _recall(self, by: int) -> str:
        self._at = max(0, min(self._at + by, len(self._sent)))
        self.entry.replace(self._sent[self._at] if self._at < len(self._sent) else "")
        return "break"

    def _end(self) -> str:
        self._coding.end_input()
        return "break"

    def _restyle(self) -> None:
        style(self.pane)


def style(pane: kit.TextPane) -> None:
    """The looks of output in a pane."""
    now, text = kit.colours(), pane.text
    text.tag_configure("stdout", foreground=now.text)
    text.tag_configure("stderr", foreground=now.danger)
    text.tag_configure("note", foreground=now.muted)
    text.tag_configure("hint", foreground=now.muted, font=pane.font())
    text.tag_configure("bold", font=pane.font("body", "mono", "bold"))
    for colour in ("muted", "danger", "success", "warning", "link"):
        text.tag_configure(colour, foreground=getattr(now, colour))
    for colour in ("keyword", "builtin"):
        text.tag_configure(colour, foreground=getattr(now.syntax, colour))
    text.tag_raise("sel")
