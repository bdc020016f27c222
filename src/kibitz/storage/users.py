"""People, one row each: accounts, and the guests who came by name alone.

Rule: a password's hash leaves this module inside a `UserRow` only, which never shows it; a row is never deleted, since what
its person said stays.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from kibitz.domain.access import Actor, UserFacts
from kibitz.domain.errors import Refusal, not_found
from kibitz.domain.users import Role, name_key
from kibitz.storage import Tx
from kibitz.storage.prepared import Prepared
from kibitz.storage.schema import tokens, users
from kibitz.wire.views import User, UserRef

_CHUNK: Final = 500
"""Ids in one IN list: SQLite before 3.32 takes 999 parameters in a statement."""

_COLUMNS = (
    users.c.id,
    users.c.name,
    users.c.role,
    users.c.display_name,
    users.c.password_hash,
    users.c.disabled,
    users.c.created_at,
    users.c.last_seen_at,
)


def _insert(dialect: Any) -> Any:
    # Not a look and then an insert, and not an error to catch: either would lose a race or spoil a transaction that others share.
    made = dialect.insert(users).on_conflict_do_nothing(index_elements=[users.c.name_key])
    return made.returning(*_COLUMNS)


# Every login and every command runs some of these.
_ACTOR: Final = select(users.c.name, users.c.role).where(users.c.id == bindparam("user"), users.c.disabled.is_(False))
_ACTOR_INSIDE: Final = Prepared(_ACTOR)
_ACTOR_BY_TOKEN: Final = Prepared(
    _ACTOR.join(tokens, tokens.c.user_id == users.c.id).where(tokens.c.id == bindparam("token"))
)
_BY_ID: Final = Prepared(select(*_COLUMNS).where(users.c.id == bindparam("user")))
_BY_NAME: Final = Prepared(select(*_COLUMNS).where(users.c.name_key == bindparam("key")))
_NEW: Final = ("name", "name_key", "role", "display_name", "password_hash", "disabled", "created_at")
_CREATE: Final = {
    name: Prepared(_insert(dialect), *_NEW) for name, dialect in (("postgresql", postgresql), ("sqlite", sqlite))
}


@dataclass(frozen=True, slots=True)
class UserRow:
    """A person as stored."""

    id: int
    name: str
    role: Role
    display_name: str
    password_hash: str | None = field(repr=False)
    disabled: bool
    created_at: str
    last_seen_at: str | None

    @property
    def is_guest(self) -> bool:
        """Whether this person came by name alone: there is no account, and nothing proves who they are."""
        return self.password_hash is None

    def facts(self) -> UserFacts:
        """What `access.may` needs to know of them."""
        return UserFacts(self.id, self.name, self.role)

    def ref(self) -> UserRef:
        """How they are mentioned."""
        return UserRef(id=self.id, name=self.name)

    def view(self) -> User:
        """How everyone on the server sees them."""
        return User(
            id=self.id,
            name=self.name,
            role=self.role.value,
            display_name=self.display_name,
            guest=self.is_guest,
            disabled=self.disabled,
            last_seen=self.last_seen_at,
        )


def row_of(row: Sequence[Any]) -> UserRow:
    """The person in a row that begins with the columns of `columns()`."""
    user_id, name, role, *rest = row[: len(_COLUMNS)]
    return UserRow(user_id, name, Role(role), *rest)


def columns() -> tuple[Any, ...]:
    """What a query of another noun selects first to hand its rows to `row_of`."""
    return _COLUMNS


def by_id(tx: Tx, user_id: int) -> UserRow | None:
    """The person with this id."""
    row = _BY_ID.first(tx, user=user_id)
    return None if row is None else row_of(row)


def known(tx: Tx, user_id: int) -> UserRow:
    """The person with an id that came from the database: rows of people are never deleted."""
    return row_of(_BY_ID.one(tx, user=user_id))


def by_name(tx: Tx, name: str) -> UserRow | None:
    """The person of this name, however it is spelt."""
    row = _BY_NAME.first(tx, key=name_key(name))
    return None if row is None else row_of(row)


def need(tx: Tx, name: str) -> UserRow:
    """The person of this name. Raises `Refusal("not_found")`."""
    row = by_name(tx, name)
    if row is None:
        raise not_found(f"User '{name}'")
    return row


def many(tx: Tx, ids: Iterable[int]) -> dict[int, UserRow]:
    """The people with these ids, as far as there are any."""
    wanted = sorted(set(ids))
    found: dict[int, UserRow] = {}
    for start in range(0, len(wanted), _CHUNK):
        chunk = select(*_COLUMNS).where(users.c.id.in_(wanted[start : start + _CHUNK]))
        found.update((row[0], row_of(row)) for row in tx.execute(chunk))
    return found


def actor(tx: Tx, user_id: int, token_id: int | None) -> Actor:
    """The person as whoever asks for something now, by the login or access token they came by (None inside the server).

    Raises `Refusal("not_logged_in")` if they are not there, locked, or the token has been revoked: a command can wait behind the
    one that ends its login.
    """
    if token_id is None:
        row = _ACTOR_INSIDE.first(tx, user=user_id)
    else:
        row = _ACTOR_BY_TOKEN.first(tx, user=user_id, token=token_id)
    if row is None:
        raise Refusal("not_logged_in", "This login has ended; log in again.")
    name, role = row
    return Actor(user_id, name, Role(role), token_id)


def create(tx: Tx, name: str, role: Role, password_hash: str | None, now: str, *, display_name: str = "") -> UserRow:
    """A new person; `name` is a clean one. Raises `Refusal("name_taken")`, also when another connection was quicker."""
    row = _CREATE[tx.dialect.name].first(
        tx,
        name=name,
        name_key=name_key(name),
        role=role.value,
        display_name=display_name,
        password_hash=password_hash,
        disabled=False,
        created_at=now,
    )
    if row is None:
        raise name_taken(name)
    return row_of(row)


def name_taken(name: str) -> Refusal:
    """The refusal of a name that somebody has."""
    return Refusal("name_taken", f"The name '{name}' is taken; choose another.")


def page(tx: Tx, after: str, limit: int) -> list[UserRow]:
    """Up to `limit` people in the order of their `name_key`s, beginning after the name `after`."""
    query = select(*_COLUMNS).where(users.c.name_key > name_key(after)).order_by(users.c.name_key).limit(limit)
    return [row_of(row) for row in tx.execute(query)]


def count_accounts(tx: Tx) -> int:
    """How many people have an account, locked ones included and guests by name alone not."""
    return tx.execute(select(func.count()).where(users.c.password_hash.is_not(None))).scalar_one()


def set_role(tx: Tx, user_id: int, role: Role) -> None:
    """Give a person another role on the server."""
    tx.execute(update(users).where(users.c.id == user_id).values(role=role.value))


def set_disabled(tx: Tx, user_id: int, disabled: bool) -> None:
    """Lock or unlock a person."""
    tx.execute(update(users).where(users.c.id == user_id).values(disabled=disabled))


def set_password(tx: Tx, user_id: int, password_hash: str) -> None:
    """Give a person another password, by its hash."""
    tx.execute(update(users).where(users.c.id == user_id).values(password_hash=password_hash))


def set_profile(tx: Tx, user_id: int, display_name: str) -> None:
    """Change how a person is shown."""
    tx.execute(update(users).where(users.c.id == user_id).values(display_name=display_name))


def touch_last_seen(tx: Tx, user_ids: Iterable[int], now: str) -> None:
    """Note that these people's last connections have just closed."""
    wanted = sorted(set(user_ids))
    for start in range(0, len(wanted), _CHUNK):
        chunk = update(users).where(users.c.id.in_(wanted[start : start + _CHUNK]))
        tx.execute(chunk.values(last_seen_at=now))
