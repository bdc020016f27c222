"""Logins and access tokens, as rows."""

from base64 import urlsafe_b64decode

from sqlalchemy import select
from tests.support.database import NOW, person, transaction

from kibitz.domain.access import Actor
from kibitz.storage import Tx, schema, tokens, users
from kibitz.storage.tokens import Kind, TokenRow
from kibitz.wire.views import Token

TOMORROW = "2026-02-01T12:00:00.000Z"


def give(tx: Tx, user: Actor, secret: str, kind: Kind = "login", expires_at: str | None = TOMORROW) -> TokenRow:
    hashed = tokens.digest(secret)
    return tokens.create(tx, user.id, kind, name=f"for {secret}", secret_hash=hashed, now=NOW, expires_at=expires_at)


def last_used(tx: Tx, user: Actor) -> list[str | None]:
    return [token.last_used_at for token in tokens.of_user(tx, user.id, NOW)]


def test_a_secret_has_256_bits_of_its_own_and_says_what_it_is() -> None:
    one, other = tokens.new_secret(), tokens.new_secret()
    assert one != other
    assert one.startswith("kibitz_")
    assert len(urlsafe_b64decode(one.removeprefix("kibitz_") + "=")) == 32


def test_the_database_holds_no_secret() -> None:
    with transaction() as tx:
        secret = tokens.new_secret()
        give(tx, person(tx, "alice"), secret)
        (row,) = tx.execute(select(schema.tokens.c.hash))
        assert row.hash == tokens.digest(secret)
        assert len(row.hash) == 64
        assert secret not in repr(tx.execute(select(schema.tokens)).all()).replace(f"for {secret}", "")


def test_whoever_has_the_secret_is_found_with_their_token() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        person(tx, "bob")
        made = give(tx, alice, "s1", "access")
        assert tokens.find(tx, tokens.digest("s1"), NOW) == (users.known(tx, alice.id), made)
        assert tokens.find(tx, tokens.digest("s2"), NOW) is None
        assert tokens.find(tx, "s1", NOW) is None


def test_a_token_is_good_until_the_moment_it_expires() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        give(tx, alice, "s1")
        give(tx, alice, "s2", expires_at=None)
        assert tokens.find(tx, tokens.digest("s1"), "2026-02-01T11:59:59.999Z")
        assert tokens.find(tx, tokens.digest("s1"), TOMORROW) is None
        assert tokens.find(tx, tokens.digest("s2"), "2099-01-01T00:00:00.000Z")
        assert [token.name for token in tokens.of_user(tx, alice.id, TOMORROW)] == ["for s2"]
        assert tokens.count(tx, alice.id, "login", TOMORROW) == 1


def test_nobody_comes_in_by_the_token_of_a_locked_user() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        give(tx, alice, "s1")
        users.set_disabled(tx, alice.id, True)
        assert tokens.find(tx, tokens.digest("s1"), NOW) is None


def test_a_token_is_revoked_by_its_owner_alone_and_once() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        made = give(tx, alice, "s1")
        assert not tokens.revoke(tx, bob.id, made.id)
        assert tokens.find(tx, tokens.digest("s1"), NOW)
        assert tokens.revoke(tx, alice.id, made.id)
        assert not tokens.revoke(tx, alice.id, made.id)
        assert tokens.find(tx, tokens.digest("s1"), NOW) is None


def test_all_of_a_user_are_revoked_but_the_one_to_keep() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        kept, of_bob = give(tx, alice, "s1"), give(tx, bob, "s2")
        give(tx, alice, "s3", "access")
        tokens.revoke_all(tx, alice.id, keep=kept.id)
        assert tokens.of_user(tx, alice.id, NOW) == [kept]
        tokens.revoke_all(tx, alice.id)
        assert tokens.of_user(tx, alice.id, NOW) == []
        assert tokens.of_user(tx, bob.id, NOW) == [of_bob]


def test_the_oldest_logins_go_first_and_access_tokens_stay() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        access, of_bob = give(tx, alice, "a", "access"), give(tx, bob, "b")
        logins = [give(tx, alice, f"s{number}") for number in range(4)]
        assert tokens.revoke_oldest_logins(tx, alice.id, keep=4) == ()
        assert tokens.revoke_oldest_logins(tx, alice.id, keep=2) == (logins[0].id, logins[1].id)
        assert tokens.of_user(tx, alice.id, NOW) == [access, *logins[2:]]
        assert tokens.of_user(tx, bob.id, NOW) == [of_bob]


def test_the_id_of_a_revoked_token_is_never_given_again() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        first = give(tx, alice, "s1")
        tokens.revoke(tx, alice.id, first.id)
        assert give(tx, alice, "s2").id > first.id


def test_the_sweep_takes_what_has_expired_and_nothing_else() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        give(tx, alice, "s1")
        kept = [give(tx, alice, "s2", expires_at=None), give(tx, alice, "s3", expires_at="2026-02-01T12:00:00.001Z")]
        assert tokens.sweep(tx, TOMORROW) == 1
        assert tokens.of_user(tx, alice.id, NOW) == kept


def test_a_use_is_written_down_once_in_a_minute() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        used, unused = give(tx, alice, "s1"), give(tx, alice, "s2")
        assert not used.use_is_noted(NOW)
        tokens.touch(tx, [used.id], NOW)
        tokens.touch(tx, [used.id], "2026-01-31T12:00:59.999Z")
        assert last_used(tx, alice) == [NOW, None]
        (row, _) = tokens.of_user(tx, alice.id, NOW)
        assert row.use_is_noted("2026-01-31T12:00:59.999Z")
        assert not row.use_is_noted("2026-01-31T12:01:00.000Z")
        tokens.touch(tx, [used.id, unused.id], "2026-01-31T12:01:00.000Z")
        assert last_used(tx, alice) == ["2026-01-31T12:01:00.000Z"] * 2


def test_its_owner_sees_everything_of_a_token_but_its_secret() -> None:
    with transaction() as tx:
        made = give(tx, person(tx, "alice"), "s1", "access")
        assert made.view() == Token(id=made.id, name="for s1", kind="access", created_at=NOW, expires_at=TOMORROW)
