"""One room as a client has it, against the real server's own account of it."""

from typing import Any

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.support.client import ALICE, BOB, NOW, message, room_view
from tests.support.database import person, transaction
from tests.support.posting import facts, message_facts

from kibitz.client.room import COUNTED, MAX_EARLY, MAX_PAGES, TAIL, Page, RoomReplica
from kibitz.fanout.steps import Publish
from kibitz.features.call import Call, Outcome
from kibitz.features.messaging import change, post, read
from kibitz.storage import messages, room_views
from kibitz.wire.commands import (
    AddReaction,
    DeleteMessage,
    EditMessage,
    GetChanges,
    GetHistory,
    PostMessage,
    RemoveReaction,
)
from kibitz.wire.events import MemberRoleChanged, MessageDeleted, MessagePosted, ReadMarked, RoomEvent, RoomUpdated
from kibitz.wire.results import History
from kibitz.wire.views import Message

KEEP = 24
"""Few enough that a run of the machine comes to them."""


Deed = tuple[str, int, int]
"""What is done, to which of the messages, by whom."""

kinds = ["say", "say", "answer", "answer", "edit", "edit", "delete", "react", "react", "unreact"]
happenings = st.lists(st.tuples(st.sampled_from(kinds), st.integers(0, 10**6), st.integers(0, 1)), max_size=6)


def plain(held: dict[int, Message]) -> dict[int, Any]:
    """Messages as they are compared: the order of different emoji is each client's own."""
    return {
        seq: (
            msgspec.structs.replace(one, reactions=[]),
            {reaction.emoji: reaction.users for reaction in one.reactions},
        )
        for seq, one in held.items()
    }


