"""Looking runs up, and comparing them."""

from dataclasses import dataclass

import pytest
from tests.support.database import person, transaction
from tests.support.rooms import say
from tests.support.runs import GOOD, end, run_of
from tests.support.sessions import ask_of_place, ask_of_run, ask_of_runs, session_of

from kibitz.features.running import reading
from kibitz.features.running.reading import compare_runs, get_run, list_runs
from kibitz.storage import runs
from kibitz.storage.seed import GENERAL_ID
from kibitz.wire.code_commands import CompareRuns, GetRun, ListRuns
from kibitz.wire.results import Compared
from kibitz.wire.views import Piece, RunResult


def out(*texts: str) -> tuple[Piece, ...]:
    return tuple(Piece(stream="stdout", text=text) for text in texts)


def err(text: str) -> Piece:
    return Piece(stream="stderr", text=text)


def test_a_run_is_read_whole() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        run = run_of(tx, alice)
        end(tx, run)
        assert get_run(ask_of_run(tx, alice, GetRun(run=run.run.id))) == runs.whole(tx, run.run.id)


def test_runs_are_listed_by_their_place_page_by_page() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        session, seq = session_of(tx, alice, bob), say(tx, GENERAL_ID, alice)
        in_session = [run_of(tx, bob, session=session).run.id for _ in range(3)]
        in_message = [run_of(tx, alice, block=(GENERAL_ID, seq, 0)).run.id for _ in range(2)]
        alone = run_of(tx, alice).run.id
        for command, expected, more in (
            (ListRuns(session=session, limit=2), in_session[:0:-1], True),
            (ListRuns(session=session, limit=2, before=in_session[1]), in_session[:1], False),
            (ListRuns(session=session, limit=3), in_session[::-1], False),
            (ListRuns(room=GENERAL_ID, seq=seq), in_message[::-1], False),
            (ListRuns(), [alone, *in_message[::-1]], False),
        ):
            page = list_runs(ask_of_place(tx, alice, command))
            assert ([run.id for run in page.runs], page.more) == (expected, more)


@dataclass(frozen=True)
class Done:
    """A run that has ended."""

    code: str = "print(1)\n"
    given: str = ""
    output: tuple[Piece, ...] = (Piece(stream="stdout", text="1\n"),)
    result: RunResult = GOOD
    toolchain: str = "Python 3.11.2"


def compared(one: Done, other: Done) -> Compared:
    with transaction() as tx:
        alice = person(tx, "alice")
        made = []
        for done in (one, other):
            run = run_of(tx, alice, done.code, given=done.given)
            end(tx, run, done.result, output=done.output, toolchain=done.toolchain)
            made.append(run.run.id)
        return compare_runs(ask_of_runs(tx, alice, CompareRuns(run=made[0], other=made[1])))


SAME = Compared(same_code=True, same_input=True, same_toolchain=True, same_result=True, same_output=True)


def same_but(*names: str) -> dict[str, bool]:
    return {
        name: name.removeprefix("same_") not in names for name in SAME.__struct_fields__ if name.startswith("same_")
    }


@pytest.mark.parametrize(
    ("other", "differs"),
    [
        (Done(), ()),
        (Done(code="print(2)\n"), ("code",)),
        (Done(given="hi\n"), ("input",)),
        (Done(toolchain="Python 3.12.0"), ("toolchain",)),
        (Done(output=out("2\n")), ("output",)),
        (Done(output=(err("1\n"),)), ("output",)),
        (Done(result=RunResult(exit_code=1, duration_ms=41)), ("result",)),
        (Done(result=RunResult(exit_code=None, signal="SIGKILL", duration_ms=41)), ("result",)),
        (Done(result=RunResult(exit_code=0, killed_for="output", duration_ms=41)), ("result",)),
        (Done(result=RunResult(exit_code=0, duration_ms=9, cpu_ms=1, peak_memory=1)), ()),
    ],
)
def test_two_runs_differ_in_what_is_different(other: Done, differs: tuple[str, ...]) -> None:
    found = compared(Done(), other)
    assert {name: getattr(found, name) for name in same_but()} == same_but(*differs)
    assert bool(found.code) == ("code" in differs)
    assert ("output" in differs) >= bool(found.output)


def test_how_output_was_cut_on_its_way_makes_no_difference() -> None:
    one = Done(output=(*out("a", "b"), err("c"), *out("d\n")))
    other = Done(output=(*out("ab"), err("c"), *out("d", "\n")))
    assert compared(one, other) == SAME


def test_a_difference_is_shown_line_by_line() -> None:
    found = compared(Done(code="a\nb\n", output=out("x\n")), Done(code="a\nc\n", output=out("x\ny\n")))
    assert found.code.splitlines() == ["--- run 1", "+++ run 2", "@@ -1,2 +1,2 @@", " a", "-b", "+c"]
    assert found.output.splitlines() == ["--- run 1", "+++ run 2", "@@ -1 +1,2 @@", " x", "+y"]


def test_a_last_line_that_does_not_end_is_a_line_of_the_difference() -> None:
    found = compared(Done(code="a\nb"), Done(code="a\nc\n"))
    assert found.code.splitlines()[3:] == [" a", "-b", "\\ No newline at end of file", "+c"]


def test_only_a_newline_ends_a_line() -> None:
    found = compared(Done(output=out("a\rb\u2028c\fd\n")), Done(output=out("a\rb\u2028c\fe\n")))
    assert found.output.split("\n")[3:] == ["-a\rb\u2028c\fd", "+a\rb\u2028c\fe", ""]


def test_long_texts_are_compared_as_far_as_there_is_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_DIFF_LINES", 3)
    found = compared(Done(code="1\n2\n3\n4\n"), Done(code="1\n2\n3\n5\n"))
    assert (found.same_code, found.code) == (False, "")
    assert "+0" in compared(Done(code="1\n2\n3\n4\n"), Done(code="0\n1\n2\n3\n5\n")).code


def test_a_run_that_has_not_ended_differs_from_one_that_has() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        one, other = run_of(tx, alice), run_of(tx, alice)
        ids = CompareRuns(run=one.run.id, other=other.run.id)
        assert compare_runs(ask_of_runs(tx, alice, ids)).same_result
        end(tx, other)
        assert not compare_runs(ask_of_runs(tx, alice, ids)).same_result
