"""What members are in a group."""

import pytest
from tests.support.database import NOW, person, transaction
from tests.support.rooms import ask_of_member, group, promote, ref

from kibitz.domain.errors import Refusal
from kibitz.domain.rooms import RoomRole
from kibitz.fanout.steps import Publish
from kibitz.features.rooms.roles import set_room_role
from kibitz.storage import members, replay
from kibitz.wire.commands import SetRoomRole
from kibitz.wire.events import MemberRoleChanged
from kibitz.wire.results import Changed


def test_a_member_gets_another_role_and_the_room_hears_of_it() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        kitchen = group(tx, alice, bob)
        outcome = set_room_role(ask_of_member(tx, alice, SetRoomRole(room=kitchen, user="bob", role="moderator")))
        event = MemberRoleChanged(room=kitchen, seq=1, user=ref(bob), role="moderator", by=ref(alice), at=NOW)
        assert (outcome.answer, outcome.steps) == (Changed(room=kitchen, seq=1), (Publish(event),))
        assert replay.events(tx, kitchen, 0, 1, 10) == ([event], False)
        assert members.role(tx, kitchen, bob.id) is RoomRole.MODERATOR


def test_the_role_one_has_already_changes_nothing() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        person(tx, "bob")
        kitchen = group(tx, alice)
        outcome = set_room_role(ask_of_member(tx, alice, SetRoomRole(room=kitchen, user="alice", role="owner")))
        assert (outcome.answer, outcome.steps) == (Changed(room=kitchen, seq=0), ())


def test_whoever_is_not_in_the_group_gets_no_role_in_it() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        person(tx, "bob")
        group(tx, alice)
        with pytest.raises(Refusal) as refused:
            set_room_role(ask_of_member(tx, alice, SetRoomRole(room="#kitchen", user="bob", role="owner")))
        assert refused.value.code == "not_found"


def test_the_last_owner_stays_one_until_there_is_another() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        kitchen = group(tx, alice, bob)
        down = SetRoomRole(room=kitchen, user="alice", role="member")
        with pytest.raises(Refusal) as refused:
            set_room_role(ask_of_member(tx, alice, down))
        assert refused.value.code == "invalid"
        promote(tx, kitchen, bob, RoomRole.OWNER)
        assert set_room_role(ask_of_member(tx, alice, down)).answer == Changed(room=kitchen, seq=1)
