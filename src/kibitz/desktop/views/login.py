"""The login window.

Rule: it shows the form, what is under way and what is wrong, and puts the cursor where a person can go on.
"""

from typing import Any

from kibitz.desktop.presenters.login import Field, Form, Login
from kibitz.desktop.views import kit
from kibitz.desktop.views.kit import S2, S3, S4, S5

WIDTH = 300
"""Of the fields: with what is around them they fit into 360 pixels."""


class LoginWindow(kit.Panel):
    """The form, in the middle of the program's window."""

    def __init__(self, parent: kit.Window, login: Login) -> None:
        super().__init__(parent, "window")
        self._window, self._login = parent, login
        self._new, self._asks = False, False
        self._busy = ""
        self._card = kit.Panel(self, "surface", radius=12, border_width=1)
        self._card.place(relx=0.5, rely=0.5, anchor="center")
        inner = self._inner = kit.Panel(self._card, "surface")
        inner.pack(padx=S5, pady=S5)
        self.title = kit.Label(inner, "Kibitz", "title", bold=True)
        self.under = kit.Label(inner, "Chat where code runs", colour="muted")
        self._user_label, self.user = self._field("User name")
        self._password_label, self.password = self._field("Password", secret=True)
        self._again_label, self.again = self._field("Password once more", secret=True)
        self._row = kit.Panel(inner, "surface")
        self._row.grid_columnconfigure(0, weight=1)
        self.host, self.port = self._beside(0, "Host", 200), self._beside(1, "Port", 84)
        self.tls = kit.Switch(inner, "Encrypted (TLS)", lambda: None)
        self.remember = kit.Switch(inner, "Remember me on this computer", lambda: None)
        kit.Tooltip(self.remember, "The password goes to the system's keyring, and nowhere else.")
        self.note = kit.Label(inner, "", colour="danger", wraplength=WIDTH)
        self.submit = kit.Button(inner, "Log in", self._press, look="primary", bold=True, height=40, width=WIDTH)
        self._links = kit.Panel(inner, "surface")
        self.with_password = kit.Button(self._links, "I have a password", self._with_password, look="quiet", height=28)
        self.other = kit.Button(self._links, "Create an account", self._switch, look="quiet", height=28)
        for entry in (self.user, self.password, self.again, self.host, self.port):
            entry.bind("<Return>", lambda _: self._submit())
        self.bind("<Escape>", lambda _: self._cancel())
        self._arrange()

    # --- what the presenter tells --------------------------------------------------------------------------------------

    def fill(self, form: Form) -> None:
        """Show this form."""
        texts = (form.user, form.password, form.again, form.host, form.port)
        for entry, text in zip((self.user, self.password, self.again, self.host, self.port), texts, strict=True):
            entry.replace(text)
        self.tls.put(on=form.tls)
        self.remember.put(on=form.remember)
        self._new, self._asks = form.new, bool(form.password)
        self.note.configure(text="")
        self._arrange()
        (self.submit if form.user else self.user).focus_set()

    def fill_password(self, password: str) -> None:
        """Show what the keyring has given."""
        if not self.password.get() and not self._new:
            self.password.replace(password)
            self._asks = True
            self._arrange()

    def busy(self, what: str) -> None:
        """Something is under way; an empty text: not any more."""
        self._busy = what
        if what:
            self.note.configure(text="")
        for entry in (self.user, self.password, self.again, self.host, self.port):
            entry.configure(state="disabled" if what else "normal")
        self._arrange()
        if what:
            self.submit.focus_set()

    def refuse(self, problem: str, field: Field | None) -> None:
        """Say what is wrong."""
        self.open()
        self.busy("")
        self.note.configure(text=problem)
        if field == "password":
            self._asks = True
        self._arrange()
        entries = {
            "user": self.user,
            "password": self.password,
            "again": self.again,
            "host": self.host,
            "port": self.port,
        }
        entry = entries.get(field or "")
        if entry is not None:
            entry.focus_set()
            entry.select_range(0, "end")

    def ask_password(self, why: str, *, here: bool = True) -> None:
        """Show the field for the password."""
        self._asks = True
        self.refuse(why, "password" if here else "user")

    def ask_trust(self, form: Form, fingerprint: str) -> None:
        """Ask whether this certificate is the right one."""
        self.open()
        dialog = kit.Dialog(self._window, "Is this the right server?", width=460)
        kit.Label(dialog.body, "Is this the right server?", "large", bold=True).pack(fill="x")
        kit.Label(
            dialog.body,
            f"{form.host} has made its own certificate, which nobody else vouches for. Compare its fingerprint (SHA-256) with the "
            "one that the server printed when it started:",
            wraplength=460,
        ).pack(fill="x", pady=(S2, S3))
        _fingerprint(dialog, fingerprint)
        kit.Label(
            dialog.body,
            "Nothing has been sent yet. If they differ, somebody may be listening in between.",
            colour="muted",
            wraplength=460,
        ).pack(fill="x", pady=(S3, 0))

        def agreed() -> None:
            dialog.close()
            self._login.trust(form, fingerprint)

        dialog.button("It is the same", agreed, "primary")
        dialog.show(dialog.button("Cancel", dialog.close))

    def warn_changed(self, form: Form, pinned: str, shown: str) -> None:
        """The certificate is not the one that was trusted."""
        self.refuse(f"{form.host} shows another certificate than before. Nothing was sent.", None)
        dialog = kit.Dialog(self._window, "Do not go on", width=460)
        kit.Label(dialog.body, "The server's certificate has changed", "large", bold=True, colour="danger").pack(
            fill="x"
        )
        kit.Label(
            dialog.body,
            "Somebody may be posing as the server, or its operator has given it a new certificate. Nothing was sent. Ask the operator "
            "before you go on.",
            wraplength=460,
        ).pack(fill="x", pady=(S2, S3))
        for title, fingerprint in (("You trusted", pinned), ("It shows now", shown)):
            kit.Label(dialog.body, title, "small", colour="muted", bold=True).pack(fill="x", pady=(S2, 2))
            _fingerprint(dialog, fingerprint)

        def forget() -> None:
            dialog.close()
            kit.confirm(
                self._window,
                "Forget the old certificate?",
                "Do this only if the server's operator has told you that it was changed, and then compare the new fingerprint.",
                lambda: self._login.forget(form),
                verb="Forget it",
                danger=True,
            )

        close = dialog.button("Do not connect", dialog.close, "primary")
        dialog.button("The operator has changed it…", forget, "quiet")
        dialog.show(close)

    def open(self) -> None:
        """Show the window."""
        self.place(relx=0, rely=0, relwidth=1, relheight=1)
        self.lift()
        self._window.title("Kibitz")

    def close(self) -> None:
        """The person is in."""
        self.place_forget()

    # --- within --------------------------------------------------------------------------------------------------------

    @property
    def form(self) -> Form:
        """What stands there now."""
        password = self.password.get() if self._asks or self._new else ""
        return Form(
            self.user.get(),
            password,
            self.host.get(),
            self.port.get(),
            self.tls.on,
            self.remember.on,
            self._new,
            self.again.get() if self._new else "",
        )

    def _arrange(self) -> None:
        """Pack what is to be seen, in its order."""
        for child in self._inner.winfo_children():
            child.pack_forget()
        self.title.configure(text="Create an account" if self._new else "Kibitz")
        self.under.configure(text="On a server of your own choice" if self._new else "Chat where code runs")
        self.title.pack(anchor="w")
        self.under.pack(anchor="w", pady=(2, S2))
        fields = [(self._user_label, self.user)]
        if self._new or self._asks:
            fields.append((self._password_label, self.password))
        if self._new:
            fields.append((self._again_label, self.again))
        for label, entry in fields:
            label.pack(anchor="w", pady=(S3, 2))
            entry.pack(fill="x")
        self._row.pack(fill="x")
        self.tls.pack(anchor="w", pady=(S3, 0))
        self.remember.pack(anchor="w", pady=(S2, 0))
        if self.note.cget("text"):
            self.note.pack(anchor="w", pady=(S3, 0))
        verb = "Create the account" if self._new else "Log in"
        self.submit.configure(text="Cancel" if self._busy else verb)
        self.submit.pack(fill="x", pady=(S4, 0))
        if self._busy:
            self.note.configure(text="")
            self.under.configure(text=self._busy)
        self._arrange_links()

    def _arrange_links(self) -> None:
        for link in (self.with_password, self.other):
            link.pack_forget()
        if self._busy:
            return
        self._links.pack(fill="x", pady=(S2, 0))
        self.other.configure(text="I have an account" if self._new else "Create an account")
        self.other.pack(side="right")
        if not self._new and not self._asks:
            self.with_password.pack(side="left")

    def _press(self) -> None:
        if self._busy:
            self._cancel()
        else:
            self._submit()

    def _submit(self) -> None:
        if not self._busy:
            self._login.submit(self.form)

    def _cancel(self) -> None:
        if self._busy:
            self._login.cancel()

    def _with_password(self) -> None:
        self._asks = True
        self._arrange()
        self.password.focus_set()

    def _switch(self) -> None:
        self._new = not self._new
        self.note.configure(text="")
        self._arrange()
        (self.user if not self.user.get() else self.password if self._new else self.submit).focus_set()

    def _field(self, label: str, *, secret: bool = False) -> tuple[kit.Label, kit.Entry]:
        return (
            kit.Label(self._inner, label, "small", colour="muted"),
            kit.Entry(self._inner, secret=secret, width=WIDTH),
        )

    def _beside(self, column: int, label: str, width: int) -> kit.Entry:
        left = S3 * column
        kit.Label(self._row, label, "small", colour="muted").grid(
            row=0, column=column, sticky="w", pady=(S3, 2), padx=(left, 0)
        )
        entry = kit.Entry(self._row, width=width)
        entry.grid(row=1, column=column, sticky="ew", padx=(left, 0))
        return entry


def _fingerprint(dialog: Any, fingerprint: str) -> None:
    """A fingerprint in two lines, in letters that can be told apart."""
    middle = len(fingerprint) // 2
    shown = kit.Panel(dialog.body, "raised", radius=6)
    shown.pack(fill="x")
    kit.Label(shown, f"{fingerprint[:middle]}\n{fingerprint[middle + 1 :]}", "small", mono=True).pack(padx=S3, pady=S2)
