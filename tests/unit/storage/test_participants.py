"""People in code sessions: who is there, who is invited, who was put out."""

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from tests.support.database import NOW, person, transaction
from tests.support.rooms import ref
from tests.support.sessions import session_of

from kibitz.domain.coding import Openness, Part
from kibitz.storage import participants
from kibitz.storage.schema import code_participants
from kibitz.wire.views import Participant, UserRef

CAST = ("alice", "bob", "carol", "dave")


def moment(minute: int) -> str:
    return f"2026-01-31T12:{minute:02}:00.000Z"


def test_somebody_is_invited_comes_and_goes() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        session, other = session_of(tx, alice), session_of(tx, alice)
        assert participants.part(tx, session, bob.id) is None
        participants.put(tx, session, bob.id, Part.VIEWER, invited_by=alice.id, joined_at=None)
        invited = Participant(user=ref(bob), role="viewer")
        assert participants.listed(tx, session)[1:] == [invited]
        participants.put(tx, session, bob.id, Part.VIEWER, joined_at=moment(1))
        assert participants.listed(tx, session)[1:] == [Participant(user=ref(bob), role="viewer", joined_at=moment(1))]
        participants.remove(tx, session, bob.id)
        assert participants.part(tx, session, bob.id) is None
        for place in (session, other):
            assert [one.user for one in participants.listed(tx, place)] == [ref(alice)]


def test_whoever_was_put_out_is_remembered_and_shown_to_nobody() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        session = session_of(tx, alice, bob)
        participants.put(tx, session, bob.id, Part.REMOVED, joined_at=None)
        assert participants.part(tx, session, bob.id) is Part.REMOVED
        assert [one.user for one in participants.listed(tx, session)] == [ref(alice)]
        assert participants.count(tx, session) == 1


def test_a_role_is_given_to_one_person_in_one_session() -> None:
    with transaction() as tx:
        alice, bob, carol = person(tx, "alice"), person(tx, "bob"), person(tx, "carol")
        session, other = session_of(tx, alice, bob, carol), session_of(tx, alice, bob)
        participants.set_part(tx, session, bob.id, Part.VIEWER)
        assert participants.part(tx, session, bob.id) is Part.VIEWER
        assert participants.part(tx, session, carol.id) is Part.EDITOR
        assert participants.part(tx, other, bob.id) is Part.EDITOR
        participants.set_part(tx, session, 99, Part.OWNER)
        assert participants.part(tx, session, 99) is None


def test_who_invited_somebody_is_kept() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        session = session_of(tx, alice)
        participants.put(tx, session, bob.id, Part.EDITOR, invited_by=alice.id, joined_at=None)
        invited_by = select(code_participants.c.invited_by).where(code_participants.c.user_id == bob.id)
        assert tx.execute(invited_by).scalar_one() == alice.id


def test_people_are_listed_in_the_order_they_came_and_the_invited_last() -> None:
    with transaction() as tx:
        alice, bob, carol, dave = (person(tx, name) for name in CAST)
        session = session_of(tx, alice)
        participants.put(tx, session, bob.id, Part.EDITOR, joined_at=None)
        participants.put(tx, session, dave.id, Part.VIEWER, joined_at=moment(1))
        participants.put(tx, session, carol.id, Part.EDITOR, joined_at=moment(2))
        assert [one.user.name for one in participants.listed(tx, session)] == ["alice", "dave", "carol", "bob"]
        assert participants.count(tx, session) == 4


def test_an_owner_counts_only_while_they_are_there() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        session = session_of(tx, alice, bob)
        assert participants.owners(tx, session) == 1
        participants.put(tx, session, bob.id, Part.OWNER, joined_at=None)
        assert participants.owners(tx, session) == 1
        participants.remove(tx, session, alice.id)
        assert participants.owners(tx, session) == 0


def test_the_heir_is_the_editor_who_came_first() -> None:
    with transaction() as tx:
        alice, bob, carol, dave = (person(tx, name) for name in CAST)
        session = session_of(tx, alice)
        participants.remove(tx, session, alice.id)
        assert participants.heir(tx, session) is None
        participants.put(tx, session, alice.id, Part.EDITOR, joined_at=None)
        assert participants.heir(tx, session) is None
        participants.put(tx, session, bob.id, Part.VIEWER, joined_at=moment(1))
        assert participants.heir(tx, session) == ref(bob)
        participants.put(tx, session, carol.id, Part.EDITOR, joined_at=moment(3))
        participants.put(tx, session, dave.id, Part.EDITOR, joined_at=moment(2))
        assert participants.heir(tx, session) == ref(dave)
        participants.put(tx, session, dave.id, Part.REMOVED, joined_at=None)
        assert participants.heir(tx, session) == ref(carol)


puttings = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from(Part) | st.none(), st.none() | st.integers(0, 59)), max_size=20
)
"""Who is given which part (None: taken out), and the minute they came in, if they came."""


@given(puttings)
def test_what_is_counted_and_who_inherits_follow_from_who_is_listed(
    steps: list[tuple[int, Part | None, int | None]],
) -> None:
    with transaction() as tx:
        cast = [person(tx, name) for name in CAST]
        session = session_of(tx, cast[0], openness=Openness.PRIVATE)
        there: dict[int, tuple[Part, str | None]] = {cast[0].id: (Part.OWNER, NOW)}
        for who, part, minute in steps:
            user, came = cast[who].id, None if minute is None else moment(minute)
            if part is None:
                there.pop(user, None)
                participants.remove(tx, session, user)
            else:
                there[user] = (part, came)
                participants.put(tx, session, user, part, joined_at=came)
        shown = {user: one for user, one in there.items() if one[0] is not Part.REMOVED}
        present = {user: one for user, one in shown.items() if one[1] is not None}
        listed = participants.listed(tx, session)
        assert {one.user.id: (Part(one.role), one.joined_at) for one in listed} == shown
        assert [one.joined_at is None for one in listed] == sorted(one.joined_at is None for one in listed)
        assert participants.count(tx, session) == len(shown)
        assert participants.owners(tx, session) == sum(part is Part.OWNER for part, _ in present.values())
        order = sorted(present, key=lambda user: (present[user][0] is Part.VIEWER, present[user][1], user))
        names = {actor.id: actor.name for actor in cast}
        assert participants.heir(tx, session) == (UserRef(id=order[0], name=names[order[0]]) if order else None)