class Convergence(RuleBasedStateMachine):
    """A room on a real database, and a replica that is told of it in any order, twice, late, or not at all.

    Answers are read at one time and delivered at another. Whenever the client then mends its gap, it must have what the server has.
    """

    def __init__(self) -> None:
        super().__init__()
        self.context = transaction()
        self.tx = self.context.__enter__()
        self.people = [person(self.tx, name) for name in ("alice", "bob")]
        self.live: list[RoomEvent] = []
        self.pages: list[Page] = []

    def teardown(self) -> None:
        self.mend()
        self.context.__exit__(None, None, None)

    @initialize(said_before=st.integers(0, 20))
    def log_in(self, said_before: int) -> None:
        for number in range(said_before):
            self.say(str(number), number % 2)
        room = room_views.my_rooms(self.tx, self.people[0].id)[0]
        self.replica = RoomReplica(room, self.people[0].id, KEEP)

    # --- what happens on the server ------------------------------------------------------------------------------------

    @rule(deeds=happenings)
    def happen(self, deeds: list[Deed]) -> None:
        for deed, pick, who in deeds:
            there = [one.seq for one in messages.older(self.tx, 1, None, 10_000) if not one.deleted]
            if deed == "say" or not there:
                self.say(str(pick), who)
            elif deed == "answer":
                self.say("@alice", who, there[pick % len(there)])
            else:
                self.change(deed, there[pick % len(there)], who)

    def say(self, text: str, who: int, thread: int | None = None) -> None:
        actor = self.people[who]
        command = PostMessage(room=1, text=text, thread=thread)
        outcome = post.post_many(self.tx, [Call(self.tx, actor, command, facts(self.tx, actor), NOW)])[0]
        assert isinstance(outcome, Outcome)
        self.publish(outcome)

    def change(self, deed: str, seq: int, who: int) -> None:
        actor, fact = self.people[who], message_facts(self.tx, self.people[who], seq)
        match deed:
            case "edit":
                outcome = change.edit(
                    Call(self.tx, actor, EditMessage(room=1, seq=seq, text=f"edit {len(self.live)}"), fact, NOW)
                )
            case "delete":
                outcome = change.take_back(Call(self.tx, actor, DeleteMessage(room=1, seq=seq), fact, NOW))
            case "react":
                outcome = change.react(Call(self.tx, actor, AddReaction(room=1, seq=seq, emoji="👍"), fact, NOW))
            case _:
                outcome = change.unreact(Call(self.tx, actor, RemoveReaction(room=1, seq=seq, emoji="👍"), fact, NOW))
        self.publish(outcome)

    def publish(self, outcome: Outcome) -> None:
        self.live += [step.event for step in outcome.steps if isinstance(step, Publish)]

    # --- what the client is told, now or later ---------------------------------------------------------------------------

    @rule(count=st.integers(1, 12))
    def tell_what_follows(self, count: int) -> None:
        for event in [event for event in self.live if event.seq > self.replica.position][:count]:
            self.tell(event)

    @precondition(lambda self: self.live)
    @rule(pick=st.integers(0, 10**6))
    def tell_any(self, pick: int) -> None:
        """Too early, or again."""
        self.tell(self.live[pick % len(self.live)])

    @rule(newest=st.booleans(), limit=st.integers(1, 8), meanwhile=happenings, told=st.integers(0, 12))
    def page(self, newest: bool, limit: int, meanwhile: list[Deed], told: int) -> None:
        """A page that is read before other things happen, of which some are told before it is delivered."""
        before = None if newest else self.replica.floor
        self.pages.append(Page.of(self.history(before, limit), before))
        self.happen(meanwhile)
        self.tell_what_follows(told)
        self.deliver(self.pages[-1])

    @rule(behind=st.integers(0, 5), limit=st.sampled_from([1, 5, 100]), meanwhile=happenings, told=st.integers(0, 12))
    def log(self, behind: int, limit: int, meanwhile: list[Deed], told: int) -> None:
        """The same with a piece of the log."""
        events = self.changes(max(self.replica.position - behind, 0), limit)
        self.happen(meanwhile)
        self.tell_what_follows(told)
        for event in events:
            self.tell(event)

    @precondition(lambda self: self.pages)
    @rule(pick=st.integers(0, 10**6))
    def page_again(self, pick: int) -> None:
        self.deliver(self.pages[pick % len(self.pages)])

    def deliver(self, page: Page) -> None:
        floor = self.replica.floor
        self.replica.join(page)
        assert self.replica.floor <= floor

    def tell(self, event: RoomEvent) -> None:
        before = self.replica.position
        effective = self.replica.apply(event)
        assert [one.seq for one in effective] == list(range(before + 1, self.replica.position + 1))

    # --- and then ------------------------------------------------------------------------------------------------------

    @rule()
    def mend(self) -> None:
        """Read the log up to its end: the replica is what the server says."""
        for event in self.changes(self.replica.position, 10_000):
            self.tell(event)
        head = messages.head(self.tx, 1)
        there = {one.seq: one for one in messages.older(self.tx, 1, None, 10_000) if one.seq >= self.replica.floor}
        assert self.replica.position == head
        assert not self.replica.behind
        assert plain(self.replica.messages) == plain(there)

    @invariant()
    def memory_is_bounded_and_in_order(self) -> None:
        if hasattr(self, "replica"):
            held = list(self.replica.messages)
            assert held == sorted(held)
            assert all(self.replica.floor <= seq <= self.replica.position for seq in held)
            assert len(held) <= KEEP

    def history(self, before: int | None, limit: int) -> History:
        command = GetHistory(room=1, before=before, limit=limit)
        return read.history(Call(self.tx, self.people[0], command, facts(self.tx, self.people[0]), NOW))

    def changes(self, after: int, limit: int) -> list[RoomEvent]:
        command = GetChanges(room=1, after=after, limit=500)
        command = msgspec.structs.replace(command, limit=limit)
        return list(read.changes(Call(self.tx, self.people[0], command, facts(self.tx, self.people[0]), NOW)).events)


TestConvergence = Convergence.TestCase
TestConvergence.settings = settings(stateful_step_count=40, max_examples=40, deadline=None)


