"""Going out of a group, and who owns it then."""

import pytest
from tests.support.database import NOW, person, transaction
from tests.support.rooms import ask_of_member, ask_of_room, group, promote, ref

from kibitz.domain.errors import Refusal
from kibitz.domain.rooms import RoomRole, Visibility
from kibitz.fanout.steps import Leave, Notify, Publish
from kibitz.features.rooms.leaving import leave_room, remove_member
from kibitz.storage import members, replay, rooms
from kibitz.wire.commands import LeaveRoom, RemoveMember
from kibitz.wire.events import MemberRemoved, MemberRoleChanged, RoomLeft
from kibitz.wire.results import Changed


def test_whoever_is_put_out_hears_of_it_with_the_others_and_then_nothing_more() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        kitchen = group(tx, alice, bob)
        outcome = remove_member(ask_of_member(tx, alice, RemoveMember(room=kitchen, user="Bob")))
        event = MemberRemoved(room=kitchen, seq=1, user=ref(bob), by=ref(alice), at=NOW)
        assert outcome.answer == Changed(room=kitchen, seq=1)
        assert outcome.steps == (
            Publish(event),
            Leave(kitchen, bob.id),
            Notify((bob.id,), RoomLeft(room=kitchen)),
        )
        assert replay.events(tx, kitchen, 0, 1, 10) == ([event], False)
        assert members.ids(tx, kitchen) == [alice.id]


def test_leaving_is_being_put_out_by_oneself() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        kitchen = group(tx, alice, bob)
        outcome = leave_room(ask_of_room(tx, bob, LeaveRoom(room="#kitchen")))
        assert outcome.steps[0] == Publish(MemberRemoved(room=kitchen, seq=1, user=ref(bob), by=ref(bob), at=NOW))
        assert members.ids(tx, kitchen) == [alice.id]


def test_whoever_is_not_in_the_group_is_not_found_in_it() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        person(tx, "bob")
        group(tx, alice)
        with pytest.raises(Refusal) as refused:
            remove_member(ask_of_member(tx, alice, RemoveMember(room="#kitchen", user="bob")))
        assert (refused.value.code, refused.value.message) == ("not_found", "Member 'bob' not found.")


@pytest.mark.parametrize("names_herself", [False, True])
def test_the_last_owner_hands_the_group_to_the_longest_standing_member(names_herself: bool) -> None:
    with transaction() as tx:
        alice, bob, carol = person(tx, "alice"), person(tx, "bob"), person(tx, "carol")
        kitchen = group(tx, alice, bob, carol)
        if names_herself:
            outcome = remove_member(ask_of_member(tx, alice, RemoveMember(room=kitchen, user="alice")))
        else:
            outcome = leave_room(ask_of_room(tx, alice, LeaveRoom(room=kitchen)))
        handed = MemberRoleChanged(room=kitchen, seq=2, user=ref(bob), role="owner", by=ref(alice), at=NOW)
        assert outcome.answer == Changed(room=kitchen, seq=1)
        assert outcome.steps == (
            Publish(MemberRemoved(room=kitchen, seq=1, user=ref(alice), by=ref(alice), at=NOW)),
            Leave(kitchen, alice.id),
            Notify((alice.id,), RoomLeft(room=kitchen)),
            Publish(handed),
        )
        assert members.role(tx, kitchen, bob.id) is RoomRole.OWNER
        assert members.role(tx, kitchen, carol.id) is RoomRole.MEMBER


def test_an_owner_who_is_not_the_last_hands_over_nothing() -> None:
    with transaction() as tx:
        alice, bob, carol = person(tx, "alice"), person(tx, "bob"), person(tx, "carol")
        kitchen = group(tx, alice, bob, carol)
        promote(tx, kitchen, carol, RoomRole.OWNER)
        outcome = leave_room(ask_of_room(tx, alice, LeaveRoom(room=kitchen)))
        assert [type(step) for step in outcome.steps] == [Publish, Leave, Notify]
        assert members.role(tx, kitchen, bob.id) is RoomRole.MEMBER


def test_a_group_that_nobody_is_in_cannot_be_found_and_its_name_is_free() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        kitchen = group(tx, alice, visibility=Visibility.PUBLIC)
        outcome = leave_room(ask_of_room(tx, alice, LeaveRoom(room=kitchen)))
        assert [type(step) for step in outcome.steps] == [Publish, Leave, Notify]
        with pytest.raises(Refusal):
            rooms.find(tx, "#kitchen", bob)
        assert group(tx, bob, name="kitchen") != kitchen
