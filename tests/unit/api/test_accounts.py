"""Accounts from end to end of the server's inside: the real gate, committer and database, and hashes that cost little."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from argon2 import PasswordHasher

from kibitz.api import accounts
from kibitz.api.caller import Caller
from kibitz.api.gate import Gate
from kibitz.api.passwords import Passwords
from kibitz.api.verbs import VERBS
from kibitz.api.workspace import Policy
from kibitz.domain.errors import Refusal
from kibitz.domain.users import Role
from kibitz.fanout.listener import Listener
from kibitz.fanout.outbox import Outbox
from kibitz.features.accounts.log_in import Login
from kibitz.server.config import Settings
from kibitz.server.parts import open_workspace
from kibitz.storage import tokens, users
from kibitz.storage.users import UserRow
from kibitz.wire.closing import LOGGED_OUT, Close
from kibitz.wire.codec import Viewer
from kibitz.wire.commands import (
    ChangePassword,
    Command,
    CreateToken,
    CreateUser,
    GetMe,
    ListTokens,
    LogIn,
    LogOut,
    LogOutEverywhere,
    ObtainToken,
    ResetPassword,
    RevokeToken,
    SetDisabled,
    SignUp,
)
from kibitz.wire.jsonlines import JSON_LINES

PASSWORD, ANOTHER = "a long password", "another long password"
HERE, THERE = "192.0.2.1", "198.51.100.7"


def cheap(time_cost: int = 1) -> Passwords:
    return Passwords(PasswordHasher(time_cost=time_cost, memory_cost=8, parallelism=1))


class Ear:
    """A connection of somebody who is logged in, as far as anyone can close it."""

    def __init__(self, house: "House", login: Login) -> None:
        self.closed: Close | None = None
        viewer = Viewer(login.user.id, login.user.name)
        outbox = Outbox(self, house.gate.workspace.flusher, lambda: None)
        self.listener = Listener(viewer, login.token_id, JSON_LINES, outbox, self.end)
        house.gate.workspace.hub.open(self.listener)

    def write(self, data: bytes) -> None:
        pass

    def end(self, close: Close) -> None:
        self.closed = close


class House:
    """A workspace with a clock that a test turns."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate
        self.seconds = 1_769_860_800.0  # 2026-01-31T12:00:00Z
        gate.workspace.clock = gate.workspace.monotonic = lambda: self.seconds

    def allow(self, *, guests: bool = False, open_sign_up: bool = False) -> None:
        workspace = self.gate.workspace
        workspace.policy = replace(workspace.policy, guests=guests, open_sign_up=open_sign_up)

    async def call(self, caller: Caller, command: Command) -> Any:
        answer = await self.gate.call(caller, command)
        if isinstance(answer, msgspec.Raw):
            return msgspec.json.decode(answer, type=VERBS[type(command)].result)
        return answer

    async def log_in(
        self, name: str | None = None, password: str | None = None, *, token: str | None = None, address: str = HERE
    ) -> Login:
        command = LogIn(name=name, password=password, token=token)
        return await accounts.log_in(self.gate.workspace, Caller(address), command)

    async def sign_up(self, name: str, password: str = PASSWORD) -> Caller:
        """A new account, as a caller by the token of its sign-up."""
        made = await self.call(Caller(HERE), SignUp(name=name, password=password))
        return await self.gate.caller(made.token, HERE)

    async def stored(self, name: str) -> UserRow:
        return await self.gate.workspace.store.read(users.need, name)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with AsyncExitStack() as stack:
        gate = await open_workspace(Settings(data_dir=tmp_path), Policy(version="test", rate_limits=False), stack)
        gate.workspace.passwords.close()
        gate.workspace.passwords = cheap()
        yield House(gate)
        gate.workspace.passwords.close()


async def refused(call: Awaitable[Any]) -> tuple[str, str]:
    with pytest.raises(Refusal) as refusal:
        await call
    return refusal.value.code, refusal.value.message


# --- signing up --------------------------------------------------------------------------------------------------------


async def test_whoever_signs_up_first_owns_the_server_and_the_next_is_sent_to_an_admin(house: House) -> None:
    alice = await house.sign_up("alice")
    assert (await house.call(alice, GetMe())).role == "owner"
    code, sentence = await refused(house.sign_up("bob"))
    assert code == "sign_up_closed"
    assert "admin" in sentence


async def test_of_many_who_sign_up_at_once_exactly_one_owns_the_server(house: House) -> None:
    signed_up = await asyncio.gather(
        *(house.sign_up(name) for name in ("alice", "bob", "carol", "dave")), return_exceptions=True
    )
    assert sum(isinstance(one, Caller) for one in signed_up) == 1
    assert {one.code for one in signed_up if isinstance(one, Refusal)} == {"sign_up_closed"}
    assert [user.role for user in await house.gate.workspace.store.read(users.page, "", 9)] == [Role.OWNER]


