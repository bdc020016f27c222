"""Rooms: everyone sees the same in the end, whoever was slow, rude or cut off."""

import asyncio
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.collab import CAST, SESSION, Desk, desk
from tests.support.stock_client import StockClient
from tests.support.waiting import until

from kibitz.coedit import document, room
from kibitz.coedit.access import Access
from kibitz.coedit.document import Piece
from kibitz.coedit.engine import Edit, Replica
from kibitz.wire.yjs import awareness, messages
from kibitz.wire.yjs.awareness import Entry
from kibitz.wire.yjs.closing import MALFORMED, SPLIT, TOO_LARGE
from kibitz.wire.yjs.lib0 import write_uint
from kibitz.wire.yjs.update import survey


async def joined(it: Desk, *names: str, envelope: bool = False) -> list[StockClient]:
    clients = [StockClient(it, name, envelope=envelope) for name in names]
    for client in clients:
        client.connect()
    await until(lambda: all(client.synced for client in clients))
    return clients


async def test_what_one_writes_all_see_the_writer_too(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        alice, bob = await joined(it, "alice", "bob")
        heard = len(alice.said)
        alice.edit(0, 0, "hello 😀")
        await until(lambda: bob.text == "hello 😀")
        assert any(message.startswith(b"\x00\x02") for message in alice.said[heard:])


async def test_what_comes_in_one_tick_goes_out_as_one_message(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        alice, bob, carol = await joined(it, "alice", "bob", "carol")
        heard = len(carol.said)
        for number in range(20):
            alice.edit(number, 0, "a")
            bob.edit(number, 0, "b")
        await until(lambda: len(carol.text) == 40)
        assert [message[:2] for message in carol.said[heard:]].count(b"\x00\x02") == 1


async def test_a_newcomer_gets_what_is_there_and_gives_what_it_has(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        (alice,) = await joined(it, "alice")
        alice.edit(0, 0, "online ")
        bob = StockClient(it, "bob")
        bob.edit(0, 0, "offline ")
        bob.connect()
        await until(lambda: alice.text == bob.text and len(alice.text) == 15)


async def test_readers_read_and_what_they_write_is_dropped(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        it.may["bob"] = Access(2, "bob", 2, can_write=False)
        alice, bob = await joined(it, "alice", "bob")
        bob.edit(0, 0, "no")
        alice.edit(0, 0, "yes")
        await until(lambda: "yes" in bob.text)
        assert alice.text == "yes"
        assert bob.closed is None


async def test_rights_that_change_hold_at_once(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        alice, bob = await joined(it, "alice", "bob")
        it.documents.change_access(SESSION, 2, can_write=False)
        bob.edit(0, 0, "no")
        it.documents.change_access(SESSION, 2, can_write=True)
        bob.edit(0, 0, "yes")
        await until(lambda: alice.text == "yesno")  # nothing of what was dropped is lost once it may be written
        it.documents.change_access(SESSION, 2, None)
        assert bob.closed is not None
        assert bob.closed.code == 4403
        assert bob.denied is not None
        assert alice.closed is None


# --- presence --------------------------------------------------------------------------------------------------------------


async def test_everyone_sees_who_is_there_comes_moves_and_leaves(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        alice, bob = await joined(it, "alice", "bob")
        both = {alice.client, bob.client}
        await until(lambda: alice.present == bob.present == both)
        alice.announce(b'{"cursor":1}', newer=True)
        await until(lambda: bob.others[alice.client].state == b'{"cursor":1}')
        (carol,) = await joined(it, "carol")
        await until(lambda: carol.present == {*both, carol.client})
        clock = bob.others[alice.client].clock
        alice.disconnect()
        await until(lambda: bob.present == carol.present == {bob.client, carol.client})
        assert bob.others[alice.client].clock == clock
        alice.connect()
        alice.announce(newer=True)
        await until(lambda: alice.client in bob.present and alice.client in carol.present)


async def test_echoes_of_presence_die_out(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        clients = await joined(it, *CAST)
        await until(lambda: all(len(client.present) == 4 for client in clients))
        heard = [len(client.said) for client in clients]
        await asyncio.sleep(room.PRESENCE_SECONDS * 4)
        assert [len(client.said) for client in clients] == heard


async def test_nobody_speaks_for_another(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        alice, bob = await joined(it, "alice", "bob")
        await until(lambda: bob.client in alice.present)
        alice.say(messages.awareness(awareness.encode([Entry(bob.client, 99, b'{"user":"mallory"}')])))
        alice.announce(b'{"sign":1}', newer=True)
        await until(lambda: bob.others[alice.client].state == b'{"sign":1}')
        assert bob.others[bob.client].state == b"{}"


async def test_who_asks_is_told_who_is_there(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        alice, bob = await joined(it, "alice", "bob")
        await until(lambda: len(alice.present) == len(bob.present) == 2)
        alice.others.clear()
        alice.say(b"\x03")
        await until(lambda: len(alice.present) == 2)


async def test_a_silent_room_still_says_something(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        (alice,) = await joined(it, "alice")
        it.documents._told_alive = -100.0
        await it.documents.tend()
        await until(lambda: messages.awareness(awareness.NOBODY) in alice.said)


# --- slow readers ----------------------------------------------------------------------------------------------------------


async def test_a_slow_reader_is_owed_no_queue_and_gets_everything_when_it_reads_again(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        alice, bob = await joined(it, "alice", "bob")
        alice.edit(0, 0, "before ")
        await until(lambda: bob.text == "before ")
        assert bob.session is not None
        bob.slow()
        for number in range(200):
            alice.edit(7 + number, 0, "x")
            await asyncio.sleep(0)
        alice.disconnect()
        await until(lambda: it.documents._rooms[SESSION].document.text.endswith("x" * 200))
        assert bob.session.outbox.waiting == 0
        assert bob.text == "before "
        bob.fast()
        await until(lambda: bob.text == "before " + "x" * 200)
        await until(lambda: alice.client not in bob.present)


async def test_a_slow_reader_misses_nothing_that_was_merged_before_it_was_known_to_be_slow(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        alice, bob = await joined(it, "alice", "bob")
        room_ = it.documents._rooms[SESSION]
        first, second = typed("first "), typed("second ")
        room_.document.merge(1, [first])  # merged, and not told to anyone yet
        bob.slow()
        room_.document.merge(1, [second])
        await until(lambda: len(alice.text) == 13)
        bob.fast()
        await until(lambda: bob.text == alice.text)


def typed(text: str) -> Piece:
    replica = Replica()
    with replica.changing() as news:
        replica.edit([Edit(0, 0, text)])
    return Piece(news[0], survey(news[0]))


# --- rude clients ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", MALFORMED),
        (b"\x00\x02\x05abc", MALFORMED),
        (messages.update(b"\xff\xff\xff\xff\x0f"), MALFORMED),
        (messages.sync_step_1(b"\x02\x01\x01"), MALFORMED),
        (messages.sync_step_1(b"\xff\xff\xff\xff\x0f"), TOO_LARGE),
        (messages.awareness(b"\x09\x01"), MALFORMED),
        (messages.update(b"\x01\x01\x02\x00\x8c\x01\x04\x01x\x00"), MALFORMED),
        (b"\x00\x02" + b"\x00" * (2 * 1024 * 1024), TOO_LARGE),
    ],
)
async def test_who_sends_what_cannot_be_is_cut_and_the_others_do_not_notice(
    tmp_path: Path, raw: bytes, code: object
) -> None:
    async with desk(tmp_path) as it:
        alice, bob = await joined(it, "alice", "bob")
        alice.edit(0, 0, "fine")
        bob.say_raw(raw)
        await until(lambda: bob.closed is not None)
        assert bob.closed == code
        alice.edit(4, 0, "!")
        (carol,) = await joined(it, "carol")
        assert carol.text == alice.text == "fine!"
        assert alice.closed is None


async def test_messages_for_nobody_are_passed_over(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        (alice,) = await joined(it, "alice")
        alice.say(b"\x02\x00\x01x")
        alice.say(b"\x63anything")
        alice.edit(0, 0, "still here")
        (bob,) = await joined(it, "bob")
        assert bob.text == "still here"


async def test_who_cuts_a_character_is_cut_off_and_the_text_stays(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        alice, bob = await joined(it, "alice", "bob")
        alice.edit(0, 0, "a😀b")
        await until(lambda: bob.text == "a😀b")
        (client, clock), *_ = it.documents._rooms[SESSION].document._known._halves
        bob.say(messages.update(b"\x00\x01" + write_uint(client) + b"\x01" + write_uint(clock) + b"\x01"))
        await until(lambda: bob.closed is not None)
        assert bob.closed == SPLIT
        (carol,) = await joined(it, "carol")
        assert carol.text == alice.text == "a😀b"


async def test_who_builds_on_what_is_missing_is_asked_for_it_and_gives_it(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        alice, bob = await joined(it, "alice", "bob")
        session, alice.session = alice.session, None
        alice.edit(0, 0, "lost ")
        alice.session = session
        alice.edit(5, 0, "found")
        await until(lambda: bob.text == "lost found")


async def test_who_goes_on_building_on_what_is_missing_is_cut(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        (alice,) = await joined(it, "alice")
        for _ in range(room.MAX_MISSING + 1):
            alice.say(messages.update(b"\x01\x01\x09\x05\x84\x09\x04\x01x\x00"))
        await until(lambda: alice.closed is not None)
        assert alice.closed == MALFORMED


async def test_a_text_that_grows_too_long_cuts_its_writer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "MAX_TEXT", 10)
    async with desk(tmp_path) as it:
        alice, bob = await joined(it, "alice", "bob")
        alice.edit(0, 0, "12345678")
        await until(lambda: bob.text == "12345678")
        bob.edit(8, 0, "90ab")
        await until(lambda: bob.closed is not None)
        assert bob.closed == TOO_LARGE
        assert alice.text == "12345678"


# --- everything at once ----------------------------------------------------------------------------------------------------

acts = st.one_of(
    st.tuples(st.just("edit"), st.integers(0, 3), st.integers(0, 30), st.sampled_from(["a", "é", "😀", "def\n", ""])),
    st.tuples(
        st.sampled_from(["cut", "connect", "slow", "fast", "rude", "tick", "save", "whole", "crash"]),
        st.integers(0, 3),
        st.integers(0, 30),
        st.sampled_from(["x", "漢", "two\nlines\n"]),
    ),
)


class Play:
    """Four clients, one of them behind Hocuspocus' envelope, and whole texts that come by another way."""

    def __init__(self, it: Desk) -> None:
        self.it = it
        self.clients = [StockClient(it, name, envelope=name == "dave") for name in CAST]
        self.stored: list[tuple[int, str]] = []

    async def act(self, what: str, who: int, where: int, text: str) -> None:
        client, document = self.clients[who], self.it.documents
        match what:
            case "edit":
                client.edit(where, where % 3, text)
            case "cut":
                client.disconnect()
            case "connect" if client.session is None:
                client.connect()
            case "slow":
                client.slow()
            case "fast":
                client.fast()
            case "rude":
                client.say(messages.update(bytes((where, 1, 2, 3))))
            case "tick":
                await asyncio.sleep(0)
            case "save":
                await self._settle()
            case "whole":
                await self._replace(where, text)
            case "crash":
                for one in self.clients:
                    one.disconnect()
                document.forget()

    async def end(self) -> str:
        """Everyone comes back and reads; the text that all have."""
        for client in self.clients:
            client.disconnect()
            client.connect()
        await until(lambda: all(client.synced for client in self.clients))
        await self._settle()
        with await self.it.documents.open(SESSION) as document:
            await document.saved()
            await until(lambda: len({client.text for client in self.clients} | {document.text}) == 1)
            await until(lambda: self.clients[3].unsynced == 0)
            return document.text

    async def _settle(self) -> None:
        for _ in range(4):
            await asyncio.sleep(0)

    async def _replace(self, where: int, text: str) -> None:
        with await self.it.documents.open(SESSION) as document:
            whole = await document.text_at(document.version)
            at = min(where, len(whole))
            version = await document.replace(whole[:at] + text + whole[at:], document.version, 1)
            self.stored.append((version, await document.text_at(version)))


@settings(max_examples=25)
@given(st.lists(acts, max_size=30))
def test_in_the_end_everyone_has_the_same_and_nothing_stored_is_lost(plan: list[tuple[str, int, int, str]]) -> None:
    async def scenario() -> None:
        with tempfile.TemporaryDirectory() as directory:
            async with desk(Path(directory)) as it:
                play = Play(it)
                for client in play.clients:
                    client.connect()
                await until(lambda: all(client.synced for client in play.clients))
                for act in plan:
                    await play.act(*act)
                text = await play.end()
                rows = await it.rows()
                assert Replica([row.payload for row in rows]).text == text
                assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
                with await it.documents.open(SESSION) as document:
                    for version, then in play.stored:
                        assert await document.text_at(version) == then

    asyncio.run(scenario())
