"""Logins and access tokens, one row each.

Rule: a secret is never stored. What is stored is its SHA-256, which needs no salt and no slow hash, since a secret has 256 bits of
chance; a revoked or expired token has no row that anyone could find.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, Literal

from sqlalchemy import bindparam, delete, func, insert, or_, select, update

from kibitz.storage import Tx
from kibitz.storage.prepared import Prepared
from kibitz.storage.schema import tokens, users
from kibitz.storage.users import UserRow, columns, row_of
from kibitz.wire.views import Token

Kind = Literal["login", "access"]
"""A login ends with log-out; an access token is made by hand, for a program."""

PREFIX: Final = "kibitz_"
"""What every secret begins with, so that people and secret scanners know one when they see it."""

_COLUMNS = (
    tokens.c.id,
    tokens.c.user_id,
    tokens.c.kind,
    tokens.c.name,
    tokens.c.created_at,
    tokens.c.expires_at,
    tokens.c.last_used_at,
)


def _alive() -> Any:
    return or_(tokens.c.expires_at.is_(None), tokens.c.expires_at > bindparam("now"))


def _oldest_logins() -> Any:
    login = (tokens.c.user_id == bindparam("user"), tokens.c.kind == "login")
    newest = select(tokens.c.id).where(*login).order_by(tokens.c.id.desc()).limit(bindparam("keep"))
    return delete(tokens).where(*login, tokens.c.id.not_in(newest)).returning(tokens.c.id)


def _stale() -> Any:
    stale = or_(tokens.c.last_used_at.is_(None), tokens.c.last_used_at < bindparam("minute"))
    used = update(tokens).where(tokens.c.id.in_(bindparam("ids", expanding=True)), stale)
    return used.values(last_used_at=bindparam("now"))


# Every login runs some of these.
_CREATE: Final = Prepared(
    insert(tokens).returning(*_COLUMNS), "user_id", "kind", "name", "hash", "created_at", "expires_at"
)
_FIND: Final = Prepared(
    select(*columns(), *_COLUMNS)
    .join(users, users.c.id == tokens.c.user_id)
    .where(tokens.c.hash == bindparam("digest"), _alive(), users.c.disabled.is_(False))
)
_REVOKE_ALL: Final = Prepared(delete(tokens).where(tokens.c.user_id == bindparam("user")))
_REVOKE_OLDEST_LOGINS: Final = Prepared(_oldest_logins())
_TOUCH: Final = Prepared(_stale())


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A login or access token as stored, without its hash."""

    id: int
    user_id: int
    kind: Kind
    name: str
    created_at: str
    expires_at: str | None
    last_used_at: str | None

    def use_is_noted(self, now: str) -> bool:
        """Whether a use at this time need not be written down: one a minute of the clock is enough."""
        return self.last_used_at is not None and self.last_used_at >= _minute(now)

    def view(self) -> Token:
        """How its owner sees it."""
        return Token(
            id=self.id,
            name=self.name,
            kind=self.kind,
            created_at=self.created_at,
            expires_at=self.expires_at,
            last_used_at=self.last_used_at,
        )


def new_secret() -> str:
    """A fresh secret: the prefix and 256 bits in base64url."""
    return PREFIX + secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What is stored of a secret: its SHA-256 in hexadecimal."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def create(
    tx: Tx, user_id: int, kind: Kind, *, name: str, secret_hash: str, now: str, expires_at: str | None
) -> TokenRow:
    """A new token of a user; `secret_hash` is the `digest` of its secret."""
    row = _CREATE.one(
        tx, user_id=user_id, kind=kind, name=name, hash=secret_hash, created_at=now, expires_at=expires_at
    )
    return _token_of(row)


def find(tx: Tx, secret_hash: str, now: str) -> tuple[UserRow, TokenRow] | None:
    """Whose token this is, by the `digest` of its secret: None if it is unknown, revoked or expired, or its user is locked."""
    row = _FIND.first(tx, digest=secret_hash, now=now)
    return None if row is None else (row_of(row), _token_of(row[len(columns()) :]))


def of_user(tx: Tx, user_id: int, now: str) -> list[TokenRow]:
    """A user's tokens that have not expired, oldest first."""
    query = select(*_COLUMNS).where(tokens.c.user_id == user_id, _alive()).order_by(tokens.c.id)
    return [_token_of(row) for row in tx.execute(query, {"now": now})]


def count(tx: Tx, user_id: int, kind: Kind, now: str) -> int:
    """How many tokens of a kind a user has that have not expired."""
    query = select(func.count()).where(tokens.c.user_id == user_id, tokens.c.kind == kind, _alive())
    return tx.execute(query, {"now": now}).scalar_one()


def revoke(tx: Tx, user_id: int, token_id: int) -> bool:
    """End one token of a user; says whether there was such a one."""
    gone = delete(tokens).where(tokens.c.id == token_id, tokens.c.user_id == user_id)
    return tx.execute(gone).rowcount > 0


def revoke_all(tx: Tx, user_id: int, keep: int | None = None) -> None:
    """End every token of a user, logins included, save `keep`."""
    if keep is None:
        _REVOKE_ALL.run(tx, user=user_id)
    else:
        tx.execute(delete(tokens).where(tokens.c.user_id == user_id, tokens.c.id != keep))


def revoke_oldest_logins(tx: Tx, user_id: int, keep: int) -> tuple[int, ...]:
    """End a user's logins but for the newest `keep`; returns the ids of those that ended."""
    return tuple(sorted(token for (token,) in _REVOKE_OLDEST_LOGINS.rows(tx, user=user_id, keep=keep)))


def sweep(tx: Tx, now: str) -> int:
    """Drop what has expired; returns how many there were. Nobody could use them: this is for room alone."""
    return tx.execute(delete(tokens).where(tokens.c.expires_at <= now)).rowcount


def touch(tx: Tx, token_ids: Iterable[int], now: str) -> None:
    """Note that these tokens were used; writes each at most once in a minute of the clock."""
    if ids := sorted(set(token_ids)):
        _TOUCH.run(tx, ids=ids, minute=_minute(now), now=now)


def _minute(now: str) -> str:
    return now[: len("2026-01-31T12:00")]  # stamps of earlier minutes sort before it


def _token_of(row: Sequence[Any]) -> TokenRow:
    return TokenRow(*row)
