"""Code sessions from end to end of the server's inside: what whoever comes in finds, and what becomes of what they write."""

import asyncio
from base64 import b64decode
from collections.abc import AsyncIterator, Awaitable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tests.support.posting import facts
from tests.support.rooms import ref, say
from tests.support.runs import end, run_of
from tests.support.studio import Seat, Studio, studio
from tests.support.waiting import until

from kibitz.coedit import history
from kibitz.coedit.engine import Replica
from kibitz.domain.coding import MAX_CODE_BYTES
from kibitz.domain.errors import Refusal
from kibitz.storage.seed import GENERAL_ID
from kibitz.wire.code_commands import (
    CreateSession,
    ExportCode,
    GetAuthors,
    GetCode,
    GetCodeHistory,
    GetSession,
    JoinSession,
    LeaveSession,
    RemoveParticipant,
    RestoreCode,
    SetSessionRole,
    UpdateCode,
    UpdateSession,
)
from kibitz.wire.events import CodeUpdated, ParticipantJoined, ParticipantLeft, SessionOpened, SessionUpdated
from kibitz.wire.pipe.codec import PIPE
from kibitz.wire.results import CodeText, SessionJoined, WrittenBy

NONCE = "7f3c9a1e5b2d4860"


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Studio]:
    async with studio(tmp_path) as made:
        yield made


async def refused(work: Awaitable[Any]) -> str:
    with pytest.raises(Refusal) as refusal:
        await work
    return refusal.value.code


async def text_of(home: Studio, session: int) -> str:
    found: CodeText = await home.call("alice", GetCode(session=session))
    return found.code


# --- beginning ---------------------------------------------------------------------------------------------------------


