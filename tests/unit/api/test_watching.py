"""Telling what becomes of a text: when it is stored, not too often, and not to whoever has it already."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.support.rooms import ref
from tests.support.studio import Seat, Studio, studio

from kibitz.api import watching as module
from kibitz.api.watching import MAX_AHEAD, Watching
from kibitz.coedit.document import Branch
from kibitz.coedit.documents import Change, Lease
from kibitz.domain.errors import Refusal
from kibitz.wire.code_commands import JoinSession
from kibitz.wire.events import CodeUpdated
from kibitz.wire.pipe.codec import PIPE

NEVER = 1e6


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Studio]:
    async with studio(tmp_path) as made:
        yield made


class Show:
    """A session of everybody, which dave hears on a connection of each protocol."""

    def __init__(self, home: Studio) -> None:
        self.home = home
        self.watching: Watching = home.gate.workspace.watching
        self.dave, self.pipe = home.sit("dave"), home.sit("dave", PIPE)
        self.session = 0

    async def open(self) -> "Show":
        self.session = await self.home.session()
        for name in ("bob", "carol", "dave"):
            await self.home.call(name, JoinSession(session=self.session))
        for seat in (self.dave, self.pipe):
            await seat.joins(self.session)
        return self

    def stored(self, version: int, *authors: str, text: str | None = None) -> Change:
        """What documents tell of a commit."""
        ids = tuple(self.home.people[name].id for name in authors)
        return Change(self.session, version, f"text {version}" if text is None else text, ids)

    @property
    def versions(self) -> list[int]:
        return [event.version for event in self.dave.heard(CodeUpdated)]


@pytest.fixture
async def show(home: Studio) -> Show:
    return await Show(home).open()


async def turns(count: int = 10) -> None:
    """Let the loop do whatever does not wait for anything."""
    for _ in range(count):
        await asyncio.sleep(0)


# --- how often ---------------------------------------------------------------------------------------------------------


async def test_many_commits_at_once_are_told_as_the_newest(show: Show) -> None:
    for version in (1, 2, 3):
        show.watching.changed(show.stored(version, "alice"))
    await show.dave.next(CodeUpdated)
    await show.pipe.until(lambda: show.pipe.told("code_update"))
    assert show.versions == [3]
    (told,) = show.pipe.told("code_update")
    assert (told["code"], told["version"], told["user"]) == ("text 3", 3, "alice")


async def test_after_a_telling_the_next_one_waits(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "INTERVAL", NEVER)
    show.watching.tell(show.session)
    show.watching._watches[show.session].last = asyncio.get_running_loop().time()
    show.watching.changed(show.stored(1, "alice"))
    show.watching.changed(show.stored(2, "alice"))
    await turns()
    assert show.versions == []
    show.watching.tell(show.session)
    await show.dave.next(CodeUpdated)
    assert show.versions == [2]
    show.watching.tell(show.session)
    await turns()
    assert show.versions == [2]


async def test_the_next_one_comes_by_itself(show: Show) -> None:
    show.watching.changed(show.stored(1, "alice"))
    await show.dave.next(CodeUpdated)
    show.watching.changed(show.stored(2, "bob"))
    show.watching.changed(show.stored(3, "bob"))
    await show.dave.next(CodeUpdated, lambda event: event.version > 1)
    assert show.versions == [1, 3]


async def test_a_session_that_nobody_hears_is_told_to_nobody(show: Show) -> None:
    show.watching.changed(Change(99, 1, "x", (1,)))
    show.watching.tell(99)
    show.watching.point(99, 1, 3)
    show.watching.meet(99, [])
    await turns()
    assert show.versions == []


# --- by whom -----------------------------------------------------------------------------------------------------------


async def test_the_authors_of_all_that_is_told_are_named_the_last_one_last(show: Show) -> None:
    for version, name in ((1, "alice"), (2, "bob"), (3, "alice"), (4, "carol")):
        show.watching.changed(show.stored(version, name))
    event = await show.dave.next(CodeUpdated)
    assert event.users == [ref(show.home.people[name]) for name in ("bob", "alice", "carol")]
    await show.pipe.until(lambda: show.pipe.told("code_update"))
    assert show.pipe.told("code_update")[0]["user"] == "carol"
    show.watching.changed(show.stored(5, "bob"))
    later = await show.dave.next(CodeUpdated, lambda event: event.version == 5)
    assert later.users == [ref(show.home.people["bob"])]


async def test_an_author_who_takes_part_no_more_is_not_named(show: Show) -> None:
    show.watching.changed(Change(show.session, 1, "x", (99,)))
    assert (await show.dave.next(CodeUpdated)).users == []
    await show.pipe.until(lambda: show.pipe.told("code_update"))
    assert show.pipe.told("code_update")[0]["user"] == ""


async def test_a_cursor_is_told_with_the_text_of_its_author_once(show: Show) -> None:
    alice = show.home.people["alice"].id
    show.watching.point(show.session, alice, 7)
    show.watching.changed(show.stored(1, "bob", "alice"))
    show.watching.tell(show.session)
    show.watching.changed(show.stored(2, "alice"))
    show.watching.tell(show.session)
    show.watching.point(show.session, alice, 9)
    show.watching.changed(show.stored(3, "alice", "bob"))
    show.watching.tell(show.session)
    await show.pipe.until(lambda: len(show.pipe.told("code_update")) == 3)
    assert [told["cursor_pos"] for told in show.pipe.told("code_update")] == [7, None, None]


# --- to whom -----------------------------------------------------------------------------------------------------------


async def test_whoever_sent_exactly_that_text_is_not_sent_it_again(show: Show) -> None:
    show.watching.was_told(show.session, show.dave.listener, 0)
    show.watching.has_sent(show.session, show.dave.listener, "text 1", Branch(0))
    show.watching.changed(show.stored(1, "dave"))
    show.watching.tell(show.session)
    show.watching.has_sent(show.session, show.dave.listener, "text 2", Branch(1))
    show.watching.changed(show.stored(2, "dave", text="text 2, and what bob wrote"))
    show.watching.tell(show.session)
    await show.pipe.until(lambda: len(show.pipe.told("code_update")) == 2)
    await show.dave.next(CodeUpdated)
    assert show.versions == [2]


async def test_an_edit_without_a_version_goes_on_from_what_was_sent_or_told_last(show: Show) -> None:
    listener, ours = show.dave.listener, Branch(0)
    show.watching.was_told(show.session, listener, 0)
    copy = show.watching.copy(show.session, listener)
    assert copy is not None
    assert copy.edited(None) == Branch(0)
    show.watching.has_sent(show.session, listener, "mine", ours)
    assert copy.edited(None) is ours
    assert copy.edited(0) is ours, "the version it named before: what it sent since is a part of its text"
    assert copy.edited(5) == Branch(5)
    show.watching.changed(show.stored(2, "bob"))
    show.watching.tell(show.session)
    assert copy.edited(None) == Branch(2)
    assert copy.edited(0) is ours, "it had not heard of the other text when it typed"
    ours.updates.extend([b""] * MAX_AHEAD)
    assert copy.edited(0) == Branch(0)


async def test_of_a_connection_that_hears_nothing_nothing_is_kept(show: Show) -> None:
    bob = show.home.sit("bob")
    show.watching.was_told(show.session, bob.listener, 1)
    show.watching.has_sent(show.session, bob.listener, "text 1", Branch(1))
    assert show.watching.copy(show.session, bob.listener) is None
    assert show.watching.copy(99, show.dave.listener) is None


# --- opening and closing -----------------------------------------------------------------------------------------------


async def watchers(home: Studio, session: int) -> int:
    with await home.gate.workspace.documents.open(session) as document:
        return document.watchers


async def test_a_text_is_watched_once_however_many_hear_it_and_let_go_of_by_the_last(show: Show) -> None:
    assert await watchers(show.home, show.session) == 1
    show.dave.leave()
    assert await watchers(show.home, show.session) == 1
    show.watching.changed(show.stored(1, "alice"))
    show.pipe.leave()
    assert await watchers(show.home, show.session) == 0
    await turns()
    assert (show.watching._watches, show.watching._copies) == ({}, {})


class Slow:
    """Documents that open when they are told to. `fails`: not at all."""

    def __init__(self, home: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
        self.may_go = asyncio.Event()
        self.asked = 0
        self.fails = False
        self._open = home.gate.workspace.documents.open
        monkeypatch.setattr(home.gate.workspace.documents, "open", self._slowly)

    async def _slowly(self, session: int, *, watch: bool = False) -> Lease:
        self.asked += watch
        await self.may_go.wait()
        if self.fails:
            raise Refusal("unavailable", "The server cannot read this just now.")
        return await self._open(session, watch=watch)


async def joining(home: Studio, session: int, count: int = 1) -> tuple[list[Seat], "asyncio.Future[list[None]]"]:
    """Connections of bob that have begun to hear a session and wait for its text."""
    seats = [home.sit("bob") for _ in range(count)]
    under_way = asyncio.gather(*[home.gate.workspace.watching.join(session, seat.listener) for seat in seats])
    await turns()
    return seats, under_way


async def test_many_who_come_at_once_open_it_once(home: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    session, slow = await home.session(), Slow(home, monkeypatch)
    seats, under_way = await joining(home, session, 5)
    slow.may_go.set()
    await under_way
    assert slow.asked == 1
    home.gate.workspace.watching.changed(Change(session, 1, "x", ()))
    for seat in seats:
        await seat.next(CodeUpdated)


async def test_whoever_goes_while_it_is_opened_leaves_nothing_behind(
    home: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, slow = await home.session(), Slow(home, monkeypatch)
    seats, under_way = await joining(home, session, 2)
    for seat in seats:
        seat.leave()
    slow.may_go.set()
    await under_way
    assert home.gate.workspace.watching._watches == {}
    assert await watchers(home, session) == 0


async def test_a_text_that_cannot_be_opened_is_tried_by_each_who_waits(
    home: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, slow = await home.session(), Slow(home, monkeypatch)
    slow.fails = True
    _, under_way = await joining(home, session, 2)
    slow.may_go.set()
    with pytest.raises(Refusal):
        await under_way
    await turns()
    assert slow.asked == 2
    assert home.gate.workspace.watching._opening == {}
    slow.fails = False
    _, under_way = await joining(home, session)
    await under_way
    assert await watchers(home, session) == 1
