"""What was told live and what is read from the log are one and the same."""

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update
from tests.support.database import NOW, person, transaction
from tests.support.rooms import ref

from kibitz.domain.rooms import RoomRole, Visibility
from kibitz.storage import Tx, replay, room_events
from kibitz.storage.schema import changes, users
from kibitz.storage.seed import GENERAL_ID
from kibitz.wire.events import MemberAdded, RoomEvent
from kibitz.wire.views import RunResult, SessionRef, UserRef

CAST = ("alice", "bob", "carol", "dave")

Telling = Callable[[Tx, dict[str, UserRef]], RoomEvent]

names = st.sampled_from(CAST)
words = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=64)


def created(by: str, name: str | None, people: list[str]) -> Telling:
    return lambda tx, cast: room_events.room_created(
        tx, GENERAL_ID, cast[by], name, [cast[person] for person in people], at=NOW
    )


def updated(by: str, name: str | None, topic: str, visibility: Visibility) -> Telling:
    return lambda tx, cast: room_events.room_updated(
        tx, GENERAL_ID, cast[by], name=name, topic=topic, visibility=visibility, at=NOW
    )


def added(by: str, user: str) -> Telling:
    return lambda tx, cast: room_events.member_added(tx, GENERAL_ID, cast[by], cast[user], at=NOW)


def removed(by: str, user: str) -> Telling:
    return lambda tx, cast: room_events.member_removed(tx, GENERAL_ID, cast[by], cast[user], at=NOW)


def role_changed(by: str, user: str, role: RoomRole) -> Telling:
    return lambda tx, cast: room_events.member_role_changed(tx, GENERAL_ID, cast[by], cast[user], role, at=NOW)


def session_opened(by: str, session: SessionRef, target: int | None, block: int | None) -> Telling:
    return lambda tx, cast: room_events.session_opened(
        tx, GENERAL_ID, cast[by], session, target=target, block=block, at=NOW
    )


def session_invited(by: str, user: str, session: SessionRef) -> Telling:
    return lambda tx, cast: room_events.session_invited(tx, GENERAL_ID, cast[by], cast[user], session, at=NOW)


def block_run(by: str, target: int, block: int, result: RunResult) -> Telling:
    return lambda tx, cast: room_events.block_run(
        tx, GENERAL_ID, cast[by], target=target, block=block, run=12, language="python", result=result, at=NOW
    )


numbers = st.integers(0, 2**53 - 1)
refs = st.builds(SessionRef, id=numbers, language=st.sampled_from(("python", "cpp")), title=words)
results = st.builds(
    RunResult,
    exit_code=st.none() | st.integers(0, 255),
    signal=st.none() | st.just("SIGKILL"),
    timed_out=st.booleans(),
    killed_for=st.none() | st.sampled_from(("timeout", "memory")),
    duration_ms=numbers,
    cpu_ms=numbers,
    peak_memory=numbers,
    truncated=st.booleans(),
    compiled=st.booleans(),
)

tellings = st.one_of(
    st.builds(created, names, st.none() | words, st.lists(names, unique=True)),
    st.builds(updated, names, st.none() | words, words, st.sampled_from(Visibility)),
    st.builds(added, names, names),
    st.builds(removed, names, names),
    st.builds(role_changed, names, names, st.sampled_from(RoomRole)),
    st.builds(session_opened, names, refs, st.none() | numbers, st.none() | st.integers(0, 1000)),
    st.builds(session_invited, names, names, refs),
    st.builds(block_run, names, numbers, st.integers(0, 1000), results),
)


@given(st.lists(tellings, max_size=8))
def test_what_is_replayed_equals_what_was_told(told: list[Telling]) -> None:
    with transaction() as tx:
        cast = {name: ref(person(tx, name)) for name in CAST}
        live = [telling(tx, cast) for telling in told]
        assert [event.seq for event in live] == list(range(1, len(live) + 1))
        assert replay.events(tx, GENERAL_ID, 0, len(live), 100) == (live, False)


@given(tellings)
def test_a_row_names_everyone_who_is_needed_to_tell_of_it(telling: Telling) -> None:
    with transaction() as tx:
        cast = {name: ref(person(tx, name)) for name in CAST}
        live = telling(tx, cast)
        row = tx.execute(select(changes)).one()
        needed = room_events.people_in(row)
        people = {person.id: person for person in cast.values() if person.id in needed}
        assert room_events.rebuild(row, people) == live


def test_a_replayed_event_shows_people_by_the_name_they_have_now() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        live = room_events.member_added(tx, GENERAL_ID, ref(alice), ref(bob), at=NOW)
        tx.execute(update(users).where(users.c.id == bob.id).values(name="Bob"))
        (told,), _ = replay.events(tx, GENERAL_ID, 0, 1, 10)
        assert told == MemberAdded(
            room=GENERAL_ID, seq=live.seq, user=UserRef(id=bob.id, name="Bob"), by=ref(alice), at=NOW
        )
