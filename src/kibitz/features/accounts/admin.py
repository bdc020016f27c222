"""What admins do to other people's accounts.

Rule: a server has exactly one owner at all times, who can be neither locked nor demoted, only relieved by the one they name.
"""

from typing import Any

from kibitz.domain.access import Act, RoleChange, UserFacts, may
from kibitz.domain.errors import Refusal
from kibitz.domain.users import Role, check_password, clean_name
from kibitz.fanout.steps import Announce, Revoke
from kibitz.features.call import Call, Outcome
from kibitz.storage import Tx, tokens, users
from kibitz.storage.users import UserRow
from kibitz.wire.commands import CreateUser, ResetPassword, SetDisabled, SetRole
from kibitz.wire.events import UserUpdated


def check_new_user(call: Call[CreateUser, Any]) -> None:
    """Raises `Refusal` for what can be refused before the password is hashed."""
    check_password(call.command.password)
    name = clean_name(call.command.name)
    if users.by_name(call.tx, name) is not None:
        raise users.name_taken(name)


def create_user(call: Call[CreateUser, Any], password_hash: str) -> Outcome:
    """Make an account for someone else."""
    name, role = clean_name(call.command.name), Role(call.command.role)
    return Outcome(users.create(call.tx, name, role, password_hash, call.now).view())


def set_role(call: Call[SetRole, UserFacts]) -> Outcome:
    """Give a user another role on the server; `owner` hands it over, and who had it becomes an admin."""
    user, role = _account(call.tx, call.thing), Role(call.command.role)
    # Which role it is about to be is part of the right, and the table knows only who it is about.
    if not may(call.actor, Act.SET_ROLE, RoleChange(call.thing, role)):
        raise Refusal("forbidden", "Only the owner of this server makes admins or another owner.")
    if user.role is role:
        return Outcome(user.view())
    if role is not Role.OWNER:
        return _given(call.tx, user.id, role)
    if user.disabled:
        raise Refusal("invalid", f"The account '{user.name}' is locked; unlock it first.")
    relieved = _given(call.tx, call.actor.id, Role.ADMIN)
    handed_over = _given(call.tx, user.id, Role.OWNER)
    return Outcome(handed_over.answer, relieved.steps + handed_over.steps)


def set_disabled(call: Call[SetDisabled, UserFacts]) -> Outcome:
    """Lock a user, whose logins and tokens end at once, or unlock them."""
    before, disabled = users.known(call.tx, call.thing.id), call.command.disabled
    if before.disabled is disabled:
        return Outcome(before.view())
    users.set_disabled(call.tx, call.thing.id, disabled)
    after = users.known(call.tx, call.thing.id).view()
    announced = Announce(UserUpdated(user=after))
    if not disabled:
        return Outcome(after, (announced,))
    tokens.revoke_all(call.tx, call.thing.id)
    return Outcome(after, (Revoke(call.thing.id), announced))


def check_new_password(call: Call[ResetPassword, UserFacts]) -> None:
    """Raises `Refusal` for what can be refused before the password is hashed."""
    check_password(call.command.password)
    _account(call.tx, call.thing)


def reset_password(call: Call[ResetPassword, UserFacts], new_hash: str) -> Outcome:
    """Give a user a new password; all their logins and tokens end."""
    user = _account(call.tx, call.thing)
    users.set_password(call.tx, user.id, new_hash)
    tokens.revoke_all(call.tx, user.id)
    return Outcome(steps=(Revoke(user.id),))


def _given(tx: Tx, user_id: int, role: Role) -> Outcome:
    users.set_role(tx, user_id, role)
    after = users.known(tx, user_id).view()
    return Outcome(after, (Announce(UserUpdated(user=after)),))


def _account(tx: Tx, facts: UserFacts) -> UserRow:
    user = users.known(tx, facts.id)
    if user.is_guest:
        raise Refusal(
            "invalid", f"'{user.name}' is a guest by name alone and has no account; make one under another name."
        )
    return user
