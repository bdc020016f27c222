"""Who may do what with code sessions and runs, as the whole table.

One rule: as in `test_access`: every act stands here for everyone in every situation.
"""

from collections.abc import Iterator
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibitz.domain.access import Act, Actor, may
from kibitz.domain.coding import Openness, Part, PartFacts, RunFacts, SessionFacts
from kibitz.domain.messages import MessageFacts
from kibitz.domain.rooms import Kind, RoomFacts, RoomRole, Visibility
from kibitz.domain.users import Role

ALICE, BOB = 1, 2

PARTS: Final[dict[str, tuple[Part | None, bool]]] = {
    "owner": (Part.OWNER, True),
    "editor": (Part.EDITOR, True),
    "viewer": (Part.VIEWER, True),
    "invited": (Part.EDITOR, False),
    "stranger": (None, False),
    "removed": (Part.REMOVED, False),
}
"""What somebody is in a session: in a role, invited to one, never there, or put out."""

TABLE: Final = """
act               | session            | owner editor viewer invited stranger removed
see session       | open room          | yes   yes    yes    yes     yes      -
see session       | private            | yes   yes    yes    yes     .        yes
join session      | open room          | yes   yes    yes    yes     yes      .
join session      | private            | yes   yes    yes    yes     .        .
leave session     | *                  | yes   yes    yes    .       .        .
read session      | *                  | yes   yes    yes    .       .        .
edit session      | *                  | yes   yes    .      .       .        .
edit session      | closed             | .     .      .      .       .        .
invite to session | *                  | yes   yes    .      .       .        .
change session    | open private room  | yes   .      .      .       .        .
change participant| open private room  | yes   .      .      .       .        .
run code          | *                  | yes   yes    .      .       .        .
run code          | closed             | .     .      .      .       .        .
list runs         | *                  | yes   yes    yes    .       .        .
read run          | *                  | yes   yes    yes    .       .        .
compare runs      | *                  | yes   yes    yes    .       .        .
steer run         | *                  | yes   yes    .      .       .        .
"""
"""`*`: open, private and room; `closed`: the same, closed. `-` differs: whoever was put out of an open session still sees it."""

KINDS: Final = ("open", "private", "room")


def alice(role: Role = Role.MEMBER) -> Actor:
    return Actor(ALICE, "alice", role)


def room(my_role: RoomRole | None = RoomRole.MEMBER, visibility: Visibility = Visibility.PRIVATE) -> RoomFacts:
    return RoomFacts(3, Kind.GROUP, visibility, "kitchen", my_role, 7)


def session(kind: str, who: str, *, closed: bool = False, place: RoomFacts | None = None) -> SessionFacts:
    part, joined = PARTS[who]
    where = (place or room()) if kind == "room" else None
    return SessionFacts(9, Openness(kind), where, part, joined, closed)


def thing(act: Act, of: SessionFacts) -> Any:
    run = RunFacts(4, BOB, session=of)
    things: dict[Act, Any] = {
        Act.CHANGE_PART: PartFacts(of, BOB, "bob", Part.EDITOR),
        Act.READ_RUN: run,
        Act.STEER_RUN: run,
        Act.COMPARE_RUNS: (run, run),
    }
    return things.get(act, of)


def rows() -> Iterator[tuple[Act, str, bool, str, str]]:
    header, *lines = [[cell.strip() for cell in line.split("|")] for line in TABLE.strip().splitlines()]
    people = header[2].split()
    for act, where, cells in lines:
        kinds = KINDS if where in ("*", "closed") else where.split()
        for kind in kinds:
            for who, cell in zip(people, cells.split(), strict=True):
                yield Act(act), kind, where == "closed", who, cell


@pytest.mark.parametrize(("act", "kind", "closed", "who", "cell"), list(rows()))
def test_the_table_says_who_may(act: Act, kind: str, closed: bool, who: str, cell: str) -> None:
    assert cell in ("yes", ".", "-")
    if cell != "-":
        assert may(alice(), act, thing(act, session(kind, who, closed=closed))) == (cell == "yes")


