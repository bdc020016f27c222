"""The messages of a conversation, in one Text.

Rule: what is shown changes row by row, and where one looks nothing moves. A row is the range of a tag of its own; what can be clicked has
another, which says what it does.
"""

import tkinter
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from kibitz.desktop.presenters.conversation import Conversation
from kibitz.desktop.presenters.pictures import AVATAR
from kibitz.desktop.presenters.rows import Act, Row, Update
from kibitz.desktop.views import kit
from kibitz.desktop.views.avatars import Images
from kibitz.desktop.views.message_styles import Styles
from kibitz.desktop.views.tips import Tip

NEAR: Final = 1.5
"""Screens from the top or the bottom at which more is wanted."""

THUMB: Final = 320
"""The widest preview, in pixels at scale 1."""

FLASH_MS: Final = 1500


class Messages(kit.TextPane):
    """The pane. `jumped` is told how many are new below whenever that changes, and whether the end is in sight."""

    def __init__(self, parent: Any, conversation: Conversation, jumped: Callable[[int, bool], None]) -> None:
        super().__init__(parent, "surface", state="disabled", cursor="arrow", takefocus=1, pady=6)
        self._conversation, self._jumped = conversation, jumped
        self.images = Images(self.text)
        self.styles = Styles(self)
        self.rows: dict[str, Row] = {}  # in order
        self._acts: dict[str, tuple[Act | None, str]] = {}  # by tag: what it does, and its tip
        self._of_row: dict[str, list[str]] = {}
        self.entries: dict[str, kit.Entry] = {}  # where a running program is given its input
        self._count = 0
        self._at_end = True
        self._new = 0
        self._told: tuple[bool, bool] | None = None
        self._flash: str | None = None
        self._going: str | None = None
        self._follows = True  # the newest row, wherever it comes to stand
        self.chosen: str | None = None  # the row that keys go to
        self.tip = Tip(self)
        self.text.mark_set("here", "1.0")
        self.text.mark_gravity("here", "right")
        self.restyled = self._restyled
        self._ring()
        self._listen()
        self._tell_looks()

    # --- what the presenter tells --------------------------------------------------------------------------------------

    def draw(self, update: Update) -> None:
        """Change what is shown."""
        text = self.text
        for name in update.forgotten:
            self.images.forget(name)
        for name, png in update.pictures:
            self.images.put(name, png)
        follow = self._follows or update.to_end
        anchor = None if follow else self._anchor()
        text.configure(state="normal")
        self._remove(update.removed)
        for after, row in update.put:
            self._put(after, row)
        text.configure(state="disabled")
        self._at_end, self._new = update.at_end, update.new
        if update.jump and self.jump(update.jump):
            self._follows = False
        elif follow:
            self._follow()
        elif anchor is not None:
            self._return(anchor)
        self._told = None
        self._tell()

    def clear(self) -> None:
        """Show nothing."""
        self.text.configure(state="normal")
        self._remove(tuple(self.rows))
        self.text.delete("1.0", "end")
        self.text.configure(state="disabled")

    def jump(self, key: str) -> bool:
        """Bring a row into view, and show which it is."""
        if key not in self.rows:
            return False
        start, end = self._range(key)
        self.text.see(start)
        if (place := self.text.dlineinfo(start)) is not None:
            self.text.yview_scroll(place[1] - self.text.winfo_height() // 3, "pixels")
        self.text.tag_add("flash", start, end)
        if self._flash is not None:
            self.after_cancel(self._flash)
        self._flash = self.after(FLASH_MS, self._unflash)
        return True

    def choose(self, by: int) -> None:
        """Go on to the next message, or back to the one before."""
        keys = [key for key, row in self.rows.items() if row.seq]
        if not keys:
            return
        seqs = list(dict.fromkeys(self.rows[key].seq for key in keys))
        held = self.rows.get(self.chosen or "")
        at = seqs.index(held.seq) + by if held is not None and held.seq in seqs else len(seqs) - 1
        at = max(0, min(at, len(seqs) - 1))
        self._choose(next(key for key in keys if self.rows[key].seq == seqs[at]))

    def destroy(self) -> None:
        """End it."""
        self.tip.hide()
        if self._flash is not None:
            self.after_cancel(self._flash)
            self._flash = None
        if self._going is not None:
            self.after_cancel(self._going)
        super().destroy()
        self.images.close()

    # --- rows ----------------------------------------------------------------------------------------------------------

    def _remove(self, keys: tuple[str, ...]) -> None:
        """Take rows away; those that stand together go at once."""
        ranges: list[tuple[str, str]] = []
        for key in keys:
            start, end = self._range(key)
            if ranges and ranges[-1][1] == start:
                ranges[-1] = (ranges[-1][0], end)
            else:
                ranges.append((start, end))
        for start, end in reversed(ranges):
            self.text.delete(start, end)
        for key in keys:
            self._forget(key)
            del self.rows[key]
            if key == self.chosen:
                self.chosen = None

    def _forget(self, key: str) -> None:
        """A row is not shown any more, or not as it was."""
        tags = [*self._of_row.pop(key, ()), f"row:{key}"]
        self.text.tag_delete(*tags)
        for tag in tags:
            self._acts.pop(tag, None)
        self.entries.pop(key, None)

    def _put(self, after: str | None, row: Row) -> None:
        """Draw a row behind another, in place of what it was before."""
        text = self.text
        if row.key in self.rows:
            start, end = self._range(row.key)
            text.delete(start, end)
            self._forget(row.key)
            self.rows[row.key] = row
        else:
            start = "1.0" if after is None else self._range(after)[1]
            self._insert(after, row)
        text.mark_set("here", start)
        self._write(row)
        if self.chosen == row.key:
            self._choose(row.key, look=False)

    def _write(self, row: Row) -> None:
        """Draw a row at the mark."""
        text = self.text
        tag = f"row:{row.key}"
        text.tag_configure(tag)
        run: list[Any] = []
        for piece in row.pieces:
            tags = (*self.styles.tags(piece.styles), tag)
            if piece.act is not None or piece.tip:
                tags = (*tags, self._act_tag(row.key, piece.act, piece.tip))
            if piece.picture:
                self._flush(run)
                text.image_create("here", image=self.images.get(piece.picture), align="center", pady=2)
                for name in tags:
                    text.tag_add(name, "here-1c")
            else:
                run += (piece.text, tags)
        self._flush(run)
        if row.run:
            self._write_entry(row, tag)

    def _flush(self, run: list[Any]) -> None:
        if run:
            self.text.insert("here", *run)
            run.clear()

    def _write_entry(self, row: Row, tag: str) -> None:
        """A line for a running program's standard input."""
        entry = kit.Entry(self.text, "Type a line for the program, Enter sends it", width=360, height=30)
        run = row.run

        def send(_: Any) -> str:
            self._conversation.give(run, entry.get() + "\n", False)
            entry.replace("")
            return "break"

        def end(_: Any) -> str:
            self._conversation.give(run, "", True)
            return "break"

        entry.bind("<Return>", send)
        entry.bind("<Control-d>", end)
        looks = self.styles.tags(("out",))
        self.text.window_create("here", window=entry, pady=3)
        for name in (*looks, tag):
            self.text.tag_add(name, "here-1c")
        self.text.insert("here", "\n", (*looks, tag))
        self.entries[row.key] = entry

    def _act_tag(self, key: str, act: Act | None, tip: str) -> str:
        self._count += 1
        name = f"act:{self._count}"
        self._acts[name] = (act, tip)
        self._of_row.setdefault(key, []).append(name)
        return name

    def _insert(self, after: str | None, row: Row) -> None:
        """Keep the rows in order."""
        if after is None:
            self.rows = {row.key: row} | self.rows
        elif next(reversed(self.rows), None) == after:
            self.rows[row.key] = row
        else:
            rows: dict[str, Row] = {}
            for key, held in self.rows.items():
                rows[key] = held
                if key == after:
                    rows[row.key] = row
            self.rows = rows

    def _range(self, key: str) -> tuple[str, str]:
        found = self.text.tag_ranges(f"row:{key}")
        return str(found[0]), str(found[-1])

    # --- where one looks -----------------------------------------------------------------------------------------------

    def scroll(self, *how: Any) -> None:
        """As `yview` of a Text: the person goes elsewhere."""
        self.text.yview(*how)
        self._went()

    def _follow(self) -> None:
        self._follows = True
        self.text.see("end-1c")

    def _went(self) -> None:
        """The person has gone somewhere: whether new rows are to be followed depends on where, and on nothing that Tk does by itself."""
        self._follows = self._at_end and self._sees_last()
        self._tell()

    def _later_went(self) -> None:
        """The same, once Tk has done what the event asks for."""
        if self._going is None:
            self._going = self.after_idle(self._now_went)

    def _now_went(self) -> None:
        self._going = None
        self._went()

    def _sees_last(self) -> bool:
        return self.text.dlineinfo("end-2c") is not None or not self.rows

    def _anchor(self) -> int:
        top = self.text.index("@0,0")
        self.text.mark_set("anchor", top)
        self.text.mark_gravity("anchor", "right")
        place = self.text.dlineinfo(top)
        return place[1] if place is not None else 0

    def _return(self, offset: int) -> None:
        """Have the line at the anchor where it was."""
        self.text.yview("anchor")
        place = self.text.dlineinfo("anchor")
        if place is not None and place[1] != offset:
            self.text.yview_scroll(place[1] - offset, "pixels")

    def _scrolled(self, first: Any, last: Any) -> None:
        self.bar.set(first, last)
        self._tell()

    def _tell(self) -> None:
        """Say whether one looks at the top or the bottom, where that is news."""
        first, last = self.text.yview()
        shown = max(last - first, 1e-6)
        near_top, at_bottom = first < NEAR * shown, self._follows or self._sees_last()
        self._jumped(self._new, at_bottom and self._at_end)
        if (near_top, at_bottom) != self._told:
            self._told = (near_top, at_bottom)
            self._conversation.scrolled(near_top, at_bottom)

    def _unflash(self) -> None:
        self._flash = None
        self.text.tag_remove("flash", "1.0", "end")

    # --- what is done to it --------------------------------------------------------------------------------------------

    def _listen(self) -> None:
        text = self.text
        text.configure(yscrollcommand=self._scrolled)
        self.bar.configure(command=self.scroll)
        for event in ("<MouseWheel>", "<Button-4>", "<Button-5>", "<B1-Motion>"):
            text.bind(event, lambda _: self._later_went(), add=True)
        for event in ("<Configure>", "<<WidgetViewSync>>"):  # the latter: Tk has measured all lines by now
            text.bind(event, lambda _: self._follow() if self._follows else None, add=True)
        text.bind("<Button-1>", lambda _: text.focus_set(), add=True)
        text.bind("<ButtonRelease-1>", self._clicked, add=True)
        text.bind("<Button-3>", self._menu_at)
        text.bind("<Button-2>", lambda _: "break")
        text.bind("<Motion>", self._moved)
        text.bind("<Leave>", lambda _: self.tip.hide())
        text.bind("<Up>", lambda _: self._step(-1))
        text.bind("<Down>", lambda _: self._step(1))
        for key in ("<Return>", "<KP_Enter>", "<Menu>", "<Shift-F10>", "<App>", "<space>"):
            with suppress(tkinter.TclError):  # not every window system has all of these keys
                text.bind(key, lambda _: self._menu())
        text.bind("<Control-c>", self._copy)
        text.bind("<Control-C>", self._copy)
        text.bind("<Home>", lambda _: self._to(0.0))
        text.bind("<End>", lambda _: self._end())
        text.bind("<Prior>", lambda _: self._page(-1))
        text.bind("<Next>", lambda _: self._page(1))
        text.bind("<Tab>", lambda _: self._leave(text.tk_focusNext()))
        text.bind("<Shift-Tab>", lambda _: self._leave(text.tk_focusPrev()))
        with suppress(tkinter.TclError):  # a key of X alone
            text.bind("<ISO_Left_Tab>", lambda _: self._leave(text.tk_focusPrev()))
        text.bind("<FocusIn>", lambda _: self._focused(on=True), add=True)
        text.bind("<FocusOut>", lambda _: self._focused(on=False), add=True)

    def _leave(self, to: Any) -> str:
        if to is not None:
            to.focus_set()
        return "break"

    def _focused(self, *, on: bool) -> None:
        if not on:
            self.text.tag_remove("chosen", "1.0", "end")
        elif self.chosen is not None:
            self._choose(self.chosen)

    def _step(self, by: int) -> str:
        self.choose(by)
        return "break"

    def _page(self, by: int) -> str:
        self.scroll("scroll", by, "pages")
        return "break"

    def _to(self, where: float) -> str:
        self.scroll("moveto", where)
        return "break"

    def _end(self) -> str:
        self._conversation.newest()
        return "break"

    def _choose(self, key: str, *, look: bool = True) -> None:
        self.chosen = key
        self.text.tag_remove("chosen", "1.0", "end")
        seq = self.rows[key].seq
        keys = [one for one, row in self.rows.items() if row.seq == seq]
        start, end = self._range(keys[0])[0], self._range(keys[-1])[1]
        self.text.tag_add("chosen", start, end)
        if look:
            self.text.see(f"{end}-1c")
            self.text.see(start)
            self._went()

    def _menu(self) -> str:
        if self.chosen is None:
            self.choose(0)
        if self.chosen is not None:
            self._conversation.menu(self.rows[self.chosen].seq)
        return "break"

    def _menu_at(self, event: "tkinter.Event[Any]") -> str:
        key = self._row_at(event)
        self.text.focus_set()
        if key is not None and self.rows[key].seq:
            self._choose(key, look=False)
            self.menu_place = (event.x_root, event.y_root)
            self._conversation.menu(self.rows[key].seq)
        return "break"

    menu_place: tuple[int, int] | None = None

    def take_menu_place(self) -> tuple[int, int]:
        """Where the menu goes: to the pointer that asked for it, or else below the chosen message."""
        place, self.menu_place = self.menu_place, None
        if place is not None:
            return place
        x, y = self.text.winfo_rootx() + self.px(80), self.text.winfo_rooty() + self.px(40)
        if self.chosen is not None and (line := self.text.dlineinfo(self._range(self.chosen)[0])) is not None:
            y = self.text.winfo_rooty() + line[1] + line[3]
        return x, y

    def _copy(self, _: Any) -> str:
        if self.text.tag_ranges("sel"):
            self.clipboard_clear()
            self.clipboard_append(self.text.get("sel.first", "sel.last"))
        elif self.chosen is not None:
            self._conversation.act(Act("copy_text", self.rows[self.chosen].seq))
        return "break"

    def _clicked(self, event: "tkinter.Event[Any]") -> None:
        if self.text.tag_ranges("sel"):
            return
        act, _ = self._act_at(event)
        if act is not None:
            self.menu_place = (event.x_root, event.y_root)
            self._conversation.act(act)

    def _moved(self, event: "tkinter.Event[Any]") -> None:
        act, tip = self._act_at(event)
        wanted = "hand2" if act is not None else "xterm"
        if str(self.text.cget("cursor")) != wanted:
            self.text.configure(cursor=wanted)
        self.tip.show(tip, event.x, event.y)

    def _act_at(self, event: "tkinter.Event[Any]") -> tuple[Act | None, str]:
        for tag in self.text.tag_names(self._index(event)):
            if tag in self._acts:
                return self._acts[tag]
        return None, ""

    def _row_at(self, event: "tkinter.Event[Any]") -> str | None:
        for tag in self.text.tag_names(self._index(event)):
            if tag.startswith("row:"):
                return str(tag[4:])
        return None

    def _index(self, event: "tkinter.Event[Any]") -> str:
        """The character under the pointer; the end of its line where there is none."""
        index = self.text.index(f"@{event.x},{event.y}")
        box = self.text.bbox(index)
        if box is not None and event.x > box[0] + box[2]:
            return self.text.index(f"{index} lineend")
        return index

    # --- how it looks --------------------------------------------------------------------------------------------------

    def _restyled(self) -> None:
        self.styles.restyle()
        self._ring()
        self._tell_looks()

    def _ring(self) -> None:
        now = kit.colours()
        self.text.configure(highlightthickness=self.px(2), highlightcolor=now.focus, highlightbackground=now.surface)

    def _tell_looks(self) -> None:
        self._conversation.looks(kit.mode(), self.px(AVATAR), self.px(THUMB))