async def test_of_many_who_sign_up_at_once_where_all_may_exactly_one_owns_the_server(house: House) -> None:
    house.allow(open_sign_up=True)
    await asyncio.gather(*(house.sign_up(name) for name in ("alice", "bob", "carol", "dave")))
    roles = [user.role for user in await house.gate.workspace.store.read(users.page, "", 9)]
    assert sorted(roles) == [Role.MEMBER, Role.MEMBER, Role.MEMBER, Role.OWNER]


async def test_a_password_is_kept_as_a_hash_alone(house: House) -> None:
    await house.sign_up("alice")
    stored = (await house.stored("alice")).password_hash
    assert stored is not None
    assert stored.startswith("$argon2id$")
    assert PASSWORD not in stored


# --- logging in --------------------------------------------------------------------------------------------------------


async def test_a_name_and_its_password_or_the_token_they_were_traded_for_let_one_in(house: House) -> None:
    await house.sign_up("alice")
    by_password = await house.log_in("ALICE", PASSWORD)
    by_token = await house.log_in(token=by_password.secret)
    assert (by_token.user.name, by_token.token_id, by_token.secret) == (
        "alice",
        by_password.token_id,
        by_password.secret,
    )
    over_http = await house.call(Caller(HERE), ObtainToken(name="alice", password=PASSWORD))
    assert over_http.token not in (by_password.secret, None)
    assert (await house.gate.caller(over_http.token, HERE)).name == "alice"


async def test_a_wrong_name_and_a_wrong_password_are_answered_to_the_letter_alike(house: House) -> None:
    house.allow(guests=True)
    await house.sign_up("alice")
    await house.log_in("dave")
    answers = [await refused(house.log_in(name, ANOTHER)) for name in ("alice", "nobody", "dave", "a|b", "")]
    assert len(set(answers)) == 1
    assert answers[0][0] == "auth_failed"


async def test_a_login_says_who_or_by_what_and_not_both(house: House) -> None:
    for attempt in (
        house.log_in(),
        house.log_in(password=PASSWORD),
        house.log_in("alice", token="kibitz_x"),
        house.log_in(password=PASSWORD, token="kibitz_x"),
    ):
        assert (await refused(attempt))[0] == "invalid"


async def test_a_token_that_is_unknown_revoked_or_expired_lets_nobody_in(house: House) -> None:
    alice = await house.sign_up("alice")
    login = await house.log_in("alice", PASSWORD)
    await house.call(alice, RevokeToken(token=login.token_id))
    other = await house.log_in("alice", PASSWORD)
    house.seconds += 30 * 24 * 3600
    for token in (login.secret, other.secret, "kibitz_unknown", ""):
        assert (await refused(house.log_in(token=token)))[0] == "auth_failed"


async def test_the_use_of_a_token_is_noted_once_a_minute(house: House) -> None:
    await house.sign_up("alice")
    login = await house.log_in("alice", PASSWORD)
    jobs = []
    for seconds in (0, 59, 1):
        house.seconds += seconds
        await house.log_in(token=login.secret)
        jobs.append(house.gate.workspace.committer.counters.jobs)
    assert jobs[1] == jobs[0]
    assert jobs[2] == jobs[1] + 1
    (_, token) = await house.gate.workspace.store.read(tokens.of_user, login.user.id, house.gate.workspace.now())
    assert token.last_used_at == "2026-01-31T12:01:00.000Z"


async def test_a_hash_made_with_other_parameters_is_made_anew_at_the_next_login(house: House) -> None:
    await house.sign_up("alice")
    before = (await house.stored("alice")).password_hash
    house.gate.workspace.passwords.close()
    house.gate.workspace.passwords = cheap(time_cost=2)
    await house.log_in("alice", PASSWORD)
    after = (await house.stored("alice")).password_hash
    assert after != before
    assert after is not None
    assert "t=2" in after
    await house.log_in("alice", PASSWORD)
    assert (await house.stored("alice")).password_hash == after


async def test_whoever_guesses_waits_and_the_owner_of_the_name_does_not(house: House) -> None:
    await house.sign_up("alice")
    for _ in range(5):
        assert (await refused(house.log_in("alice", ANOTHER)))[0] == "auth_failed"
    assert (await refused(house.log_in("alice", PASSWORD)))[0] == "rate_limited"
    assert (await house.log_in("alice", PASSWORD, address=THERE)).user.name == "alice"
    house.seconds += 1
    assert (await house.log_in("alice", PASSWORD)).user.name == "alice"
    assert (await refused(house.log_in("alice", ANOTHER)))[0] == "auth_failed"


