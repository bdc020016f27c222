"""Access tokens of one's own."""

import pytest
from tests.support.database import NOW, person, transaction
from tests.support.rooms import ask

from kibitz.domain.errors import Refusal
from kibitz.fanout.steps import Revoke
from kibitz.features.accounts.tokens import MAX_ACCESS_TOKENS, create_token, list_tokens, revoke_token
from kibitz.storage import tokens
from kibitz.wire.commands import CreateToken, ListTokens, RevokeToken
from kibitz.wire.results import TokenCreated
from kibitz.wire.views import Token


def test_a_token_has_a_name_a_day_to_expire_and_a_secret_that_is_shown_once() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        answer = create_token(ask(tx, alice, CreateToken(name="nightly  build", expires_in_days=30)), "s1").answer
        assert isinstance(answer, TokenCreated)
        assert answer.secret == "s1"
        expected = Token(
            id=answer.token.id,
            name="nightly build",
            kind="access",
            created_at=NOW,
            expires_at="2026-03-02T12:00:00.000Z",
        )
        assert answer.token == expected
        assert list_tokens(ask(tx, alice, ListTokens())).tokens == [expected]
        found = tokens.find(tx, tokens.digest("s1"), NOW)
        assert found is not None
        assert found[0].id == alice.id


@pytest.mark.parametrize("name", ["  ", "a\x00b", "\u202e"])
def test_a_token_needs_a_name_that_can_be_read(name: str) -> None:
    with transaction() as tx:
        with pytest.raises(Refusal) as refused:
            create_token(ask(tx, person(tx, "alice"), CreateToken(name=name)), "s1")
        assert refused.value.code == "invalid"


def test_so_many_tokens_and_no_more_until_one_is_revoked_or_expires() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        tokens.create(tx, alice.id, "login", name="", secret_hash="a-login", now=NOW, expires_at=None)
        for number in range(MAX_ACCESS_TOKENS):
            create_token(ask(tx, alice, CreateToken(name="bot", expires_in_days=7)), f"s{number}")
        with pytest.raises(Refusal, match="revoke one") as refused:
            create_token(ask(tx, alice, CreateToken(name="bot")), "one too many")
        assert refused.value.code == "invalid"
        assert tokens.find(tx, tokens.digest("one too many"), NOW) is None
        create_token(ask(tx, bob, CreateToken(name="bot")), "of bob")
        revoke_token(ask(tx, alice, RevokeToken(token=list_tokens(ask(tx, alice, ListTokens())).tokens[-1].id)))
        create_token(ask(tx, alice, CreateToken(name="bot")), "in its place")


def test_revoking_a_token_closes_the_connections_that_came_by_it() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        made = tokens.create(tx, alice.id, "access", name="bot", secret_hash="x", now=NOW, expires_at=None)
        assert revoke_token(ask(tx, alice, RevokeToken(token=made.id))).steps == (Revoke(alice.id, (made.id,)),)
        assert tokens.of_user(tx, alice.id, NOW) == []


def test_the_token_of_someone_else_is_not_there() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        made = tokens.create(tx, alice.id, "access", name="bot", secret_hash="x", now=NOW, expires_at=None)
        for token in (made.id, 999):
            with pytest.raises(Refusal) as refused:
                revoke_token(ask(tx, bob, RevokeToken(token=token)))
            assert refused.value.code == "not_found"
        assert list_tokens(ask(tx, bob, ListTokens())).tokens == []
        assert tokens.of_user(tx, alice.id, NOW) == [made]
