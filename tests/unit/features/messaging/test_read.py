"""Pages of a room."""

import pytest
from tests.support.database import NOW, person, transaction
from tests.support.posting import facts, message_facts

from kibitz.domain.errors import Refusal
from kibitz.features.call import Call
from kibitz.features.messaging import read
from kibitz.features.messaging.post import post_many
from kibitz.storage import Tx
from kibitz.wire.commands import GetChanges, GetHistory, GetMessage, PostMessage
from kibitz.wire.results import History


def page(tx: Tx, actor: object, **asked: int) -> History:
    return read.history(Call(tx, actor, GetHistory(room=1, **asked), facts(tx, actor), NOW))  # type: ignore[arg-type]


def filled(tx: Tx, count: int) -> object:
    alice = person(tx, "alice")
    post_many(
        tx, [Call(tx, alice, PostMessage(room=1, text=str(seq)), facts(tx, alice), NOW) for seq in range(1, count + 1)]
    )
    return alice


@pytest.mark.parametrize(
    ("asked", "seqs", "more"),
    [
        ({"limit": 3}, [8, 9, 10], (True, False)),
        ({"limit": 3, "before": 3}, [1, 2], (False, True)),
        ({"limit": 3, "after": 7}, [8, 9, 10], (True, False)),
        ({"limit": 3, "after": 10}, [], (True, False)),
        ({"limit": 4, "around": 5}, [3, 4, 5, 6], (True, True)),
        ({"limit": 4, "around": 1}, [1, 2, 3, 4], (False, True)),
        ({"limit": 50}, list(range(1, 11)), (False, False)),
    ],
)
def test_a_page_says_what_is_on_either_side(asked: dict[str, int], seqs: list[int], more: tuple[bool, bool]) -> None:
    with transaction() as tx:
        found = page(tx, filled(tx, 10), **asked)
        assert [message.seq for message in found.messages] == seqs
        assert (found.more_before, found.more_after) == more
        assert (found.head, found.epoch) == (10, "first-epoch")


def test_an_empty_room_has_an_empty_page() -> None:
    with transaction() as tx:
        found = page(tx, filled(tx, 0))
        assert (found.messages, found.more_before, found.more_after, found.head) == ([], False, False, 0)


def test_two_edges_at_once_are_refused() -> None:
    with transaction() as tx, pytest.raises(Refusal, match="one of before"):
        page(tx, filled(tx, 1), before=1, after=1)


def test_a_permalink_and_the_log_lead_to_the_message() -> None:
    with transaction() as tx:
        alice = filled(tx, 2)
        one = read.one(Call(tx, alice, GetMessage(room=1, seq=2), message_facts(tx, alice, 2), NOW))  # type: ignore[arg-type]
        assert one.text == "2"
        found = read.changes(Call(tx, alice, GetChanges(room=1, after=1), facts(tx, alice), NOW))  # type: ignore[arg-type]
        assert [event.seq for event in found.events] == [2]
        assert (found.more, found.head) == (False, 2)
