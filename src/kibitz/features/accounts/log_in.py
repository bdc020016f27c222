"""How a login begins, whatever it is proved by, and how it ends.

Rule: whoever has a login has a token; a connection lives as long as the token it came by.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from kibitz.domain.errors import Refusal
from kibitz.domain.users import Role, clean_name
from kibitz.fanout.steps import Revoke
from kibitz.features.accounts.lifetimes import after_days
from kibitz.features.call import Call, Outcome
from kibitz.storage import Tx, tokens, users
from kibitz.storage.tokens import TokenRow
from kibitz.storage.users import UserRow
from kibitz.wire.commands import LogOut, LogOutEverywhere
from kibitz.wire.results import LoggedIn

LOGIN_DAYS: Final = 30
"""Days a login of an account lasts; Mattermost's default for sessions too."""

GUEST_DAYS: Final = 1
"""Days the login of a name-only guest lasts: long enough to come back after a cut, short enough to free nothing but a name."""

MAX_LOGINS: Final = 500
"""Logins one account may have at a time; with the next one the oldest ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login(Outcome):
    """Somebody is logged in: who, by which token, and its secret, for them alone."""

    user: UserRow
    token: TokenRow
    secret: str = field(repr=False)

    @property
    def token_id(self) -> int:
        """The token's id."""
        return self.token.id


def wrong_password() -> Refusal:
    """The one answer to a wrong name and to a wrong password: which of the two it was is nobody's business."""
    return Refusal("auth_failed", "The name or the password is wrong.")


def by_password(tx: Tx, user: UserRow, secret: str, now: str, *, new_hash: str | None = None) -> Login:
    """Log in whoever was verified as this user; `new_hash` replaces a hash made with outdated parameters.

    Raises `Refusal("auth_failed")` if the password was changed since, or the account is locked.
    """
    current = users.known(tx, user.id)
    if current.password_hash != user.password_hash:
        raise wrong_password()
    if current.disabled:
        raise Refusal("auth_failed", "This account is locked; ask an admin of this server.")
    if new_hash is not None:
        users.set_password(tx, user.id, new_hash)
    return begin(tx, current, secret, now, LOGIN_DAYS)


def as_guest(tx: Tx, name: str, secret: str, now: str, is_connected: Callable[[int], bool]) -> Login:
    """Log in by name alone. Raises `Refusal("name_taken")` if the name belongs to an account or to a guest who is here now.

    A guest's name is free again when they are gone. Whoever takes it anew ends the logins of whoever had it before.
    """
    name = clean_name(name)
    user = users.by_name(tx, name)
    if user is None:
        return begin(tx, users.create(tx, name, Role.GUEST, None, now), secret, now, GUEST_DAYS)
    if not user.is_guest:
        raise Refusal(
            "name_taken", f"The name '{name}' has an account: log in with its password, or choose another name."
        )
    if is_connected(user.id):
        raise Refusal("name_taken", f"Somebody is here as '{name}' already; choose another name.")
    if user.disabled:
        raise Refusal("auth_failed", f"The name '{name}' is locked; choose another.")
    tokens.revoke_all(tx, user.id)
    login = begin(tx, user, secret, now, GUEST_DAYS)
    return _with_steps(login, Revoke(user.id, keep=login.token.id))


def begin(tx: Tx, user: UserRow, secret: str, now: str, days: int) -> Login:
    """A new login of a user, for so many days."""
    expires_at = after_days(now, days)
    token = tokens.create(
        tx, user.id, "login", name="", secret_hash=tokens.digest(secret), now=now, expires_at=expires_at
    )
    ended = tokens.revoke_oldest_logins(tx, user.id, keep=MAX_LOGINS)
    answer = LoggedIn(user=user.view(), token=secret, expires_at=expires_at)
    return Login(answer, (Revoke(user.id, ended),) if ended else (), user=user, token=token, secret=secret)


def log_out(call: Call[LogOut, Any]) -> Outcome:
    """End the login this call came by."""
    token = call.actor.token_id
    if token is None or not tokens.revoke(call.tx, call.actor.id, token):
        return Outcome()
    return Outcome(steps=(Revoke(call.actor.id, (token,)),))


def log_out_everywhere(call: Call[LogOutEverywhere, Any]) -> Outcome:
    """End every login and access token of the caller, this one included."""
    tokens.revoke_all(call.tx, call.actor.id)
    return Outcome(steps=(Revoke(call.actor.id),))


def _with_steps(login: Login, *steps: Revoke) -> Login:
    return Login(login.answer, (*login.steps, *steps), user=login.user, token=login.token, secret=login.secret)