# --- one thing at a time -------------------------------------------------------------------------------------------------


def said(seq: int, text: str = "hi", **more: Any) -> MessagePosted:
    return MessagePosted(room=1, seq=seq, message=message(seq, text, **more))


def room(head: int = 0, keep: int = 100, **mine: Any) -> RoomReplica:
    return RoomReplica(room_view(head=head, **mine), ALICE.id, keep)


def page(first: int, last: int, head: int, *, more: bool = True) -> Page:
    history = History(
        messages=[message(seq) for seq in range(first, last + 1)],
        more_before=more,
        more_after=False,
        head=head,
        epoch="first",
    )
    return Page.of(history, last + 1 if last < head else None)


def test_a_new_room_holds_nothing_and_begins_at_its_head() -> None:
    new = room(head=7)
    assert (new.position, new.messages, new.behind, new.more_before) == (7, {}, False, True)
    assert not room(head=0).more_before


def test_an_event_that_comes_again_is_nothing() -> None:
    new = room()
    assert new.apply(said(1)) == [said(1)]
    assert new.apply(said(1, "changed")) == []
    assert new.messages == {1: message(1)}


def test_an_event_that_comes_too_early_waits_for_those_before_it() -> None:
    new = room()
    assert new.apply(said(3)) == []
    assert new.apply(said(2)) == []
    assert new.behind
    assert new.messages == {}
    assert [event.seq for event in new.apply(said(1))] == [1, 2, 3]
    assert not new.behind


def test_however_many_come_too_early_only_so_many_wait_and_the_gap_stays_known() -> None:
    new = room()
    for seq in range(2, MAX_EARLY + 100):
        new.apply(said(seq))
    assert len(new._early) == MAX_EARLY
    new.apply(said(1))
    assert new.position == MAX_EARLY + 1
    assert new.behind


def test_a_message_of_an_unknown_kind_has_its_place_in_the_order() -> None:
    new = room()
    new.apply(RoomEvent(room=1, seq=1))
    assert [event.seq for event in new.apply(said(2))] == [2]


def test_of_the_oldest_a_quarter_is_dropped_when_too_much_is_held() -> None:
    new = room(keep=8)
    for seq in range(1, 10):
        new.apply(said(seq))
    assert list(new.messages) == [4, 5, 6, 7, 8, 9]
    assert (new.floor, new.more_before, new.has_place) == (4, True, True)
    assert new.join(page(2, 3, 9))
    assert (list(new.messages), new.has_place) == ([2, 3, 4, 5, 6, 7, 8, 9], False)


def test_even_a_single_message_can_be_all_that_is_kept() -> None:
    new = room(keep=1)
    for seq in range(1, 4):
        new.apply(said(seq))
    assert list(new.messages) == [3]


def test_a_page_that_is_ahead_waits_for_the_events_it_knows_of() -> None:
    new = room(head=5)
    assert new.join(page(4, 6, 7))
    assert new.messages == {}
    new.apply(said(6))
    new.apply(said(7))
    assert list(new.messages) == [4, 5, 6, 7]
    assert new.floor == 4


def test_only_so_many_pages_wait() -> None:
    new = room(head=5)
    assert [new.join(page(4, 6, 7)) for _ in range(MAX_PAGES + 1)] == [True] * MAX_PAGES + [False]


def test_of_a_page_that_does_not_fit_whole_the_newest_messages_are_held() -> None:
    new = room(head=9, keep=6)
    assert new.join(page(6, 9, 9))
    older = History(
        messages=[message(seq) for seq in range(1, 6)], more_before=False, more_after=True, head=9, epoch="first"
    )
    assert new.join(Page.of(older, 6))
    assert (list(new.messages), new.floor, new.has_place) == ([4, 5, 6, 7, 8, 9], 4, False)
    assert new.join(Page.of(older, 4))
    assert (list(new.messages), new.floor) == ([4, 5, 6, 7, 8, 9], 4)


