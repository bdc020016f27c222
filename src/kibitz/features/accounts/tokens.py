"""Access tokens, and the list of everything that is logged in as me.

Rule: a token is its owner's alone; to everyone else it is not there.
"""

from typing import Any, Final

from kibitz.domain.errors import Refusal, not_found
from kibitz.domain.users import clean_display_name
from kibitz.fanout.steps import Revoke
from kibitz.features.accounts.lifetimes import after_days
from kibitz.features.call import Call, Outcome
from kibitz.storage import tokens
from kibitz.wire.commands import CreateToken, ListTokens, RevokeToken
from kibitz.wire.results import TokenCreated, Tokens

MAX_ACCESS_TOKENS: Final = 100
"""Access tokens one user may have: one for each program, and room to replace them."""


def create_token(call: Call[CreateToken, Any], secret: str) -> Outcome:
    """Make an access token with this secret."""
    name = clean_display_name(call.command.name)
    if not name:
        raise Refusal("invalid", "A token needs a name, such as that of the program it is for.")
    if tokens.count(call.tx, call.actor.id, "access", call.now) >= MAX_ACCESS_TOKENS:
        raise Refusal("invalid", f"You have {MAX_ACCESS_TOKENS} access tokens; revoke one of them first.")
    token = tokens.create(
        call.tx,
        call.actor.id,
        "access",
        name=name,
        secret_hash=tokens.digest(secret),
        now=call.now,
        expires_at=after_days(call.now, call.command.expires_in_days),
    )
    return Outcome(TokenCreated(token=token.view(), secret=secret))


def list_tokens(call: Call[ListTokens, Any]) -> Tokens:
    """The caller's tokens, oldest first, logins included."""
    return Tokens(tokens=[token.view() for token in tokens.of_user(call.tx, call.actor.id, call.now)])


def revoke_token(call: Call[RevokeToken, Any]) -> Outcome:
    """End one of the caller's tokens and the connections that came by it."""
    if not tokens.revoke(call.tx, call.actor.id, call.command.token):
        raise not_found("Token")
    return Outcome(steps=(Revoke(call.actor.id, (call.command.token,)),))
