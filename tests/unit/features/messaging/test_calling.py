"""Names in a text, and the people they are."""

from tests.support.database import person, transaction
from tests.support.posting import facts
from tests.support.rooms import group

from kibitz.features.messaging.calling import called_ids
from kibitz.storage.messages import EVERYONE_ID


def test_only_who_is_in_the_room_is_called() -> None:
    with transaction() as tx:
        alice, bob, carol = (person(tx, name) for name in ("alice", "bob", "carol"))
        kitchen = group(tx, alice, bob)
        text = "@BOB @carol @all @nobody"
        assert called_ids(tx, facts(tx, alice), text) == (EVERYONE_ID, bob.id, carol.id)
        assert called_ids(tx, facts(tx, alice, kitchen), text) == (EVERYONE_ID, bob.id)
        assert called_ids(tx, facts(tx, alice), "nobody at all") == ()
