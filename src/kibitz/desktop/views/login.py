"""The login window.

Rule: it shows the form, what is under way and what is wrong, and puts the cursor where a person can go on.
"""

from typing import Any

from kibitz.desktop.presenters.login import Field, Form, Login
from kibitz.desktop.views import kit
from kibitz.desktop.views.kit import S2, S3, S4, S5, S6


class LoginWindow(kit.Panel):
    """The form, in the middle of the program's window."""

    def __init__(self, parent: kit.Window, login: Login) -> None:
        super().__init__(parent, "window")
        self._window, self._login = parent, login
        self._card = kit.Panel(self, "surface", radius=12, border_width=1)
        self._card.place(relx=0.5, rely=0.5, anchor="center")
        inner = kit.Panel(self._card)
        inner.pack(padx=S6, pady=S6)
        kit.Label(inner, "Kibitz", "title", bold=True).pack(anchor="w")
        kit.Label(inner, "Chat where code runs", colour="muted").pack(anchor="w", pady=(2, S4))
        self.user = self._field(inner, "User name")
        self._password_label = kit.Label(inner, "Password", "small", colour="muted")
        self.password = kit.Entry(inner, secret=True, width=320)
        row = self._row = kit.Panel(inner)
        row.pack(fill="x")
        row.grid_columnconfigure(0, weight=1)
        self.host, self.port = self._beside(row, 0, "Host", 220), self._beside(row, 1, "Port", 90)
        self.tls = kit.Switch(inner, "Encrypted (TLS)", lambda: None)
        self.tls.pack(anchor="w", pady=(S4, 0))
        self.remember = kit.Switch(inner, "Remember me; the password in the system's keyring", lambda: None)
        self.remember.pack(anchor="w", pady=(S2, 0))
        self.note = kit.Label(inner, "", colour="danger", wraplength=320)
        self.submit = kit.Button(inner, "Log in", self._submit, look="primary", bold=True, height=38)
        self.submit.pack(fill="x", pady=(S5, 0))
        for entry in (self.user, self.password, self.host, self.port):
            entry.bind("<Return>", lambda _: self._submit())

    # --- what the presenter tells --------------------------------------------------------------------------------------

    def fill(self, form: Form) -> None:
        """Show this form."""
        for entry, text in (
            (self.user, form.user),
            (self.password, form.password),
            (self.host, form.host),
            (self.port, form.port),
        ):
            entry.replace(text)
        self.tls.put(on=form.tls)
        self.remember.put(on=form.remember)
        (self.user if not form.user else self.submit).focus_set()

    def busy(self, what: str) -> None:
        """Something is under way; an empty text: not any more."""
        self.submit.enable(on=not what)
        self.submit.configure(text=what or "Log in")
        if what:
            self.note.pack_forget()

    def refuse(self, problem: str, field: Field | None) -> None:
        """Say what is wrong."""
        self.open()
        self.note.configure(text=problem)
        self.note.pack(anchor="w", pady=(S3, 0), before=self.submit)
        entry = {"user": self.user, "password": self.password, "host": self.host, "port": self.port}.get(field or "")
        if entry is not None:
            entry.focus_set()

    def ask_password(self, why: str) -> None:
        """Show the field for the password."""
        self._password_label.pack(anchor="w", pady=(S3, 2), before=self._row)
        self.password.pack(fill="x", before=self._row)
        if why:
            self.refuse(why, "password")

    def ask_trust(self, host: str, fingerprint: str) -> None:
        """Ask whether this certificate is the right one."""

    def open(self) -> None:
        """Show the window."""
        self.place(relx=0, rely=0, relwidth=1, relheight=1)
        self.lift()

    def close(self) -> None:
        """The person is in."""
        self.place_forget()

    # --- within --------------------------------------------------------------------------------------------------------

    @property
    def form(self) -> Form:
        """What stands there now."""
        return Form(
            self.user.get(), self.password.get(), self.host.get(), self.port.get(), self.tls.on, self.remember.on
        )

    def _submit(self) -> None:
        self._login.submit(self.form)

    def _field(self, parent: Any, label: str) -> kit.Entry:
        kit.Label(parent, label, "small", colour="muted").pack(anchor="w", pady=(S3, 2))
        entry = kit.Entry(parent, width=320)
        entry.pack(fill="x")
        return entry

    def _beside(self, row: kit.Panel, column: int, label: str, width: int) -> kit.Entry:
        kit.Label(row, label, "small", colour="muted").grid(
            row=0, column=column, sticky="w", pady=(S3, 2), padx=(S3 * column, 0)
        )
        entry = kit.Entry(row, width=width)
        entry.grid(row=1, column=column, sticky="ew", padx=(S3 * column, 0))
        return entry
