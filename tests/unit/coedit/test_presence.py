"""Who is there: each client from its own connection, the newest clock, gone at the clock it left with."""

from hypothesis import given
from hypothesis import strategies as st

from kibitz.coedit import presence
from kibitz.coedit.presence import MAX_CLIENTS, Presence
from kibitz.wire.yjs.awareness import GONE, MAX_STATE, Entry

HERE = b'{"user":"alice"}'
MOVED = b'{"user":"alice","cursor":1}'


def test_what_is_news_is_told_and_what_is_old_is_not() -> None:
    room = Presence()
    assert room.take("alice", [Entry(1, 1, HERE)]) == [Entry(1, 1, HERE)]
    assert room.take("alice", [Entry(1, 1, MOVED)]) == []
    assert room.take("alice", [Entry(1, 0, MOVED)]) == []
    assert room.take("alice", [Entry(1, 2, MOVED)]) == [Entry(1, 2, MOVED)]
    assert room.everyone() == [Entry(1, 2, MOVED)]


def test_a_client_is_spoken_for_by_its_own_connection_alone() -> None:
    room = Presence()
    room.take("alice", [Entry(1, 1, HERE)])
    assert room.take("bob", [Entry(2, 1, HERE)]) == [Entry(2, 1, HERE)]
    assert room.take("bob", [Entry(1, 9, b'{"user":"mallory"}'), Entry(1, 9, GONE)]) == []
    assert len(room) == 2


def test_whoever_leaves_is_gone_at_the_clock_they_had() -> None:
    room = Presence()
    room.take("alice", [Entry(1, 5, HERE)])
    assert room.leave("alice") == [Entry(1, 5, GONE)]
    assert room.leave("alice") == []
    assert room.everyone() == []
    assert room.everything() == [Entry(1, 5, GONE)]
    assert len(room) == 0


def test_whoever_says_goodbye_is_gone_at_once_even_at_the_clock_they_had() -> None:
    room = Presence()
    room.take("alice", [Entry(1, 5, HERE)])
    assert room.take("alice", [Entry(1, 5, GONE)]) == [Entry(1, 5, GONE)]
    assert room.leave("alice") == []


def test_whoever_comes_back_is_seen_at_the_clock_they_left_with() -> None:
    room = Presence()
    room.take("alice", [Entry(1, 5, HERE)])
    room.leave("alice")
    assert room.take("alice again", [Entry(1, 5, HERE)]) == [Entry(1, 5, HERE)]
    assert len(room) == 1


def test_an_echo_of_someone_who_has_left_does_not_bring_them_back() -> None:
    room = Presence()
    room.take("alice", [Entry(1, 5, HERE)])
    room.take("bob", [Entry(2, 1, HERE)])
    room.leave("alice")
    assert room.take("bob", [Entry(1, 5, HERE)]) == []
    assert room.take("bob", [Entry(1, 4, HERE)]) == []


def test_a_goodbye_of_someone_unknown_is_no_news() -> None:
    assert Presence().take("alice", [Entry(1, 5, GONE)]) == []


def test_what_would_harm_a_receiver_is_not_passed_on() -> None:
    room = Presence()
    assert room.take("alice", [Entry(1, 1, b"{"), Entry(2, 1, b'"' + b"x" * MAX_STATE + b'"')]) == []
    room.take("alice", [Entry(1, 1, HERE)])
    assert room.take("alice", [Entry(1, 2, b"{")]) == []
    assert room.everyone() == [Entry(1, 1, HERE)]


def test_a_connection_announces_only_so_many_clients() -> None:
    room = Presence()
    assert len(room.take("alice", [Entry(number, 1, HERE) for number in range(1, 100)])) == MAX_CLIENTS
    assert len(room.take("bob", [Entry(500, 1, HERE)])) == 1


def test_of_those_who_left_only_so_many_are_remembered() -> None:
    room = Presence()
    for number in range(presence.MAX_REMEMBERED + 50):
        room.take(number, [Entry(number, 1, HERE)])
        room.leave(number)
    assert len(room.everything()) == presence.MAX_REMEMBERED
    assert room.everything()[-1].client == presence.MAX_REMEMBERED + 49


@given(
    st.lists(
        st.tuples(
            st.sampled_from("ab"), st.sampled_from([1, 2]), st.integers(0, 3), st.sampled_from([HERE, GONE, None])
        )
    )
)
def test_whoever_heard_all_the_news_knows_who_is_there(acts: list[tuple[str, int, int, bytes | None]]) -> None:
    room, heard = Presence(), dict[int, Entry]()
    for owner, client, clock, state in acts:
        news = room.leave(owner) if state is None else room.take(owner, [Entry(client, clock, state)])
        heard.update((entry.client, entry) for entry in news)
    there = {client: entry for client, entry in heard.items() if entry.state != GONE}
    assert there == {entry.client: entry for entry in room.everyone()}
    assert len(room) == len(there)
