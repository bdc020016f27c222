"""What a client knows."""

from typing import Any, Literal

import msgspec
import pytest
from tests.support.client import ALICE, BOB, FakeTime, message, room_view

from kibitz.client.replica import MAX_RESUMED, MAX_TYPING, TYPING_SECONDS, Replica
from kibitz.wire.commands import LogIn, Resume
from kibitz.wire.events import (
    CaughtUp,
    MessagePosted,
    PresenceChanged,
    ReadMarked,
    RoomJoined,
    RoomLeft,
    Typing,
    UserUpdated,
)
from kibitz.wire.results import ServerFacts, Welcome
from kibitz.wire.views import MyRoom, Presence, Room, User, UserRef

SERVER = ServerFacts(version="1", max_text=1, max_file=1, heartbeat=25.0, http_port=1, http_url="http://127.0.0.1:1")


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def replica(time: FakeTime) -> Replica:
    return Replica(time.timing)


def welcome(*rooms: MyRoom, epoch: str = "first", online: list[Presence] | None = None) -> Welcome:
    me = User(id=ALICE.id, name=ALICE.name, role="member")
    return Welcome(user=me, epoch=epoch, server=SERVER, rooms=list(rooms), online=online or [])


def here(user: UserRef, status: Literal["online", "away", "offline"] = "online") -> Presence:
    return Presence(user=user, status=status)


def said(seq: int, room: int = 1, **more: Any) -> MessagePosted:
    return MessagePosted(room=room, seq=seq, message=message(seq, room=room, **more))


def resumed(id: int, *, head: int) -> MyRoom:
    return room_view(id, head=head, resume="resumed")


# --- coming and coming back ----------------------------------------------------------------------------------------------


def test_a_first_login_has_nothing_to_resume(replica: Replica) -> None:
    assert replica.resume() is None


def test_a_login_shows_me_my_rooms_and_who_is_here(replica: Replica) -> None:
    assert replica.welcome(welcome(room_view(1, head=3), online=[here(BOB, "away")])) == []
    assert replica.me is not None
    assert replica.me.name == "alice"
    assert replica.server == SERVER
    assert replica.rooms[1].position == 3
    assert (replica.status(BOB.id), replica.status(99)) == ("away", "offline")


def test_a_client_comes_back_with_the_last_seq_it_has_of_each_room(replica: Replica) -> None:
    replica.welcome(welcome(room_view(1, head=3), room_view(2)))
    replica.apply(said(4))
    replica.apply(said(6))
    assert replica.resume() == Resume("first", {1: 4, 2: 0})


def test_a_room_that_is_resumed_keeps_what_it_has_and_takes_the_servers_counts(replica: Replica) -> None:
    replica.welcome(welcome(room_view(1)))
    replica.apply(said(1))
    held = replica.rooms[1]
    assert replica.welcome(welcome(msgspec.structs.replace(resumed(1, head=3), unread=9))) == []
    assert replica.rooms[1] is held
    assert (held.position, held.mine.unread, list(held.messages)) == (1, 9, [1])
    assert held.behind


def test_a_room_that_is_reset_is_forgotten_and_said_to_be_if_anything_was_held(replica: Replica) -> None:
    replica.welcome(welcome(room_view(1), room_view(2)))
    replica.apply(said(1))
    again = welcome(room_view(1, head=5000, resume="reset"), room_view(2, head=5000, resume="reset"), epoch="second")
    assert replica.welcome(again) == [1]
    assert (replica.rooms[1].position, replica.rooms[1].messages) == (5000, {})
    assert replica.epoch == "second"


def test_a_room_that_is_not_mine_any_more_is_gone_after_a_login(replica: Replica) -> None:
    replica.welcome(welcome(room_view(1), room_view(2)))
    replica.welcome(welcome(resumed(1, head=0)))
    assert list(replica.rooms) == [1]


def test_of_very_many_rooms_those_are_resumed_of_which_something_is_held(replica: Replica) -> None:
    count = MAX_RESUMED + 100
    replica.welcome(welcome(*[room_view(10**9 + id, head=10**9) for id in range(count)]))
    for id in range(count - 50, count):
        replica.apply(said(10**9 + 1, room=10**9 + id))
    resume = replica.resume()
    assert resume is not None
    assert len(resume.rooms) == MAX_RESUMED
    assert {10**9 + id for id in range(count - 50, count)} <= set(resume.rooms)
    assert len(msgspec.json.encode(LogIn(token="x" * 1024, resume=resume))) <= 65_536


# --- what happens ----------------------------------------------------------------------------------------------------------


def test_what_takes_effect_is_returned_and_nothing_twice(replica: Replica) -> None:
    replica.welcome(welcome(room_view(1)))
    assert replica.apply(said(2)) == []
    assert replica.apply(said(1)) == [said(1), said(2)]
    assert replica.apply(said(1)) == []


def test_an_event_of_a_room_that_is_not_mine_is_nothing(replica: Replica) -> None:
    replica.welcome(welcome())
    for event in (
        said(1),
        Typing(room=1, user=BOB),
        ReadMarked(room=1, read_seq=1, unread=0, mentions=0),
        RoomLeft(room=1),
    ):
        assert replica.apply(event) == []
    assert replica.rooms == {}


