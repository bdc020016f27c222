"""Commands of several transactions: each checks anew who asks and whether they may, and is carried out once."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from tests.support.rooms import group
from tests.support.studio import Studio, studio

from kibitz.api.asked import Asked, no_right
from kibitz.api.verbs import VERBS
from kibitz.domain.access import Act
from kibitz.domain.errors import Refusal
from kibitz.domain.rooms import RoomFacts
from kibitz.fanout.steps import Announce
from kibitz.features.call import Call, Outcome
from kibitz.storage import members
from kibitz.storage.schema import users
from kibitz.wire.code_commands import CreateSession
from kibitz.wire.commands import Command
from kibitz.wire.events import Heartbeat
from kibitz.wire.results import SessionChanged

NONCE = "7f3c9a1e5b2d4860"


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Studio]:
    async with studio(tmp_path) as made:
        await made.write(lambda tx: group(tx, made.people["alice"], made.people["bob"]))
        yield made


def asked(home: Studio, who: str, command: Command) -> Asked:
    return Asked(home.gate.workspace, home.caller(who), command, VERBS[type(command)])


class Work:
    """Something to do, which counts how often it was done."""

    def __init__(self) -> None:
        self.calls: list[Call[Any, Any]] = []

    def __call__(self, call: Call[Any, Any]) -> Outcome:
        self.calls.append(call)
        return Outcome(SessionChanged(session=len(self.calls)), (Announce(Heartbeat()),))


async def refusal(work: Any) -> str:
    with pytest.raises(Refusal) as refused:
        await work
    return refused.value.code


async def test_work_is_given_who_asks_and_what_the_right_was_asked_of(home: Studio) -> None:
    command, work = CreateSession(room="#kitchen"), Work()
    await asked(home, "bob", command).check(work)
    await asked(home, "bob", command).carry_out(work)
    for call in work.calls:
        assert (call.actor, call.command) == (home.people["bob"], command)
        assert isinstance(call.thing, RoomFacts)
        assert call.thing.name == "kitchen"


async def test_whoever_may_not_is_refused_before_anything_is_done(home: Studio) -> None:
    work = Work()
    for doing in (Asked.check, Asked.carry_out):
        for who, code in (("carol", "not_found"), ("nobody", "not_logged_in")):
            assert await refusal(doing(asked(home, who, CreateSession(room="#kitchen")), work)) == code
    assert work.calls == []


async def test_a_right_that_ends_between_two_transactions_has_ended(home: Studio) -> None:
    command, work = CreateSession(room="#kitchen"), Work()
    asking = asked(home, "bob", command)
    await asking.check(work)
    await home.write(lambda tx: members.remove(tx, 2, home.people["bob"].id))
    assert await refusal(asking.carry_out(work)) == "not_found"
    assert len(work.calls) == 1


async def test_a_login_that_ends_between_two_transactions_has_ended(home: Studio) -> None:
    work = Work()
    asking = asked(home, "bob", CreateSession())
    await asking.check(work)
    bob = users.c.id == home.people["bob"].id
    await home.write(lambda tx: tx.execute(update(users).where(bob).values(disabled=True)).rowcount)
    assert await refusal(asking.carry_out(work)) == "not_logged_in"


async def test_a_command_sent_again_is_answered_as_before_and_told_to_nobody_again(home: Studio) -> None:
    dave, work = home.sit("dave"), Work()
    command = CreateSession(nonce=NONCE)
    first = await asked(home, "bob", command).carry_out(work)
    again = await asked(home, "bob", CreateSession(id=9, nonce=NONCE)).carry_out(work)
    assert bytes(first) == bytes(again) == b'{"session":1}'
    assert len(work.calls) == 1
    await home.write(lambda _: None)
    await dave.next(Heartbeat)
    assert len(dave.heard(Heartbeat)) == 1
    assert await refusal(asked(home, "bob", CreateSession(nonce=NONCE, title="x")).carry_out(work)) == "nonce_reused"
    assert bytes(await asked(home, "alice", command).carry_out(work)) == b'{"session":2}'


async def test_without_a_nonce_it_is_done_again(home: Studio) -> None:
    work = Work()
    for number in (1, 2):
        found = await asked(home, "bob", CreateSession()).answered(work, SessionChanged)
        assert found == SessionChanged(session=number)


async def test_a_refusal_leaves_nothing_under_the_nonce(home: Studio) -> None:
    def fail(_: Call[Any, Any]) -> Outcome:
        raise Refusal("busy", "Come again.")

    command, work = CreateSession(nonce=NONCE), Work()
    assert await refusal(asked(home, "bob", command).carry_out(fail)) == "busy"
    assert await asked(home, "bob", command).answered(work, SessionChanged) == SessionChanged(session=1)


def test_the_want_of_a_right_says_which() -> None:
    refused = no_right(Act.EDIT_SESSION)
    assert (refused.code, refused.message) == ("forbidden", "You may not do this here: edit session.")
