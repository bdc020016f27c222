"""One document: merged at once, stored soon, acknowledged then, and never harmed."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from tests.support.collab import SESSION, Desk, desk
from tests.support.waiting import until

from kibitz.coedit import document as module
from kibitz.coedit.document import Branch, Document, Piece
from kibitz.coedit.engine import Edit, Replica, Unusable
from kibitz.coedit.intake import Verdict
from kibitz.domain.errors import Refusal
from kibitz.storage import Tx, documents
from kibitz.wire.yjs.update import survey

ALICE, BOB = 1, 2


@asynccontextmanager
async def opened(directory: Path) -> AsyncIterator[tuple[Desk, Document]]:
    async with desk(directory) as it:
        with await it.documents.open(SESSION, watch=True) as document:
            yield it, document


def written(replica: Replica, *edits: Edit) -> Piece:
    with replica.changing() as news:
        replica.edit(edits)
    return Piece(news[0], survey(news[0]))


def typed(text: str, at: int = 0) -> Piece:
    return written(Replica(), Edit(at, 0, text))


async def test_an_edit_is_seen_at_once_and_stored_soon(tmp_path: Path) -> None:
    async with opened(tmp_path) as (it, document):
        told: list[bytes] = []
        document.told = told.append
        assert document.merge(ALICE, [typed("hello")]) == [Verdict.READY]
        assert (document.text, document.version, len(told)) == ("hello", 0, 1)
        versions: list[int | None] = []
        document.when_saved(versions.append)
        assert versions == []
        await until(lambda: versions == [1])
        (row,) = await it.rows()
        assert (row.seq, row.user, Replica([row.payload]).text) == (1, ALICE, "hello")
        assert it.changes == [module.Change(SESSION, 1, "hello", (ALICE,))]


async def test_many_edits_are_few_rows(tmp_path: Path) -> None:
    async with opened(tmp_path) as (it, document):
        alice, bob = Replica(), Replica()
        for number in range(50):
            document.merge(ALICE, [written(alice, Edit(number, 0, "a"))])
            document.merge(BOB, [written(bob, Edit(number, 0, "b"))])
        assert await document.saved() == 2
        assert [row.user for row in await it.rows()] == [ALICE, BOB]
        assert sorted(document.text) == ["a"] * 50 + ["b"] * 50


async def test_what_comes_while_a_commit_is_under_way_is_stored_with_the_next(tmp_path: Path) -> None:
    async with opened(tmp_path) as (it, document):
        alice = Replica()
        document.merge(ALICE, [written(alice, Edit(0, 0, "a"))])
        first = it.tasks.spawn("first", document.saved())
        await asyncio.sleep(0)
        document.merge(ALICE, [written(alice, Edit(1, 0, "b"))])
        assert await document.saved() == 2
        assert await first == 1
        assert [change.text for change in it.changes] == ["a", "ab"]


async def test_what_changes_nothing_is_acknowledged_without_a_row(tmp_path: Path) -> None:
    async with opened(tmp_path) as (it, document):
        piece = typed("x")
        document.merge(ALICE, [piece])
        await document.saved()
        assert document.merge(BOB, [piece, Piece(b"\x00\x00", survey(b"\x00\x00"))]) == [Verdict.READY] * 2
        versions: list[int | None] = []
        document.when_saved(versions.append)
        assert versions == [1]
        assert len(await it.rows()) == 1


async def test_what_builds_on_what_is_missing_is_not_taken(tmp_path: Path) -> None:
    async with opened(tmp_path) as (_, document):
        alice = Replica()
        written(alice, Edit(0, 0, "lost"))
        assert document.merge(ALICE, [written(alice, Edit(4, 0, "!"))]) == [Verdict.AHEAD]
        assert document.text == ""
        assert document.is_saved


async def test_a_text_that_becomes_too_long_is_not_taken_and_one_made_shorter_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_TEXT", 10)
    async with opened(tmp_path) as (_, document):
        alice = Replica()
        assert document.merge(ALICE, [written(alice, Edit(0, 0, "12345678"))]) == [Verdict.READY]
        assert document.merge(BOB, [typed("123")]) == [Verdict.LARGE]
        document.merge(ALICE, [written(alice, Edit(0, 8, ""))])
        assert document.merge(ALICE, [written(alice, Edit(0, 0, "1234567890"))]) == [Verdict.READY]
        with pytest.raises(Refusal) as refused:
            await document.replace("x", document.version, BOB)
        assert refused.value.code == "too_long"
        assert document.text == "1234567890"


async def test_a_document_that_grows_without_end_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_WEIGHT", 300)
    async with opened(tmp_path) as (_, document):
        verdicts: set[Verdict] = set()
        for _ in range(100):
            verdicts.update(document.merge(ALICE, [typed("x")]))
        assert verdicts == {Verdict.READY, Verdict.LARGE}


# an item whose parent is a text's character: the engine refuses it while it applies
_CHILD_OF_A_CHARACTER = bytes.fromhex("01010200240001000161" + "0178" + "00")


async def test_what_the_engine_would_choke_on_is_tried_on_a_copy(tmp_path: Path) -> None:
    async with opened(tmp_path) as (_, document):
        document.merge(ALICE, [written(Replica(client=1), Edit(0, 0, "ok"))])
        piece = Piece(_CHILD_OF_A_CHARACTER, survey(_CHILD_OF_A_CHARACTER))
        assert document.merge(BOB, [piece]) == [Verdict.UNSOUND]
        assert (document.text, document.broken) == ("ok", False)
        assert document.merge(BOB, [typed("!")]) == [Verdict.READY]


async def test_if_the_engine_breaks_what_was_taken_before_is_stored_and_all_else_is_read_afresh(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(tmp_path) as (it, document):
        document.merge(ALICE, [typed("safe")])

        def panic(_: bytes) -> None:
            raise Unusable("panic")

        monkeypatch.setattr(document._replica, "apply", panic)
        assert document.merge(BOB, [typed("!"), typed("?")]) == [Verdict.AHEAD] * 2
        assert document.broken
        assert document.merge(BOB, [typed("?")]) == [Verdict.AHEAD]
        with await it.documents.open(SESSION) as other:
            assert other is not document
            assert (other.text, other.version) == ("safe", 1)
            assert other.merge(BOB, [typed("!")]) == [Verdict.READY]


# --- whole texts -----------------------------------------------------------------------------------------------------------


async def test_a_whole_text_is_merged_with_what_others_wrote_meanwhile(tmp_path: Path) -> None:
    async with opened(tmp_path) as (it, document):
        first = await document.replace("one\ntwo\nthree\n", 0, ALICE)
        second = await document.replace("one\n2\nthree\n", first, BOB)
        third = await document.replace("one\ntwo\nthree\nfour\n", first, ALICE)
        assert (first, second, third) == (1, 2, 3)
        assert document.text == "one\n2\nthree\nfour\n"
        assert await document.text_at(2) == "one\n2\nthree\n"
        assert [row.user for row in await it.rows()] == [ALICE, BOB, ALICE]


async def test_texts_sent_at_once_from_one_version_all_count(tmp_path: Path) -> None:
    async with opened(tmp_path) as (_, document):
        base = await document.replace("".join(f"{number}\n" for number in range(8)), 0, ALICE)
        lines = [f"{number}\n" for number in range(8)]
        await asyncio.gather(
            *[
                document.replace("".join([*lines[:number], f"new {number}\n", *lines[number + 1 :]]), base, BOB)
                for number in range(8)
            ]
        )
        assert document.text == "".join(f"new {number}\n" for number in range(8))


async def test_a_text_that_is_the_same_is_no_version(tmp_path: Path) -> None:
    async with opened(tmp_path) as (_, document):
        base = await document.replace("same", 0, ALICE)
        assert await document.replace("same", base, BOB) == base


async def test_a_text_that_is_sent_again_changes_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path) as (it, document):
        first = await document.replace("a\n", 0, ALICE)
        second = await document.replace("a\nb\n", first, ALICE)
        third = await document.replace("a\nb\nc\n", second, ALICE)
        assert await document.replace("a\nb\n", first, ALICE) == third
        assert document.text == "a\nb\nc\n"
        await asyncio.gather(*[document.replace("a\nb\nc\nd\n", third, ALICE) for _ in range(5)])
        assert document.text == "a\nb\nc\nd\n"
        assert len(await it.rows()) == 4


async def test_a_text_that_is_sent_again_after_a_restart_changes_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path) as (_, document):
        await document.replace("ab", await document.replace("a", 0, ALICE), ALICE)
    async with opened(tmp_path) as (_, document):
        await document.replace("ab", 1, ALICE)
        assert document.text == "ab"


async def test_who_types_ahead_counts_each_edit_once_also_after_sending_one_again(tmp_path: Path) -> None:
    async with opened(tmp_path) as (_, document):
        base = await document.replace("a\n", 0, ALICE)
        before, after = Branch(base), Branch(base)  # a connection that was lost, and the one that came after it
        await document.extend(before, "a\nb\n", ALICE)
        await document.replace("zero\na\n", base, BOB)
        for text in ("a\nb\n", "a\nb\nc\n", "a\nb\nc\n", "a\nb\nc\nd\n"):
            await document.extend(after, text, ALICE)
        assert document.text == "zero\na\nb\nc\nd\n"


async def test_two_who_make_the_same_of_a_text_both_count(tmp_path: Path) -> None:
    async with opened(tmp_path) as (_, document):
        base = await document.replace("", 0, ALICE)
        await document.replace("x", base, ALICE)
        await document.replace("x", base, BOB)
        assert document.text == "xx"


async def test_a_base_that_never_was_is_refused(tmp_path: Path) -> None:
    async with opened(tmp_path) as (_, document):
        with pytest.raises(Refusal) as refused:
            await document.replace("x", 7, ALICE)
        assert refused.value.code == "not_found"


async def test_going_back_is_an_edit_like_any_other(tmp_path: Path) -> None:
    async with opened(tmp_path) as (_, document):
        first = await document.replace("good", 0, ALICE)
        await document.replace("bad", first, BOB)
        assert await document.restore(first, ALICE) == 3
        assert document.text == "good"
        assert await document.text_at(2) == "bad"


# --- when storing fails ----------------------------------------------------------------------------------------------------


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """Whether the database can be written to."""
    append = documents.append
    state = {"works": True}

    def tried(tx: Tx, rows: Sequence[Any]) -> None:
        if not state["works"]:
            locked = sqlite3.OperationalError()
            locked.sqlite_errorcode = sqlite3.SQLITE_BUSY
            raise OperationalError("INSERT", None, locked)
        append(tx, rows)

    monkeypatch.setattr(documents, "append", tried)
    return lambda works: state.update(works=works)


async def test_nothing_is_acknowledged_or_lost_while_it_cannot_be_stored(
    tmp_path: Path, disk: Callable[[bool], None]
) -> None:
    async with opened(tmp_path) as (it, document):
        disk(False)
        alice, versions = Replica(), list[int | None]()
        document.merge(ALICE, [written(alice, Edit(0, 0, "a"))])
        document.when_saved(versions.append)
        await until(lambda: document.failing)
        document.merge(ALICE, [written(alice, Edit(1, 0, "b"))])
        with pytest.raises(Refusal) as refused:
            await document.replace("other", 0, BOB)
        assert refused.value.code == "unavailable"
        assert (document.text, versions, await it.rows()) == ("ab", [], [])
        disk(True)
        await until(lambda: document.is_saved)
        assert versions in ([1], [2])
        assert Replica([row.payload for row in await it.rows()]).text == "ab"
        assert not document.failing


async def test_too_much_to_write_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(tmp_path) as (it, document):
        submit = it.committer.submit

        def full(_: Any) -> None:
            raise Refusal("busy", "Come again.", retry_after=0.01)

        monkeypatch.setattr(it.committer, "submit", full)
        document.merge(ALICE, [typed("a")])
        await until(lambda: document.failing)
        monkeypatch.setattr(it.committer, "submit", submit)
        await until(lambda: document.is_saved)
        assert len(await it.rows()) == 1


async def test_another_history_under_it_ends_a_document(tmp_path: Path) -> None:
    async with opened(tmp_path) as (it, document):
        document.merge(ALICE, [typed("mine")])
        stranger = Replica()
        update = written(stranger, Edit(0, 0, "theirs")).update
        row = documents.NewUpdate(SESSION, 1, BOB, "2026-01-31T12:00:00.000Z", update)
        await it.committer.run(lambda tx: documents.append(tx, [row]))
        with pytest.raises(Refusal) as refused:
            await document.saved()
        assert refused.value.code == "unavailable"
        with await it.documents.open(SESSION) as other:
            assert (other.text, other.version) == ("theirs", 1)


async def test_edits_that_cannot_be_stored_are_not_gathered_without_end(
    tmp_path: Path, disk: Callable[[bool], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_UNSAVED", 100)
    async with opened(tmp_path) as (it, document):
        disk(False)
        document.merge(ALICE, [typed("x" * 100)])
        await until(lambda: document.failing)
        assert document.is_overfull
        with pytest.raises(Refusal):
            await it.documents.open(SESSION)
        disk(True)
        await until(lambda: document.is_saved)
        assert not document.is_overfull


async def test_a_checkpoint_is_made_after_so_many_updates(tmp_path: Path) -> None:
    async with opened(tmp_path) as (it, document):
        version = 0
        for number in range(4):
            version = await document.replace("x" * (number + 1), version, ALICE)
        assert document.needs_checkpoint(4)
        assert not document.needs_checkpoint(5)
        await document.make_checkpoint()
        assert not document.needs_checkpoint(1)
        found = await it.store.read(documents.checkpoint, SESSION, 99)
        assert found is not None
        assert found[0] == 4
