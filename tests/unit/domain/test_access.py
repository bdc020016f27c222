"""Who may do what, as the whole table: this is where to look it up.

One rule: every act stands here for every actor in every situation, and an act without its rows fails the tests.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.unit.domain import test_access_to_code

from kibitz.domain.access import Act, Actor, FileFacts, MemberFacts, RoleChange, UserFacts, may
from kibitz.domain.messages import MessageFacts
from kibitz.domain.rooms import Kind, RoomFacts, RoomRole, Visibility
from kibitz.domain.users import Role

ROLES: Final = (Role.OWNER, Role.ADMIN, Role.MEMBER, Role.GUEST)
PLACES: Final[dict[str, RoomRole | None]] = {
    "o": RoomRole.OWNER,
    "m": RoomRole.MODERATOR,
    "b": RoomRole.MEMBER,
    "x": None,
}
"""Who an actor is in the room: owner, moderator, member, or not in it."""

ROOMS: Final[dict[str, tuple[Kind, Visibility, str]]] = {
    "general": (Kind.GENERAL, Visibility.PUBLIC, "b"),  # everyone is a member of it
    "public": (Kind.GROUP, Visibility.PUBLIC, "ombx"),
    "private": (Kind.GROUP, Visibility.PRIVATE, "ombx"),
    "direct": (Kind.DIRECT, Visibility.PRIVATE, "bx"),
}
"""Each kind of room, and who one can be in it."""

ALICE, BOB, SEQ = 1, 2, 7

Thing = Callable[[Actor, RoomFacts], Any]


def message(sender: int, *, deleted: bool = False) -> Thing:
    return lambda actor, room: MessageFacts(room, SEQ, sender, deleted)


def file(sender: int) -> Thing:
    return lambda actor, room: FileFacts(room, SEQ, sender)


def member(role: RoomRole | None) -> Thing:
    return lambda actor, room: MemberFacts(room, UserFacts(BOB, "bob", Role.MEMBER), role)


def myself(actor: Actor, room: RoomFacts) -> MemberFacts:
    return MemberFacts(room, UserFacts(actor.id, actor.name, actor.role), room.my_role)


THINGS: Final[dict[str, dict[str, Thing]]] = {
    "room": {"it": lambda actor, room: room},
    "message": {
        "mine": message(ALICE),
        "theirs": message(BOB),
        "mine-deleted": message(ALICE, deleted=True),
        "their-deleted": message(BOB, deleted=True),
    },
    "file": {"mine": file(ALICE), "theirs": file(BOB)},
    "person": {
        "myself": myself,
        "owner": member(RoomRole.OWNER),
        "moderator": member(RoomRole.MODERATOR),
        "member": member(RoomRole.MEMBER),
        "outsider": member(None),
    },
}
"""What is acted on in a room, seen from Alice, who acts."""

IN_ROOMS: Final = """
act            | done to                             | where                  | owner admin member guest
see room       | room: it                            | general private direct | omb.  omb.  omb.   omb.
see room       | room: it                            | public                 | ombx  ombx  ombx   omb.
read room      | room: it                            | *                      | omb.  omb.  omb.   omb.
post           | room: it                            | *                      | omb.  omb.  omb.   omb.
join room      | room: it                            | public                 | ombx  ombx  ombx   ....
join room      | room: it                            | general private direct | ....  ....  ....   ....
leave room     | room: it                            | public private         | omb.  omb.  omb.   omb.
leave room     | room: it                            | general direct         | ....  ....  ....   ....
change room    | room: it                            | general                | omb.  omb.  ....   ....
change room    | room: it                            | public                 | omb.  omb.  o...   o...
change room    | room: it                            | private                | o...  o...  o...   o...
change room    | room: it                            | direct                 | ....  ....  ....   ....
add member     | room: it                            | public private         | omb.  omb.  omb.   omb.
add member     | room: it                            | general direct         | ....  ....  ....   ....
remove member  | person: myself                      | public private         | omb.  omb.  omb.   omb.
remove member  | person: owner moderator             | public                 | omb.  omb.  o...   o...
remove member  | person: owner moderator             | private                | o...  o...  o...   o...
remove member  | person: member outsider             | public                 | omb.  omb.  om..   om..
remove member  | person: member outsider             | private                | om..  om..  om..   om..
remove member  | person: *                           | general direct         | ....  ....  ....   ....
set room role  | person: *                           | public                 | omb.  omb.  o...   o...
set room role  | person: *                           | private                | o...  o...  o...   o...
set room role  | person: *                           | general direct         | ....  ....  ....   ....
read message   | message: *                          | *                      | omb.  omb.  omb.   omb.
edit message   | message: mine                       | *                      | omb.  omb.  omb.   omb.
edit message   | message: theirs                     | *                      | ....  ....  ....   ....
edit message   | message: mine-deleted their-deleted | *                      | ....  ....  ....   ....
delete message | message: mine                       | *                      | omb.  omb.  omb.   omb.
delete message | message: theirs                     | general                | omb.  omb.  ....   ....
delete message | message: theirs                     | public                 | omb.  omb.  om..   om..
delete message | message: theirs                     | private                | om..  om..  om..   om..
delete message | message: theirs                     | direct                 | ....  ....  ....   ....
delete message | message: mine-deleted their-deleted | *                      | ....  ....  ....   ....
react          | message: mine theirs                | *                      | omb.  omb.  omb.   omb.
react          | message: mine-deleted their-deleted | *                      | ....  ....  ....   ....
list files     | room: it                            | *                      | omb.  omb.  omb.   omb.
get file       | file: *                             | *                      | omb.  omb.  omb.   omb.
delete file    | file: mine                          | *                      | omb.  omb.  omb.   omb.
delete file    | file: theirs                        | general                | omb.  omb.  ....   ....
delete file    | file: theirs                        | public                 | omb.  omb.  om..   om..
delete file    | file: theirs                        | private                | om..  om..  om..   om..
delete file    | file: theirs                        | direct                 | ....  ....  ....   ....
"""
"""A column for each role on the server, and in it the letters of `PLACES` for who may: `om..` are owner and moderator of the room."""

ON_SERVER: Final = """
act                 | done to          | owner admin member guest
create private room |                  | yes   yes   yes    yes
create public room  |                  | yes   yes   yes    .
browse rooms        |                  | yes   yes   yes    .
list files          |                  | yes   yes   yes    yes
make token          |                  | yes   yes   yes    .
read metrics        |                  | yes   yes   .      .
create user         | owner            | .     .     .      .
create user         | admin            | yes   .     .      .
create user         | member           | yes   yes   .      .
create user         | guest            | yes   yes   .      .
change user         | myself           | .     .     .      .
change user         | owner            | -     .     .      .
change user         | admin            | yes   .     .      .
change user         | member           | yes   yes   .      .
change user         | guest            | yes   yes   .      .
set role            | myself to *      | .     .     .      .
set role            | owner to *       | -     .     .      .
set role            | admin to *       | yes   .     .      .
set role            | member to owner  | yes   .     .      .
set role            | member to admin  | yes   .     .      .
set role            | member to member | yes   yes   .      .
set role            | member to guest  | yes   yes   .      .
set role            | guest to owner   | yes   .     .      .
set role            | guest to admin   | yes   .     .      .
set role            | guest to member  | yes   yes   .      .
set role            | guest to guest   | yes   yes   .      .
"""
"""`-` cannot be: a server has one owner."""


def alice(role: Role) -> Actor:
    return Actor(ALICE, "alice", role)


def room(kind: Kind, visibility: Visibility, my_role: RoomRole | None) -> RoomFacts:
    return RoomFacts(3, kind, visibility, "kitchen" if kind is Kind.GROUP else None, my_role, SEQ)


def names(wanted: str, known: dict[str, Any]) -> list[str]:
    return list(known) if wanted == "*" else wanted.split()


def rows(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()[1:]]


def rows_in_rooms() -> Iterator[tuple[Act, str, str, str, str]]:
    """Each act, what kind of thing it is done to, which one, in which room, and who may: one by one."""
    for act, done_to, where, who in rows(IN_ROOMS):
        kind, _, things = done_to.partition(": ")
        for thing in names(things, THINGS[kind]):
            for place in names(where, ROOMS):
                yield Act(act), kind, thing, place, who


def rows_on_server() -> Iterator[tuple[Act, str, str]]:
    """Each act, what it is done to, and who may."""
    for act, done_to, who in rows(ON_SERVER):
        yield Act(act), done_to, who


def person(name: str, role: Role) -> UserFacts:
    return UserFacts(ALICE, "alice", role) if name == "myself" else UserFacts(BOB, "bob", Role(name))


def on_server(act: Act, thing: str, role: Role) -> Iterator[Any]:
    """What an act is done to; several, if the table says `*`."""
    if act is Act.CREATE_USER:
        yield Role(thing)
    elif act is Act.CHANGE_USER:
        yield person(thing, role)
    elif act is Act.SET_ROLE:
        who, _, becomes = thing.partition(" to ")
        yield from (RoleChange(person(who, role), new) for new in (Role if becomes == "*" else [Role(becomes)]))
    else:
        yield None


ROOM_ACTS: Final = {act: kind for act, kind, *_ in rows_in_rooms()}


@pytest.mark.parametrize(("act", "kind", "thing", "place", "who"), list(rows_in_rooms()))
def test_in_a_room_the_table_says_who_may(act: Act, kind: str, thing: str, place: str, who: str) -> None:
    room_kind, visibility, possible = ROOMS[place]
    for role, cells in zip(ROLES, who.split(), strict=True):
        for letter, cell in zip(PLACES, cells, strict=True):
            assert cell in (letter, "."), "a cell is the letter of its column or a dot"
            if letter in possible:
                actor, here = alice(role), room(room_kind, visibility, PLACES[letter])
                allowed = may(actor, act, THINGS[kind][thing](actor, here))
                assert allowed == (cell == letter), f"{role} of the server, {PLACES[letter]} of the room"


@pytest.mark.parametrize(("act", "thing", "who"), list(rows_on_server()))
def test_on_the_server_the_table_says_who_may(act: Act, thing: str, who: str) -> None:
    for role, cell in zip(ROLES, who.split(), strict=True):
        assert cell in ("yes", ".", "-")
        if cell != "-":
            for concrete in on_server(act, thing, role):
                assert may(alice(role), act, concrete) == (cell == "yes"), f"{role} of the server, {concrete}"


def test_every_act_has_a_row_for_every_situation() -> None:
    told = Counter((act, thing, place) for act, _, thing, place, _ in rows_in_rooms())
    wanted = {(act, thing, place) for act, kind in ROOM_ACTS.items() for thing in THINGS[kind] for place in ROOMS}
    assert set(told) == wanted, "a situation is missing"
    assert max(told.values()) == 1, "a situation is told twice"
    told_here = ROOM_ACTS.keys() | {act for act, *_ in rows_on_server()}
    assert told_here | test_access_to_code.ACTS == set(Act), "an act has no row"


# --- what holds whatever the table says --------------------------------------------------------------------------------

roles = st.sampled_from(ROLES)
room_roles = st.sampled_from(list(RoomRole))


@st.composite
def deeds(draw: st.DrawFn) -> tuple[Act, Thing]:
    act, kind = draw(st.sampled_from(list(ROOM_ACTS.items())))
    return act, draw(st.sampled_from(list(THINGS[kind].values())))


@given(deeds(), roles, st.sampled_from([Kind.GROUP, Kind.DIRECT]))
def test_nobody_may_do_anything_in_a_private_room_they_are_not_in(
    deed: tuple[Act, Thing], role: Role, kind: Kind
) -> None:
    act, thing = deed
    actor = alice(role)
    assert not may(actor, act, thing(actor, room(kind, Visibility.PRIVATE, None)))


@given(deeds(), st.sampled_from(Visibility))
def test_to_a_guest_a_public_room_they_are_not_in_is_as_closed_as_a_private_one(
    deed: tuple[Act, Thing], visibility: Visibility
) -> None:
    act, thing = deed
    guest = alice(Role.GUEST)
    assert not may(guest, act, thing(guest, room(Kind.GROUP, visibility, None)))


@given(deeds(), roles)
def test_all_that_is_open_to_whoever_is_not_in_a_public_room_is_to_see_and_to_join_it(
    deed: tuple[Act, Thing], role: Role
) -> None:
    act, thing = deed
    assume(act not in (Act.SEE_ROOM, Act.JOIN_ROOM))
    actor = alice(role)
    assert not may(actor, act, thing(actor, room(Kind.GROUP, Visibility.PUBLIC, None)))


@given(deeds(), roles, st.sampled_from(Visibility), st.sampled_from([(0, 1), (1, 2), (0, 2)]))
def test_a_higher_role_in_a_room_never_takes_a_right_away(
    deed: tuple[Act, Thing], role: Role, visibility: Visibility, pair: tuple[int, int]
) -> None:
    act, thing = deed
    higher, lower = (list(RoomRole)[index] for index in pair)
    actor = alice(role)
    if may(actor, act, thing(actor, room(Kind.GROUP, visibility, lower))):
        assert may(actor, act, thing(actor, room(Kind.GROUP, visibility, higher)))


@given(
    deeds(),
    st.sampled_from(Kind),
    st.sampled_from(Visibility),
    st.none() | room_roles,
    st.sampled_from([(0, 1), (1, 2), (2, 3)]),
)
def test_a_higher_role_on_the_server_never_takes_a_right_away(
    deed: tuple[Act, Thing], kind: Kind, visibility: Visibility, my_role: RoomRole | None, pair: tuple[int, int]
) -> None:
    act, thing = deed
    higher, lower = (alice(ROLES[index]) for index in pair)
    here = room(kind, visibility, my_role)
    if may(lower, act, thing(lower, here)):
        assert may(higher, act, thing(higher, here))


@given(roles, roles, st.integers(ALICE, BOB))
def test_nobody_but_the_owner_changes_or_makes_an_owner(role: Role, new: Role, target: int) -> None:
    assume(role is not Role.OWNER)
    owner = UserFacts(target, "bob", Role.OWNER)
    assert not may(alice(role), Act.CHANGE_USER, owner)
    assert not may(alice(role), Act.SET_ROLE, RoleChange(owner, new))
    assert not may(alice(role), Act.SET_ROLE, RoleChange(UserFacts(target, "bob", new), Role.OWNER))
