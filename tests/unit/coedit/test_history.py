"""How a document came to be: every earlier text, and who wrote what."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert
from tests.support.database import NOW, person, transaction

from kibitz.coedit import history
from kibitz.coedit.engine import Edit, Replica
from kibitz.coedit.history import Written
from kibitz.domain.errors import Refusal
from kibitz.storage import Tx, documents
from kibitz.storage.documents import NewUpdate
from kibitz.storage.schema import code_sessions
from kibitz.wire.views import UserRef

SESSION = 1


def people(tx: Tx) -> tuple[int, int]:
    """Alice and Bob, and a session of theirs."""
    alice, bob = person(tx, "alice").id, person(tx, "bob").id
    values = {"access": "open", "language": "c", "created_by": alice, "created_at": NOW}
    tx.execute(insert(code_sessions).values(**values))
    return alice, bob


def put(tx: Tx, user: int, replica: Replica, *edits: Edit) -> int:
    """Edit, and store it as the next version."""
    with replica.changing() as news:
        replica.edit(edits)
    version = documents.head(tx, SESSION) + 1
    documents.append(tx, [NewUpdate(SESSION, version, user, NOW, news[0])])
    return version


def test_a_session_begins_with_a_text_of_its_maker() -> None:
    with transaction() as tx:
        alice, _ = people(tx)
        history.seed(tx, SESSION, alice, "print(1)\r\n", NOW)
        assert history.text_at(tx, SESSION) == "print(1)\n"
        assert history.head(tx, SESSION) == 1
        assert history.authors(tx, SESSION) == [Written(UserRef(id=alice, name="alice"), "print(1)\n")]


def test_a_session_without_a_text_begins_empty() -> None:
    with transaction() as tx:
        alice, _ = people(tx)
        history.seed(tx, SESSION, alice, "", NOW)
        assert (history.head(tx, SESSION), history.text_at(tx, SESSION)) == (0, "")
        assert history.authors(tx, SESSION) == []
        assert history.load(tx, SESSION).version == 0


def test_every_version_has_its_text_and_authors() -> None:
    with transaction() as tx:
        alice, bob = people(tx)
        replica = Replica()
        put(tx, alice, replica, Edit(0, 0, "hello"))
        put(tx, bob, replica, Edit(0, 1, "H"), Edit(5, 0, " 😀"))
        put(tx, alice, replica, Edit(1, 4, "i"))
        assert [history.text_at(tx, SESSION, version) for version in range(4)] == ["", "hello", "Hello 😀", "Hi 😀"]
        a, b = UserRef(id=alice, name="alice"), UserRef(id=bob, name="bob")
        assert history.authors(tx, SESSION, 2) == [Written(b, "H"), Written(a, "ello"), Written(b, " 😀")]
        assert history.authors(tx, SESSION) == [Written(b, "H"), Written(a, "i"), Written(b, " 😀")]
        assert Replica([history.export(tx, SESSION)]).text == "Hi 😀"
        assert [entry.version for entry in history.entries(tx, SESSION, None, 2)] == [3, 2]


@pytest.mark.parametrize("version", [-1, 2])
def test_a_version_that_is_not_there_is_not_found(version: int) -> None:
    with transaction() as tx:
        alice, _ = people(tx)
        history.seed(tx, SESSION, alice, "x", NOW)
        for ask in (history.text_at, history.authors):
            with pytest.raises(Refusal) as refused:
                ask(tx, SESSION, version)
            assert refused.value.code == "not_found"


def test_loading_begins_at_the_newest_checkpoint_and_tells_the_same() -> None:
    with transaction() as tx:
        alice, bob = people(tx)
        replica = Replica()
        for number in range(6):
            put(tx, bob if number % 2 else alice, replica, Edit(number * 5, 0, "😀x"))
        before = history.authors(tx, SESSION)
        payload = history.checkpoint(tx, SESSION, 4)
        assert payload is not None
        documents.put_checkpoint(tx, SESSION, 4, NOW, payload, spacing=100)
        loaded = history.load(tx, SESSION)
        assert (loaded.version, loaded.checkpoint, loaded.replica.text) == (6, 4, "😀x" * 6)
        assert len(loaded.known._halves) == 6
        assert history.authors(tx, SESSION) == before
        assert [history.text_at(tx, SESSION, version) for version in range(7)] == [
            "😀x" * number for number in range(7)
        ]
        again = history.checkpoint(tx, SESSION, 6)
        assert again is not None
        documents.put_checkpoint(tx, SESSION, 6, NOW, again, spacing=100)
        assert history.authors(tx, SESSION) == before


def test_no_checkpoint_is_made_where_something_is_missing() -> None:
    with transaction() as tx:
        alice, _ = people(tx)
        replica, lost = Replica(), Replica(client=5)
        put(tx, alice, replica, Edit(0, 0, "a"))
        lost.apply(replica.since())
        lost.edit([Edit(1, 0, "b")])
        replica.apply(lost.since())  # this was never stored
        put(tx, alice, replica, Edit(2, 0, "c"))
        assert history.checkpoint(tx, SESSION, 1) is not None
        assert history.checkpoint(tx, SESSION, 2) is None


def test_a_text_is_rewritten_by_its_difference() -> None:
    with transaction() as tx:
        alice, bob = people(tx)
        replica = Replica()
        put(tx, alice, replica, Edit(0, 0, "one\ntwo\n"))
        update = history.rewrite(tx, SESSION, 1, "one\n2\n", 77)
        assert update is not None
        replica.edit([Edit(8, 0, "three\n")])  # meanwhile
        replica.apply(update)
        assert replica.text == "one\n2\nthree\n"
        assert history.rewrite(tx, SESSION, 1, "one\ntwo\n", 77) is None
        with pytest.raises(Refusal):
            history.rewrite(tx, SESSION, 9, "x", 77)
        assert bob


@settings(max_examples=20)
@given(st.data())
def test_wherever_checkpoints_are_every_version_is_the_same(data: st.DataObject) -> None:
    with transaction() as tx:
        users = people(tx)
        replica, texts = Replica(), [""]
        for _ in range(data.draw(st.integers(1, 12))):
            text = replica.text
            at = data.draw(st.integers(0, len(text)))
            gone = text[at : at + data.draw(st.integers(0, 2))]
            added = data.draw(st.sampled_from(["a", "é", "😀"]))
            edit = Edit(len(text[:at].encode()), len(gone.encode()), added)
            version = put(tx, data.draw(st.sampled_from(users)), replica, edit)
            texts.append(replica.text)
            if data.draw(st.booleans()):
                authors = history.authors(tx, SESSION)
                payload = history.checkpoint(tx, SESSION, version)
                assert payload is not None
                documents.put_checkpoint(tx, SESSION, version, NOW, payload, spacing=4)
                assert history.authors(tx, SESSION) == authors
        assert [history.text_at(tx, SESSION, version) for version in range(len(texts))] == texts
