"""Who I am, how I am shown, and who else is on the server.

Rule: whoever changes how they are seen is announced to everyone who is connected.
"""

from typing import Any

from kibitz.domain.errors import Refusal
from kibitz.domain.users import clean_display_name
from kibitz.fanout.steps import Announce, Revoke
from kibitz.features.accounts.log_in import wrong_password
from kibitz.features.call import Call, Outcome
from kibitz.storage import Tx, tokens, users
from kibitz.storage.users import UserRow
from kibitz.wire.commands import ChangePassword, GetMe, ListUsers, SetProfile
from kibitz.wire.events import UserUpdated
from kibitz.wire.results import Users
from kibitz.wire.views import User


def get_me(call: Call[GetMe, Any]) -> User:
    """The caller, as everyone sees them."""
    return users.known(call.tx, call.actor.id).view()


def set_profile(call: Call[SetProfile, Any]) -> Outcome:
    """Change the name the caller is shown by."""
    shown = clean_display_name(call.command.display_name)
    before = users.known(call.tx, call.actor.id)
    if before.display_name == shown:
        return Outcome(before.view())
    users.set_profile(call.tx, call.actor.id, shown)
    after = users.known(call.tx, call.actor.id).view()
    return Outcome(after, (Announce(UserUpdated(user=after)),))


def list_users(call: Call[ListUsers, Any]) -> Users:
    """A page of the server's people by name."""
    found = users.page(call.tx, call.command.after, call.command.limit + 1)
    page = [user.view() for user in found[: call.command.limit]]
    return Users(users=page, more=len(found) > call.command.limit)


def with_password(tx: Tx, user_id: int) -> UserRow:
    """The caller, who is about to change their password. Raises `Refusal("invalid")` for a guest by name alone."""
    user = users.known(tx, user_id)
    if user.is_guest:
        raise Refusal("invalid", "A guest has no password; ask an admin of this server for an account.")
    return user


def change_password(call: Call[ChangePassword, Any], verified: UserRow, new_hash: str) -> Outcome:
    """Set the new password of a user whose old one was just `verified`; every other login of theirs ends."""
    if users.known(call.tx, call.actor.id).password_hash != verified.password_hash:
        raise wrong_password()
    keep = call.actor.token_id
    users.set_password(call.tx, call.actor.id, new_hash)
    tokens.revoke_all(call.tx, call.actor.id, keep=keep)
    return Outcome(steps=(Revoke(call.actor.id, keep=keep),))
