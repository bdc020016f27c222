"""Logging in: who, where, and what to do when that is refused.

Rule: a form is never lost, whatever goes wrong; a password is asked for only where the server wants one, and goes to the keyring or nowhere.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final, Literal, Protocol

from kibitz.client.account import sign_up
from kibitz.client.address import Address
from kibitz.client.certificate import fingerprint_at, written
from kibitz.client.client import Client
from kibitz.client.errors import ClientError, Refused, Untrusted
from kibitz.client.feed import Happening
from kibitz.client.notices import Disconnected
from kibitz.client.trust import Trust
from kibitz.desktop.aside import aside
from kibitz.desktop.preferences import Preferences, Settings, keep_password, password_of
from kibitz.domain.errors import Refusal
from kibitz.domain.users import check_password, clean_name
from kibitz.wire.commands import LogIn

Field = Literal["user", "password", "again", "host", "port"]

CONNECT_SECONDS: Final = 15.0
"""How long a server may take to answer a login before that is shown."""

KEYRING_SECONDS: Final = 3.0
"""How long a login that needs nobody waits for a keyring, which may ask its owner first."""


@dataclass(frozen=True, slots=True)
class Form:
    """What stands in the login window. With `new` it is an account to be made, and `again` the password once more."""

    user: str = ""
    password: str = ""
    host: str = ""
    port: str = ""
    tls: bool = False
    remember: bool = False
    new: bool = False
    again: str = ""


class LoginView(Protocol):
    """The login window."""

    def fill(self, form: Form) -> None:
        """Show this form."""

    def fill_password(self, password: str) -> None:
        """The keyring has given this password: show it, where none was written meanwhile."""

    def busy(self, what: str) -> None:
        """Something is under way; an empty text: not any more."""

    def refuse(self, problem: str, field: Field | None) -> None:
        """Say what is wrong, and put the cursor where it can be mended."""

    def ask_password(self, why: str, *, here: bool = True) -> None:
        """Show the field for the password, and say why; the cursor goes there, or to the name."""

    def ask_trust(self, form: Form, fingerprint: str) -> None:
        """Ask whether the server with this certificate is the one that was meant."""

    def warn_changed(self, form: Form, pinned: str, shown: str) -> None:
        """The server shows another certificate than the one that was trusted: nobody is let through without knowing."""

    def close(self) -> None:
        """The person is in."""


class Login:
    """The login window's behaviour. `entered` lives as long as a login does, and returns why it ended.

    `begin` starts what nobody waits for, and
    `say` tells somebody who is in.
    """

    def __init__(
        self,
        kept: Settings,
        entered: Callable[[Client, Form], Awaitable[str]],
        begin: Callable[..., None],
        say: Callable[[str], None],
    ) -> None:
        self._kept = kept
        self._entered = entered
        self._begin, self._say = begin, say
        self._view: LoginView | None = None
        self._busy = False
        self._patience: asyncio.Timeout | None = None
        self._cancelled = False
        self._failure = ""

    @property
    def view(self) -> LoginView:
        """The window."""
        assert self._view is not None, "it is attached first"
        return self._view

    @property
    def preferences(self) -> Preferences:
        """What is remembered."""
        return self._kept.value

    async def begin(self, view: LoginView, given: Form, *, at_once: bool, tls: bool | None = None) -> None:
        """Show the form as it was last time, with what was `given` in its place; log in with it where that is wanted."""
        self._view = view
        form = self._as_before(given, tls)
        view.fill(form)
        if not at_once:
            self._begin(self._fetch_password, form)
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(KEYRING_SECONDS):
                form = replace(form, password=await self._fetch_password(form) or "")
        await self.submit(form)

    def _as_before(self, given: Form, tls: bool | None) -> Form:
        before = self.preferences
        form = Form(
            user=given.user or before.user,
            host=given.host or before.host,
            port=given.port or str(before.port),
            remember=before.remember,
        )
        same = (form.host, form.port) == (before.host, str(before.port))
        return replace(form, tls=((before.tls and same) or given.tls) if tls is None else tls)

    async def _fetch_password(self, form: Form) -> str | None:
        if not form.remember or not form.user or not form.port.isdecimal():
            return None
        password = await aside(password_of, form.user, form.host, int(form.port))
        if password and not self._busy:
            self.view.fill_password(password)
        return password

    # --- what the person does ------------------------------------------------------------------------------------------

    async def submit(self, form: Form) -> None:
        """Log in with this form, or make an account with it."""
        if self._busy:
            return
        form = replace(form, user=form.user.strip(), host=form.host.strip(), port=form.port.strip())
        if (wrong := check(form)) is not None:
            self.view.refuse(*wrong)
            return
        self._busy, self._cancelled = True, False
        self.view.busy(f"Connecting to {form.host}…")
        try:
            await self._log_in(form)
        finally:
            self._busy = False
            self.view.busy("")

    def cancel(self) -> None:
        """Wait for the server no longer."""
        if self._patience is not None:
            self._cancelled = True
            self._patience.reschedule(asyncio.get_running_loop().time())

    async def trust(self, form: Form, fingerprint: str) -> None:
        """The person says that this certificate is the right one."""
        await self._pin(form, fingerprint)
        await self.submit(form)

    async def forget(self, form: Form) -> None:
        """The person says that the certificate was changed for good reason: ask about the new one as about any other."""
        await self._pin(form, None)
        await self.submit(form)

    # --- logging in ----------------------------------------------------------------------------------------------------

    async def _log_in(self, form: Form) -> None:
        self._failure = ""
        try:
            async with asyncio.timeout(CONNECT_SECONDS) as patience:
                self._patience = patience
                login = await self._account(form) if form.new else LogIn(name=form.user, password=form.password or None)
                client = self._client(form, login)
                with client.feed.listening(self._hear):
                    await client.__aenter__()
                try:
                    patience.reschedule(None)
                    self._patience = None
                    await self._enter(client, form)
                finally:
                    await client.close()
        except TimeoutError:
            self._refuse_silence(form)
        except Refused as refused:
            self._refused(form, refused)
        except Untrusted as untrusted:
            await self._untrusted(form, untrusted)
        except (ClientError, OSError) as error:
            self.view.refuse(_sentence(form, str(error)), "host")
        finally:
            self._patience = None

    def _hear(self, happening: Happening) -> None:
        # A client tries again for ever; whoever has just typed an address wants to know at once that nobody is there.
        if isinstance(happening, Disconnected) and self._patience is not None:
            self._failure = happening.reason
            self._patience.reschedule(asyncio.get_running_loop().time())

    async def _enter(self, client: Client, form: Form) -> None:
        await self._remember(form)
        self.view.close()
        self.view.busy("")
        why = await self._entered(client, form)
        self.view.fill(replace(form, password=form.password if form.remember else "", new=False, again=""))
        if why:
            self.view.refuse(why, None)

    async def _account(self, form: Form) -> LogIn:
        made = await sign_up(_url(form), form.user, form.password, trust=self._trust(form))
        return LogIn(token=made.token)

    def _client(self, form: Form, login: LogIn) -> Client:
        journal = self._kept.store.journal(form.user, form.host, int(form.port))
        return Client(_url(form), login, trust=self._trust(form), journal=journal)

    def _trust(self, form: Form) -> Trust:
        return Trust(self.preferences.fingerprints.get(_place(form))) if form.tls else Trust()

    async def _remember(self, form: Form) -> None:
        await asyncio.to_thread(
            lambda: self._kept.change(
                host=form.host, port=int(form.port), user=form.user, tls=form.tls, remember=form.remember
            )
        )
        self._begin(self._keep_password, form)

    async def _keep_password(self, form: Form) -> None:
        kept = form.password if form.remember and form.password else None
        there = await aside(keep_password, form.user, form.host, int(form.port), kept)
        if kept and not there and not self.preferences.told_of_keyring:
            await asyncio.to_thread(lambda: self._kept.change(told_of_keyring=True))
            self._say("This system has no keyring: everything is remembered but the password.")

    async def _pin(self, form: Form, fingerprint: str | None) -> None:
        known = {place: pin for place, pin in self.preferences.fingerprints.items() if place != _place(form)}
        if fingerprint is not None:
            known[_place(form)] = fingerprint
        await asyncio.to_thread(lambda: self._kept.change(fingerprints=known))

    # --- when it is refused --------------------------------------------------------------------------------------------

    def _refuse_silence(self, form: Form) -> None:
        if self._cancelled:
            self.view.refuse("", "host")
        elif self._failure:
            self.view.refuse(_sentence(form, self._failure), "host")
        else:
            self.view.refuse(f"{form.host} does not answer on port {form.port}. Is the server running?", "host")

    def _refused(self, form: Form, refused: Refused) -> None:
        name_only = not form.password and not form.new
        if name_only and refused.code == "auth_failed":
            self.view.ask_password("This server asks for a password.")
        elif name_only and refused.code == "name_taken":
            self.view.ask_password(refused.message, here="password" in refused.message)
        elif refused.code == "auth_failed":
            self.view.refuse(refused.message, "password")
        else:
            self.view.refuse(refused.message, "user" if refused.code in ("invalid", "name_taken") else None)

    async def _untrusted(self, form: Form, untrusted: Untrusted) -> None:
        place = _place(form)
        address = Address.parse(_url(form))
        try:
            shown = await fingerprint_at(address)
        except (OSError, TimeoutError):
            self.view.refuse(str(untrusted), "host")
            return
        pinned = self.preferences.fingerprints.get(place)
        if pinned is None:
            self.view.ask_trust(form, shown)
        else:
            self.view.warn_changed(form, written(pinned), shown)


def check(form: Form) -> tuple[str, Field] | None:
    """What is wrong with a form, and where, before anything is sent."""
    if not form.user:
        return "Enter your user name.", "user"
    if not form.host or any(char.isspace() or char in "/?#@" for char in form.host):
        return "Enter the server's host name or address, such as 127.0.0.1.", "host"
    if not form.port.isdecimal() or not 1 <= int(form.port) <= 65535:
        return "A port is a number from 1 to 65535; Kibitz servers listen on 5555.", "port"
    return _check_account(form) if form.new else None


def _check_account(form: Form) -> tuple[str, Field] | None:
    try:
        clean_name(form.user)
    except Refusal as refusal:
        return refusal.message, "user"
    try:
        check_password(form.password)
    except Refusal as refusal:
        return refusal.message, "password"
    if form.password != form.again:
        return "The two passwords are not the same.", "again"
    return None


def _url(form: Form) -> str:
    host = f"[{form.host}]" if ":" in form.host else form.host
    return f"{'tcps' if form.tls else 'tcp'}://{host}:{form.port}"


def _place(form: Form) -> str:
    return f"{form.host}:{form.port}"


def _sentence(form: Form, reason: str) -> str:
    """What went wrong on the way there, for people."""
    if "SSL" in reason:
        return f"{form.host} does not speak TLS on port {form.port}; turn encryption off, if you trust the network."
    if "not known" in reason or "getaddrinfo" in reason or "No address" in reason:
        return f"There is no host called {form.host}."
    if "Errno" in reason or "Connect call failed" in reason:
        return f"{form.host} cannot be reached on port {form.port}. Is the server running?"
    if reason == "The connection was lost." and not form.tls:
        return "The server hung up at once. Perhaps it wants an encrypted connection (TLS)."
    return reason