def test_a_page_that_was_read_just_before_is_brought_up_to_date() -> None:
    new = room(head=5)
    read_before = page(4, 5, 5)
    new.apply(MessageDeleted(room=1, seq=6, target=4, by=BOB, at=NOW))
    assert new.join(read_before)
    assert new.messages[4].deleted
    assert not new.messages[5].deleted


def test_a_page_that_was_read_too_long_before_must_be_asked_for_anew() -> None:
    new = room(head=5, keep=1000)
    for seq in range(6, 6 + TAIL):
        new.apply(said(seq))
    assert new.join(page(4, 5, 5))
    new.apply(said(6 + TAIL))
    assert not new.join(page(2, 3, 5))
    assert list(new.messages)[:2] == [4, 5]


def test_a_page_that_does_not_reach_what_is_held_must_be_asked_for_anew() -> None:
    new = room(head=9)
    assert not new.join(page(2, 5, 9))
    assert new.messages == {}


def test_a_page_of_what_is_held_already_changes_nothing() -> None:
    new = room(head=9)
    assert new.join(page(6, 9, 9))
    assert new.join(page(8, 9, 9))
    assert list(new.messages) == [6, 7, 8, 9]


def test_messages_of_others_are_counted_and_mentions_of_me() -> None:
    new = room()
    new.apply(said(1))
    new.apply(said(2, mentions=[ALICE.id]))
    new.apply(said(3, mentions_all=True))
    new.apply(said(4, sender=ALICE, mentions=[ALICE.id]))
    assert (new.mine.unread, new.mine.mentions) == (3, 2)
    new.apply(MessageDeleted(room=1, seq=5, target=2, by=BOB, at=NOW))
    assert (new.mine.unread, new.mine.mentions) == (2, 1)


def test_what_the_server_has_counted_is_not_counted_again() -> None:
    new = room(head=2)
    new.refresh(room_view(head=4, unread=3, mentions=1))
    new.apply(said(3))
    new.apply(said(4))
    assert (new.mine.unread, new.mine.mentions) == (3, 1)
    new.apply(said(5))
    assert new.mine.unread == 4


def test_a_marker_says_what_is_left_to_read_of_all_that_was_sent_before_it() -> None:
    new = room()
    new.apply(said(1))
    new.apply(said(3))
    new.mark(ReadMarked(room=1, read_seq=1, unread=2, mentions=0))
    new.apply(said(2))
    assert (new.mine.read_seq, new.mine.unread) == (1, 2)
    new.apply(said(4))
    assert new.mine.unread == 3


def test_what_was_read_ahead_of_its_event_is_not_unread() -> None:
    new = room()
    new.mark(ReadMarked(room=1, read_seq=1, unread=0, mentions=0))
    new.apply(said(1))
    assert new.mine.unread == 0


def test_a_count_stops_where_the_servers_does() -> None:
    new = room(unread=COUNTED)
    new.apply(said(1))
    assert new.mine.unread == COUNTED


def test_a_room_is_called_what_it_was_last_called() -> None:
    new = room()
    new.apply(RoomUpdated(room=1, seq=1, by=BOB, at=NOW, name="attic", topic="dust", visibility="public"))
    told = new.mine.room
    assert (told.name, told.topic, told.visibility) == ("attic", "dust", "public")


def test_my_role_is_kept_and_that_of_others_is_not_mine() -> None:
    new = room()
    new.apply(MemberRoleChanged(room=1, seq=1, user=BOB, role="owner", by=BOB, at=NOW))
    assert new.mine == room_view()
    new.apply(MemberRoleChanged(room=1, seq=2, user=ALICE, role="moderator", by=BOB, at=NOW))
    assert new.mine.role == "moderator"


def test_the_room_now_is_the_room_with_its_newest_seq() -> None:
    new = room()
    new.apply(said(9))
    assert new.now.room.head == 9