async def test_a_hundred_guesses_at_once_are_no_more_than_one_after_another(house: House) -> None:
    await house.sign_up("alice")
    guesses = (refused(house.log_in("alice", f"{ANOTHER} {number}")) for number in range(100))
    codes = [code for code, _ in await asyncio.gather(*guesses)]
    assert codes.count("auth_failed") == 5
    assert codes.count("rate_limited") == 95


async def test_many_devices_that_log_in_at_once_all_get_in(house: House) -> None:
    await house.sign_up("alice")
    logins = await asyncio.gather(*(house.log_in("alice", PASSWORD) for _ in range(20)))
    assert len({login.token_id for login in logins}) == 20


# --- guests ------------------------------------------------------------------------------------------------------------


async def test_where_guests_are_not_let_in_a_bare_name_is_told_what_to_do(house: House) -> None:
    code, sentence = await refused(house.log_in("dave"))
    assert code == "auth_failed"
    assert "sign up" in sentence
    await house.sign_up("alice")
    for name in ("dave", "alice"):
        code, sentence = await refused(house.log_in(name))
        assert code == "auth_failed"
        assert "ask an admin" in sentence


async def test_a_guest_who_was_cut_off_comes_back_by_their_token_even_before_they_are_missed(house: House) -> None:
    house.allow(guests=True)
    login = await house.log_in("dave")
    Ear(house, login)
    assert (await refused(house.log_in("dave")))[0] == "name_taken"
    assert (await refused(house.call(Caller(HERE), ObtainToken(name="DAVE"))))[0] == "name_taken"
    assert (await house.log_in(token=login.secret)).user == login.user


async def test_a_guest_cannot_take_an_account_name(house: House) -> None:
    house.allow(guests=True)
    await house.sign_up("alice")
    assert (await refused(house.log_in("ALICE")))[0] == "name_taken"


async def test_of_two_guests_who_take_one_name_at_once_one_has_it(house: House) -> None:
    house.allow(guests=True)
    logins = await asyncio.gather(*(house.log_in("dave") for _ in range(2)))
    good = [await accounts.holder(house.gate.workspace, login.secret) is not None for login in logins]
    assert sorted(good) == [False, True]


async def test_a_guests_token_is_worth_nothing_once_guests_are_not_let_in_any_more(house: House) -> None:
    house.allow(guests=True)
    login = await house.log_in("dave")
    house.allow(guests=False)
    assert (await refused(house.log_in(token=login.secret)))[0] == "auth_failed"
    assert (await refused(house.gate.caller(login.secret, HERE)))[0] == "not_logged_in"


async def test_a_guest_has_neither_access_tokens_nor_a_password(house: House) -> None:
    house.allow(guests=True)
    login = await house.log_in("dave")
    dave = await house.gate.caller(login.secret, HERE)
    assert (await refused(house.call(dave, CreateToken(name="bot"))))[0] == "forbidden"
    change = ChangePassword(old_password=PASSWORD, new_password=ANOTHER)
    assert (await refused(house.call(dave, change)))[0] == "invalid"


# --- logged in ---------------------------------------------------------------------------------------------------------


async def test_logging_out_closes_the_connections_of_this_login_alone(house: House) -> None:
    alice = await house.sign_up("alice")
    here, other = [await house.log_in("alice", PASSWORD) for _ in range(2)]
    ears = [Ear(house, here), Ear(house, other)]
    await house.call(replace(alice, token_id=here.token_id), LogOut())
    assert [ear.closed for ear in ears] == [LOGGED_OUT, None]
    await house.call(replace(alice, token_id=other.token_id), LogOutEverywhere())
    assert ears[1].closed is LOGGED_OUT
    assert (await refused(house.call(alice, GetMe())))[0] == "not_logged_in"


async def test_an_access_token_lets_a_program_in_until_it_is_revoked(house: House) -> None:
    alice = await house.sign_up("alice")
    made = await house.call(alice, CreateToken(name="nightly build"))
    bot = Ear(house, await house.log_in(token=made.secret))
    assert "nightly build" in [token.name for token in (await house.call(alice, ListTokens())).tokens]
    await house.call(alice, RevokeToken(token=made.token.id))
    assert bot.closed is LOGGED_OUT
    assert (await refused(house.log_in(token=made.secret)))[0] == "auth_failed"


