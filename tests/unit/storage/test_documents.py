"""What was done to documents: appended in order, read a part at a time, with checkpoints to start from."""

from sqlite3 import IntegrityError

import pytest
from sqlalchemy import insert
from tests.support.database import NOW, person, transaction

from kibitz.storage import Tx, documents
from kibitz.storage.documents import Entry, NewUpdate, Stored
from kibitz.storage.schema import code_sessions, document_checkpoints
from kibitz.wire.views import UserRef


def session(tx: Tx, user: int) -> int:
    made = insert(code_sessions).values(access="open", language="c", created_by=user, created_at=NOW)
    return int(tx.execute(made.returning(code_sessions.c.id)).scalar_one())


def test_updates_are_read_as_they_were_appended() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice").id, person(tx, "bob").id
        first, other = session(tx, alice), session(tx, bob)
        rows = [NewUpdate(first, seq, alice if seq % 2 else bob, NOW, b"%d" % seq) for seq in range(1, 6)]
        documents.append(tx, [*rows, NewUpdate(other, 1, bob, NOW, b"x")])
        assert documents.head(tx, first) == 5
        assert documents.heads(tx, [first, other, 99]) == {first: 5, other: 1}
        assert documents.between(tx, first, 1, 3) == [Stored(2, bob, b"2"), Stored(3, alice, b"3")]
        assert documents.authors(tx, [alice, bob]) == {
            alice: UserRef(id=alice, name="alice"),
            bob: UserRef(id=bob, name="bob"),
        }


def test_a_document_without_updates_is_at_0() -> None:
    with transaction() as tx:
        assert documents.head(tx, session(tx, person(tx, "alice").id)) == 0


def test_a_page_lists_the_newest_first() -> None:
    with transaction() as tx:
        alice = person(tx, "alice").id
        first = session(tx, alice)
        documents.append(tx, [NewUpdate(first, seq, alice, NOW, b"." * seq) for seq in range(1, 6)])
        who = UserRef(id=alice, name="alice")
        assert documents.entries(tx, first, None, 2) == [Entry(5, who, NOW, 5), Entry(4, who, NOW, 4)]
        assert documents.entries(tx, first, 3, 9) == [Entry(2, who, NOW, 2), Entry(1, who, NOW, 1)]


def test_a_seq_is_given_once() -> None:
    with transaction() as tx:
        alice = person(tx, "alice").id
        first = session(tx, alice)
        documents.append(tx, [NewUpdate(first, 1, alice, NOW, b"x")])
        with pytest.raises(IntegrityError):
            documents.append(tx, [NewUpdate(first, 1, alice, NOW, b"y")])


def test_the_nearest_checkpoint_is_found_and_few_of_the_older_ones_are_kept() -> None:
    with transaction() as tx:
        first = session(tx, person(tx, "alice").id)
        assert documents.checkpoint(tx, first, 99) is None
        for seq in range(3, 40, 3):
            documents.put_checkpoint(tx, first, seq, NOW, b"%d" % seq, spacing=10)
        documents.put_checkpoint(tx, first, 39, NOW, b"again", spacing=10)
        kept = [row.seq for row in tx.execute(document_checkpoints.select().order_by("seq"))]
        assert kept == [3, 12, 21, 30, 39]
        assert documents.checkpoint(tx, first, 29) == (21, b"21")
        assert documents.checkpoint(tx, first, 99) == (39, b"39")
        assert documents.checkpoint(tx, first, 2) is None