def test_a_room_i_come_into_is_there_and_follows_from_its_head_on(replica: Replica) -> None:
    replica.welcome(welcome())
    joined = RoomJoined(room=room_view(7, head=4), by=BOB)
    assert replica.apply(joined) == [joined]
    assert replica.apply(said(5, room=7)) == [said(5, room=7)]


def test_a_room_that_the_login_showed_already_is_not_begun_anew(replica: Replica) -> None:
    replica.welcome(welcome(room_view(7, head=4)))
    replica.apply(said(5, room=7))
    assert replica.apply(RoomJoined(room=room_view(7, head=3), by=BOB)) == []
    assert replica.rooms[7].position == 5


def test_a_room_i_leave_is_gone(replica: Replica) -> None:
    replica.welcome(welcome(room_view(7)))
    assert replica.apply(RoomLeft(room=7)) == [RoomLeft(room=7)]
    assert replica.rooms == {}


def test_how_far_i_have_read_is_kept(replica: Replica) -> None:
    replica.welcome(welcome(room_view(1, unread=5)))
    marked = ReadMarked(room=1, read_seq=3, unread=2, mentions=1)
    assert replica.apply(marked) == [marked]
    mine = replica.rooms[1].mine
    assert (mine.read_seq, mine.unread, mine.mentions) == (3, 2, 1)


def test_who_comes_and_goes_is_kept(replica: Replica) -> None:
    replica.welcome(welcome(online=[here(ALICE)]))
    replica.apply(PresenceChanged(people=[here(BOB), here(ALICE, "away")]))
    assert (replica.status(ALICE.id), replica.status(BOB.id)) == ("away", "online")
    replica.apply(PresenceChanged(people=[here(BOB, "offline")]))
    assert replica.status(BOB.id) == "offline"
    assert list(replica.presence) == [ALICE.id]


def test_my_own_profile_is_kept(replica: Replica) -> None:
    replica.welcome(welcome())
    for user in (ALICE, BOB):
        replica.apply(UserUpdated(user=User(id=user.id, name=user.name, role="admin", display_name=f"{user.name}!")))
    assert replica.me is not None
    assert replica.me.display_name == "alice!"


def test_what_changes_nothing_here_is_told_all_the_same(replica: Replica) -> None:
    replica.welcome(welcome())
    assert replica.apply(CaughtUp()) == [CaughtUp()]


# --- typing ----------------------------------------------------------------------------------------------------------------


async def test_typing_fades_unless_it_goes_on(replica: Replica, time: FakeTime) -> None:
    replica.welcome(welcome(room_view(1)))
    replica.apply(Typing(room=1, user=BOB))
    await time.advance(TYPING_SECONDS - 1)
    assert replica.typing(1) == [BOB]
    replica.apply(Typing(room=1, user=BOB))
    await time.advance(TYPING_SECONDS - 1)
    assert replica.typing(1) == [BOB]
    await time.advance(1)
    assert replica.typing(1) == []


def test_whoever_has_said_something_is_not_typing_it_any_more(replica: Replica) -> None:
    replica.welcome(welcome(room_view(1)))
    carol = UserRef(id=3, name="carol")
    replica.apply(Typing(room=1, user=BOB))
    replica.apply(Typing(room=1, user=carol))
    replica.apply(said(1))
    assert replica.typing(1) == [carol]


def test_of_a_crowd_that_types_only_so_many_are_remembered(replica: Replica) -> None:
    replica.welcome(welcome(room_view(1)))
    for id in range(MAX_TYPING + 10):
        replica.apply(Typing(room=1, user=UserRef(id=id, name=str(id))))
    assert len(replica.typing(1)) == MAX_TYPING


# --- finding a room --------------------------------------------------------------------------------------------------------


def direct(id: int, *people: UserRef) -> MyRoom:
    return MyRoom(room=Room(id=id, kind="direct", visibility="private", members=list(people)), role="member")


@pytest.mark.parametrize(
    ("ref", "found"),
    [
        (2, 2),
        ("#kitchen", 2),
        ("#KITCHEN", 2),
        ("@bob", 3),
        ("@alice", 4),
        (99, None),
        ("#attic", None),
        ("@carol", None),
        ("x", None),
    ],
)
def test_a_room_is_found_by_its_id_its_name_or_its_other_person(
    replica: Replica, ref: int | str, found: int | None
) -> None:
    replica.welcome(welcome(room_view(2, name="Kitchen"), direct(3, ALICE, BOB), direct(4, ALICE)))
    room = replica.find(ref)
    assert (room.id if room else None) == found


def test_a_room_that_is_reset_begins_again_where_it_is_known_to_be(replica: Replica) -> None:
    replica.welcome(welcome(room_view(1)))
    replica.apply(said(1))
    replica.apply(said(9))
    replica.reset(1)
    assert (replica.rooms[1].position, replica.rooms[1].messages, replica.rooms[1].behind) == (9, {}, False)
