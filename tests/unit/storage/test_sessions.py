"""Code sessions: made, found as somebody stands to them, listed a page at a time."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace
from sqlalchemy.exc import IntegrityError
from tests.support.database import NOW, person, transaction
from tests.support.rooms import group, ref, say
from tests.support.sessions import session_of

from kibitz.domain.coding import Openness, Part, SessionFacts
from kibitz.domain.errors import Refusal
from kibitz.storage import Tx, members, participants, rooms, sessions
from kibitz.storage.seed import GENERAL_ID
from kibitz.wire.views import CodeSession

Page = Callable[[int | None], list[CodeSession]]

LATER = "2026-01-31T12:05:00.000Z"


def test_a_session_is_seen_as_one_stands_to_it() -> None:
    with transaction() as tx:
        alice, bob, carol, dave = (person(tx, name) for name in ("alice", "bob", "carol", "dave"))
        session = session_of(tx, alice, openness=Openness.PRIVATE)
        participants.put(tx, session, bob.id, Part.VIEWER, invited_by=alice.id, joined_at=None)
        participants.put(tx, session, carol.id, Part.REMOVED, joined_at=None)
        stand = {actor.name: sessions.facts(tx, session, actor.id) for actor in (alice, bob, carol, dave)}
        expected = {
            "alice": (Part.OWNER, True), "bob": (Part.VIEWER, False), "carol": (Part.REMOVED, False), "dave": (None, False),
        }  # fmt: skip
        assert stand == {
            name: SessionFacts(session, Openness.PRIVATE, None, part, joined, closed=False)
            for name, (part, joined) in expected.items()
        }


def test_a_session_of_a_conversation_comes_with_ones_place_there() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        kitchen = group(tx, alice)
        session = session_of(tx, alice, room=kitchen)
        for actor in (alice, bob):
            found = sessions.need(tx, session, actor.id)
            assert (found.openness, found.room) == (Openness.ROOM, rooms.facts_by_id(tx, kitchen, actor.id))


def test_what_is_shown_says_what_it_is_and_what_i_am_in_it() -> None:
    with transaction() as tx:
        alice, bob, carol = person(tx, "alice"), person(tx, "bob"), person(tx, "carol")
        session = session_of(tx, alice, title="Interview", language="cpp")
        participants.put(tx, session, bob.id, Part.VIEWER, invited_by=alice.id, joined_at=None)
        participants.put(tx, session, carol.id, Part.REMOVED, joined_at=None)
        common = CodeSession(
            id=session, language="cpp", title="Interview", access="open", created_by=ref(alice), created_at=NOW
        )
        for user, part, joined in (
            (alice.id, "owner", True),
            (bob.id, "viewer", False),
            (carol.id, None, False),
            (0, None, False),
        ):
            shown = sessions.view(tx, session, user)
            assert (shown.part, shown.joined) == (part, joined)
            assert replace(shown, part=None, joined=False) == common


def test_what_is_not_there_is_not_found() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        assert sessions.facts(tx, 9, alice.id) is None
        for look in (sessions.need, sessions.view):
            with pytest.raises(Refusal, match="Session not found") as refused:
                look(tx, 9, alice.id)
            assert refused.value.code == "not_found"


def test_a_change_is_of_one_session() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        one, other = session_of(tx, alice), session_of(tx, alice)
        sessions.change(tx, one, title="Interview", closed_at=LATER)
        assert sessions.need(tx, one, alice.id).closed
        assert sessions.view(tx, one, alice.id).closed_at == LATER
        assert sessions.view(tx, one, alice.id).title == "Interview"
        assert not sessions.need(tx, other, alice.id).closed
        sessions.change(tx, one, closed_at=None)
        assert not sessions.need(tx, one, alice.id).closed


def test_a_code_block_becomes_one_session_at_most() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        seq = say(tx, GENERAL_ID, alice)
        first = session_of(tx, alice, room=GENERAL_ID, seq=seq, block=0)
        second = session_of(tx, alice, room=GENERAL_ID, seq=seq, block=1, language="c")
        assert sessions.of_block(tx, GENERAL_ID, seq, 0) == first
        assert sessions.of_block(tx, GENERAL_ID, seq, 1) == second
        assert sessions.of_block(tx, GENERAL_ID, seq, 2) is None
        savepoint = tx.begin_nested()
        with pytest.raises(IntegrityError):
            session_of(tx, alice, room=GENERAL_ID, seq=seq, block=0)
        savepoint.rollback()


def test_many_sessions_may_belong_to_one_conversation() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        assert session_of(tx, alice, room=GENERAL_ID) != session_of(tx, alice, room=GENERAL_ID)


def test_the_sessions_of_messages_are_found_by_their_places() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        kitchen = group(tx, alice)
        seqs = [say(tx, GENERAL_ID, alice) for _ in range(3)]
        made = [session_of(tx, alice, room=GENERAL_ID, seq=seqs[1], block=block) for block in (1, 0)]
        last = session_of(tx, alice, room=GENERAL_ID, seq=seqs[2], block=0)
        session_of(tx, alice, room=GENERAL_ID, seq=seqs[0], block=0)
        session_of(tx, alice, room=kitchen, seq=say(tx, kitchen, alice), block=0)
        found = sessions.of_messages(tx, GENERAL_ID, seqs[1:])
        assert [(row.id, row.message_seq, row.block) for row in found] == [
            (made[1], seqs[1], 0),
            (made[0], seqs[1], 1),
            (last, seqs[2], 0),
        ]
        assert sessions.of_messages(tx, GENERAL_ID, []) == []


def ids(page: list[CodeSession]) -> list[int]:
    return [session.id for session in page]


def test_mine_are_those_i_take_part_in_or_am_invited_to_newest_first() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        own, asked, out, strange = (session_of(tx, who) for who in (bob, alice, alice, alice))
        participants.put(tx, asked, bob.id, Part.VIEWER, invited_by=alice.id, joined_at=None)
        participants.put(tx, out, bob.id, Part.REMOVED, joined_at=None)
        page = sessions.mine(tx, bob.id, None, 10)
        assert ids(page) == [asked, own]
        assert [(session.part, session.joined) for session in page] == [("viewer", False), ("owner", True)]
        assert strange not in ids(page)


def in_and_out(tx: Tx) -> tuple[int, int, int]:
    """Bob, who takes part in a session of the general channel and in one of a group."""
    alice, bob = person(tx, "alice"), person(tx, "bob")
    kitchen = group(tx, alice, bob)
    both = [session_of(tx, alice, room=room) for room in (GENERAL_ID, kitchen)]
    for session in both:
        participants.put(tx, session, bob.id, Part.EDITOR, joined_at=NOW)
    assert ids(sessions.mine(tx, bob.id, None, 10)) == both[::-1]
    members.remove(tx, kitchen, bob.id)
    return bob.id, both[0], both[1]


def test_sessions_of_a_conversation_one_left_are_mine_no_more() -> None:
    with transaction() as tx:
        bob, of_general, _ = in_and_out(tx)
        assert ids(sessions.mine(tx, bob, None, 10)) == [of_general]


def test_pages_follow_one_another() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        made = [session_of(tx, alice, room=GENERAL_ID) for _ in range(5)]
        pages: tuple[Page, ...] = (
            lambda before: sessions.mine(tx, alice.id, before, 2),
            lambda before: sessions.in_room(tx, GENERAL_ID, alice.id, before, 2),
        )
        for listed in pages:
            first = listed(None)
            assert ids(first) == [made[4], made[3]]
            assert ids(listed(made[3])) == [made[2], made[1]]
            assert ids(listed(made[1])) == [made[0]]
            assert listed(made[0]) == []


def test_a_conversations_sessions_are_all_of_them_and_no_others() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        kitchen = group(tx, alice, bob)
        mine, theirs = session_of(tx, bob, room=kitchen), session_of(tx, alice, room=kitchen)
        session_of(tx, alice)
        session_of(tx, alice, room=GENERAL_ID)
        page = sessions.in_room(tx, kitchen, bob.id, None, 10)
        assert [(one.id, one.joined) for one in page] == [(theirs, False), (mine, True)]
