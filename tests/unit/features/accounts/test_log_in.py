"""How a login begins and ends."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.support.database import NOW, person, transaction
from tests.support.rooms import ask

from kibitz.domain.access import Actor
from kibitz.domain.errors import Refusal
from kibitz.domain.users import Role
from kibitz.fanout.steps import Revoke
from kibitz.features.accounts import log_in as logins
from kibitz.features.accounts.log_in import as_guest, by_password, log_out, log_out_everywhere
from kibitz.storage import Tx, tokens, users
from kibitz.wire.commands import LogOut, LogOutEverywhere
from kibitz.wire.results import Done, LoggedIn


def nobody(_: int) -> bool:
    return False


def everybody(_: int) -> bool:
    return True


def finds(tx: Tx, secret: str) -> bool:
    return tokens.find(tx, tokens.digest(secret), NOW) is not None


def logged_in(tx: Tx, user: Actor, secret: str) -> int:
    """A login of a user; returns its token's id."""
    return logins.begin(tx, users.known(tx, user.id), secret, NOW, 1).token_id


# --- by password -------------------------------------------------------------------------------------------------------


def test_whoever_was_verified_gets_a_token_for_a_month() -> None:
    with transaction() as tx:
        alice = users.known(tx, person(tx, "alice").id)
        login = by_password(tx, alice, "s1", NOW)
        assert login.answer == LoggedIn(user=alice.view(), token="s1", expires_at="2026-03-02T12:00:00.000Z")
        assert login.steps == ()
        assert tokens.find(tx, tokens.digest("s1"), NOW) == (alice, login.token)
        assert login.token_id == login.token.id
        assert users.actor(tx, alice.id, login.token_id).id == alice.id


def test_a_login_shows_its_secret_to_its_owner_and_to_no_log() -> None:
    with transaction() as tx:
        login = by_password(tx, users.known(tx, person(tx, "alice").id), "kibitz_s1", NOW)
        assert "kibitz_s1" not in repr(login)
        assert "no-such-hash" not in repr(login)


def test_a_password_that_was_changed_while_it_was_verified_lets_nobody_in() -> None:
    with transaction() as tx:
        verified = users.known(tx, person(tx, "alice").id)
        users.set_password(tx, verified.id, "another-hash")
        with pytest.raises(Refusal) as refused:
            by_password(tx, verified, "s1", NOW)
        assert (refused.value.code, refused.value.message) == ("auth_failed", logins.wrong_password().message)
        assert not finds(tx, "s1")


def test_a_locked_account_is_told_so() -> None:
    with transaction() as tx:
        verified = users.known(tx, person(tx, "alice").id)
        users.set_disabled(tx, verified.id, True)
        with pytest.raises(Refusal, match="locked") as refused:
            by_password(tx, verified, "s1", NOW)
        assert refused.value.code == "auth_failed"
        assert not finds(tx, "s1")


def test_an_outdated_hash_is_replaced() -> None:
    with transaction() as tx:
        alice = users.known(tx, person(tx, "alice").id)
        by_password(tx, alice, "s1", NOW, new_hash="a-newer-hash")
        assert users.known(tx, alice.id).password_hash == "a-newer-hash"


def test_with_one_login_too_many_the_oldest_ends_and_its_connections_close(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logins, "MAX_LOGINS", 2)
    with transaction() as tx:
        alice = users.known(tx, person(tx, "alice").id)
        first = by_password(tx, alice, "s1", NOW)
        assert by_password(tx, alice, "s2", NOW).steps == ()
        assert by_password(tx, alice, "s3", NOW).steps == (Revoke(alice.id, (first.token.id,)),)
        assert [finds(tx, secret) for secret in ("s1", "s2", "s3")] == [False, True, True]


# --- by name alone -----------------------------------------------------------------------------------------------------


def test_a_guest_is_logged_in_for_a_day() -> None:
    with transaction() as tx:
        login = as_guest(tx, " dave ", "s1", NOW, nobody)
        assert (login.user.name, login.user.role, login.user.is_guest) == ("dave", Role.GUEST, True)
        assert login.token.expires_at == "2026-02-01T12:00:00.000Z"
        assert login.steps == ()
        assert finds(tx, "s1")


def test_a_guest_cannot_take_an_account_name() -> None:
    with transaction() as tx:
        person(tx, "Alice")
        with pytest.raises(Refusal, match="has an account") as refused:
            as_guest(tx, "ALICE", "s1", NOW, nobody)
        assert refused.value.code == "name_taken"
        assert not finds(tx, "s1")


def test_a_guest_cannot_take_the_name_of_a_guest_who_is_here() -> None:
    with transaction() as tx:
        first = as_guest(tx, "dave", "s1", NOW, nobody)
        with pytest.raises(Refusal) as refused:
            as_guest(tx, "Dave", "s2", NOW, lambda user: user == first.user.id)
        assert refused.value.code == "name_taken"
        assert finds(tx, "s1")
        assert as_guest(tx, "carol", "s3", NOW, lambda user: user == first.user.id).user.name == "carol"


def test_whoever_takes_a_guests_name_anew_ends_the_logins_of_the_one_before() -> None:
    with transaction() as tx:
        first = as_guest(tx, "dave", "s1", NOW, nobody)
        second = as_guest(tx, "dave", "s2", NOW, nobody)
        assert second.user.id == first.user.id
        assert second.steps == (Revoke(first.user.id, keep=second.token.id),)
        assert not finds(tx, "s1")
        assert finds(tx, "s2")
        with pytest.raises(Refusal):  # what of the first is still under way has no login any more
            users.actor(tx, first.user.id, first.token.id)


def test_a_guests_name_can_be_locked() -> None:
    with transaction() as tx:
        login = as_guest(tx, "dave", "s1", NOW, nobody)
        users.set_disabled(tx, login.user.id, True)
        with pytest.raises(Refusal, match="locked") as refused:
            as_guest(tx, "dave", "s2", NOW, nobody)
        assert refused.value.code == "auth_failed"


@pytest.mark.parametrize("is_connected", [nobody, everybody])
def test_what_is_no_name_lets_no_guest_in(is_connected: Callable[[int], bool]) -> None:
    with transaction() as tx:
        with pytest.raises(Refusal) as refused:
            as_guest(tx, "a|b", "s1", NOW, is_connected)
        assert refused.value.code == "invalid"


# --- out ---------------------------------------------------------------------------------------------------------------


def test_logging_out_ends_the_login_in_use_and_no_other() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        here, _ = logged_in(tx, alice, "s1"), logged_in(tx, alice, "s2")
        outcome = log_out(ask(tx, replace(alice, token_id=here), LogOut()))
        assert (outcome.answer, outcome.steps) == (Done(), (Revoke(alice.id, (here,)),))
        assert [finds(tx, secret) for secret in ("s1", "s2")] == [False, True]


def test_a_login_that_has_ended_already_can_be_ended_again() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        here = replace(alice, token_id=logged_in(tx, alice, "s1"))
        log_out(ask(tx, here, LogOut()))
        assert log_out(ask(tx, here, LogOut())).steps == ()


def test_logging_out_everywhere_ends_all_of_mine_and_nothing_of_others() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        here, _, _ = logged_in(tx, alice, "s1"), logged_in(tx, alice, "s2"), logged_in(tx, bob, "s3")
        outcome = log_out_everywhere(ask(tx, replace(alice, token_id=here), LogOutEverywhere()))
        assert (outcome.answer, outcome.steps) == (Done(), (Revoke(alice.id),))
        assert [finds(tx, secret) for secret in ("s1", "s2", "s3")] == [False, False, True]
