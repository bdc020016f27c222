"""Who I am, how I am shown, and who else is here."""

from dataclasses import replace

import pytest
from tests.support.database import NOW, person, transaction
from tests.support.rooms import ask

from kibitz.domain.errors import Refusal
from kibitz.domain.users import Role
from kibitz.fanout.steps import Announce, Revoke
from kibitz.features.accounts.profile import change_password, get_me, list_users, set_profile, with_password
from kibitz.storage import tokens, users
from kibitz.wire.commands import ChangePassword, GetMe, ListUsers, SetProfile
from kibitz.wire.events import UserUpdated
from kibitz.wire.views import User

CHANGE = ChangePassword(old_password="the old one", new_password="the new one")


def test_i_see_myself_as_everyone_does() -> None:
    with transaction() as tx:
        alice = person(tx, "alice", Role.ADMIN)
        assert get_me(ask(tx, alice, GetMe())) == User(id=alice.id, name="alice", role="admin")


def test_everyone_hears_how_i_am_shown_now() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        outcome = set_profile(ask(tx, alice, SetProfile(display_name=" Alice  Miller ")))
        shown = User(id=alice.id, name="alice", role="member", display_name="Alice Miller")
        assert (outcome.answer, outcome.steps) == (shown, (Announce(UserUpdated(user=shown)),))
        assert get_me(ask(tx, alice, GetMe())) == shown


def test_nobody_hears_of_a_change_that_changes_nothing() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        outcome = set_profile(ask(tx, alice, SetProfile(display_name="")))
        assert (outcome.answer, outcome.steps) == (get_me(ask(tx, alice, GetMe())), ())


def test_a_display_name_that_would_play_tricks_is_refused() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        with pytest.raises(Refusal):
            set_profile(ask(tx, alice, SetProfile(display_name="\u202emoor eht")))
        assert users.known(tx, alice.id).display_name == ""


def test_people_come_a_page_at_a_time_and_the_page_says_whether_there_are_more() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        person(tx, "Bob")
        person(tx, "carol", Role.GUEST)
        first = list_users(ask(tx, alice, ListUsers(limit=2)))
        assert ([user.name for user in first.users], first.more) == (["alice", "Bob"], True)
        rest = list_users(ask(tx, alice, ListUsers(after="bob", limit=2)))
        assert ([(user.name, user.guest) for user in rest.users], rest.more) == ([("carol", True)], False)


def test_with_a_new_password_every_other_login_ends() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        here, other = (
            tokens.create(tx, alice.id, "login", name="", secret_hash=secret, now=NOW, expires_at=None)
            for secret in ("x", "y")
        )
        call = ask(tx, replace(alice, token_id=here.id), CHANGE)
        outcome = change_password(call, with_password(tx, alice.id), "a-new-hash")
        assert outcome.steps == (Revoke(alice.id, keep=here.id),)
        assert users.known(tx, alice.id).password_hash == "a-new-hash"
        assert tokens.of_user(tx, alice.id, NOW) == [here]
        assert other.id != here.id


def test_of_two_who_change_a_password_at_once_the_second_must_know_the_new_one() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        verified = with_password(tx, alice.id)
        change_password(ask(tx, alice, CHANGE), verified, "first-hash")
        with pytest.raises(Refusal) as refused:
            change_password(ask(tx, alice, CHANGE), verified, "second-hash")
        assert refused.value.code == "auth_failed"
        assert users.known(tx, alice.id).password_hash == "first-hash"


def test_a_guest_by_name_alone_has_no_password_to_change() -> None:
    with transaction() as tx:
        with pytest.raises(Refusal, match="ask an admin") as refused:
            with_password(tx, person(tx, "dave", Role.GUEST).id)
        assert refused.value.code == "invalid"
