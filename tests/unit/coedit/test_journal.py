"""What waits to be stored: a row an author, none of which builds on a later one."""

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert
from tests.support.database import NOW, person, transaction

from kibitz.coedit.engine import Edit, Replica, merged
from kibitz.coedit.intake import Known, Verdict
from kibitz.coedit.journal import Batch, Journal, OutOfStep, Row, store
from kibitz.domain.errors import Refusal
from kibitz.storage import documents
from kibitz.storage.committer import Job
from kibitz.storage.schema import code_sessions
from kibitz.wire.yjs.update import survey


def written(replica: Replica, at: int, text: str) -> bytes:
    with replica.changing() as news:
        replica.edit([Edit(at, 0, text)])
    return news[0]


def add(journal: Journal, user: int, update: bytes) -> None:
    journal.add(user, update, [survey(update)])


def test_what_an_author_did_is_one_row_whoever_else_wrote_meanwhile() -> None:
    alice, bob, journal = Replica(client=1), Replica(client=2), Journal()
    for number in range(3):
        add(journal, 1, written(alice, number, "a"))
        add(journal, 2, written(bob, number, "b"))
    assert [(row.user, len(row.updates)) for row in journal.take()] == [(1, 3), (2, 3)]
    assert not journal


def test_an_edit_that_builds_on_another_s_comes_after_it() -> None:
    alice, bob, journal = Replica(client=1), Replica(client=2), Journal()
    first = written(alice, 0, "a")
    bob.apply(first)
    second = written(bob, 1, "b")
    alice.apply(second)
    third = written(alice, 2, "c")
    for user, update in ((1, first), (2, second), (1, third)):
        add(journal, user, update)
    assert [(row.user, len(row.updates)) for row in journal.take()] == [(1, 1), (2, 1), (1, 1)]


def test_what_could_not_be_stored_comes_first_again() -> None:
    alice, bob, journal = Replica(client=1), Replica(client=2), Journal()
    add(journal, 1, written(alice, 0, "a"))
    size = journal.size
    rows = journal.take()
    assert journal.size == 0
    add(journal, 2, written(bob, 0, "b"))
    add(journal, 1, written(alice, 1, "c"))
    journal.put_back(rows)
    add(journal, 2, written(bob, 1, "d"))
    assert journal.size > size
    assert [row.user for row in journal.take()] == [1, 2, 1, 2]


@given(st.data())
def test_after_every_row_the_document_is_whole(data: st.DataObject) -> None:
    replicas = {user: Replica(client=user * 11) for user in (1, 2, 3)}
    server, known, journal = Replica(), Known(Replica().state()), Journal()
    for _ in range(data.draw(st.integers(1, 15))):
        user = data.draw(st.sampled_from([1, 2, 3]))
        replica = replicas[user]
        if data.draw(st.booleans()):
            replica.apply(server.since())
        update = written(replica, data.draw(st.integers(0, replica.size)), "x")
        server.apply(update)
        known.note(survey(update))
        add(journal, user, update)
    replayed, seen = Replica(), Known(Replica().state())
    for row in journal.take():
        update = merged(row.updates)
        assert seen.judge(survey(update)) is Verdict.READY
        replayed.apply(update)
        seen.note(survey(update))
    assert replayed.text == server.text
    assert seen.clocks == known.clocks


def test_batches_are_stored_with_dense_numbers_and_one_that_is_out_of_step_is_not() -> None:
    with transaction() as tx:
        alice = person(tx, "alice").id
        values = {"access": "open", "language": "c", "created_by": alice, "created_at": NOW}
        tx.execute(insert(code_sessions), [values, values])
        replica = Replica()
        updates = [written(replica, 0, "a"), written(replica, 1, "b"), written(replica, 2, "c")]
        batches = [
            Batch(1, 0, NOW, [Row(alice, updates[:2]), Row(alice, updates[2:])]),
            Batch(2, 7, NOW, [Row(alice, updates[:1])]),
        ]

        def never(_: object) -> None:
            raise AssertionError

        first, second = store(tx, [Job(run=never, done=never, payload=batch) for batch in batches])
        assert first == 2
        assert isinstance(second, OutOfStep)
        assert not isinstance(second, Refusal)
        stored = documents.between(tx, 1, 0, 9)
        assert Replica([row.payload for row in stored]).text == "abc"
        assert documents.head(tx, 2) == 0