def test_whoever_was_put_out_sees_an_open_session_and_not_a_room_s() -> None:
    assert may(alice(), Act.SEE_SESSION, session("open", "removed"))
    assert not may(alice(), Act.SEE_SESSION, session("room", "removed"))


ACTS: Final = {act for act, *_ in rows()} | {Act.CREATE_SESSION, Act.LIST_SESSIONS}
"""Every act that stands in this file."""

SESSION_ACTS: Final = sorted({act for act, *_ in rows()})


@given(st.sampled_from(SESSION_ACTS), st.sampled_from(sorted(PARTS)), st.sampled_from(Role), st.booleans())
def test_whoever_is_not_in_the_conversation_has_nothing_of_its_sessions(
    act: Act, who: str, role: Role, public: bool
) -> None:
    place = room(None, Visibility.PUBLIC if public else Visibility.PRIVATE)
    assert not may(alice(role), act, thing(act, session("room", who, place=place)))


@given(st.sampled_from(SESSION_ACTS), st.sampled_from(KINDS), st.sampled_from(sorted(PARTS)), st.booleans())
def test_a_role_on_the_server_opens_no_session(act: Act, kind: str, who: str, closed: bool) -> None:
    if kind == "room" and act in (Act.CHANGE_SESSION, Act.CHANGE_PART):
        return  # where admins keep order in a room, they do in its sessions: see below
    of = session(kind, who, closed=closed)
    assert len({may(alice(role), act, thing(act, of)) for role in Role}) == 1


@pytest.mark.parametrize("act", [Act.CHANGE_SESSION, Act.CHANGE_PART])
def test_whoever_keeps_order_in_a_conversation_keeps_it_in_its_sessions_once_they_joined(act: Act) -> None:
    moderated = room(RoomRole.MODERATOR)
    assert may(alice(), act, thing(act, session("room", "viewer", place=moderated)))
    assert not may(alice(), act, thing(act, session("room", "stranger", place=moderated)))
    public = room(RoomRole.MEMBER, Visibility.PUBLIC)
    assert may(alice(Role.ADMIN), act, thing(act, session("room", "editor", place=public)))
    assert not may(alice(Role.ADMIN), act, thing(act, session("room", "editor", place=room())))


@pytest.mark.parametrize("act", [Act.CREATE_SESSION, Act.RUN_CODE, Act.LIST_RUNS, Act.LIST_SESSIONS])
def test_everyone_may_begin_and_run_something_of_their_own(act: Act) -> None:
    assert all(may(alice(role), act, None) for role in Role)


@pytest.mark.parametrize("act", [Act.CREATE_SESSION, Act.LIST_SESSIONS])
def test_in_a_conversation_whoever_is_in_it_may(act: Act) -> None:
    assert may(alice(), act, room())
    assert not may(alice(), act, room(None, Visibility.PUBLIC))


@pytest.mark.parametrize("act", [Act.CREATE_SESSION, Act.RUN_CODE, Act.LIST_RUNS])
@pytest.mark.parametrize("deleted", [False, True])
def test_with_the_code_of_a_message_whoever_is_in_its_conversation_may_until_it_is_taken_back(
    act: Act, deleted: bool
) -> None:
    allowed = not deleted or act is Act.LIST_RUNS
    assert may(alice(), act, MessageFacts(room(), 7, BOB, deleted)) is allowed
    assert not may(alice(), act, MessageFacts(room(None), 7, BOB, deleted))


@pytest.mark.parametrize("act", [Act.READ_RUN, Act.STEER_RUN])
def test_a_run_by_itself_is_its_user_s_alone(act: Act) -> None:
    assert may(alice(Role.GUEST), act, RunFacts(4, ALICE))
    assert not may(alice(Role.OWNER), act, RunFacts(4, BOB))


@pytest.mark.parametrize("act", [Act.READ_RUN, Act.STEER_RUN])
def test_a_message_s_run_is_its_conversation_s(act: Act) -> None:
    assert may(alice(), act, RunFacts(4, BOB, room=room()))
    assert not may(alice(), act, RunFacts(4, ALICE, room=room(None)))
