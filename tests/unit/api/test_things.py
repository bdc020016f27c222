"""What commands are about, and what of it an actor may not even know."""

import pytest
from tests.support.database import NOW, person, transaction
from tests.support.rooms import group, say

from kibitz.api import things
from kibitz.api.things import Thing, hidden
from kibitz.domain.access import FileFacts, MemberFacts, UserFacts
from kibitz.domain.errors import Refusal
from kibitz.domain.messages import MessageFacts
from kibitz.domain.rooms import RoomRole, Visibility
from kibitz.domain.users import Role
from kibitz.storage import messages, rooms
from kibitz.wire.commands import DeleteMessage, GetMessage, GetRoom, RemoveMember, SetRole


def refusal_of(ref: int | str) -> tuple[str, str]:
    """What bob is told when he asks for a room; alice's private `kitchen` is room 2."""
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        assert group(tx, alice) == 2
        with pytest.raises(Refusal) as refused:
            things.room_of(tx, bob, GetRoom(room=ref))
        return refused.value.code, refused.value.message


def test_a_room_is_found_for_whoever_is_in_it() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        kitchen = group(tx, alice)
        found = things.room_of(tx, alice, GetRoom(room="#kitchen"))
        assert (found.id, found.my_role) == (kitchen, RoomRole.OWNER)


def test_a_private_room_is_answered_to_the_letter_as_one_that_is_not_there() -> None:
    assert refusal_of("#kitchen") == ("not_found", "Group 'kitchen' not found.")
    assert refusal_of("#attic") == ("not_found", "Group 'attic' not found.")
    assert refusal_of(2) == refusal_of(3) == ("not_found", "Room not found.")


def test_a_public_room_is_known_to_members_of_the_server_and_hidden_from_guests() -> None:
    with transaction() as tx:
        alice, bob, guest = person(tx, "alice"), person(tx, "bob"), person(tx, "carol", Role.GUEST)
        kitchen = group(tx, alice, visibility=Visibility.PUBLIC)
        assert things.room_of(tx, bob, GetRoom(room=kitchen)).my_role is None
        with pytest.raises(Refusal) as refused:
            things.room_of(tx, guest, GetRoom(room=kitchen))
        assert refused.value.code == "not_found"


def test_a_message_is_found_with_its_sender_and_whether_it_was_taken_back() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        kitchen = group(tx, alice, bob)
        seq = say(tx, kitchen, bob)
        room = rooms.find(tx, kitchen, alice)
        assert things.message_of(tx, alice, GetMessage(room=kitchen, seq=seq)) == MessageFacts(room, seq, bob.id, False)
        messages.erase(tx, kitchen, seq, NOW)
        assert things.message_of(tx, alice, DeleteMessage(room=kitchen, seq=seq)).deleted


def test_a_message_that_is_not_there_is_not_found() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        group(tx, alice)
        with pytest.raises(Refusal, match="Message not found"):
            things.message_of(tx, alice, GetMessage(room="#kitchen", seq=1))


def test_messages_of_a_private_room_cannot_be_told_from_missing_ones() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        kitchen = group(tx, alice)
        said = say(tx, kitchen, alice)
        for seq in (said, said + 1):
            with pytest.raises(Refusal, match="Room not found"):
                things.message_of(tx, bob, GetMessage(room=kitchen, seq=seq))


def test_a_member_is_found_in_the_room_or_not_in_it() -> None:
    with transaction() as tx:
        alice, bob, carol = person(tx, "alice"), person(tx, "bob"), person(tx, "carol")
        kitchen = group(tx, alice, bob)
        room = rooms.find(tx, kitchen, alice)
        for actor, role in ((bob, RoomRole.MEMBER), (carol, None)):
            expected = MemberFacts(room, UserFacts(actor.id, actor.name, actor.role), role)
            assert things.member_of(tx, alice, RemoveMember(room=kitchen, user=actor.name)) == expected
        with pytest.raises(Refusal, match="User 'nobody' not found"):
            things.member_of(tx, alice, RemoveMember(room=kitchen, user="nobody"))


def test_a_user_is_found_by_name() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice", Role.OWNER), person(tx, "bob")
        found = things.user_of(tx, alice, SetRole(user="BOB", role="admin"))
        assert found == UserFacts(bob.id, "bob", Role.MEMBER)
        with pytest.raises(Refusal, match="User 'nobody' not found"):
            things.user_of(tx, alice, SetRole(user="nobody", role="admin"))


def test_whatever_is_in_a_room_is_hidden_with_the_room() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        kitchen = group(tx, alice)
        of_alice = UserFacts(alice.id, alice.name, alice.role)
        for actor, is_hidden in ((alice, False), (bob, True)):
            room = rooms.find(tx, kitchen, actor)
            inside: tuple[Thing, ...] = (
                room,
                MessageFacts(room, 1, alice.id, False),
                MemberFacts(room, of_alice, RoomRole.OWNER),
                FileFacts(room, 1, alice.id),
            )
            assert [hidden(actor, thing) for thing in inside] == [is_hidden] * 4
            assert not hidden(actor, of_alice)
            assert not hidden(actor, None)
