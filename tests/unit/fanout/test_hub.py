"""The hub: who hears what, in which order."""

import asyncio
from collections.abc import Iterable

import pytest

from kibitz.domain.errors import Refusal
from kibitz.fanout.hub import Hub
from kibitz.fanout.listener import Listener
from kibitz.fanout.outbox import Flusher, Outbox
from kibitz.fanout.steps import Announce, Join, Leave, Notify, Publish, Revoke, Step
from kibitz.wire.closing import LOGGED_OUT, Close
from kibitz.wire.codec import Context, Label, Viewer
from kibitz.wire.commands import Command
from kibitz.wire.events import Event, Heartbeat, MessagePosted, ReadMarked, RoomEvent, RoomUpdated, Typing
from kibitz.wire.views import Message, UserRef

KITCHEN = Label(2, "group", "kitchen")
PAIR = Label(3, "direct", None, (UserRef(id=1, name="alice"), UserRef(id=2, name="bob")))


class WordCodec:
    """A codec that says in a word what it was given, and counts how often it was asked."""

    name = "words"
    personal = True
    greeting = None

    def __init__(self) -> None:
        self.encoded = 0

    def encode_event(self, event: Event, context: Context, viewer: Viewer) -> bytes:
        self.encoded += 1
        if isinstance(event, Typing):
            return b"typing "
        if isinstance(event, RoomEvent):
            whom = f"for {viewer.name} " if isinstance(context, Label) and context.kind == "direct" else ""
            return f"{event.room}:{event.seq} {whom}".encode()
        return type(event).__name__.encode() + b" "

    def decode(self, raw: bytes) -> Command | None:
        raise Refusal("malformed", "not used here")


class Home:
    """A hub with connections whose bytes are kept."""

    def __init__(self) -> None:
        self.changes: list[tuple[str, bool]] = []
        self.hub = Hub(lambda viewer, here: self.changes.append((viewer.name, here)))
        self.codec = WordCodec()
        self.flusher = Flusher(asyncio.get_running_loop())

    def connect(self, user: int, name: str, token: int | None = None) -> "Ear":
        ear = Ear(self, Viewer(user, name), token)
        self.hub.open(ear.listener)
        return ear


class Ear:
    """One connection."""

    def __init__(self, home: Home, viewer: Viewer, token: int | None) -> None:
        self.heard = b""
        self.ended: list[Close] = []
        self.outbox = Outbox(self, home.flusher, lambda: self.end_slow(home))
        self.listener = Listener(viewer, token, home.codec, self.outbox, self.ended.append)  # type: ignore[arg-type]

    def write(self, data: bytes) -> None:
        self.heard += data

    def end_slow(self, home: Home) -> None:
        self.outbox.close()
        home.hub.close(self.listener)


def said(room: int, seq: int) -> Publish:
    sender = UserRef(id=1, name="alice")
    message = Message(room=room, seq=seq, sender=sender, text=str(seq), sent_at="2026-01-31T12:00:00.000Z")
    return Publish(MessagePosted(room=room, seq=seq, message=message))


async def tell(home: Home, steps: Iterable[Step]) -> None:
    home.hub.apply(steps)
    await asyncio.sleep(0)


@pytest.fixture
async def home() -> Home:
    return Home()


async def test_everyone_in_a_room_hears_what_is_said_and_nobody_else(home: Home) -> None:
    alice, bob, carol = home.connect(1, "alice"), home.connect(2, "bob"), home.connect(3, "carol")
    for ear in (alice, bob):
        home.hub.listen(ear.listener, [(KITCHEN, 0)])
    home.hub.listen(carol.listener, [])
    await tell(home, [said(2, 1), said(2, 2)])
    assert (alice.heard, bob.heard, carol.heard) == (b"2:1 2:2 ", b"2:1 2:2 ", b"")


async def test_an_event_is_encoded_once_however_many_listen(home: Home) -> None:
    for number in range(1, 51):
        home.hub.listen(home.connect(number, f"user{number}").listener, [(KITCHEN, 0)])
    await tell(home, [said(2, 1)])
    assert home.codec.encoded == 1
    assert home.hub.delivered == 50


async def test_the_two_people_of_a_direct_room_each_get_their_own_encoding(home: Home) -> None:
    alice, bob = home.connect(1, "alice"), home.connect(2, "bob")
    for ear in (alice, bob):
        home.hub.listen(ear.listener, [(PAIR, 0)])
    await tell(home, [said(3, 1)])
    assert (alice.heard, bob.heard) == (b"3:1 for alice ", b"3:1 for bob ")


async def test_what_was_read_from_the_database_is_not_heard_again(home: Home) -> None:
    # The commit of 5 was seen by the reader before its event reached the hub.
    alice = home.connect(1, "alice")
    assert home.hub.listen(alice.listener, [(KITCHEN, 5)]) == {2: 5}
    await tell(home, [said(2, 5), said(2, 6)])
    assert alice.heard == b"2:6 "


