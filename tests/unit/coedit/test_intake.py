"""What is let through to the engine: only what builds on what is there, and cuts no character."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibitz.coedit.engine import Edit, Replica, merged
from kibitz.coedit.intake import Known, Verdict, covers
from kibitz.wire.yjs.lib0 import write_uint
from kibitz.wire.yjs.update import Span, clocks_of, survey


def written(replica: Replica, *edits: Edit) -> bytes:
    """The update that these edits are."""
    with replica.changing() as news:
        replica.edit(edits)
    return news[0]


def known(*updates: bytes) -> Known:
    """Someone who knows these."""
    made = Known(Replica().state())
    for update in updates:
        made.note(survey(update))
    return made


def struct(info: int, *ids: tuple[int, int], text: str = "x") -> bytes:
    raw = text.encode()
    return (
        bytes((info,))
        + b"".join(write_uint(client) + write_uint(clock) for client, clock in ids)
        + write_uint(len(raw))
        + raw
    )


def of(sections: Sequence[tuple[int, int, Sequence[bytes]]]) -> bytes:
    """An update of sections: client, clock, structs."""
    parts = [
        write_uint(len(structs)) + write_uint(client) + write_uint(clock) + b"".join(structs)
        for client, clock, structs in sections
    ]
    return write_uint(len(sections)) + b"".join(parts) + b"\x00"


def test_what_comes_in_order_is_ready_and_what_comes_again_too() -> None:
    alice = Replica(client=1)
    one, two = written(alice, Edit(0, 0, "one")), written(alice, Edit(3, 0, " two"))
    assert known().judge(survey(one)) is Verdict.READY
    assert known(one).judge(survey(two)) is Verdict.READY
    assert known(one, two).judge(survey(one)) is Verdict.READY
    assert known(one).has(survey(one))
    assert not known(one).has(survey(two))


def test_what_builds_on_what_has_not_come_is_ahead() -> None:
    alice, bob = Replica(client=1), Replica(client=2)
    one, two = written(alice, Edit(0, 0, "one")), written(alice, Edit(3, 0, " two"))
    bob.apply(merged([one, two]))
    between, gone = written(bob, Edit(5, 0, "!")), written(bob, Edit(4, 1, ""))
    assert known().judge(survey(two)) is Verdict.AHEAD  # its own client's clocks have a gap
    assert known(one).judge(survey(between)) is Verdict.AHEAD  # it stands beside another's text
    assert known(one).judge(survey(gone)) is Verdict.AHEAD  # it deletes another's text
    assert known(one, two).judge(survey(between)) is Verdict.READY
    assert known(one, two).judge(survey(gone)) is Verdict.READY


def test_a_gap_is_ready_where_it_is_filled() -> None:
    alice = Replica(client=1)
    parts = [written(alice, Edit(at, 0, "ab")) for at in (0, 2, 4)]
    without = merged([parts[0], parts[2]])
    assert known(parts[0]).judge(survey(without)) is Verdict.AHEAD
    assert known(parts[0], parts[1]).judge(survey(without)) is Verdict.READY


def test_clients_that_build_on_each_other_are_ready_together_in_whatever_order_they_are_listed() -> None:
    alice, bob = Replica(client=1), Replica(client=2)
    for round_ in range(5):
        bob.apply(written(alice, Edit(round_ * 2, 0, "a")))
        alice.apply(written(bob, Edit(round_ * 2 + 1, 0, "b")))
    assert known().judge(survey(alice.since())) is Verdict.READY


@pytest.mark.parametrize("clients", [2, 3, 50])
def test_clients_that_wait_for_each_other_are_ahead_for_ever(clients: int) -> None:
    ring = [(one, 0, [struct(0x84, (one % clients + 1, 0))]) for one in range(1, clients + 1)]
    assert known().judge(survey(of(ring))) is Verdict.AHEAD


def test_a_long_chain_of_clients_is_followed_to_its_end() -> None:
    chain = [(1, 0, [struct(4, text="x")[:1] + b"\x01\x04code" + struct(4)[1:]])]
    chain += [(one, 0, [struct(0x84, (one - 1, 0))]) for one in range(2, 3000)]
    assert known().judge(survey(of(chain))) is Verdict.READY
    assert known().judge(survey(of(chain[::-1]))) is Verdict.READY
    assert known().judge(survey(of(chain[1:]))) is Verdict.AHEAD


def test_an_edit_that_cuts_a_character_is_told_apart() -> None:
    base = of([(1, 0, [struct(4)[:1] + b"\x01\x04code" + struct(4, text="a😀b")[1:]])])
    halves = known(base)
    cut = of([(2, 0, [struct(0xC4, (1, 1), (1, 2))])])
    assert halves.judge(survey(cut)) is Verdict.SPLIT
    for first, length in ((2, 1), (1, 1), (0, 2), (2, 2)):
        deletion = b"\x00\x01\x01\x01" + write_uint(first) + write_uint(length)
        assert halves.judge(survey(deletion)) is Verdict.SPLIT, (first, length)
    beside = of([(2, 0, [struct(0xC4, (1, 0), (1, 1)), struct(0xC4, (1, 2), (1, 3))])])
    assert halves.judge(survey(beside)) is Verdict.READY
    assert halves.judge(survey(b"\x00\x01\x01\x01\x01\x02")) is Verdict.READY


def test_a_text_that_begins_amid_what_is_known_may_not_begin_amid_a_character() -> None:
    first = of([(1, 0, [struct(4)[:1] + b"\x01\x04code" + struct(4, text="ab")[1:]])])
    other = of([(1, 0, [struct(4)[:1] + b"\x01\x04code" + struct(4, text="a😀")[1:]])])
    assert known(first).judge(survey(other)) is Verdict.SPLIT


def test_what_is_deleted_is_looked_up_in_spans_that_touch() -> None:
    deleted = [Span(1, 5, 7), Span(1, 0, 3), Span(1, 3, 5), Span(2, 0, 1)]
    assert covers(deleted, [Span(1, 0, 7), Span(2, 0, 1)])
    assert not covers(deleted, [Span(1, 6, 8)])
    assert not covers(deleted, [Span(3, 0, 1)])
    assert covers([], [])


@given(st.data())
def test_in_whatever_order_updates_come_what_is_ready_leaves_nothing_waiting_in_the_engine(data: st.DataObject) -> None:
    replicas = [Replica(client=one) for one in (1, 2, 3)]
    updates: list[bytes] = []
    for _ in range(data.draw(st.integers(1, 12))):
        replica = data.draw(st.sampled_from(replicas))
        for update in data.draw(st.lists(st.sampled_from(updates), max_size=3)) if updates else ():
            if Known(replica.state()).judge(survey(update)) is Verdict.READY:
                replica.apply(update)
        size = replica.size
        at = data.draw(st.integers(0, size))
        updates.append(written(replica, Edit(at, 0, data.draw(st.sampled_from("abc")))))
        if replica.size > 2 and data.draw(st.booleans()):
            updates.append(written(replica, Edit(0, 1, "")))
    server, server_known = Replica(), Known(Replica().state())
    waiting = list(data.draw(st.permutations(updates)))
    while waiting:
        ready = [one for one in waiting if server_known.judge(survey(one)) is Verdict.READY]
        assert ready, "every update has its dependencies among the others"
        for update in ready:
            server.apply(update)
            server_known.note(survey(update))
            waiting.remove(update)
            assert clocks_of(server.state()) == server_known.clocks
    reference = Replica([one for replica in replicas for one in (replica.since(),)])
    assert server.text == reference.text
