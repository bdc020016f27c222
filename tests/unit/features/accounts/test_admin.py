"""What admins do to other people's accounts."""

from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.database import NOW, person, transaction
from tests.support.rooms import ask

from kibitz.api import things
from kibitz.domain.access import Act, Actor, UserFacts, may
from kibitz.domain.errors import Refusal
from kibitz.domain.users import Role
from kibitz.fanout.steps import Announce, Revoke
from kibitz.features.accounts.admin import (
    check_new_password,
    check_new_user,
    create_user,
    reset_password,
    set_disabled,
    set_role,
)
from kibitz.features.call import Call
from kibitz.storage import Tx, tokens, users
from kibitz.wire.commands import CreateUser, ResetPassword, SetDisabled, SetRole
from kibitz.wire.events import UserUpdated
from kibitz.wire.results import Done
from kibitz.wire.views import User

U = TypeVar("U", bound=things.OfUser)
PASSWORD = "a long password"


def of_user(tx: Tx, actor: Actor, command: U) -> Call[U, UserFacts]:
    """A command about a person, found as the gate finds them."""
    return Call(tx, actor, command, things.user_of(tx, actor, command), NOW)


def role_of(tx: Tx, user: Actor) -> Role:
    return users.known(tx, user.id).role


def announced(user: User) -> Announce:
    return Announce(UserUpdated(user=user))


# --- accounts for others -----------------------------------------------------------------------------------------------


def test_an_admin_makes_an_account_for_someone_else() -> None:
    with transaction() as tx:
        alice = person(tx, "alice", Role.ADMIN)
        command = CreateUser(name=" Bob ", password=PASSWORD, role="guest")
        check_new_user(ask(tx, alice, command))
        answer = create_user(ask(tx, alice, command), "a-hash").answer
        bob = users.need(tx, "bob")
        assert answer == bob.view() == User(id=bob.id, name="Bob", role="guest")
        assert (bob.password_hash, bob.is_guest) == ("a-hash", False)


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (CreateUser(name="ALICE", password=PASSWORD), "name_taken"),
        (CreateUser(name="a b", password=PASSWORD), "invalid"),
        (CreateUser(name="bob", password="short"), "invalid"),
    ],
)
def test_what_cannot_be_an_account_is_refused_before_anything_is_hashed(command: CreateUser, code: str) -> None:
    with transaction() as tx:
        alice = person(tx, "alice", Role.ADMIN)
        with pytest.raises(Refusal) as refused:
            check_new_user(ask(tx, alice, command))
        assert refused.value.code == code


def test_a_name_that_was_taken_while_the_password_was_hashed_is_taken() -> None:
    with transaction() as tx:
        alice, command = person(tx, "alice", Role.ADMIN), CreateUser(name="bob", password=PASSWORD)
        check_new_user(ask(tx, alice, command))
        person(tx, "bob")
        with pytest.raises(Refusal) as refused:
            create_user(ask(tx, alice, command), "a-hash")
        assert refused.value.code == "name_taken"


# --- roles -------------------------------------------------------------------------------------------------------------


def test_everyone_hears_of_a_new_role() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice", Role.OWNER), person(tx, "bob")
        outcome = set_role(of_user(tx, alice, SetRole(user="bob", role="admin")))
        now = User(id=bob.id, name="bob", role="admin")
        assert (outcome.answer, outcome.steps) == (now, (announced(now),))
        assert role_of(tx, bob) is Role.ADMIN


def test_the_role_one_has_already_changes_nothing() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice", Role.OWNER), person(tx, "bob")
        outcome = set_role(of_user(tx, alice, SetRole(user="bob", role="member")))
        assert (outcome.answer, outcome.steps) == (users.known(tx, bob.id).view(), ())


def test_whoever_hands_the_server_over_becomes_an_admin_and_everyone_hears_of_both() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice", Role.OWNER), person(tx, "bob", Role.ADMIN)
        outcome = set_role(of_user(tx, alice, SetRole(user="bob", role="owner")))
        relieved, owner = User(id=alice.id, name="alice", role="admin"), User(id=bob.id, name="bob", role="owner")
        assert (outcome.answer, outcome.steps) == (owner, (announced(relieved), announced(owner)))
        assert (role_of(tx, alice), role_of(tx, bob)) == (Role.ADMIN, Role.OWNER)


def test_the_server_is_not_handed_to_a_locked_account() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice", Role.OWNER), person(tx, "bob")
        users.set_disabled(tx, bob.id, True)
        with pytest.raises(Refusal, match="unlock it first"):
            set_role(of_user(tx, alice, SetRole(user="bob", role="owner")))
        assert (role_of(tx, alice), role_of(tx, bob)) == (Role.OWNER, Role.MEMBER)


def test_only_the_owner_makes_admins() -> None:
    with transaction() as tx:
        admin, bob = person(tx, "alice", Role.ADMIN), person(tx, "bob")
        for role in ("admin", "owner"):
            with pytest.raises(Refusal, match="Only the owner") as refused:
                set_role(of_user(tx, admin, SetRole(user="bob", role=role)))
            assert refused.value.code == "forbidden"
        assert role_of(tx, bob) is Role.MEMBER
        set_role(of_user(tx, admin, SetRole(user="bob", role="guest")))
        assert role_of(tx, bob) is Role.GUEST


