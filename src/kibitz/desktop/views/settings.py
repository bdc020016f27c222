"""The settings dialog.

Rule: what is chosen takes effect at once; there is nothing to confirm but what cannot be undone.
"""

from typing import Any

from kibitz.desktop.presenters.settings import SCALES, Field, Settings, Shown
from kibitz.desktop.views import kit
from kibitz.desktop.views.drawing import Divider
from kibitz.desktop.views.kit import S2, S3, S4

WIDTH = 440

_THEMES = {"As the system is": "system", "Light": "light", "Dark": "dark"}
_SCALES = {("As the screen says" if not scale else f"{round(scale * 100)} %"): scale for scale in SCALES}


class SettingsDialog(kit.Dialog):
    """How it looks, what it tells, and the account."""

    def __init__(self, parent: Any, settings: Settings) -> None:
        super().__init__(parent, "Settings", width=WIDTH)
        self._settings = settings
        self._shown: Shown | None = None
        kit.Label(self.body, "Settings", "large", bold=True).pack(fill="x")
        self.theme = self._choice("Colours", list(_THEMES), lambda chosen: settings.set_theme(_THEMES[chosen]))  # type: ignore[arg-type] # one of three
        self.scale = self._choice(
            "Size of everything", list(_SCALES), lambda chosen: settings.set_scale(_SCALES[chosen])
        )
        self.notifications = kit.Switch(
            self.body, "Announce messages on the desktop", lambda: settings.set_notifications(self.notifications.on)
        )
        self.notifications.pack(anchor="w", pady=(S3, 0))
        self.text = kit.Switch(
            self.body, "Show there what messages say", lambda: settings.set_notification_text(self.text.on)
        )
        self.text.pack(anchor="w", pady=(S2, 0))
        self._account = kit.Panel(self.body, "surface")
        self._account.pack(fill="x")
        self.note = kit.Label(self.body, "", "small", colour="success")
        self.note.pack(fill="x", pady=(S2, 0))
        self.button("Close", self.close, "primary")
        self.everywhere = self.button("Log out everywhere…", self._everywhere, "danger")
        self.button("Log out", settings.log_out)
        self.confirmed = lambda: None  # Return belongs to the fields
        self.show(self.theme, on_close=settings.closed)

    def show_settings(self, shown: Shown) -> None:
        """What is chosen now."""
        first, self._shown = self._shown is None, shown
        self.theme.set(next(words for words, theme in _THEMES.items() if theme == shown.theme))
        self.scale.set(next((words for words, scale in _SCALES.items() if scale == shown.scale), next(iter(_SCALES))))
        self.notifications.put(on=shown.notifications)
        self.text.put(on=shown.notification_text)
        if first:
            self._build_account(shown)
            self.fit()

    def refuse_at(self, problem: str, field: Field) -> None:
        """What is wrong, and where."""
        self.note.configure(text="")
        self.refuse(problem)
        entry = {"display_name": self.name, "old": self.old, "new": self.new, "again": self.again}[field]
        entry.focus_set()
        entry.select_range(0, "end")

    def done(self, what: str) -> None:
        """What has just been done."""
        self.refuse("")
        self.note.configure(text=what)
        for entry in (self.old, self.new, self.again):
            entry.replace("")

    # --- within --------------------------------------------------------------------------------------------------------

    def _choice(self, label: str, values: list[str], chosen: Any) -> kit.Choice:
        row = kit.Panel(self.body, "surface")
        row.pack(fill="x", pady=(S3, 0))
        kit.Label(row, label).pack(side="left")
        choice = kit.Choice(row, values, chosen, width=200)
        choice.pack(side="right")
        return choice

    def _build_account(self, shown: Shown) -> None:
        box = self._account
        Divider(box).pack(fill="x", pady=(S4, S3))
        where = f" on {shown.server}" if shown.server else ""
        kit.Label(box, f"{shown.name}{where}", bold=True).pack(fill="x")
        kit.Label(box, "Name to be shown by", "small", colour="muted").pack(anchor="w", pady=(S3, 2))
        row = kit.Panel(box, "surface")
        row.pack(fill="x")
        self.name = kit.Entry(row, shown.name, width=WIDTH - 100)
        self.name.replace(shown.display_name)
        self.name.pack(side="left", fill="x", expand=True)
        self.name.bind("<Return>", lambda _: self._settings.set_display_name(self.name.get()))
        kit.Button(row, "Save", lambda: self._settings.set_display_name(self.name.get()), width=88, height=36).pack(
            side="right", padx=(S2, 0)
        )
        self.old, self.new, self.again = (
            kit.Entry(box, hint, secret=False, width=WIDTH)
            for hint in ("The password you have now", "A new one, of 8 characters or more", "The new one once more")
        )
        if not shown.account:
            kit.Label(box, "You are here as a guest: there is no password to change.", "small", colour="muted").pack(
                fill="x", pady=(S2, 0)
            )
            self.everywhere.pack_forget()
            return
        kit.Label(box, "Password", "small", colour="muted").pack(anchor="w", pady=(S3, 2))
        for entry in (self.old, self.new, self.again):
            _secret(entry)
            entry.pack(fill="x", pady=(0, S2))
            entry.bind("<Return>", lambda _: self._change())
        kit.Button(box, "Change the password", self._change, height=34).pack(anchor="e")

    def _change(self) -> None:
        self._settings.change_password(self.old.get(), self.new.get(), self.again.get())

    def _everywhere(self) -> None:
        kit.confirm(
            self,
            "Log out everywhere?",
            "Every login of yours ends, on all devices, and so does every access token you have made.",
            self._settings.log_out_everywhere,
            verb="Log out everywhere",
            danger=True,
        )


def _secret(entry: kit.Entry) -> None:
    """Hide what is written, but not the hint that stands there before."""
    entry.bind("<FocusIn>", lambda _: entry.configure(show="•"), add=True)
    entry.bind("<FocusOut>", lambda _: entry.configure(show="•" if entry.get() else ""), add=True)
