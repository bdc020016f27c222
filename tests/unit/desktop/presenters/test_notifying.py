"""What a person is told who is not looking."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, Final, cast

import pytest
from tests.support.waiting import until

from kibitz.client.notices import Connected
from kibitz.desktop.preferences import Preferences
from kibitz.desktop.presenters import notifying as module
from kibitz.desktop.presenters.notifying import Notifying, summary
from kibitz.wire.events import CaughtUp, InvitedToSession, MessageEdited, MessagePosted, ReadMarked
from kibitz.wire.views import CodeSession, File, Message, MyRoom, Room, UserRef

ANN: Final = UserRef(id=1, name="ann")
BEN: Final = UserRef(id=2, name="ben")
NOW: Final = datetime(2030, 1, 1, 12, tzinfo=UTC)
GENERAL, DIRECT, KITCHEN = 1, 2, 3


class Board:
    """Remembers what is on it."""

    def __init__(self) -> None:
        self.notices: dict[str, tuple[str, str, Callable[[], None]]] = {}
        self.put_up: list[tuple[str, str]] = []

    async def put(self, key: str, title: str, text: str, clicked: Callable[[], None]) -> None:
        self.notices[key] = (title, text, clicked)
        self.put_up.append((title, text))

    async def take(self, key: str) -> None:
        self.notices.pop(key, None)


class Stage:
    """Ann's notices. Ben writes; she looks elsewhere."""

    def __init__(self) -> None:
        self.board, self.seq = Board(), 10
        self.preferences = Preferences()
        self.titles: list[tuple[str, int]] = []
        self.raised = self.calls = 0
        self.opened: list[int] = []
        kinds = {GENERAL: "general", DIRECT: "direct", KITCHEN: "group"}
        self.rooms = {room: self.room(room, kind) for room, kind in kinds.items()}
        self.shell: Any = SimpleNamespace(
            client=SimpleNamespace(replica=SimpleNamespace(me=ANN, rooms=self.rooms), rooms=self.rooms.values()),
            active=GENERAL,
            row=lambda held: SimpleNamespace(kind=held.mine.room.kind, title=held.mine.room.name, muted=held.muted),
            begin=self.begin,
            open_room=self.open,
            code=SimpleNamespace(open=self.open),
        )
        self.tasks: set[asyncio.Task[Any]] = set()
        view = SimpleNamespace(
            show_count=lambda *args: self.titles.append(args), call=self.call, raise_window=self.raise_window
        )
        self.notifying = Notifying(
            cast("Any", self.shell), self.board, cast("Any", view), lambda: self.preferences, lambda: NOW
        )
        self.notifying.looks("elsewhere")

    def room(self, number: int, kind: Any) -> Any:
        name = None if kind == "direct" else {GENERAL: "general", KITCHEN: "kitchen"}[number]
        return SimpleNamespace(
            mine=MyRoom(room=Room(id=number, kind=kind, visibility="private", name=name), role="member"), muted=False
        )

    def begin(self, work: Callable[..., Any], *args: Any) -> None:
        self.tasks.add(asyncio.ensure_future(work(*args)))  # noqa: TID251 - as the bridge does it

    async def open(self, number: int) -> None:
        self.opened.append(number)

    def call(self) -> None:
        self.calls += 1

    def raise_window(self) -> None:
        self.raised += 1

    def says(self, text: str, room: int = DIRECT, by: UserRef = BEN, age: float = 0.0, **fields: Any) -> None:
        self.seq += 1
        at = (NOW - timedelta(seconds=age)).isoformat().replace("+00:00", "Z")
        message = Message(room=room, seq=self.seq, sender=by, text=text, sent_at=at, **fields)
        self.notifying.hear(MessagePosted(room=room, seq=self.seq, message=message))

    async def settled(self) -> list[tuple[str, str]]:
        await asyncio.sleep(0)
        await asyncio.gather(*self.tasks)
        return self.board.put_up


