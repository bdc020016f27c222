"""Making an account for oneself."""

import pytest
from tests.support.database import NOW, person, transaction

from kibitz.domain.errors import Refusal
from kibitz.domain.users import Role
from kibitz.features.accounts.sign_up import check_sign_up, sign_up
from kibitz.storage import tokens, users
from kibitz.wire.commands import SignUp
from kibitz.wire.results import LoggedIn

PASSWORD = "a long password"
ALICE = SignUp(name="alice", password=PASSWORD, display_name=" Alice  Miller ")
BOB = SignUp(name="bob", password=PASSWORD)


def test_the_first_account_owns_the_server_and_is_logged_in() -> None:
    with transaction() as tx:
        login = sign_up(tx, ALICE, "a-hash", "s1", NOW, open_to_all=False)
        assert (login.user.role, login.user.display_name, login.user.password_hash) == (
            Role.OWNER,
            "Alice Miller",
            "a-hash",
        )
        assert login.answer == LoggedIn(user=login.user.view(), token="s1", expires_at="2026-03-02T12:00:00.000Z")
        assert tokens.find(tx, tokens.digest("s1"), NOW) == (login.user, login.token)


def test_of_two_who_sign_up_at_once_one_owns_the_server_and_the_other_is_refused() -> None:
    with transaction() as tx:
        for command in (ALICE, BOB):  # both were allowed to try before either was written
            check_sign_up(tx, command, open_to_all=False)
        sign_up(tx, ALICE, "a-hash", "s1", NOW, open_to_all=False)
        with pytest.raises(Refusal, match="ask one of them") as refused:
            sign_up(tx, BOB, "b-hash", "s2", NOW, open_to_all=False)
        assert refused.value.code == "sign_up_closed"
        assert [user.role for user in users.page(tx, "", 10)] == [Role.OWNER]


def test_where_sign_up_is_open_to_all_the_second_is_a_member() -> None:
    with transaction() as tx:
        roles = [
            sign_up(tx, command, "a-hash", command.name, NOW, open_to_all=True).user.role for command in (ALICE, BOB)
        ]
        assert roles == [Role.OWNER, Role.MEMBER]


def test_guests_by_name_alone_do_not_make_the_first_account_any_less_the_first() -> None:
    with transaction() as tx:
        person(tx, "dave", Role.GUEST)
        assert sign_up(tx, ALICE, "a-hash", "s1", NOW, open_to_all=False).user.role is Role.OWNER


@pytest.mark.parametrize("role", [Role.GUEST, Role.MEMBER])
def test_the_name_of_a_guest_or_of_an_account_is_taken(role: Role) -> None:
    with transaction() as tx:
        person(tx, "Alice", role)
        for attempt in (
            lambda: check_sign_up(tx, ALICE, open_to_all=True),
            lambda: sign_up(tx, ALICE, "a-hash", "s1", NOW, open_to_all=True),
        ):
            with pytest.raises(Refusal) as refused:
                attempt()
            assert refused.value.code == "name_taken"
        assert tokens.find(tx, tokens.digest("s1"), NOW) is None


@pytest.mark.parametrize(
    "command",
    [
        SignUp(name="two words", password=PASSWORD),
        SignUp(name="alice", password="short"),
        SignUp(name="alice", password="x" * 257),
        SignUp(name="alice", password=PASSWORD, display_name="a\x1b[2J"),
        SignUp(name="alice", password=PASSWORD, display_name="x" * 65),
    ],
)
def test_what_cannot_be_an_account_is_refused_before_anything_is_hashed(command: SignUp) -> None:
    with transaction() as tx:
        with pytest.raises(Refusal) as refused:
            check_sign_up(tx, command, open_to_all=True)
        assert refused.value.code == "invalid"
