"""Runs: written down before they begin, completed once, their texts kept once."""

from collections.abc import Callable
from hashlib import sha256

import pytest
from sqlalchemy import func, select
from tests.support.database import NOW, person, transaction
from tests.support.rooms import group, ref, say
from tests.support.sessions import session_of

from kibitz.domain.access import Actor
from kibitz.domain.coding import RunFacts
from kibitz.domain.errors import Refusal
from kibitz.storage import Tx, rooms, runs, sessions
from kibitz.storage.schema import run_sources
from kibitz.storage.seed import GENERAL_ID
from kibitz.wire.results import Run
from kibitz.wire.views import Piece, RunRef, RunResult

Page = Callable[[int | None, int], list[RunRef]]

LATER = "2026-01-31T12:05:00.000Z"
GOOD = RunResult(exit_code=0, duration_ms=41, cpu_ms=30, peak_memory=9_437_184)
OUTPUT = [Piece(stream="stdout", text="hi\n"), Piece(stream="stderr", text="é\u0000😀")]


def run_of(
    tx: Tx,
    user: Actor,
    code: str = "print(1)",
    *,
    session: int | None = None,
    block: tuple[int, int, int] | None = None,
) -> int:
    return runs.create(
        tx,
        user=user.id,
        session=session,
        block=block,
        language="python",
        code=code,
        given="1\n",
        limits={"timeout": 30.0},
        now=NOW,
    )


def end(tx: Tx, run: int, result: RunResult = GOOD, *, given: str = "1\n2\n") -> None:
    runs.finish(tx, run, result=result, output=OUTPUT, given=given, toolchain="Python 3.11.2", now=LATER)


def sources(tx: Tx) -> int:
    return int(tx.execute(select(func.count()).select_from(run_sources)).scalar_one())


def test_a_run_is_there_before_it_begins() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        run = run_of(tx, alice, "print('é')")
        listed = RunRef(
            id=run,
            user=ref(alice),
            language="python",
            code_hash=sha256("print('é')".encode()).hexdigest(),
            asked_at=NOW,
        )
        assert runs.ref(tx, run) == listed
        assert runs.whole(tx, run) == Run(run=listed, code="print('é')", input="1\n", limits={"timeout": 30.0})


def test_a_run_that_ended_keeps_all_that_came_of_it() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        run = run_of(tx, alice)
        end(tx, run)
        whole = runs.whole(tx, run)
        assert (whole.run.ended_at, whole.run.toolchain, whole.run.result) == (LATER, "Python 3.11.2", GOOD)
        assert (whole.input, whole.output) == ("1\n2\n", OUTPUT)
        assert runs.ref(tx, run) == whole.run


def test_a_run_ends_once() -> None:
    with transaction() as tx:
        run = run_of(tx, person(tx, "alice"))
        end(tx, run)
        before = runs.whole(tx, run)
        runs.finish(tx, run, result=runs.LOST, output=[], given="", toolchain="", now=NOW)
        assert runs.whole(tx, run) == before


def test_what_was_under_way_when_the_server_stopped_has_ended() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        done, *lost = run_of(tx, alice), run_of(tx, alice), run_of(tx, alice, "print(2)")
        end(tx, done)
        before = runs.whole(tx, done)
        assert runs.close_unfinished(tx, LATER) == 2
        for run in lost:
            assert (runs.ref(tx, run).ended_at, runs.ref(tx, run).result) == (LATER, runs.LOST)
        assert runs.whole(tx, done) == before
        assert runs.close_unfinished(tx, LATER) == 0


@pytest.mark.parametrize("look", [runs.ref, runs.whole, lambda tx, run: runs.facts(tx, run, person(tx, "bob"))])
def test_a_run_that_is_not_there_is_not_found(look: Callable[[Tx, int], object]) -> None:
    with transaction() as tx:
        end(tx, 9)
        with pytest.raises(Refusal, match="Run not found") as refused:
            look(tx, 9)
        assert refused.value.code == "not_found"


def test_a_text_is_kept_once_however_often_it_was_run() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        one, other, third = run_of(tx, alice), run_of(tx, bob), run_of(tx, bob, "print(2)")
        assert sources(tx) == 2
        assert runs.ref(tx, one).code_hash == runs.ref(tx, other).code_hash != runs.ref(tx, third).code_hash
        assert [runs.whole(tx, run).code for run in (one, other, third)] == ["print(1)", "print(1)", "print(2)"]


