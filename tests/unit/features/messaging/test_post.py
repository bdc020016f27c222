"""Posting, alone and in a batch."""

import pytest
from tests.support.database import NOW, person, transaction
from tests.support.posting import facts

from kibitz.domain.errors import Refusal
from kibitz.domain.messages import MAX_TEXT_BYTES
from kibitz.fanout.steps import Join, Publish
from kibitz.features.call import Call, Outcome
from kibitz.features.messaging.post import post_many
from kibitz.storage import messages, rooms
from kibitz.wire.commands import PostMessage
from kibitz.wire.events import MessagePosted
from kibitz.wire.results import Posted


def test_a_batch_is_numbered_in_its_order_and_stored_once() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        calls = [
            Call(tx, who, PostMessage(room=1, text=text), facts(tx, who), NOW)
            for who, text in ((alice, "a"), (bob, "b"), (alice, "c"))
        ]
        outcomes = post_many(tx, calls)
        assert [one.answer for one in outcomes if isinstance(one, Outcome)] == [
            Posted(room=1, seq=seq, sent_at=NOW) for seq in (1, 2, 3)
        ]
        assert [message.text for message in messages.older(tx, 1, None, 10)] == ["a", "b", "c"]
        assert messages.head(tx, 1) == 3


def test_one_that_is_refused_takes_no_number_and_the_others_stay() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        texts = ["a", "", "x" * (MAX_TEXT_BYTES + 1), "nul\x00", "b"]
        outcomes = post_many(
            tx, [Call(tx, alice, PostMessage(room=1, text=text), facts(tx, alice), NOW) for text in texts]
        )
        assert [one.code if isinstance(one, Refusal) else "ok" for one in outcomes] == [
            "ok",
            "invalid",
            "too_long",
            "invalid",
            "ok",
        ]
        assert [message.seq for message in messages.older(tx, 1, None, 10)] == [1, 2]


def test_an_answer_may_be_to_a_message_of_the_same_batch_and_joins_its_thread() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        room = facts(tx, alice)
        commands = [
            PostMessage(room=1, text="root"),
            PostMessage(room=1, text="one", thread=1),
            PostMessage(room=1, text="two", thread=2),
        ]
        outcomes = post_many(tx, [Call(tx, alice, command, room, NOW) for command in commands])
        assert all(isinstance(one, Outcome) for one in outcomes)
        assert [message.thread for message in messages.older(tx, 1, None, 10)] == [None, 1, 1]


def test_an_answer_to_nothing_is_refused() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        outcome = post_many(tx, [Call(tx, alice, PostMessage(room=1, text="hm", thread=9), facts(tx, alice), NOW)])[0]
        assert isinstance(outcome, Refusal)
        assert outcome.code == "not_found"


@pytest.mark.parametrize("text", ["@bob look", "```\n@bob\n```", "`@bob`", "@nobody", "mail@bob"])
def test_only_people_called_outside_of_code_are_mentioned(text: str) -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        outcome = post_many(tx, [Call(tx, alice, PostMessage(room=1, text=text), facts(tx, alice), NOW)])[0]
        assert isinstance(outcome, Outcome)
        step = outcome.steps[-1]
        assert isinstance(step, Publish)
        assert isinstance(step.event, MessagePosted)
        assert step.event.message.mentions == ([bob.id] if text == "@bob look" else [])
        assert step.event.message == messages.one(tx, 1, 1)


def test_two_first_messages_to_somebody_begin_one_direct_room() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        thing = rooms.find(tx, "@bob", alice)
        calls = [Call(tx, alice, PostMessage(room="@bob", text=text), thing, NOW) for text in ("hi", "there")]
        outcomes = post_many(tx, calls)
        answers = [one.answer for one in outcomes if isinstance(one, Outcome)]
        assert len({answer.room for answer in answers if isinstance(answer, Posted)}) == 1
        assert [answer.seq for answer in answers if isinstance(answer, Posted)] == [2, 3]
        assert sum(isinstance(step, Join) for one in outcomes if isinstance(one, Outcome) for step in one.steps) == 1
        assert rooms.find(tx, "@alice", bob).seq == 3
