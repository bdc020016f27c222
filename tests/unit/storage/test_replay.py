"""A room's log, read again: what a listener was told and what a replay tells lead to the same room."""

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.database import NOW, person, transaction
from tests.support.posting import facts, message_facts

from kibitz.fanout.steps import Publish
from kibitz.features.call import Call, Outcome
from kibitz.features.messaging.change import edit, react, take_back, unreact
from kibitz.features.messaging.post import post_many
from kibitz.storage import messages, replay
from kibitz.wire import commands as c
from kibitz.wire.events import MessageDeleted, MessageEdited, MessagePosted, ReactionAdded, ReactionRemoved, RoomEvent


class Replica:
    """What somebody knows who applies events: text and reactions of each message."""

    def __init__(self) -> None:
        self.texts: dict[int, str] = {}
        self.reactions: dict[int, set[tuple[str, int]]] = {}
        self.seq = 0

    def apply(self, event: RoomEvent) -> None:
        assert event.seq == self.seq + 1, "dense"
        self.seq = event.seq
        match event:
            case MessagePosted(message=message) | MessageEdited(message=message):
                self.texts[message.seq] = message.text
                self.reactions[message.seq] = {(one.emoji, user) for one in message.reactions for user in one.users}
            case MessageDeleted(target=target):
                self.texts[target] = ""
                self.reactions[target] = set()
            case ReactionAdded(target=target, emoji=emoji, user=user):
                self.reactions[target] = self.reactions.get(target, set()) | {(emoji, user.id)}
            case ReactionRemoved(target=target, emoji=emoji, user=user):
                self.reactions[target] = self.reactions.get(target, set()) - {(emoji, user.id)}


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["post", "edit", "delete", "react", "unreact"]), st.integers(0, 5), st.sampled_from("ab")
    ),
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(ACTS, st.integers(0, 30), st.integers(1, 7))
def test_a_replay_from_anywhere_leads_to_where_listening_leads(
    acts: list[tuple[str, int, str]], cut: int, limit: int
) -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        live: list[RoomEvent] = []
        for act, which, text in acts:
            posted = [event.seq for event in live if isinstance(event, MessagePosted)]
            if act == "post" or not posted:
                outcome = post_many(tx, [Call(tx, alice, c.PostMessage(room=1, text=text), facts(tx, alice), NOW)])[0]
            else:
                seq = posted[which % len(posted)]
                thing = message_facts(tx, alice, seq)
                if thing.deleted:
                    continue
                command, work = {
                    "edit": (c.EditMessage(room=1, seq=seq, text=text + str(len(live))), edit),
                    "delete": (c.DeleteMessage(room=1, seq=seq), take_back),
                    "react": (c.AddReaction(room=1, seq=seq, emoji="👍"), react),
                    "unreact": (c.RemoveReaction(room=1, seq=seq, emoji="👍"), unreact),
                }[act]
                outcome = work(Call(tx, alice, command, thing, NOW))  # type: ignore[operator]
            assert isinstance(outcome, Outcome)
            live.extend(step.event for step in outcome.steps if isinstance(step, Publish))
        listener, returning = Replica(), Replica()
        for event in live:
            listener.apply(event)
        for event in live[:cut]:
            returning.apply(event)
        more = True
        while more:
            page, more = replay.events(tx, 1, returning.seq, len(live), limit)
            assert len(page) <= limit
            for event in page:
                returning.apply(event)
        assert returning.texts == listener.texts
        assert returning.reactions == listener.reactions
        assert listener.texts == {message.seq: message.text for message in messages.between(tx, 1, 0, 1000, 1000)}


def test_long_messages_make_short_pages() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        for _ in range(6):
            post_many(tx, [Call(tx, alice, c.PostMessage(room=1, text="x" * 30_000), facts(tx, alice), NOW)])
        page, more = replay.events(tx, 1, 0, 6, 100)
        assert 0 < len(page) < 6
        assert more
