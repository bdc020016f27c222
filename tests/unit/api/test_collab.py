"""Rights to the text of a session: at the door, and again whenever they may have changed."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import delete, update
from tests.support.collab import SESSION, Desk
from tests.support.rooms import group
from tests.support.stock_client import StockClient
from tests.support.studio import CAST, Studio, studio
from tests.support.waiting import until

from kibitz.api import collab
from kibitz.api.caller import Caller
from kibitz.coedit.access import Access
from kibitz.domain.coding import Openness
from kibitz.domain.errors import Refusal
from kibitz.storage.schema import code_participants, users
from kibitz.wire.code_commands import (
    CreateSession,
    InviteToSession,
    JoinSession,
    LeaveSession,
    RemoveParticipant,
    SetSessionRole,
    UpdateSession,
)
from kibitz.wire.commands import AddMember, Command, LeaveRoom, RemoveMember, SetDisabled
from kibitz.wire.events import CodeUpdated, ParticipantLeft
from kibitz.wire.yjs.closing import FORBIDDEN, NOT_FOUND, NOT_LOGGED_IN


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Studio]:
    async with studio(tmp_path) as made:
        yield made


async def admitted(home: Studio, who: str) -> bool | str:
    """Whether somebody may write in the session, or why they may not even come in."""
    try:
        return (await collab.admit(home.gate.workspace, home.caller(who), SESSION)).can_write
    except Refusal as refusal:
        return refusal.code


# --- at the door -------------------------------------------------------------------------------------------------------


async def test_whoever_takes_part_comes_in_and_may_do_what_their_role_allows(home: Studio) -> None:
    assert await home.session() == SESSION
    for name in ("bob", "carol"):
        await home.call(name, JoinSession(session=SESSION))
    await home.call("alice", SetSessionRole(session=SESSION, user="carol", role="viewer"))
    assert {name: await admitted(home, name) for name in CAST} == {
        "alice": True, "bob": True, "carol": False, "dave": "forbidden",
    }  # fmt: skip
    await home.call("alice", UpdateSession(session=SESSION, closed=True))
    assert [await admitted(home, name) for name in ("alice", "bob", "carol")] == [False] * 3


async def test_whoever_comes_in_is_known_by_their_login(home: Studio) -> None:
    await home.session()
    alice = home.people["alice"]
    access = await collab.admit(home.gate.workspace, home.caller("alice"), SESSION)
    assert access == Access(user=alice.id, name="alice", token_id=alice.token_id, can_write=True)
    with pytest.raises(Refusal) as refused:
        await collab.admit(home.gate.workspace, Caller("127.0.0.1", alice.id, "alice", token_id=99), SESSION)
    assert refused.value.code == "not_logged_in"


async def test_nobody_comes_in_without_a_login(home: Studio) -> None:
    await home.session()
    assert await admitted(home, "nobody") == "not_logged_in"


async def test_a_private_session_is_not_there_for_whoever_was_not_asked(home: Studio) -> None:
    await home.session(access="private")
    assert await admitted(home, "bob") == "not_found"
    await home.call("alice", InviteToSession(session=SESSION, user="bob"))
    assert await admitted(home, "bob") == "forbidden"
    await home.call("bob", JoinSession(session=SESSION))
    assert await admitted(home, "bob") is True


async def test_a_session_that_is_not_there_is_not_found(home: Studio) -> None:
    assert await admitted(home, "alice") == "not_found"


# --- and again ---------------------------------------------------------------------------------------------------------


class Lesson:
    """A session that alice owns in the group she shares with bob and carol, where bob both edits by Yjs and hears it on a connection."""

    def __init__(self, home: Studio) -> None:
        self.home = home
        self.bob = StockClient(cast(Desk, home), "bob")
        self.carol = StockClient(cast(Desk, home), "carol")
        self.seat = home.sit("bob")

    async def begin(self) -> "Lesson":
        people = [self.home.people[name] for name in ("alice", "bob", "carol")]
        await self.home.write(lambda tx: group(tx, *people))
        made = await self.home.call("alice", CreateSession(language="c", room="#kitchen"))
        assert made.session.id == SESSION
        assert made.session.access == Openness.ROOM
        await self.home.call("carol", JoinSession(session=SESSION))
        await self.seat.joins(SESSION)
        for client in (self.bob, self.carol):
            client.connect()
        await until(lambda: self.bob.synced and self.carol.synced)
        return self

    def is_out(self) -> bool:
        hears = self.home.gate.workspace.hub.audiences.hears(SESSION, self.seat.listener)
        return self.bob.closed is FORBIDDEN and not hears


@pytest.fixture
async def lesson(home: Studio) -> Lesson:
    return await Lesson(home).begin()


@pytest.mark.parametrize(
    ("who", "command"),
    [
        ("alice", RemoveParticipant(session=SESSION, user="bob")),
        ("bob", LeaveSession(session=SESSION)),
        ("alice", RemoveMember(room="#kitchen", user="bob")),
        ("bob", LeaveRoom(room="#kitchen")),
    ],
)
async def test_whoever_is_out_is_cut_off_at_once_and_the_others_are_not(
    lesson: Lesson, who: str, command: Command
) -> None:
    await lesson.home.call(who, command)
    await until(lesson.is_out)
    assert lesson.carol.closed is None
    lesson.carol.edit(0, 0, "x")
    await until(lambda: lesson.carol.session is not None and lesson.home.gate.workspace.committer.waiting == 0)
    lesson.bob.connect()
    await until(lambda: lesson.bob.closed is not None)
    assert lesson.bob.closed in (FORBIDDEN, NOT_FOUND)
    assert lesson.seat.heard(CodeUpdated) == []


async def test_a_viewer_reads_what_others_write_and_may_write_again_later(lesson: Lesson) -> None:
    for role, may_write in (("viewer", False), ("editor", True)):
        await lesson.home.call("alice", SetSessionRole(session=SESSION, user="bob", role=role))  # type: ignore[arg-type] # one of the two
        await until(lambda may_write=may_write: rights(lesson) == {"bob": may_write, "carol": True})  # type: ignore[misc] # mypy cannot infer it
        lesson.bob.edit(0, 0, "b")
        if not may_write:
            lesson.carol.edit(0, 0, "c")
            await until(lambda: "c" in lesson.bob.text)
            assert lesson.carol.text == "c"
    await until(lambda: lesson.carol.text == lesson.bob.text)
    assert sorted(lesson.carol.text) == ["b", "b", "c"]
    assert lesson.bob.closed is None


def rights(lesson: Lesson) -> dict[str, bool]:
    """Whether each client in the document may write."""
    names = {actor.id: name for name, actor in lesson.home.people.items()}
    room = lesson.home.gate.workspace.documents._rooms[SESSION]
    return {names[peer.access.user]: peer.access.can_write for peer in room.peers}


async def test_in_a_closed_session_everybody_reads_and_in_a_reopened_one_writes(lesson: Lesson) -> None:
    for closed in (True, False):
        await lesson.home.call("alice", UpdateSession(session=SESSION, closed=closed))
        await until(lambda closed=closed: rights(lesson) == dict.fromkeys(("bob", "carol"), not closed))  # type: ignore[misc] # mypy cannot infer it
    assert lesson.bob.closed is None


async def test_what_changes_no_right_cuts_nobody_off(lesson: Lesson) -> None:
    await lesson.home.call("alice", AddMember(room="#kitchen", user="dave"))
    await lesson.home.call("dave", JoinSession(session=SESSION))
    await lesson.home.call("dave", LeaveSession(session=SESSION))
    await lesson.seat.next(ParticipantLeft)
    await collab.recheck(lesson.home.gate.workspace, {SESSION}, ())
    assert rights(lesson) == {"bob": True, "carol": True}
    assert lesson.home.gate.workspace.hub.audiences.hears(SESSION, lesson.seat.listener)


async def test_with_a_login_ends_what_came_by_it(lesson: Lesson) -> None:
    owner = lesson.home.people["alice"].id
    await lesson.home.write(
        lambda tx: tx.execute(update(users).where(users.c.id == owner).values(role="owner")).rowcount
    )
    await lesson.home.call("alice", SetDisabled(user="bob", disabled=True))
    await until(lambda: lesson.bob.closed is not None and lesson.seat.closed is not None)
    assert lesson.bob.closed is NOT_LOGGED_IN
    assert lesson.home.gate.workspace.hub.audiences.present() == set()
    assert lesson.carol.closed is None


async def test_what_another_process_did_is_noticed_on_every_kind_of_connection(lesson: Lesson) -> None:
    bob = lesson.home.people["bob"].id
    await lesson.home.write(
        lambda tx: tx.execute(delete(code_participants).where(code_participants.c.user_id == bob)).rowcount
    )
    await collab.recheck_all(lesson.home.gate.workspace)
    assert lesson.is_out()
    assert lesson.carol.closed is None


async def test_so_it_is_where_nobody_has_opened_the_text(home: Studio) -> None:
    session, seat = await home.session(), home.sit("bob")
    await seat.joins(session)
    bob = home.people["bob"].id
    await home.write(
        lambda tx: tx.execute(delete(code_participants).where(code_participants.c.user_id == bob)).rowcount
    )
    assert home.gate.workspace.documents.present() == set()
    await collab.recheck_all(home.gate.workspace)
    assert not home.gate.workspace.hub.audiences.hears(session, seat.listener)


async def test_a_locked_account_that_another_process_locked_is_out(lesson: Lesson) -> None:
    bob = lesson.home.people["bob"].id
    await lesson.home.write(
        lambda tx: tx.execute(update(users).where(users.c.id == bob).values(disabled=True)).rowcount
    )
    await collab.recheck_all(lesson.home.gate.workspace)
    assert lesson.bob.closed is NOT_LOGGED_IN
    assert not lesson.home.gate.workspace.hub.audiences.hears(SESSION, lesson.seat.listener)
    assert lesson.carol.closed is None


async def test_nobody_is_looked_up_where_nobody_is(home: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    session = await home.session()
    monkeypatch.setattr(collab, "_rights", lambda *_: pytest.fail("was looked up"))
    await collab.recheck(home.gate.workspace, {session}, {home.people["bob"].id})
