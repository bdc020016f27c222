"""Editing, taking back, reacting."""

import pytest
from tests.support.database import NOW, person, transaction
from tests.support.posting import facts, message_facts

from kibitz.domain.errors import Refusal
from kibitz.domain.messages import MAX_REACTIONS
from kibitz.fanout.steps import Publish
from kibitz.features.call import Call, Outcome
from kibitz.features.messaging.change import edit, react, take_back, unreact
from kibitz.features.messaging.post import post_many
from kibitz.storage import Tx, messages
from kibitz.wire import commands as c
from kibitz.wire.results import Changed


def posted(tx: Tx, actor: object, text: str = "hi") -> int:
    post_many(tx, [Call(tx, actor, c.PostMessage(room=1, text=text), facts(tx, actor), NOW)])  # type: ignore[arg-type]
    return messages.head(tx, 1)


def event(outcome: Outcome) -> object:
    (step,) = outcome.steps
    assert isinstance(step, Publish)
    return step.event


def test_an_edit_is_an_event_with_a_seq_of_its_own() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        seq = posted(tx, alice)
        outcome = edit(Call(tx, alice, c.EditMessage(room=1, seq=seq, text="ho"), message_facts(tx, alice, seq), NOW))
        assert outcome.answer == Changed(room=1, seq=seq + 1)
        assert event(outcome).message.text == "ho"  # type: ignore[attr-defined]


def test_what_changes_nothing_leaves_no_event() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        seq = posted(tx, alice)
        thing = message_facts(tx, alice, seq)
        same = [
            edit(Call(tx, alice, c.EditMessage(room=1, seq=seq, text="hi"), thing, NOW)),
            unreact(Call(tx, alice, c.RemoveReaction(room=1, seq=seq, emoji="👍"), thing, NOW)),
        ]
        react(Call(tx, alice, c.AddReaction(room=1, seq=seq, emoji="👍"), thing, NOW))
        same.append(react(Call(tx, alice, c.AddReaction(room=1, seq=seq, emoji="👍"), thing, NOW)))
        assert [(outcome.answer, outcome.steps) for outcome in same] == [(Changed(room=1, seq=0), ())] * 3


def test_an_edit_to_nothing_is_refused() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        seq = posted(tx, alice)
        with pytest.raises(Refusal, match="needs a text"):
            edit(Call(tx, alice, c.EditMessage(room=1, seq=seq, text="  "), message_facts(tx, alice, seq), NOW))


def test_only_one_emoji_is_a_reaction_and_only_so_many_of_them() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        seq = posted(tx, alice)
        thing = message_facts(tx, alice, seq)
        for symbol in ("x", "", "👍👍", "<b>"):
            with pytest.raises(Refusal, match="one emoji"):
                react(Call(tx, alice, c.AddReaction(room=1, seq=seq, emoji=symbol), thing, NOW))
        faces = [chr(0x1F600 + number) for number in range(MAX_REACTIONS)]
        for face in faces:
            react(Call(tx, alice, c.AddReaction(room=1, seq=seq, emoji=face), thing, NOW))
        with pytest.raises(Refusal, match=str(MAX_REACTIONS)):
            react(Call(tx, alice, c.AddReaction(room=1, seq=seq, emoji="🎉"), thing, NOW))


def test_a_message_taken_back_says_who_did_it_and_nothing_more() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        seq = posted(tx, alice, "secret")
        outcome = take_back(Call(tx, alice, c.DeleteMessage(room=1, seq=seq), message_facts(tx, alice, seq), NOW))
        assert "secret" not in repr(outcome)
        assert event(outcome).target == seq  # type: ignore[attr-defined]