def test_a_guest_by_name_alone_gets_no_role_and_no_password() -> None:
    with transaction() as tx:
        alice, dave = person(tx, "alice", Role.OWNER), person(tx, "dave", Role.GUEST)
        reset = of_user(tx, alice, ResetPassword(user="dave", password=PASSWORD))
        for attempt in (
            lambda: set_role(of_user(tx, alice, SetRole(user="dave", role="member"))),
            lambda: check_new_password(reset),
            lambda: reset_password(reset, "a-hash"),
        ):
            with pytest.raises(Refusal, match="no account") as refused:
                attempt()
            assert refused.value.code == "invalid"
        assert users.known(tx, dave.id).is_guest
        assert role_of(tx, dave) is Role.GUEST


NAMES = ["alice", "bob", "carol", "dave"]
ROLE_NAMES = ["owner", "admin", "member", "guest"]
deeds = st.one_of(
    st.builds(SetRole, user=st.sampled_from(NAMES), role=st.sampled_from(ROLE_NAMES)),
    st.builds(SetDisabled, user=st.sampled_from(NAMES), disabled=st.booleans()),
)


@given(st.lists(st.tuples(st.sampled_from(NAMES), deeds), max_size=20))
def test_whatever_admins_do_to_each_other_the_server_has_one_owner_who_is_not_locked(
    done: list[tuple[str, SetRole | SetDisabled]],
) -> None:
    with transaction() as tx:
        people = {
            name: person(tx, name, role)
            for name, role in zip(NAMES, (Role.OWNER, Role.ADMIN, Role.ADMIN, Role.MEMBER), strict=True)
        }
        for name, command in done:
            try:
                actor = users.actor(tx, people[name].id, None)
                if not may(actor, Act.CHANGE_USER, things.user_of(tx, actor, command)):  # as the gate asks first
                    continue
                if isinstance(command, SetRole):
                    set_role(of_user(tx, actor, command))
                else:
                    set_disabled(of_user(tx, actor, command))
            except Refusal:
                continue
        owners = [user for user in users.page(tx, "", 10) if user.role is Role.OWNER]
        assert [owner.disabled for owner in owners] == [False]


# --- locking and passwords ---------------------------------------------------------------------------------------------


def test_whoever_is_locked_is_out_at_once_and_everyone_sees_it() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice", Role.OWNER), person(tx, "bob")
        tokens.create(tx, bob.id, "access", name="bot", secret_hash="x", now=NOW, expires_at=None)
        outcome = set_disabled(of_user(tx, alice, SetDisabled(user="bob", disabled=True)))
        locked = User(id=bob.id, name="bob", role="member", disabled=True)
        assert (outcome.answer, outcome.steps) == (locked, (Revoke(bob.id), announced(locked)))
        assert tokens.of_user(tx, bob.id, NOW) == []


def test_whoever_is_unlocked_may_log_in_again_and_has_no_old_login_back() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice", Role.OWNER), person(tx, "bob")
        tokens.create(tx, bob.id, "login", name="", secret_hash="x", now=NOW, expires_at=None)
        set_disabled(of_user(tx, alice, SetDisabled(user="bob", disabled=True)))
        outcome = set_disabled(of_user(tx, alice, SetDisabled(user="bob", disabled=False)))
        unlocked = User(id=bob.id, name="bob", role="member")
        assert (outcome.answer, outcome.steps) == (unlocked, (announced(unlocked),))
        assert users.actor(tx, bob.id, None) == bob
        assert tokens.of_user(tx, bob.id, NOW) == []


@pytest.mark.parametrize("disabled", [True, False])
def test_what_is_locked_or_unlocked_already_stays_so_without_a_word(disabled: bool) -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice", Role.OWNER), person(tx, "bob")
        users.set_disabled(tx, bob.id, disabled)
        assert set_disabled(of_user(tx, alice, SetDisabled(user="bob", disabled=disabled))).steps == ()


def test_a_reset_password_ends_every_login() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice", Role.OWNER), person(tx, "bob")
        tokens.create(tx, bob.id, "login", name="", secret_hash="x", now=NOW, expires_at=None)
        call = of_user(tx, alice, ResetPassword(user="bob", password=PASSWORD))
        check_new_password(call)
        outcome = reset_password(call, "a-new-hash")
        assert (outcome.answer, outcome.steps) == (Done(), (Revoke(bob.id),))
        assert users.known(tx, bob.id).password_hash == "a-new-hash"
        assert tokens.of_user(tx, bob.id, NOW) == []


def test_a_new_password_that_is_too_short_is_refused_before_it_is_hashed() -> None:
    with transaction() as tx:
        alice = person(tx, "alice", Role.OWNER)
        person(tx, "bob")
        with pytest.raises(Refusal) as refused:
            check_new_password(of_user(tx, alice, ResetPassword(user="bob", password="short")))
        assert refused.value.code == "invalid"
