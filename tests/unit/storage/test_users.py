"""People, as rows."""

import pytest
from tests.support.database import NOW, person, transaction

from kibitz.domain.access import Actor, UserFacts
from kibitz.domain.errors import Refusal
from kibitz.domain.users import Role
from kibitz.storage import tokens, users
from kibitz.wire.views import User, UserRef

LATER = "2026-01-31T13:00:00.000Z"


def test_a_new_person_is_stored_and_found_however_the_name_is_spelt() -> None:
    with transaction() as tx:
        made = users.create(tx, "Alice", Role.OWNER, "a-hash", NOW, display_name="Alice Miller")
        assert users.by_id(tx, made.id) == users.known(tx, made.id) == made
        assert users.by_name(tx, "ALICE") == users.need(tx, " alice ") == made
        assert (made.name, made.role, made.display_name, made.created_at) == ("Alice", Role.OWNER, "Alice Miller", NOW)
        assert (made.disabled, made.is_guest, made.last_seen_at) == (False, False, None)


def test_nobody_is_found_where_nobody_is() -> None:
    with transaction() as tx:
        assert users.by_id(tx, 7) is None
        assert users.by_name(tx, "alice") is None
        with pytest.raises(Refusal, match="User 'alice' not found") as refused:
            users.need(tx, "alice")
        assert refused.value.code == "not_found"


def test_a_name_is_given_once_and_a_refusal_leaves_the_transaction_usable() -> None:
    with transaction() as tx:
        first = users.create(tx, "alice", Role.MEMBER, "a-hash", NOW)
        with pytest.raises(Refusal) as refused:
            users.create(tx, "ALICE", Role.MEMBER, "another-hash", NOW)
        assert refused.value.code == "name_taken"
        assert users.create(tx, "bob", Role.GUEST, None, NOW).is_guest
        assert users.known(tx, first.id) == first


def test_a_person_is_seen_without_anything_that_is_their_own_affair() -> None:
    with transaction() as tx:
        made = users.create(tx, "alice", Role.ADMIN, "a-hash", NOW, display_name="Alice")
        assert made.view() == User(id=made.id, name="alice", role="admin", display_name="Alice")
        assert made.ref() == UserRef(id=made.id, name="alice")
        assert made.facts() == UserFacts(made.id, "alice", Role.ADMIN)
        assert "a-hash" not in repr(made)


def test_a_guest_by_name_alone_is_seen_as_one() -> None:
    with transaction() as tx:
        assert users.create(tx, "dave", Role.GUEST, None, NOW).view().guest


def test_more_people_are_found_at_once_than_fit_in_one_list_of_a_statement() -> None:
    with transaction() as tx:
        made = [person(tx, f"user{number}").id for number in range(1100)]
        found = users.many(tx, [*made, 99_999, made[0]])
        assert sorted(found) == sorted(made)
        assert found[made[0]].name == "user0"
        assert users.many(tx, []) == {}


def test_an_actor_has_the_role_of_this_moment_and_the_token_they_came_by() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        token = tokens.create(tx, alice.id, "login", name="", secret_hash="x", now=NOW, expires_at=None)
        users.set_role(tx, alice.id, Role.ADMIN)
        assert users.actor(tx, alice.id, token.id) == Actor(alice.id, "alice", Role.ADMIN, token.id)
        assert users.actor(tx, alice.id, None) == Actor(alice.id, "alice", Role.ADMIN)


def test_whoever_is_locked_or_logged_out_or_not_there_is_no_actor() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        of_bob = tokens.create(tx, bob.id, "login", name="", secret_hash="x", now=NOW, expires_at=None)
        revoked = tokens.create(tx, alice.id, "login", name="", secret_hash="y", now=NOW, expires_at=None)
        tokens.revoke(tx, alice.id, revoked.id)
        users.set_disabled(tx, bob.id, True)
        for user, token in (
            (bob.id, of_bob.id),
            (bob.id, None),
            (alice.id, of_bob.id),
            (alice.id, revoked.id),
            (99, None),
        ):
            with pytest.raises(Refusal) as refused:
                users.actor(tx, user, token)
            assert refused.value.code == "not_logged_in"
        users.set_disabled(tx, bob.id, False)
        assert users.actor(tx, bob.id, of_bob.id).id == bob.id


def test_a_page_goes_on_where_the_last_one_ended_in_the_order_of_names() -> None:
    with transaction() as tx:
        for name in ("dave", "Bob", "alice", "Carol"):
            person(tx, name)
        assert [user.name for user in users.page(tx, "", 2)] == ["alice", "Bob"]
        assert [user.name for user in users.page(tx, "BOB", 5)] == ["Carol", "dave"]
        assert users.page(tx, "dave", 5) == []


def test_guests_by_name_alone_are_no_accounts() -> None:
    with transaction() as tx:
        assert users.count_accounts(tx) == 0
        person(tx, "dave", Role.GUEST)
        assert users.count_accounts(tx) == 0
        locked = person(tx, "alice")
        users.set_disabled(tx, locked.id, True)
        assert users.count_accounts(tx) == 1


def test_a_change_touches_one_person_and_one_thing() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        untouched = users.known(tx, bob.id)
        users.set_role(tx, alice.id, Role.GUEST)
        users.set_password(tx, alice.id, "new-hash")
        users.set_profile(tx, alice.id, "Alice Miller")
        users.set_disabled(tx, alice.id, True)
        after = users.known(tx, alice.id)
        assert (after.role, after.password_hash, after.display_name) == (Role.GUEST, "new-hash", "Alice Miller")
        assert (after.disabled, after.name) == (True, "alice")
        assert users.known(tx, bob.id) == untouched


def test_many_are_noted_as_just_gone() -> None:
    with transaction() as tx:
        made = [person(tx, f"user{number}").id for number in range(600)]
        users.touch_last_seen(tx, made[1:], LATER)
        assert users.known(tx, made[0]).last_seen_at is None
        assert {user.last_seen_at for user in users.many(tx, made[1:]).values()} == {LATER}
        users.touch_last_seen(tx, [], NOW)
        assert users.known(tx, made[1]).view().last_seen == LATER


@pytest.mark.parametrize("name", ["x' OR '1'='1", "alice'; DROP TABLE users; --", 'a"b', "%", "_"])
def test_a_name_that_looks_like_sql_is_a_name_that_nobody_has(name: str) -> None:
    with transaction() as tx:
        person(tx, "alice")
        assert users.by_name(tx, name) is None
        assert [user.name for user in users.page(tx, "", 10)] == ["alice"]
