"""The engine: what it is asked to do it does, and what goes wrong in it is told."""

import gc
import weakref

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibitz.coedit.engine import Change, Edit, Replica, Unusable, merged, new_client


def test_an_edit_counts_in_bytes_of_the_text_as_it_is() -> None:
    replica = Replica(client=1)
    replica.edit([Edit(0, 0, "é😀x")])
    replica.edit([Edit(2, 4, "!"), Edit(6, 1, "y"), Edit(7, 0, "z")])
    assert replica.text == "é!yz"
    assert replica.size == 5


def test_what_was_changed_in_one_go_is_one_update() -> None:
    replica, other = Replica(client=1), Replica(client=2)
    with replica.changing() as news:
        replica.edit([Edit(0, 0, "one")])
        replica.edit([Edit(3, 0, " two")])
    assert len(news) == 1
    other.apply(news[0])
    assert other.text == "one two"


def test_what_changes_nothing_is_no_news() -> None:
    replica = Replica(client=1)
    replica.edit([Edit(0, 0, "one")])
    with replica.changing() as news:
        replica.apply(replica.since())
    assert news == []


def test_a_state_says_what_is_lacking() -> None:
    replica = Replica(client=1)
    replica.edit([Edit(0, 0, "one")])
    behind = Replica([replica.since()], client=2)
    replica.edit([Edit(3, 0, " two")])
    behind.apply(replica.since(behind.state()))
    assert behind.text == "one two"
    assert behind.state() == replica.state()


def test_changes_are_told_in_steps() -> None:
    replica, told = Replica(client=1), list[list[Change]]()
    with replica.following(told.append):
        replica.edit([Edit(0, 0, "é😀")])
        replica.edit([Edit(2, 4, "ab")])
    replica.edit([Edit(0, 0, "not told")])
    assert told == [[Change(added=6)], [Change(kept=2), Change(added=2), Change(removed=4)]] or told == [
        [Change(added=6)],
        [Change(kept=2), Change(removed=4), Change(added=2)],
    ]


def test_what_the_engine_does_not_take_is_told_and_does_no_harm() -> None:
    replica = Replica(client=1)
    replica.edit([Edit(0, 0, "one")])
    with pytest.raises(Unusable):
        replica.apply(b"\x01")
    assert replica.text == "one"


def test_even_a_panic_of_the_engine_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Panic(BaseException):
        """As pyo3's PanicException: no Exception."""

    replica = Replica()

    def panic(_: bytes) -> None:
        raise Panic

    monkeypatch.setattr(replica._doc, "apply_update", panic)
    with pytest.raises(Unusable):
        replica.apply(b"\x00\x00")


def test_an_interrupt_goes_through(monkeypatch: pytest.MonkeyPatch) -> None:
    replica = Replica()

    def interrupt(_: bytes) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(replica._doc, "apply_update", interrupt)
    with pytest.raises(KeyboardInterrupt):
        replica.apply(b"\x00\x00")


def test_ids_of_clients_are_31_bits() -> None:
    assert all(0 <= new_client() < 1 << 31 for _ in range(100))


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 2), st.sampled_from(["a", "é", "😀", ""])), min_size=1))
def test_updates_merged_are_worth_as_much_as_one_after_another(acts: list[tuple[float, int, str]]) -> None:
    replica, updates = Replica(client=1), list[bytes]()
    for where, removed, added in acts:
        text = replica.text
        at = int(where * len(text))
        with replica.changing() as news:
            replica.edit([Edit(len(text[:at].encode()), len(text[at : at + removed].encode()), added)])
        updates += news
    if updates:
        together = Replica([merged(updates)])
        assert together.text == replica.text
        assert together.state() == replica.state()


def test_a_document_that_was_watched_can_be_let_go_of() -> None:
    gone: list[None] = []
    replica = Replica()
    weakref.finalize(replica._doc, gone.append, None)
    with replica.changing(), replica.following(lambda _: None):
        replica.edit([Edit(0, 0, "x")])
    del replica
    gc.collect()
    assert gone == [None]
