"""A real database for a test: SQLite in memory, with every table and the general channel."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import StaticPool, create_engine, event, insert, text

from kibitz.domain.access import Actor
from kibitz.domain.users import Role, name_key
from kibitz.storage import Tx
from kibitz.storage.schema import VIEWS, metadata, users
from kibitz.storage.seed import seed

NOW = "2026-01-31T12:00:00.000Z"


@contextmanager
def transaction() -> Iterator[Tx]:
    """An open transaction on an empty workspace; it ends with the test."""
    engine = create_engine("sqlite://", poolclass=StaticPool)

    @event.listens_for(engine, "connect")
    def _foreign_keys(connection: object, _: object) -> None:
        connection.execute("PRAGMA foreign_keys = ON")  # type: ignore[attr-defined]

    metadata.create_all(engine)
    with engine.connect() as tx:
        for name, query in VIEWS.items():
            tx.execute(text(f"CREATE VIEW {name} AS {query}"))
        seed(tx, epoch="first-epoch", now=NOW)
        yield tx
    engine.dispose()


def person(tx: Tx, name: str, role: Role = Role.MEMBER) -> Actor:
    """A user of this name, as an actor. Those with the role GUEST have no account."""
    secret = None if role is Role.GUEST else "no-such-hash"
    row = {"name": name, "name_key": name_key(name), "role": role, "password_hash": secret, "created_at": NOW}
    key = tx.execute(insert(users).values(**row)).inserted_primary_key
    assert key is not None
    return Actor(key[0], name, role)
