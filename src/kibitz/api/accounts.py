"""Accounts, as far as a password has to be hashed or a secret be made, between one transaction and the next.

Rule: nothing that a first transaction said is believed by the second, which comes after an await: each asks the database itself.
"""

from contextlib import suppress

import msgspec

from kibitz.api.asked import Asked
from kibitz.api.caller import Caller
from kibitz.api.workspace import Workspace
from kibitz.domain.access import Actor
from kibitz.domain.errors import Refusal
from kibitz.domain.users import Role, check_password
from kibitz.features.accounts import admin, profile
from kibitz.features.accounts import log_in as logins
from kibitz.features.accounts import sign_up as signing_up
from kibitz.features.accounts import tokens as access_tokens
from kibitz.features.accounts.log_in import Login
from kibitz.storage import Tx, tokens, users
from kibitz.storage.tokens import TokenRow
from kibitz.storage.users import UserRow
from kibitz.wire.commands import CreateUser, LogIn
from kibitz.wire.results import LoggedIn

# --- logging in --------------------------------------------------------------------------------------------------------


async def log_in(workspace: Workspace, caller: Caller, command: LogIn) -> Login:
    """Who opens a connection. Raises `Refusal`, which ends it. A session calls it, since a connection comes of it."""
    if command.token is None:
        return await _by_name(workspace, caller, command.name, command.password)
    if command.name is not None or command.password is not None:
        raise Refusal("invalid", "Log in by a token or by a name, not by both.")
    found = await holder(workspace, command.token)
    if found is None:
        raise Refusal("auth_failed", "This token is not valid (any more); log in again.")
    user, token = found
    answer = LoggedIn(user=user.view(), token=command.token, expires_at=token.expires_at)
    return Login(answer, user=user, token=token, secret=command.token)


async def obtain_token(asked: Asked) -> msgspec.Struct:
    """A login token for a name and a password, or for a guest's name."""
    return (await _by_name(asked.workspace, asked.caller, asked.command.name, asked.command.password)).answer


async def holder(workspace: Workspace, secret: str) -> tuple[UserRow, TokenRow] | None:
    """Whose token this is, and the token: None if it lets nobody in, such as a guest's on a server that takes none any more."""
    now = workspace.now()
    found = await workspace.store.read(tokens.find, tokens.digest(secret), now)
    if found is None or (found[0].is_guest and not workspace.policy.guests):
        return None
    user, token = found
    if not token.use_is_noted(now):
        with suppress(Refusal):  # whoever may come in does so also when nothing can be written just now
            await workspace.committer.run(lambda tx: tokens.touch(tx, [token.id], now))
    return user, token


async def sign_up(asked: Asked) -> msgspec.Struct:
    """Make an account for oneself and log in."""
    workspace, command = asked.workspace, asked.command
    open_to_all = workspace.policy.open_sign_up
    await workspace.store.read(lambda tx: signing_up.check_sign_up(tx, command, open_to_all=open_to_all))
    made = await workspace.passwords.hash(command.password)
    secret, now = tokens.new_secret(), workspace.now()
    login = await workspace.committer.run(
        lambda tx: signing_up.sign_up(tx, command, made, secret, now, open_to_all=open_to_all)
    )
    return login.answer


async def _by_name(workspace: Workspace, caller: Caller, name: str | None, password: str | None) -> Login:
    if name is None:
        raise Refusal("invalid", "A login needs a name or a token.")
    if password is None:
        return await _as_guest(workspace, name)
    user = await workspace.store.read(users.by_name, name)
    user = await _proved(workspace, caller, name, user, password)
    new_hash = await _renewed(workspace, user, password)
    secret, now = tokens.new_secret(), workspace.now()
    return await workspace.committer.run(lambda tx: logins.by_password(tx, user, secret, now, new_hash=new_hash))


async def _as_guest(workspace: Workspace, name: str) -> Login:
    if not workspace.policy.guests:
        first = not await workspace.store.read(users.count_accounts)
        how = "sign up for one" if first or workspace.policy.open_sign_up else "ask an admin of this server for one"
        raise Refusal("auth_failed", f"A password or a token is needed here. If you have no account, {how}.")
    secret, now, is_connected = tokens.new_secret(), workspace.now(), workspace.hub.is_connected
    return await workspace.committer.run(lambda tx: logins.as_guest(tx, name, secret, now, is_connected))


async def _proved(workspace: Workspace, caller: Caller, name: str, user: UserRow | None, password: str) -> UserRow:
    """The user, if the password is theirs. Raises one and the same `Refusal`, after the same time, if not or if there is no user."""
    throttle = workspace.throttle
    async with throttle.turn(name, caller.address):
        throttle.check(name, caller.address, workspace.monotonic())
        right = await workspace.passwords.verify(user.password_hash if user is not None else None, password)
        if user is None or not right:
            throttle.failed(name, caller.address, workspace.monotonic())
            raise logins.wrong_password()
        throttle.succeeded(name, caller.address, workspace.monotonic())
    return user


async def _renewed(workspace: Workspace, user: UserRow, password: str) -> str | None:
    if user.password_hash is None or not workspace.passwords.is_outdated(user.password_hash):
        return None
    return await workspace.passwords.hash(password)


# --- logged in ---------------------------------------------------------------------------------------------------------


async def create_token(asked: Asked) -> msgspec.Raw:
    """Make an access token."""
    secret = tokens.new_secret()
    return await asked.carry_out(lambda call: access_tokens.create_token(call, secret))


async def change_password(asked: Asked) -> msgspec.Raw:
    """Set a new password for the caller, who knows the old one."""
    workspace, caller, command = asked.workspace, asked.caller, asked.command
    check_password(command.new_password)
    user = await workspace.store.read(profile.with_password, caller.user)
    user = await _proved(workspace, caller, user.name, user, command.old_password)
    made = await workspace.passwords.hash(command.new_password)
    return await asked.carry_out(lambda call: profile.change_password(call, user, made))


async def create_user(asked: Asked) -> msgspec.Raw:
    """Make an account for someone else."""
    await asked.check(admin.check_new_user)
    made = await asked.workspace.passwords.hash(asked.command.password)
    return await asked.carry_out(lambda call: admin.create_user(call, made))


async def reset_password(asked: Asked) -> msgspec.Raw:
    """Give a user a new password."""
    await asked.check(admin.check_new_password)
    made = await asked.workspace.passwords.hash(asked.command.password)
    return await asked.carry_out(lambda call: admin.reset_password(call, made))


def role_of(_: Tx, __: Actor, command: CreateUser) -> Role:
    """What a new account is to be: what the right to make it is asked of."""
    return Role(command.role)
