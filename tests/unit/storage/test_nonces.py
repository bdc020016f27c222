"""What commands were answered before."""

from tests.support.database import person, transaction

from kibitz.storage import nonces


def test_an_answer_is_found_by_its_user_and_nonce_alone() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        nonces.remember(tx, [(alice.id, "nonce-1", b"f", b"{}"), (bob.id, "nonce-2", b"g", b"[]")])
        found = nonces.lookup(tx, [(alice.id, "nonce-1"), (alice.id, "nonce-2"), (bob.id, "nonce-2")])
        assert found == {(alice.id, "nonce-1"): (b"f", b"{}"), (bob.id, "nonce-2"): (b"g", b"[]")}
        assert nonces.lookup(tx, []) == {}


def test_what_could_not_be_carried_out_after_all_is_not_known_any_more() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        keys = [(alice.id, "nonce-1"), (alice.id, "nonce-2"), (bob.id, "nonce-1")]
        nonces.remember(tx, [(user, nonce, b"f", b"{}") for user, nonce in keys])
        nonces.forget(tx, alice.id, "nonce-1")
        assert nonces.lookup(tx, keys).keys() == set(keys[1:])
