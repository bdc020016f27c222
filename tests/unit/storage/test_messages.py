"""Messages as they are written, changed and read."""

import pytest
from tests.support.database import NOW, person, transaction

from kibitz.domain.access import Actor
from kibitz.storage import Tx, changes, messages
from kibitz.storage.messages import EVERYONE_ID, PAGE_TEXT, NewMessage
from kibitz.wire.views import Message, Reaction


def say(tx: Tx, who: Actor, text: str, *, thread: int | None = None, mentions: tuple[int, ...] = ()) -> int:
    seq = changes.next_seq(tx, 1)
    messages.insert_new(tx, [NewMessage(1, seq, who.id, text, NOW, thread, mentions)])
    return seq


def texts(found: list[Message]) -> list[str]:
    return [message.text for message in found]


def test_a_message_is_read_as_it_was_written() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        seq = say(tx, alice, "\t hi  \n", mentions=(bob.id, EVERYONE_ID))
        found = messages.one(tx, 1, seq)
        assert found is not None
        assert (found.text, found.sender.name, found.mentions, found.mentions_all) == (
            "\t hi  \n",
            "alice",
            [bob.id],
            True,
        )
        assert messages.sender_and_state(tx, 1, seq) == (alice.id, False)
        assert messages.one(tx, 1, 99) is None


@pytest.mark.parametrize("count", [1, 2, 3, 255, 256, 257, 700])
def test_any_number_is_inserted_at_once(count: int) -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        head = changes.next_seq(tx, 1, count)
        messages.insert_new(tx, [NewMessage(1, seq, alice.id, str(seq), NOW) for seq in range(1, count + 1)])
        assert head == count
        assert texts(messages.between(tx, 1, 0, head, 1000)) == [str(seq) for seq in range(1, count + 1)]


def test_pages_go_both_ways_in_order() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        for number in range(10):
            say(tx, alice, str(number))
        assert texts(messages.older(tx, 1, None, 3)) == ["7", "8", "9"]
        assert texts(messages.older(tx, 1, 3, 5)) == ["0", "1"]
        assert texts(messages.newer(tx, 1, 8, 5)) == ["8", "9"]
        assert messages.head(tx, 1) == 10
        assert sorted(messages.several(tx, 1, [2, 2, 5, 77])) == [2, 5]
        assert messages.several(tx, 1, []) == {}


def test_a_page_of_long_messages_is_cut_at_the_far_end_and_never_empty() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        for letter in "abcdef":
            say(tx, alice, letter * (PAGE_TEXT // 3))
        assert [text[0] for text in texts(messages.older(tx, 1, None, 50))] == ["d", "e", "f"]
        assert [text[0] for text in texts(messages.newer(tx, 1, 0, 50))] == ["a", "b", "c"]
        say(tx, alice, "g" * (PAGE_TEXT + 1))
        assert [text[0] for text in texts(messages.older(tx, 1, None, 50))] == ["g"]


def test_an_edit_keeps_the_old_text_and_changes_who_is_called() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        seq = say(tx, alice, "one")
        assert messages.edit(tx, 1, seq, "two", (bob.id,), NOW)
        assert messages.edit(tx, 1, seq, "three", (), NOW)
        assert not messages.edit(tx, 1, seq, "three", (), NOW)
        assert [version.text for version in messages.old_versions(tx, 1, seq)] == ["one", "two"]
        found = messages.one(tx, 1, seq)
        assert found is not None
        assert (found.text, found.edited_at, found.mentions) == ("three", NOW, [])


def test_a_message_taken_back_leaves_nothing_but_its_place() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        seq = say(tx, alice, "secret", mentions=(alice.id,))
        messages.edit(tx, 1, seq, "secret too", (), NOW)
        messages.add_reaction(tx, 1, seq, "👍", alice.id, 5)
        messages.erase(tx, 1, seq, NOW)
        found = messages.one(tx, 1, seq)
        assert found is not None
        assert (found.text, found.deleted, found.reactions, found.mentions) == ("", True, [], [])
        assert messages.old_versions(tx, 1, seq) == []
        assert messages.sender_and_state(tx, 1, seq) == (alice.id, True)
        assert messages.thread_root(tx, 1, seq) is None
        assert b"secret" not in repr(tx.exec_driver_sql("SELECT * FROM messages, changes, versions").all()).encode()


def test_a_thread_counts_its_replies_and_reads_alone() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        root = say(tx, alice, "root")
        say(tx, alice, "aside")
        reply = say(tx, alice, "reply", thread=root)
        assert messages.thread_root(tx, 1, reply) == root
        assert messages.thread_root(tx, 1, root) == root
        assert messages.thread_root(tx, 1, 99) is None
        assert texts(messages.older(tx, 1, None, 10, root)) == ["root", "reply"]
        assert texts(messages.newer(tx, 1, root, 10, root)) == ["reply"]
        replies = messages.one(tx, 1, root)
        assert replies is not None
        assert replies.replies == 1
        messages.erase(tx, 1, reply, NOW)
        after = messages.one(tx, 1, root)
        assert after is not None
        assert after.replies == 0


def test_reactions_stand_in_the_order_they_came() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        seq = say(tx, alice, "hi")
        for place, (emoji, who) in enumerate([("🎉", bob), ("👍", bob), ("🎉", alice)]):
            messages.add_reaction(tx, 1, seq, emoji, who.id, place)
        found = messages.one(tx, 1, seq)
        assert found is not None
        assert found.reactions == [Reaction(emoji="🎉", users=[bob.id, alice.id]), Reaction(emoji="👍", users=[bob.id])]
        messages.remove_reaction(tx, 1, seq, "🎉", bob.id)
        assert messages.reactions_of(tx, 1, seq) == {("🎉", alice.id), ("👍", bob.id)}