@pytest.fixture
async def ann(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    monkeypatch.setattr(module, "COUNT_SECONDS", 0.001)
    made = Stage()
    yield made
    made.notifying.close()
    await asyncio.gather(*made.tasks)


async def test_a_direct_message_is_told_and_a_click_leads_to_it(ann: Stage) -> None:
    ann.says("are you there?")
    assert await ann.settled() == [("ben", "are you there?")]
    ann.board.notices["room 2"][2]()
    await ann.settled()
    assert (ann.raised, ann.opened) == (1, [DIRECT])


async def test_in_a_group_only_a_mention_is_told(ann: Stage) -> None:
    ann.says("hello everyone", KITCHEN)
    ann.says("@ann look", KITCHEN, mentions=[1])
    ann.says("@all look", GENERAL, mentions_all=True)
    assert await ann.settled() == [("ben in #kitchen", "@ann look"), ("ben in #general", "@all look")]


async def test_nothing_is_told_of_what_one_wrote_oneself_or_has_read(ann: Stage) -> None:
    ann.says("from my other device", by=ANN)
    ann.rooms[DIRECT].mine = MyRoom(room=ann.rooms[DIRECT].mine.room, role="member", read_seq=100)
    ann.says("read elsewhere already")
    ann.notifying.hear(
        MessageEdited(room=DIRECT, seq=99, message=Message(room=2, seq=1, sender=BEN, text="x", sent_at=""))
    )
    assert await ann.settled() == []


async def test_nothing_is_told_of_the_conversation_one_looks_at(ann: Stage) -> None:
    ann.shell.active = DIRECT
    ann.notifying.looks("here")
    ann.says("seen")
    assert await ann.settled() == []
    ann.says("@ann not seen", KITCHEN, mentions=[1])
    ann.notifying.looks("elsewhere")
    ann.says("not seen")
    assert await ann.settled() == [("ben in #kitchen", "@ann not seen"), ("ben", "not seen")]


async def test_a_muted_conversation_is_silent_but_for_mentions(ann: Stage) -> None:
    ann.rooms[DIRECT].muted = True
    ann.says("psst")
    assert await ann.settled() == []
    ann.says("@ann psst", mentions=[1])
    assert await ann.settled() == [("ben", "@ann psst")]


async def test_many_messages_at_once_become_one_notice(ann: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "GAP_SECONDS", 0.05)
    for number in range(6):
        ann.says(f"line {number}")
    assert await ann.settled() == [("ben", "line 0")]
    await until(lambda: len(ann.board.put_up) == 2)
    assert ann.board.put_up[1] == ("ben", "5 new messages\nline 5")
    assert len(ann.board.notices) == 1


async def test_many_conversations_at_once_are_told_one_after_another(
    ann: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "GAP_SECONDS", 0.05)
    for number in range(10, 18):
        ann.rooms[number] = ann.room(DIRECT, "direct")
        ann.says("hello", number)
    assert len(await ann.settled()) == module.AT_ONCE
    await until(lambda: len(ann.board.put_up) == 8)


async def test_what_is_read_elsewhere_is_taken_back(ann: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "GAP_SECONDS", 0.01)
    ann.says("one")
    ann.says("two")
    await ann.settled()
    ann.notifying.hear(ReadMarked(room=DIRECT, read_seq=ann.seq, unread=0, mentions=0))
    await ann.settled()
    assert ann.board.notices == {}
    await until(lambda: not ann.notifying._bundles)
    assert await ann.settled() == [("ben", "one")]


async def test_what_was_missed_for_long_is_counted_and_what_was_missed_just_now_is_told(ann: Stage) -> None:
    ann.notifying.hear(Connected(cast("Any", None)))
    for number in range(50):
        ann.says(f"old {number}", age=3600)
    ann.says("just now", age=5)
    ann.notifying.hear(CaughtUp())
    assert await ann.settled() == [("ben", "just now"), ("While you were away", "50 new messages for you.")]


async def test_a_clock_that_is_wrong_silences_nothing_that_is_live(ann: Stage) -> None:
    ann.says("hello", age=7200)
    assert await ann.settled() == [("ben", "hello")]


async def test_words_can_be_kept_from_the_screen(ann: Stage) -> None:
    ann.preferences = Preferences(notification_text=False)
    ann.says("the password is…")
    assert await ann.settled() == [("ben", "1 new message")]


async def test_notifications_can_be_off_and_the_title_counts_all_the_same(ann: Stage) -> None:
    ann.preferences = Preferences(notifications=False)
    room = ann.rooms[DIRECT].mine.room
    ann.rooms[DIRECT].mine = MyRoom(room=room, role="member", unread=2)
    ann.rooms[KITCHEN].mine = MyRoom(room=ann.rooms[KITCHEN].mine.room, role="member", unread=5, mentions=1)
    ann.says("hello")
    await until(lambda: ann.titles == [("ann", 3)])
    assert await ann.settled() == []
    assert ann.calls == 1


async def test_an_invitation_is_told_and_a_click_joins(ann: Stage) -> None:
    session = CodeSession(
        id=5, language="python", title="primes", access="private", created_by=BEN, created_at="2030-01-01T00:00:00Z"
    )
    ann.notifying.hear(InvitedToSession(session=session, by=BEN))
    assert await ann.settled() == [("ben invites you", "Join primes and write code together.")]
    ann.board.notices["session 5"][2]()
    await ann.settled()
    assert (ann.raised, ann.opened) == (1, [5])
    ann.notifying.looks("here")
    ann.notifying.hear(InvitedToSession(session=session, by=BEN))
    assert len(await ann.settled()) == 1


def test_a_message_is_told_in_one_line_of_bounded_length() -> None:
    def said(text: str, file: File | None = None) -> str:
        return summary(Message(room=1, seq=1, sender=BEN, text=text, sent_at="", file=file))

    assert said("look:\n\n```python\nprint(1)\n```\nnice") == "look: print(1) nice"
    assert len(said("word " * 1000)) <= module.MOST_LETTERS
    plan = File(id=1, name="plan.pdf", size=1, mime_type="application/pdf", url="")
    assert said("", plan) == "📎 plan.pdf"
    assert said("here", plan) == "📎 plan.pdf – here"
