"""What is to be run, and where it is written down."""

from collections.abc import Iterator

import pytest
from tests.support.database import person, transaction
from tests.support.rooms import ref, say
from tests.support.runs import PROGRAM
from tests.support.sessions import ask_of_place, ask_of_run, session_of

from kibitz.coedit import history
from kibitz.domain.coding import MAX_CODE_BYTES, MAX_INPUT_BYTES
from kibitz.domain.errors import Refusal
from kibitz.features.running.asking import Program, Source, ask, ask_again, earlier, source
from kibitz.storage import Tx, runs
from kibitz.storage.seed import GENERAL_ID
from kibitz.wire.code_commands import RunAgain, RunCode

MESSAGE = "```py\nprint(1)\n```\n~~~c\nint x;\n~~~\n"


@pytest.fixture
def tx() -> Iterator[Tx]:
    with transaction() as opened:
        yield opened


# --- what --------------------------------------------------------------------------------------------------------------


def test_of_a_session_its_text_is_run_as_it_is_at_that_moment(tx: Tx) -> None:
    alice = person(tx, "alice")
    session = session_of(tx, alice, language="cpp", code="stored, perhaps not the newest")
    assert source(ask_of_place(tx, alice, RunCode(session=session))) == Source(None, "cpp")
    assert source(ask_of_place(tx, alice, RunCode(session=session, code="int x;"))) == Source("int x;", "cpp")


def test_of_a_message_a_block_is_run_in_the_language_it_names(tx: Tx) -> None:
    alice = person(tx, "alice")
    seq = say(tx, GENERAL_ID, alice, text=MESSAGE)
    for block, expected in ((0, Source("print(1)\n", "py")), (1, Source("int x;\n", "c"))):
        assert source(ask_of_place(tx, alice, RunCode(room=GENERAL_ID, seq=seq, block=block))) == expected


def test_of_a_block_that_people_edit_the_text_is_run_that_they_made_of_it(tx: Tx) -> None:
    alice = person(tx, "alice")
    seq = say(tx, GENERAL_ID, alice, text=MESSAGE)
    session_of(tx, alice, room=GENERAL_ID, seq=seq, block=0, code="print(2)\n")
    assert source(ask_of_place(tx, alice, RunCode(room=GENERAL_ID, seq=seq))) == Source("print(2)\n", "py")
    assert source(ask_of_place(tx, alice, RunCode(room=GENERAL_ID, seq=seq, block=1))) == Source("int x;\n", "c")


def test_a_program_by_itself_names_its_language(tx: Tx) -> None:
    alice = person(tx, "alice")
    assert source(ask_of_place(tx, alice, RunCode(code="x", language="c"))) == Source("x", "c")
    for command in (RunCode(), RunCode(code="x"), RunCode(language="c")):
        with pytest.raises(Refusal, match="a code and its language") as refused:
            source(ask_of_place(tx, alice, command))
        assert refused.value.code == "invalid"


def test_a_block_that_is_not_there_cannot_be_run(tx: Tx) -> None:
    alice = person(tx, "alice")
    seq = say(tx, GENERAL_ID, alice, text=MESSAGE)
    with pytest.raises(Refusal, match="Code block 2"):
        source(ask_of_place(tx, alice, RunCode(room=GENERAL_ID, seq=seq, block=2)))


# --- written down ------------------------------------------------------------------------------------------------------


def test_a_run_is_written_down_where_it_was_asked_for(tx: Tx) -> None:
    alice = person(tx, "alice")
    session, seq = session_of(tx, alice), say(tx, GENERAL_ID, alice, text=MESSAGE)
    for command, place in (
        (RunCode(session=session), (session, None, None, None)),
        (RunCode(room=GENERAL_ID, seq=seq, block=1), (None, GENERAL_ID, seq, 1)),
        (RunCode(code="x", language="c"), (None, None, None, None)),
    ):
        run = ask(ask_of_place(tx, alice, command), PROGRAM)
        assert (run.run.session, run.run.room, run.run.seq, run.run.block) == place
        assert (run.run.user, run.run.language, run.run.ended_at) == (ref(alice), "python", None)
        assert (run.code, run.input, run.limits) == (PROGRAM.code, PROGRAM.given, {"timeout": 30.0})
        assert runs.whole(tx, run.run.id) == run


@pytest.mark.parametrize(
    ("code", "given", "refusal"),
    [
        ("", "", "invalid"),
        (" \n\t\n", "", "invalid"),
        ("x" * (MAX_CODE_BYTES + 1), "", "too_long"),
        ("é" * (MAX_CODE_BYTES // 2 + 1), "", "too_long"),
        ("x", "y" * (MAX_INPUT_BYTES + 1), "too_long"),
        ("\ud800", "", "invalid"),
        ("x", "\ud800", "invalid"),
    ],
)
def test_what_cannot_be_run_is_not_written_down(tx: Tx, code: str, given: str, refusal: str) -> None:
    alice = person(tx, "alice")
    with pytest.raises(Refusal) as refused:
        ask(ask_of_place(tx, alice, RunCode(code="", language="c")), Program(code, "c", given, {}))
    assert refused.value.code == refusal
    assert runs.of_user(tx, alice.id, None, 10) == []


def test_what_was_run_is_run_again_in_its_place_by_whoever_asks(tx: Tx) -> None:
    alice, bob = person(tx, "alice"), person(tx, "bob")
    session, seq = session_of(tx, alice, bob), say(tx, GENERAL_ID, alice, text=MESSAGE)
    for command in (RunCode(session=session), RunCode(room=GENERAL_ID, seq=seq, block=1)):
        before = ask(ask_of_place(tx, alice, command), PROGRAM)
        call = ask_of_run(tx, bob, RunAgain(run=before.run.id))
        assert earlier(call) == before
        again = ask_again(call, PROGRAM)
        assert (again.run.session, again.run.room, again.run.seq, again.run.block) == (
            before.run.session, before.run.room, before.run.seq, before.run.block,
        )  # fmt: skip
        assert (again.run.user, again.run.code_hash) == (ref(bob), before.run.code_hash)
        assert again.run.id != before.run.id


def test_a_run_that_belongs_nowhere_is_run_again_nowhere(tx: Tx) -> None:
    alice = person(tx, "alice")
    before = ask(ask_of_place(tx, alice, RunCode(code="x", language="c")), PROGRAM)
    again = ask_again(ask_of_run(tx, alice, RunAgain(run=before.run.id)), PROGRAM)
    assert (again.run.session, again.run.room, again.run.seq, again.run.block) == (None, None, None, None)


def test_a_sessions_text_is_not_changed_by_running_another(tx: Tx) -> None:
    alice = person(tx, "alice")
    session = session_of(tx, alice, code="print(1)\n")
    ask(ask_of_place(tx, alice, RunCode(session=session, code="print(2)\n")), PROGRAM)
    assert history.text_at(tx, session) == "print(1)\n"
