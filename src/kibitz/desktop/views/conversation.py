"""A conversation in its tab: header, messages, and the place where one writes.

Rule: what can be long is in one Text, whose content is changed where it differs and never made anew.
"""

import tkinter
from collections.abc import Callable
from typing import Any

from kibitz.desktop.presenters.company import About
from kibitz.desktop.presenters.composer import Purpose, Room
from kibitz.desktop.presenters.conversation import Conversation
from kibitz.desktop.presenters.rows import Act, Choice, Update
from kibitz.desktop.views import kit
from kibitz.desktop.views.composer import Composer
from kibitz.desktop.views.kit import S2, S3, S4
from kibitz.desktop.views.menus import ChoiceMenu
from kibitz.desktop.views.messages import Messages


class ConversationPage(kit.Panel):
    """The page of a tab. `transfers` is where files on their way are shown, `composer` where one writes."""

    def __init__(self, parent: Any, conversation: Conversation) -> None:
        super().__init__(parent, "surface")
        self._conversation = conversation
        self.question: kit.Dialog | None = None
        self._jump_shown: tuple[int, bool] | None = None
        self._watched: list[tuple[str, str]] = []
        self.grid_columnconfigure(0, weight=1)
        self.grid_rowconfigure(1, weight=1)
        self._make_header()
        self.jump = kit.Button(self, "", conversation.newest, look="primary", height=30)
        self.messages = Messages(self, conversation, self._show_jump)
        self.messages.grid(row=1, column=0, sticky="nsew")
        self.transfers = kit.Panel(self, "surface", height=0)
        self.transfers.grid(row=2, column=0, sticky="ew")
        self.composer = Composer(self, conversation)
        self.composer.grid(row=3, column=0, sticky="ew")
        self.gone = kit.Label(self, "", colour="text", fg_color=kit.pair("warning_soft"), padx=S4, pady=S2)
        self.menu = ChoiceMenu(self.messages, conversation.act)
        self._attend()

    # --- what the presenter tells --------------------------------------------------------------------------------------

    def draw(self, update: Update) -> None:
        """Change what is shown."""
        self.messages.draw(update)

    def clear(self) -> None:
        """Show no messages: they are told anew."""
        self.messages.clear()

    def show_about(self, about: About) -> None:
        """The header."""
        sign = "@" if about.kind == "direct" else "#"
        self.title.configure(text=about.title if about.kind == "direct" else f"# {about.title}")
        self.detail.configure(text=about.detail)
        if about.kind == "direct":
            self.dot.configure(text="●", text_color=kit.pair(about.status))
            self.dot.grid(row=0, column=0, padx=(0, S2))
            self.members.grid_forget()
        else:
            self.dot.grid_forget()
            self.members.configure(text=about.members or "Members")
            self.members.grid(row=0, column=2, padx=S4, pady=S2)
        self.composer.show_hint(f"{sign}{about.title}")

    def show_typing(self, words: str) -> None:
        """Who is typing."""
        self.composer.typing.configure(text=words)

    def show_gone(self, why: str) -> None:
        """Nothing can be written here any more, and why."""
        self.composer.enable(on=not why)
        self.gone.configure(text=why)
        if why:
            self.gone.grid(row=4, column=0, sticky="ew")
        else:
            self.gone.grid_forget()

    def show_menu(self, seq: int, choices: tuple[Choice, ...]) -> None:
        """What can be done with a message."""
        self.menu.show(choices, self.messages.take_menu_place())

    def pick_reaction(self, seq: int, choices: tuple[Choice, ...]) -> None:
        """Let the person choose a reaction."""
        self.menu.show_emoji(choices, self.messages.take_menu_place())

    def ask_delete(self, seq: int, begins: str) -> None:
        """Ask whether a message is really to be taken back."""
        if self.question is not None and self.question.winfo_exists():
            self.question.close()
        words = f"“{begins}”\n\nIt goes away for everyone." if begins else "It goes away for everyone."
        sure: Callable[[], Any] = lambda: self._conversation.act(Act("delete", seq, arg="sure"))  # noqa: E731
        self.question = kit.confirm(
            self.winfo_toplevel(), "Delete this message?", words, sure, verb="Delete", danger=True
        )

    def copy(self, text: str) -> None:
        """Put this on the clipboard."""
        self.clipboard_clear()
        self.clipboard_append(text)

    def write(self, text: str) -> None:
        """Have this stand where one writes."""
        self.composer.write(text)

    def give_back(self, text: str) -> None:
        """Put this in front of what stands there."""
        self.composer.give_back(text)

    def show_purpose(self, purpose: Purpose) -> None:
        """What is being edited or answered."""
        self.composer.show_purpose(purpose)

    def show_room(self, room: Room) -> None:
        """How much more may be written."""
        self.composer.show_room(room)

    def suggest(self, begun: str, names: tuple[str, ...]) -> None:
        """Offer names."""
        self.composer.suggest(begun, names)

    def focus(self) -> None:
        """Put the cursor where one writes."""
        self.composer.focus()

    # --- its parts -----------------------------------------------------------------------------------------------------

    def _make_header(self) -> None:
        header = kit.Panel(self, "surface")
        header.grid(row=0, column=0, sticky="ew")
        header.grid_columnconfigure(1, weight=1)
        names = kit.Panel(header)
        names.grid(row=0, column=0, sticky="w", padx=(S4, S3), pady=S2)
        self.dot = kit.Label(names, "●", "small")
        self.title = kit.Label(names, "", "large", bold=True)
        self.title.grid(row=0, column=1)
        self.detail = kit.Label(header, "", "small", colour="muted")
        self.detail.grid(row=0, column=1, sticky="ew")
        self.members = kit.Button(header, "Members", self._conversation.members, look="quiet")
        line = kit.Panel(header, "border", height=1)
        line.grid(row=1, column=0, columnspan=3, sticky="ew")

    def _show_jump(self, new: int, at_end: bool) -> None:
        if (new, at_end) == self._jump_shown:
            return
        self._jump_shown = (new, at_end)
        if at_end:
            self.jump.place_forget()
        else:
            self.jump.configure(text=f"↓ Jump to newest ({new} new)" if new else "↓ Jump to newest")
            self.jump.place(in_=self.messages, relx=0.5, rely=1.0, y=-S3, anchor="s")
            tkinter.Misc.lift(self.jump)

    def _attend(self) -> None:
        window = self.winfo_toplevel()
        self._watched = [
            (event, window.bind(event, lambda event, on=on: self._attended(event, on), add=True))
            for event, on in (("<FocusIn>", True), ("<FocusOut>", False))
        ]
        self._conversation.attend(window.focus_displayof() is not None)

    def _attended(self, event: Any, on: bool) -> None:
        if event.widget is not self.winfo_toplevel():
            return
        self._conversation.attend(on or self.focus_displayof() is not None)

    def destroy(self) -> None:
        """End it."""
        if self.question is not None and self.question.winfo_exists():
            self.question.close()
        window = self.winfo_toplevel()
        for event, name in self._watched:  # `unbind` would take away what others have bound, too
            kept = [line for line in str(window.bind(event)).splitlines() if name not in line]
            window.tk.call("bind", str(window), event, "\n".join(kept))
            window.deletecommand(name)
        super().destroy()