async def test_a_second_listener_replays_up_to_where_the_first_one_is(home: Home) -> None:
    # The database has 7 already, but its event is still on its way to the hub: the newcomer hears it live.
    alice, bob = home.connect(1, "alice"), home.connect(2, "bob")
    home.hub.listen(alice.listener, [(KITCHEN, 6)])
    assert home.hub.listen(bob.listener, [(KITCHEN, 7)]) == {2: 6}
    await tell(home, [said(2, 7)])
    assert (alice.heard, bob.heard) == (b"2:7 ", b"2:7 ")


async def test_whoever_joins_hears_what_follows_and_whoever_leaves_hears_no_more(home: Home) -> None:
    alice, bob = home.connect(1, "alice"), home.connect(2, "bob")
    home.hub.listen(alice.listener, [(KITCHEN, 0)])
    home.hub.listen(bob.listener, [])
    await tell(home, [said(2, 1), Join(KITCHEN, 1, (2,)), said(2, 2), Leave(2, 1), said(2, 3)])
    assert alice.heard == b"2:1 2:2 "
    assert bob.heard == b"2:2 2:3 "


async def test_somebody_put_out_while_their_connection_opens_does_not_hear_the_room(home: Home) -> None:
    bob = home.connect(2, "bob")
    await tell(home, [Leave(2, 2)])
    assert home.hub.listen(bob.listener, [(KITCHEN, 4)]) == {}
    await tell(home, [said(2, 5)])
    assert bob.heard == b""


async def test_a_notice_reaches_every_connection_of_its_user(home: Home) -> None:
    desk, phone, bob = home.connect(1, "alice"), home.connect(1, "alice"), home.connect(2, "bob")
    await tell(home, [Notify((1,), ReadMarked(room=2, read_seq=1, unread=0, mentions=0))])
    assert (desk.heard, phone.heard, bob.heard) == (b"ReadMarked ", b"ReadMarked ", b"")


async def test_an_announcement_reaches_everyone(home: Home) -> None:
    ears = [home.connect(1, "alice"), home.connect(2, "bob")]
    await tell(home, [Announce(Heartbeat())])
    assert [ear.heard for ear in ears] == [b"Heartbeat ", b"Heartbeat "]


async def test_typing_is_not_told_to_the_one_who_types(home: Home) -> None:
    alice, bob = home.connect(1, "alice"), home.connect(2, "bob")
    for ear in (alice, bob):
        home.hub.listen(ear.listener, [(KITCHEN, 0)])
    home.hub.fleeting(2, Typing(room=2, user=UserRef(id=1, name="alice")), but=alice.listener)
    await asyncio.sleep(0)
    assert (alice.heard, bob.heard) == (b"", b"typing ")


@pytest.mark.parametrize(
    ("step", "ended"),
    [
        (Revoke(1, (10,)), [True, False]),
        (Revoke(1), [True, True]),
        (Revoke(1, keep=11), [True, False]),
        (Revoke(2), [False, False]),
    ],
)
async def test_a_revoked_login_ends_its_connections_and_no_others(home: Home, step: Revoke, ended: list[bool]) -> None:
    ears = [home.connect(1, "alice", token) for token in (10, 11)]
    await tell(home, [step])
    assert [ear.ended == [LOGGED_OUT] for ear in ears] == ended


async def test_coming_and_going_is_noticed_once_per_person(home: Home) -> None:
    desk, phone = home.connect(1, "alice"), home.connect(1, "alice")
    home.hub.close(desk.listener)
    home.hub.close(phone.listener)
    home.hub.close(phone.listener)
    assert home.changes == [("alice", True), ("alice", False)]
    assert not home.hub.is_connected(1)


async def test_a_room_nobody_listens_to_is_forgotten(home: Home) -> None:
    alice = home.connect(1, "alice")
    home.hub.listen(alice.listener, [(KITCHEN, 0), (PAIR, 0)])
    assert home.hub.channels == 2
    assert home.hub.direct_heads(alice.listener) == {3: 0}
    home.hub.close(alice.listener)
    assert home.hub.channels == 0


async def test_a_listener_that_overflows_in_the_middle_does_not_keep_the_others_from_hearing(home: Home) -> None:
    slow = home.connect(9, "slow")
    others = [home.connect(number, f"user{number}") for number in range(1, 5)]
    for ear in (slow, *others):
        home.hub.listen(ear.listener, [(KITCHEN, 0)])
    slow.outbox.pause()
    slow.outbox.put(b"x" * 1024 * 1024)
    await tell(home, [said(2, 1)])
    assert [ear.heard for ear in others] == [b"2:1 "] * 4
    assert not home.hub.is_connected(9)


async def test_a_renamed_room_is_called_by_its_new_name(home: Home) -> None:
    alice = home.connect(1, "alice")
    home.hub.listen(alice.listener, [(KITCHEN, 0)])
    by = UserRef(id=1, name="alice")
    renamed = RoomUpdated(room=2, seq=1, by=by, at="", name="scullery", topic="", visibility="private")
    await tell(home, [Publish(renamed)])
    assert home.hub._channels[2].label.name == "scullery"
