"""Logging in: who, where, and what to do when that is refused.

Rule: a form is never lost, whatever goes wrong; a password is asked for only where the server wants one, and goes to the keyring or nowhere.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal, Protocol

import msgspec

from kibitz.client.client import Client
from kibitz.client.errors import ClientError, Refused, Untrusted
from kibitz.client.trust import Trust
from kibitz.desktop.preferences import Preferences, Store, keep_password, password_of
from kibitz.wire.commands import LogIn

Field = Literal["user", "password", "host", "port"]

CONNECT_SECONDS: Final = 15.0
"""How long a server may take to answer a login before that is shown."""


@dataclass(frozen=True, slots=True)
class Form:
    """What stands in the login window."""

    user: str = ""
    password: str = ""
    host: str = ""
    port: str = ""
    tls: bool = False
    remember: bool = False


class LoginView(Protocol):
    """The login window."""

    def fill(self, form: Form) -> None:
        """Show this form."""

    def busy(self, what: str) -> None:
        """Something is under way; an empty text: not any more."""

    def refuse(self, problem: str, field: Field | None) -> None:
        """Say what is wrong, and put the cursor where it can be mended."""

    def ask_password(self, why: str) -> None:
        """Show the field for the password, and say why."""

    def ask_trust(self, host: str, fingerprint: str) -> None:
        """Ask whether the server with this certificate is the one that was meant."""

    def close(self) -> None:
        """The person is in."""


class Login:
    """The login window's behaviour. `entered` lives as long as a login does, and returns why it ended."""

    def __init__(self, store: Store, entered: Callable[[Client, Form], Awaitable[str]]) -> None:
        self._store = store
        self._entered = entered
        self._view: LoginView | None = None
        self._busy = False
        self.preferences = Preferences()

    @property
    def view(self) -> LoginView:
        """The window."""
        assert self._view is not None, "it is attached first"
        return self._view

    async def begin(self, view: LoginView, given: Form, *, at_once: bool) -> None:
        """Show the form as it was last time, with what was `given` in its place; log in with it where that is wanted."""
        self._view = view
        self.preferences = before = await asyncio.to_thread(self._store.load)
        form = Form(
            user=given.user or before.user,
            host=given.host or before.host,
            port=given.port or str(before.port),
            tls=given.tls or before.tls,
            remember=before.remember,
        )
        if form.remember and form.port.isdecimal():
            password = await asyncio.to_thread(password_of, form.user, form.host, int(form.port))
            form = replace(form, password=password or "")
        view.fill(form)
        if form.password:
            view.ask_password("")
        if at_once:
            await self.submit(form)

    async def submit(self, form: Form) -> None:
        """Log in with this form."""
        if self._busy:
            return
        form = replace(form, user=form.user.strip(), host=form.host.strip(), port=form.port.strip())
        if (wrong := check(form)) is not None:
            self.view.refuse(*wrong)
            return
        self._busy = True
        self.view.busy(f"Connecting to {form.host}…")
        try:
            await self._log_in(form)
        finally:
            self._busy = False
            self.view.busy("")

    async def trust(self, form: Form, fingerprint: str) -> None:
        """The person says that this certificate is the right one."""
        known = {**self.preferences.fingerprints, f"{form.host}:{form.port}": fingerprint}
        self._keep(msgspec.structs.replace(self.preferences, fingerprints=known))
        await self.submit(form)

    async def _log_in(self, form: Form) -> None:
        try:
            async with asyncio.timeout(CONNECT_SECONDS) as patience, self._client(form) as client:
                patience.reschedule(None)
                await self._remember(form)
                self.view.close()
                self.view.busy("")
                why = await self._entered(client, form)
            if why:
                self.view.refuse(why, None)
        except TimeoutError:
            self.view.refuse(f"{form.host} does not answer on port {form.port}. Is the server running?", "host")
        except Refused as refused:
            self._refused(form, refused)
        except Untrusted as untrusted:
            await self._untrusted(form, untrusted)
        except (ClientError, OSError) as error:
            self.view.refuse(str(error), None)

    def _client(self, form: Form) -> Client:
        pinned = self.preferences.fingerprints.get(f"{form.host}:{form.port}")
        host = f"[{form.host}]" if ":" in form.host else form.host
        return Client(
            f"{'tcps' if form.tls else 'tcp'}://{host}:{form.port}",
            LogIn(name=form.user, password=form.password or None),
            trust=Trust(pinned) if form.tls else Trust(),
            journal=self._journal(form),
        )

    def _journal(self, form: Form) -> Path:
        return self._store.journal(form.user, form.host, int(form.port))

    async def _remember(self, form: Form) -> None:
        self._keep(
            msgspec.structs.replace(
                self.preferences,
                host=form.host,
                port=int(form.port),
                user=form.user,
                tls=form.tls,
                remember=form.remember,
            )
        )
        kept = form.password if form.remember and form.password else None
        await asyncio.to_thread(keep_password, form.user, form.host, int(form.port), kept)

    def _keep(self, preferences: Preferences) -> None:
        self.preferences = preferences
        self._store.save(preferences)

    def _refused(self, form: Form, refused: Refused) -> None:
        if refused.code == "auth_failed" and not form.password:
            self.view.ask_password(f"{form.user} has an account here: enter its password.")
        elif refused.code == "auth_failed":
            self.view.refuse(refused.message, "password")
        elif refused.code in ("invalid", "name_taken"):
            self.view.refuse(refused.message, "user")
        else:
            self.view.refuse(refused.message, None)

    async def _untrusted(self, form: Form, untrusted: Untrusted) -> None:
        self.view.refuse(str(untrusted), "host")


def check(form: Form) -> tuple[str, Field] | None:
    """What is wrong with a form, and where, before anything is sent."""
    if not form.user:
        return "Enter your user name.", "user"
    if not form.host:
        return "Enter the server's host name or address, such as 127.0.0.1.", "host"
    if not form.port.isdecimal() or not 1 <= int(form.port) <= 65535:
        return "A port is a number from 1 to 65535; Kibitz servers listen on 5555.", "port"
    return None
