"""What posting needs to know, for many at once."""

from tests.support.database import NOW, person, transaction
from tests.support.rooms import group

from kibitz.domain.rooms import Kind, RoomRole
from kibitz.domain.users import Role
from kibitz.storage import posting, tokens, users


def test_only_logins_that_have_not_ended_of_users_who_are_not_locked_may_act() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob", Role.ADMIN)
        token = tokens.create(tx, alice.id, "login", name="", secret_hash="h", now=NOW, expires_at=None)
        users.set_disabled(tx, bob.id, True)
        found = posting.actors(tx, {(alice.id, token.id), (alice.id, 99), (alice.id, None), (bob.id, None), (77, None)})
        assert set(found) == {(alice.id, token.id), (alice.id, None)}
        assert found[alice.id, token.id].token_id == token.id


def test_rooms_are_found_with_each_ones_place_in_them() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        kitchen = group(tx, alice)
        found = posting.rooms_for(tx, {(1, alice.id), (kitchen, alice.id), (kitchen, bob.id), (99, alice.id)})
        assert set(found) == {(1, alice.id), (kitchen, alice.id), (kitchen, bob.id)}
        assert (found[1, alice.id].kind, found[1, alice.id].my_role) == (Kind.GENERAL, RoomRole.MEMBER)
        assert found[kitchen, alice.id].my_role is RoomRole.OWNER
        assert found[kitchen, bob.id].my_role is None


def test_heads_are_moved_for_several_rooms_at_once() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        kitchen = group(tx, alice)
        posting.advance(tx, [(1, 5), (kitchen, 9)])
        found = posting.rooms_for(tx, {(1, alice.id), (kitchen, alice.id)})
        assert (found[1, alice.id].seq, found[kitchen, alice.id].seq) == (5, 9)
