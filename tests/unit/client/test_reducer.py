"""What events do to messages."""

from typing import Any

import pytest
from tests.support.client import ALICE, BOB, NOW, message

from kibitz.client.reducer import fold, tombstone
from kibitz.wire.events import (
    MemberAdded,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    ReactionAdded,
    ReactionRemoved,
    RoomEvent,
)
from kibitz.wire.views import File, Message, Reaction, UserRef


def said(seq: int, text: str = "hi", **more: Any) -> MessagePosted:
    return MessagePosted(room=1, seq=seq, message=message(seq, text, **more))


def deleted(seq: int, target: int) -> MessageDeleted:
    return MessageDeleted(room=1, seq=seq, target=target, by=BOB, at=NOW)


def added(seq: int, target: int, emoji: str = "👍", user: UserRef = ALICE) -> ReactionAdded:
    return ReactionAdded(room=1, seq=seq, target=target, emoji=emoji, user=user)


def removed(seq: int, target: int, emoji: str = "👍", user: UserRef = ALICE) -> ReactionRemoved:
    return ReactionRemoved(room=1, seq=seq, target=target, emoji=emoji, user=user)


def folded(*events: RoomEvent) -> dict[int, Message]:
    messages: dict[int, Message] = {}
    for event in events:
        fold(messages, event)
    return messages


def test_what_was_said_is_held() -> None:
    assert folded(said(1), said(2, "ho")) == {1: message(1), 2: message(2, "ho")}


def test_an_edit_changes_the_text_and_leaves_the_count_of_replies() -> None:
    edited = MessageEdited(room=1, seq=3, message=message(1, "hey", edited_at=NOW, replies=7))
    held = folded(said(1), said(2, thread=1), edited)[1]
    assert (held.text, held.edited_at, held.replies) == ("hey", NOW, 1)


def test_an_edit_of_a_message_that_is_not_held_is_none_of_ours() -> None:
    assert folded(MessageEdited(room=1, seq=3, message=message(1, "hey"))) == {}


def test_what_was_taken_back_leaves_a_tombstone() -> None:
    file = File(id=1, name="cat.png", size=9, mime_type="image/png", url="/download/1")
    full = said(1, mentions=[1], mentions_all=True, reactions=[Reaction(emoji="👍", users=[1])], file=file)
    assert folded(full, deleted(2, 1)) == {1: message(1, "", deleted=True)}
    assert tombstone(message(1, "hi", thread=4, replies=2)) == message(1, "", deleted=True, thread=4, replies=2)


def test_replies_are_counted_as_they_come_and_go() -> None:
    messages = folded(said(1), said(2, thread=1), said(3, thread=1), deleted(4, 2))
    assert messages[1].replies == 1


def test_a_replayed_message_that_counts_its_replies_already_is_not_counted_twice() -> None:
    assert folded(said(1, replies=2), said(2, thread=1), said(3, thread=1))[1].replies == 2


def test_the_thread_of_what_was_taken_back_may_be_known_from_elsewhere() -> None:
    older = {1: message(1, replies=1)}
    fold(older, deleted(3, 2), {2: message(2, thread=1)})
    assert older[1].replies == 0


def test_reactions_stand_under_their_emoji_in_the_order_they_came() -> None:
    messages = folded(said(1), added(2, 1), added(3, 1, "🎉"), added(4, 1, user=BOB))
    assert messages[1].reactions == [Reaction(emoji="👍", users=[1, 2]), Reaction(emoji="🎉", users=[1])]


def test_an_emoji_nobody_is_left_under_is_gone() -> None:
    assert folded(said(1), added(2, 1), removed(3, 1))[1].reactions == []


def test_a_reaction_that_is_told_again_is_the_last_under_its_emoji_and_stands_once() -> None:
    shown = [Reaction(emoji="👍", users=[ALICE.id, BOB.id])]
    assert folded(said(1, reactions=shown), added(2, 1))[1].reactions == [
        Reaction(emoji="👍", users=[BOB.id, ALICE.id])
    ]


@pytest.mark.parametrize("event", [added(3, 1), removed(3, 1)])
def test_nothing_happens_to_a_tombstone(event: RoomEvent) -> None:
    assert folded(said(1), deleted(2, 1), event) == {1: message(1, "", deleted=True)}


@pytest.mark.parametrize(
    "event",
    [
        added(2, 9),
        removed(2, 9),
        deleted(2, 9),
        MemberAdded(room=1, seq=2, user=BOB, by=ALICE, at=NOW),
        RoomEvent(room=1, seq=2),
    ],
)
def test_what_is_about_no_message_held_changes_none(event: RoomEvent) -> None:
    assert folded(said(1), event) == {1: message(1)}


def test_what_is_held_is_never_changed_in_place() -> None:
    messages = folded(said(1), added(2, 1))
    before, reactions = messages[1], list(messages[1].reactions)
    fold(messages, added(3, 1, user=BOB))
    fold(messages, removed(4, 1))
    assert before.reactions == reactions