def test_a_run_belongs_to_a_session_or_to_a_message_or_to_its_user() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        kitchen = group(tx, alice)
        session, seq = session_of(tx, alice), say(tx, kitchen, alice)
        in_session, in_message = run_of(tx, alice, session=session), run_of(tx, alice, block=(kitchen, seq, 2))
        alone = run_of(tx, alice)
        for actor in (alice, bob):
            room = rooms.facts_by_id(tx, kitchen, actor.id)
            assert runs.facts(tx, in_session, actor) == RunFacts(
                in_session, alice.id, session=sessions.facts(tx, session, actor.id)
            )
            assert runs.facts(tx, in_message, actor) == RunFacts(in_message, alice.id, room=room)
            assert runs.facts(tx, alone, actor) == RunFacts(alone, alice.id)
        place = runs.ref(tx, in_message)
        assert (place.session, place.room, place.seq, place.block) == (None, kitchen, seq, 2)
        assert runs.ref(tx, in_session).session == session


def test_pages_hold_what_belongs_there_newest_first() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        session, seq, other = session_of(tx, alice), say(tx, GENERAL_ID, alice), say(tx, GENERAL_ID, alice)
        in_session = [run_of(tx, who, session=session) for who in (alice, bob, alice)]
        in_message = [run_of(tx, bob, block=(GENERAL_ID, seq, block)) for block in (0, 1, 0)]
        run_of(tx, alice, session=session_of(tx, alice))
        run_of(tx, alice, block=(GENERAL_ID, other, 0))
        kitchen = group(tx, alice)
        run_of(tx, alice, block=(kitchen, say(tx, kitchen, alice), 0))
        of_bob = [in_session[1], *in_message]
        pages: tuple[tuple[list[int], Page], ...] = (
            (in_session, lambda before, limit: runs.of_session(tx, session, before, limit)),
            (in_message, lambda before, limit: runs.of_message(tx, GENERAL_ID, seq, before, limit)),
            (of_bob, lambda before, limit: runs.of_user(tx, bob.id, before, limit)),
        )
        for expected, page in pages:
            newest_first = [runs.ref(tx, run) for run in reversed(expected)]
            assert page(None, 10) == newest_first
            assert page(None, 2) == newest_first[:2]
            assert page(newest_first[1].id, 10) == newest_first[2:]


def test_of_each_block_the_newest_run_that_has_ended_is_shown() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        kitchen = group(tx, alice)
        one, two, three = (say(tx, GENERAL_ID, alice) for _ in range(3))
        elsewhere = say(tx, kitchen, alice)
        ended = [
            run_of(tx, alice, block=(GENERAL_ID, seq, block)) for seq, block in ((one, 0), (one, 0), (one, 1), (two, 0))
        ]
        ended.append(run_of(tx, alice, block=(kitchen, elsewhere, 0)))
        for run in ended:
            end(tx, run)
        run_of(tx, alice, block=(GENERAL_ID, one, 0))  # is under way
        found = runs.newest_of_messages(tx, GENERAL_ID, [one, two, three])
        assert found == [runs.ref(tx, run) for run in ended[1:4]]
        assert runs.newest_of_messages(tx, GENERAL_ID, [three]) == []
        assert runs.newest_of_messages(tx, GENERAL_ID, []) == []


def test_a_run_can_be_forgotten_and_others_keep_the_text_they_share() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        kept, gone, alone = run_of(tx, alice), run_of(tx, alice), run_of(tx, alice, "print(2)")
        for run in (gone, alone):
            runs.erase(tx, run)
        assert [one.id for one in runs.of_user(tx, alice.id, None, 10)] == [kept]
        assert runs.whole(tx, kept).code == "print(1)"
        assert sources(tx) == 1


def test_with_a_message_go_its_runs_and_the_texts_that_only_they_had() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        one, two = say(tx, GENERAL_ID, alice), say(tx, GENERAL_ID, alice)
        gone = [run_of(tx, alice, code, block=(GENERAL_ID, one, 0)) for code in ("secret", "secret", "shared")]
        kept = [run_of(tx, alice, "shared", block=(GENERAL_ID, two, 0)), run_of(tx, alice, "other")]
        end(tx, gone[0])
        runs.erase_of_message(tx, GENERAL_ID, one)
        for run in gone:
            with pytest.raises(Refusal):
                runs.whole(tx, run)
        assert [runs.whole(tx, run).code for run in kept] == ["shared", "other"]
        assert set(tx.execute(select(run_sources.c.code)).scalars()) == {"shared", "other"}
        runs.erase_of_message(tx, GENERAL_ID, one)
        end(tx, gone[0])  # one that was still under way finds nothing to complete
        assert len(runs.of_message(tx, GENERAL_ID, one, None, 10)) == 0
