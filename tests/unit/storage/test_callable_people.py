"""Who can be called by name."""

from tests.support.database import person, transaction
from tests.support.rooms import group

from kibitz.storage import callable_people


def test_in_the_general_channel_everyone_elsewhere_its_members() -> None:
    with transaction() as tx:
        alice, bob, carol = (person(tx, name) for name in ("alice", "Bob", "carol"))
        kitchen = group(tx, alice, bob)
        keys = ["bob", "carol", "nobody"]
        assert callable_people.by_names(tx, 1, keys, everyone=True) == [bob.id, carol.id]
        assert callable_people.by_names(tx, kitchen, keys, everyone=False) == [bob.id]