async def test_a_new_password_ends_every_other_login_and_this_one_stays(house: House) -> None:
    alice = await house.sign_up("alice")
    other = Ear(house, await house.log_in("alice", PASSWORD))
    change = ChangePassword(old_password=PASSWORD, new_password=ANOTHER)
    await house.call(alice, change)
    assert other.closed is LOGGED_OUT
    assert (await house.call(alice, GetMe())).name == "alice"
    assert (await refused(house.log_in("alice", PASSWORD)))[0] == "auth_failed"
    assert (await house.log_in("alice", ANOTHER)).user.id == alice.user


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (ChangePassword(old_password=ANOTHER, new_password=ANOTHER), "auth_failed"),
        (ChangePassword(old_password=PASSWORD, new_password="short"), "invalid"),
    ],
)
async def test_a_password_is_changed_by_who_knows_it_and_to_a_good_one(
    house: House, change: ChangePassword, code: str
) -> None:
    alice = await house.sign_up("alice")
    assert (await refused(house.call(alice, change)))[0] == code
    assert (await house.log_in("alice", PASSWORD)).user.id == alice.user


async def test_the_old_password_can_be_guessed_no_faster_than_at_a_login(house: House) -> None:
    alice = await house.sign_up("alice")
    change = ChangePassword(old_password=ANOTHER, new_password=ANOTHER)
    codes = [(await refused(house.call(alice, change)))[0] for _ in range(6)]
    assert codes == ["auth_failed"] * 5 + ["rate_limited"]


# --- for others --------------------------------------------------------------------------------------------------------


async def member(house: House, admin: Caller, name: str) -> Caller:
    """An account made by an admin, logged in."""
    await house.call(admin, CreateUser(name=name, password=PASSWORD))
    login = await house.log_in(name, PASSWORD)
    return await house.gate.caller(login.secret, HERE)


async def test_an_admin_makes_accounts_and_a_member_does_not(house: House) -> None:
    alice = await house.sign_up("alice")
    bob = await member(house, alice, "bob")
    assert (await house.call(bob, GetMe())).role == "member"
    assert (await refused(house.call(bob, CreateUser(name="carol", password=PASSWORD))))[0] == "forbidden"
    assert (await refused(house.call(alice, CreateUser(name="BOB", password=PASSWORD))))[0] == "name_taken"


async def test_only_the_owner_makes_an_account_of_an_admin(house: House) -> None:
    alice = await house.sign_up("alice")
    admin = await house.call(alice, CreateUser(name="bob", password=PASSWORD, role="admin"))
    assert admin.role == "admin"
    bob = await house.gate.caller((await house.log_in("bob", PASSWORD)).secret, HERE)
    assert (await refused(house.call(bob, CreateUser(name="carol", password=PASSWORD, role="admin"))))[0] == "forbidden"
    assert (await house.call(bob, CreateUser(name="carol", password=PASSWORD))).role == "member"
    assert (await house.call(bob, CreateUser(name="dave", password=PASSWORD, role="guest"))).role == "guest"


async def test_whoever_may_not_is_refused_before_a_password_is_hashed(house: House) -> None:
    alice = await house.sign_up("alice")
    bob = await member(house, alice, "bob")
    house.gate.workspace.passwords.close()  # nothing can be hashed from here on
    for command in (
        CreateUser(name="carol", password=PASSWORD),
        ResetPassword(user="alice", password=PASSWORD),
    ):
        assert (await refused(house.call(bob, command)))[0] == "forbidden"
    assert (await refused(house.sign_up("carol")))[0] == "sign_up_closed"


async def test_a_reset_password_ends_all_logins_and_is_the_one_that_counts(house: House) -> None:
    alice = await house.sign_up("alice")
    bob = await member(house, alice, "bob")
    ear = Ear(house, await house.log_in("bob", PASSWORD))
    await house.call(alice, ResetPassword(user="bob", password=ANOTHER))
    assert ear.closed is LOGGED_OUT
    assert (await refused(house.call(bob, GetMe())))[0] == "not_logged_in"
    assert (await refused(house.log_in("bob", PASSWORD)))[0] == "auth_failed"
    assert (await house.log_in("bob", ANOTHER)).user.name == "bob"
    assert (await refused(house.call(alice, ResetPassword(user="nobody", password=ANOTHER))))[0] == "not_found"


async def test_whoever_is_locked_is_out_and_learns_why_only_by_the_right_password(house: House) -> None:
    alice = await house.sign_up("alice")
    await member(house, alice, "bob")
    ear = Ear(house, await house.log_in("bob", PASSWORD))
    await house.call(alice, SetDisabled(user="bob", disabled=True))
    assert ear.closed is LOGGED_OUT
    assert "locked" in (await refused(house.log_in("bob", PASSWORD)))[1]
    assert "locked" not in (await refused(house.log_in("bob", ANOTHER)))[1]
