"""Prepared statements: the same answers as SQLAlchemy's own, for every length of a list."""

import sqlite3
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import bindparam, create_engine, delete, insert, select, text, tuple_, update
from sqlalchemy.dialects import postgresql
from tests.support.database import NOW, person, transaction

from kibitz.domain.users import Role
from kibitz.storage.faults import Fault, fault_of
from kibitz.storage.prepared import Prepared, _padded
from kibitz.storage.schema import meta, nonces, users

_BY_NAMES = select(users.c.id, users.c.disabled).where(users.c.name.in_(bindparam("names", expanding=True)))


def test_rows_come_in_the_types_of_their_columns() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        rows = Prepared(_BY_NAMES).rows(tx, names=["alice"])
        assert rows == [(alice.id, False)]
        assert rows[0][1] is False
        assert Prepared(_BY_NAMES).first(tx, names=["alice"]) == (alice.id, False)
        assert Prepared(_BY_NAMES).one(tx, names=["alice"]) == (alice.id, False)
        assert Prepared(_BY_NAMES).first(tx, names=["bob"]) is None


@given(st.lists(st.sampled_from(("alice", "bob", "carol", "dave", "'", "?")), min_size=1, max_size=9))
def test_a_list_of_any_length_finds_what_sqlalchemy_finds(names: list[str]) -> None:
    with transaction() as tx:
        for name in ("alice", "bob", "carol"):
            person(tx, name)
        prepared = Prepared(_BY_NAMES.order_by(users.c.id))
        assert prepared.rows(tx, names=names) == [
            tuple(row) for row in tx.execute(_BY_NAMES.order_by(users.c.id), {"names": names})
        ]


def test_lists_of_pairs_values_of_the_statement_and_parameters_each_find_their_place() -> None:
    with transaction() as tx:
        rows = [
            {"user_id": user, "nonce": nonce, "fingerprint": b"f", "answer": b"a"} for user in (1, 2) for nonce in "xy"
        ]
        tx.execute(insert(nonces), rows)
        pairs = tuple_(nonces.c.user_id, nonces.c.nonce).in_(bindparam("pairs", expanding=True))
        wanted = select(nonces.c.user_id, nonces.c.nonce).where(
            nonces.c.answer == b"a", pairs, nonces.c.user_id < bindparam("below")
        )
        found = Prepared(wanted).rows(tx, below=2, pairs=[(1, "y"), (2, "y"), (1, "z")])
        assert found == [(1, "y")]


def test_an_insert_is_of_the_columns_named_and_can_return_what_it_wrote() -> None:
    with transaction() as tx:
        new = Prepared(
            insert(users).returning(users.c.name, users.c.disabled), "name", "name_key", "role", "created_at"
        )
        assert new.first(tx, name="alice", name_key="alice", role=Role.GUEST, created_at=NOW) == ("alice", False)


def test_it_is_known_how_many_rows_were_changed() -> None:
    with transaction() as tx:
        tx.execute(insert(meta), [{"key": key, "value": "old"} for key in "abc"])
        renew = Prepared(
            update(meta).where(meta.c.key.in_(bindparam("keys", expanding=True))).values(value=bindparam("new"))
        )
        assert renew.run(tx, keys=["a", "b", "z"], new="new") == 2
        assert Prepared(delete(meta).where(meta.c.value == bindparam("old"))).run(tx, old="new") == 2


def test_the_first_statement_begins_a_transaction_as_sqlalchemys_own_do() -> None:
    engine = create_engine("sqlite://")
    with engine.connect() as tx:
        assert not tx.in_transaction()
        assert Prepared(text("SELECT 1")).first(tx) == (1,)
        assert tx.in_transaction()
    engine.dispose()


def test_the_drivers_errors_say_what_is_wrong_with_the_database() -> None:
    with transaction() as tx:
        tx.exec_driver_sql("PRAGMA query_only = ON")
        with pytest.raises(sqlite3.OperationalError) as failed:
            Prepared(insert(meta), "key", "value").run(tx, key="a", value="b")
        assert fault_of(failed.value) is Fault.READ_ONLY


def test_a_few_texts_serve_all_lengths() -> None:
    with transaction() as tx:
        prepared = Prepared(_BY_NAMES)
        for length in range(1, 65):
            prepared.rows(tx, names=["alice"] * length)
        assert len(prepared._texts) == 7
    assert [len(_padded([0] * length)) for length in (1, 2, 3, 4, 5, 9)] == [1, 2, 4, 4, 8, 16]


def test_a_dialect_with_named_marks_is_given_marks_in_order() -> None:
    dialect: Any = postgresql.dialect
    made = Prepared(_BY_NAMES)._put_together(dialect(), {"names": ["alice", "bob"]})
    assert made.sql.count("%s") == 2
    assert made.order == ("names",)