async def test_whoever_makes_a_session_finds_its_first_text_and_hears_it(home: Studio) -> None:
    alice = home.sit("alice")
    made = await alice.call(CreateSession(language="PY", title="Interview", code="print(1)\n"))
    assert isinstance(made, SessionJoined)
    assert (made.session.language, made.session.part, made.session.joined) == ("python", "owner", True)
    assert (made.code, made.version, made.running) == ("print(1)\n", 1, [])
    assert [one.user for one in made.participants] == [ref(home.people["alice"])]
    bob = home.sit("bob")
    await bob.joins(made.session.id)
    assert (await alice.next(ParticipantJoined)).participant.user == ref(home.people["bob"])


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (CreateSession(), "invalid"),
        (CreateSession(language="cobol"), "invalid"),
        (CreateSession(language="c", code="é" * (MAX_CODE_BYTES // 2 + 1)), "too_long"),
        (CreateSession(language="c", room="#attic"), "not_found"),
    ],
)
async def test_what_cannot_be_made_is_refused_and_leaves_nothing(
    home: Studio, command: CreateSession, code: str
) -> None:
    assert await refused(home.call("alice", command)) == code
    assert await refused(home.call("alice", GetSession(session=1))) == "not_found"


async def test_a_code_block_becomes_a_session_in_the_language_it_names(home: Studio) -> None:
    alice = await home.sit("alice").listen()
    text = "```js\n1\n```\n```\n2\n```\n```cobol\n3\n```\n"
    seq = await home.write(lambda tx: say(tx, GENERAL_ID, home.people["alice"], text=text))
    block = partial(CreateSession, room="#general", seq=seq)
    made = await home.call("bob", block(code="is not asked for"))
    assert (made.session.language, made.code) == ("javascript", "1\n")
    opened = await alice.next(SessionOpened)
    assert (opened.target, opened.block, opened.session.id) == (seq, 0, made.session.id)
    again = await home.call("carol", block())
    assert (again.session.id, len(again.participants)) == (made.session.id, 2)
    assert await refused(home.call("bob", block(block=1))) == "invalid"
    assert (await home.call("bob", block(block=1, language="c"))).session.language == "c"
    assert await refused(home.call("bob", block(block=2))) == "invalid"
    assert await refused(home.call("bob", block(block=3))) == "not_found"


# --- coming in ---------------------------------------------------------------------------------------------------------


async def test_whoever_joins_finds_people_text_and_what_is_under_way(home: Studio) -> None:
    alice = home.sit("alice")
    session = (await alice.call(CreateSession(language="python", code="x = 1\n"))).session.id
    await home.write(lambda tx: end(tx, run_of(tx, home.people["alice"], session=session)))
    joined = await home.sit("bob").joins(session)
    assert (joined.code, joined.version, joined.running) == ("x = 1\n", 1, [])
    assert [(one.user.name, one.role) for one in joined.participants] == [("alice", "owner"), ("bob", "editor")]
    assert (joined.session.part, joined.session.joined) == ("editor", True)


async def test_whoever_comes_in_is_not_told_of_themselves(home: Studio) -> None:
    bob, session = home.sit("bob"), await home.session()
    await bob.joins(session)
    await home.call("carol", JoinSession(session=session))
    await bob.next(ParticipantJoined)
    assert [event.participant.user.name for event in bob.heard(ParticipantJoined)] == ["carol"]


async def test_over_http_one_takes_part_without_hearing_anything(home: Studio) -> None:
    session = await home.session()
    joined = await home.call("bob", JoinSession(session=session))
    assert joined.session.joined
    assert home.gate.workspace.hub.audiences.present() == set()
    assert len(home.gate.workspace.watching._watches) == 0


async def test_a_connection_that_was_lost_meanwhile_is_not_kept(home: Studio) -> None:
    workspace, session = home.gate.workspace, await home.session()
    bob = home.sit("bob")
    joining = asyncio.gather(bob.joins(session))
    await asyncio.sleep(0)
    bob.leave()
    await joining
    assert workspace.hub.audiences.present() == set()
    assert (workspace.watching._watches, workspace.watching._copies) == ({}, {})
    with await workspace.documents.open(session) as document:
        assert document.watchers == 0


async def test_whoever_was_put_out_does_not_come_back_by_sending_their_join_again(home: Studio) -> None:
    session = await home.session(code="secret")
    bob = home.sit("bob")
    command = JoinSession(session=session, nonce=NONCE)
    await bob.call(command)
    await home.call("alice", RemoveParticipant(session=session, user="bob"))
    await until(lambda: home.gate.workspace.hub.audiences.present() == set())
    for caller in (bob.caller, home.caller("bob")):
        assert await refused(home.call(caller, command)) == "forbidden"
    assert home.gate.workspace.hub.audiences.present() == set()


async def test_a_join_that_is_sent_again_is_answered_with_the_newest_text(home: Studio) -> None:
    session = await home.session(code="one")
    command = JoinSession(session=session, nonce=NONCE)
    await home.call("bob", command)
    await home.call("alice", UpdateCode(session=session, code="two"))
    again = await home.call("bob", command)
    assert (again.code, again.version) == ("two", 2)


async def test_nobody_is_answered_with_an_older_text_than_they_were_told(
    home: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = await home.session(code="one")
    bob, store = home.sit("bob"), home.gate.workspace.store
    read = store.read

    async def slow(work: Any, *args: Any) -> Any:
        found = await read(work, *args)
        if found == ("one", 1):  # it is on its way; meanwhile somebody writes
            await home.call("alice", UpdateCode(session=session, code="two"))
            await bob.next(CodeUpdated)
        return found

    monkeypatch.setattr(store, "read", slow)
    joined = await bob.joins(session)
    assert (joined.code, joined.version) == ("two", 2)


# --- writing -----------------------------------------------------------------------------------------------------------


class Pair:
    """Alice and bob in a session, each on a connection of the pipe protocol, and a text in it."""

    def __init__(self, home: Studio) -> None:
        self.home = home
        self.alice, self.bob = home.sit("alice", PIPE), home.sit("bob", PIPE)
        self.session = 0

    async def meet(self, code: str = "one\ntwo\nthree\n") -> "Pair":
        self.session = (await self.alice.call(CreateSession(language="python", code=code))).session.id
        await self.bob.joins(self.session)
        return self

    async def writes(self, who: Seat, code: str, version: int | None = None, cursor: int | None = None) -> int:
        command = UpdateCode(session=self.session, code=code, version=version, cursor=cursor)
        saved: int = (await who.call(command)).version
        return saved


async def test_a_text_is_told_to_the_others_and_not_to_whoever_sent_it(home: Studio) -> None:
    pair = await Pair(home).meet()
    version = await pair.writes(pair.alice, "one\n", 1, cursor=3)
    await pair.bob.until(lambda: pair.bob.told("code_update"))
    (told,) = pair.bob.told("code_update")
    assert told == {
        "type": "code_update",
        "session_id": pair.session,
        "code": "one\n",
        "version": version,
        "user": "alice",
        "cursor_pos": 3,
    }
    assert pair.alice.told("code_update") == []


async def test_a_cursor_is_shown_with_the_text_of_whoever_it_belongs_to(home: Studio) -> None:
    pair = await Pair(home).meet()
    await pair.writes(pair.alice, "one\n", 1, cursor=3)
    await pair.writes(pair.bob, "one\ntwo\n")
    await pair.alice.until(lambda: pair.alice.told("code_update"))
    assert [(told["user"], told["cursor_pos"]) for told in pair.alice.told("code_update")] == [("bob", None)]


async def test_edits_of_two_at_once_are_both_kept(home: Studio) -> None:
    pair = await Pair(home).meet()
    await asyncio.gather(pair.writes(pair.alice, "ONE\ntwo\nthree\n", 1), pair.writes(pair.bob, "one\ntwo\nTHREE\n", 1))
    merged = "ONE\ntwo\nTHREE\n"
    assert await text_of(home, pair.session) == merged
    for seat in (pair.alice, pair.bob):
        await seat.until(lambda seat=seat: any(told["code"] == merged for told in seat.told("code_update")))  # type: ignore[misc] # mypy cannot infer it


async def test_without_a_version_an_edit_starts_from_what_its_connection_has(home: Studio) -> None:
    pair = await Pair(home).meet("a\nb\n")
    await pair.writes(pair.alice, "a\nb\nc\n")
    await pair.bob.until(lambda: pair.bob.told("code_update"))
    await pair.writes(pair.bob, "a\nb\nc\nd\n")
    await pair.alice.until(lambda: pair.alice.told("code_update"))
    await pair.writes(pair.alice, "b\nc\nd\n")
    assert await text_of(home, pair.session) == "b\nc\nd\n"


async def test_a_text_that_crosses_anothers_on_its_way_undoes_nothing(home: Studio) -> None:
    pair = await Pair(home).meet("a\nb\n")
    store = home.gate.workspace.store
    await pair.writes(pair.alice, "a\nb\nc\n")
    assert pair.alice.told("code_update") == []
    # Bob has the first text still, and names it: what alice added is not his to take out.
    await pair.writes(pair.bob, "A\nb\n", 1)
    assert await text_of(home, pair.session) == "A\nb\nc\n"
    assert store is home.gate.workspace.store


async def test_over_http_an_edit_without_a_version_starts_from_the_newest(home: Studio) -> None:
    session = await home.session(code="a\n")
    await home.call("alice", UpdateCode(session=session, code="a\nb\n"))
    saved = await home.call("alice", UpdateCode(session=session, code="b\n"))
    assert (await text_of(home, session), saved.version) == ("b\n", 3)


async def test_sending_an_edit_again_changes_nothing(home: Studio) -> None:
    session = await home.session(code="a\n")
    command = UpdateCode(session=session, code="a\nb\n", version=1)
    first = await home.call("alice", command)
    await home.call("alice", UpdateCode(session=session, code="a\nb\nc\n", version=first.version))
    await home.call("alice", command)
    assert await text_of(home, session) == "a\nb\nc\n"


async def test_an_edit_of_a_version_that_is_not_there_is_refused(home: Studio) -> None:
    session = await home.session(code="a\n")
    assert await refused(home.call("alice", UpdateCode(session=session, code="", version=9))) == "not_found"
    assert await text_of(home, session) == "a\n"


async def test_authors_who_only_came_over_http_are_told_by_name(home: Studio) -> None:
    bob, session = home.sit("bob"), await home.session()
    await bob.joins(session)
    await home.call("carol", JoinSession(session=session))
    await home.call("carol", UpdateCode(session=session, code="x", version=0))
    assert (await bob.next(CodeUpdated)).users == [ref(home.people["carol"])]


async def test_whoever_only_looks_on_or_is_elsewhere_writes_nothing(home: Studio) -> None:
    session = await home.session(code="a\n")
    await home.call("bob", JoinSession(session=session))
    await home.call("alice", SetSessionRole(session=session, user="bob", role="viewer"))
    for who in ("bob", "carol"):
        assert await refused(home.call(who, UpdateCode(session=session, code=""))) == "forbidden"
        assert await refused(home.call(who, RestoreCode(session=session, version=0))) == "forbidden"
    await home.call("alice", UpdateSession(session=session, closed=True))
    assert await refused(home.call("alice", UpdateCode(session=session, code=""))) == "forbidden"
    assert (await home.call("bob", GetCode(session=session))).code == "a\n"


async def test_nobody_keeps_a_lease_on_a_text_they_have_done_with(home: Studio) -> None:
    session = await home.session(code="a\n")
    await home.call("alice", UpdateCode(session=session, code="b\n"))
    await home.call("alice", RestoreCode(session=session, version=1))
    assert await refused(home.call("alice", UpdateCode(session=session, code="b\n", version=99))) == "not_found"
    lease = await home.gate.workspace.documents.open(session)
    assert lease.room.leases == 1
    lease.release()


# --- what was ----------------------------------------------------------------------------------------------------------


async def test_a_text_can_be_read_as_it_was(home: Studio) -> None:
    session = await home.session(code="one\n", language="c")
    await home.call("alice", UpdateCode(session=session, code="one\ntwo\n"))
    for version, code in ((0, ""), (1, "one\n"), (2, "one\ntwo\n"), (None, "one\ntwo\n")):
        found = await home.call("alice", GetCode(session=session, version=version))
        shown = 2 if version is None else version
        assert found == CodeText(session=session, code=code, version=shown, language="c")
    assert await refused(home.call("alice", GetCode(session=session, version=3))) == "not_found"


async def test_a_text_is_restored_as_an_edit_that_all_hear_of(home: Studio) -> None:
    bob, session = home.sit("bob"), await home.session(code="one\n")
    await bob.joins(session)
    await home.call("alice", UpdateCode(session=session, code="two\n"))
    restored = await home.call("alice", RestoreCode(session=session, version=1))
    assert restored.version == 3
    assert (await bob.next(CodeUpdated, lambda event: event.version == 3)).users == [ref(home.people["alice"])]
    assert [(await home.call("alice", GetCode(session=session, version=number))).code for number in (1, 2, 3)] == [
        "one\n",
        "two\n",
        "one\n",
    ]


async def test_the_history_says_who_wrote_when_and_how_much(home: Studio) -> None:
    session = await home.session(code="one\n")
    await home.call("bob", JoinSession(session=session))
    await home.call("bob", UpdateCode(session=session, code="one\ntwo\n"))
    await home.call("alice", UpdateCode(session=session, code="one\ntwo\nthree\n"))
    whole = await home.call("alice", GetCodeHistory(session=session))
    names = [(one.version, one.user.name) for one in whole.versions]
    assert (names, whole.more) == ([(3, "alice"), (2, "bob"), (1, "alice")], False)
    assert all(one.size > 0 and one.at for one in whole.versions)
    page = await home.call("alice", GetCodeHistory(session=session, limit=2))
    assert (page.versions, page.more) == (whole.versions[:2], True)
    rest = await home.call("alice", GetCodeHistory(session=session, before=2, limit=2))
    assert (rest.versions, rest.more) == (whole.versions[2:], False)


async def test_the_authors_of_a_text_are_told_part_by_part(home: Studio) -> None:
    alice, bob = (ref(home.people[name]) for name in ("alice", "bob"))
    session = await home.session(code="one\n")
    await home.call("bob", JoinSession(session=session))
    await home.call("bob", UpdateCode(session=session, code="one\ntwo\n"))
    found = await home.call("alice", GetAuthors(session=session))
    parts = [WrittenBy(text="one\n", user=alice), WrittenBy(text="two\n", user=bob)]
    assert (found.version, found.parts) == (2, parts)
    before = await home.call("alice", GetAuthors(session=session, version=1))
    assert (before.version, before.parts) == (1, parts[:1])


async def test_a_document_can_be_taken_elsewhere_with_all_that_it_remembers(home: Studio) -> None:
    session = await home.session(code="one\n", language="c")
    await home.call("alice", UpdateCode(session=session, code="one\ntwo 😀\n"))
    taken = await home.call("alice", ExportCode(session=session))
    assert (taken.session, taken.version, taken.language) == (session, 2, "c")
    update = b64decode(taken.update, validate=True)
    assert Replica([update]).text == "one\ntwo 😀\n"
    assert Replica([await home.read(lambda tx: history.export(tx, session)), update]).text == "one\ntwo 😀\n"


async def test_what_was_is_for_those_who_take_part(home: Studio) -> None:
    session = await home.session(code="one\n")
    for kind in (GetCode, GetCodeHistory, GetAuthors, ExportCode):
        assert await refused(home.call("bob", kind(session=session))) == "forbidden"


# --- the session itself ------------------------------------------------------------------------------------------------


async def test_a_sessions_language_is_one_of_the_servers(home: Studio) -> None:
    bob, session = home.sit("bob"), await home.session()
    await bob.joins(session)
    await home.call("alice", UpdateSession(session=session, language="C++", title="Interview"))
    changed = (await bob.next(SessionUpdated)).session
    assert (changed.language, changed.title) == ("cpp", "Interview")
    assert await refused(home.call("alice", UpdateSession(session=session, language="cobol"))) == "invalid"
    assert await refused(home.call("bob", UpdateSession(session=session, closed=True))) == "forbidden"


async def test_whoever_leaves_is_told_so_and_then_hears_no_more(home: Studio) -> None:
    pair = await Pair(home).meet()
    await pair.bob.call(LeaveSession(session=pair.session))
    await pair.bob.until(lambda: pair.bob.told("user_left"))
    await pair.alice.until(lambda: pair.alice.told("user_left"))
    audiences = home.gate.workspace.hub.audiences
    await until(lambda: not audiences.hears(pair.session, pair.bob.listener))
    await pair.writes(pair.alice, "changed")
    assert pair.bob.told("code_update") == []
    assert await home.read(lambda tx: facts(tx, home.people["bob"]).my_role) is not None


async def test_leaving_is_told_with_those_who_are_left(home: Studio) -> None:
    alice = home.sit("alice")
    session = (await alice.call(CreateSession(language="c"))).session.id
    await home.call("bob", JoinSession(session=session))
    await home.call("bob", LeaveSession(session=session))
    left = await alice.next(ParticipantLeft)
    assert [one.user.name for one in left.participants] == ["alice"]
