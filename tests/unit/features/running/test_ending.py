"""The end of a run: stored with its output, and told to the conversation it belongs to."""

import pytest
from tests.support.database import NOW, person, transaction
from tests.support.posting import message_facts
from tests.support.rooms import ref, say
from tests.support.runs import GOOD, LATER, run_of
from tests.support.sessions import session_of

from kibitz.domain.errors import Refusal
from kibitz.fanout.steps import Publish
from kibitz.features.call import Call, Outcome
from kibitz.features.messaging.change import take_back as delete
from kibitz.features.running.ending import finish, take_back
from kibitz.storage import Tx, messages, nonces, replay, runs
from kibitz.storage.seed import GENERAL_ID
from kibitz.wire.commands import DeleteMessage
from kibitz.wire.events import BlockRun
from kibitz.wire.results import Run
from kibitz.wire.views import Piece

OUTPUT = [Piece(stream="stdout", text="1\n"), Piece(stream="stderr", text="oh\n")]


def ended(tx: Tx, run: Run) -> Outcome:
    return finish(tx, run.run, GOOD, OUTPUT, given="hi\nho\n", toolchain="Python 3.11.2", now=LATER)


def test_what_came_of_a_run_is_stored_and_told_to_no_conversation_but_its_own() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        for run in (run_of(tx, alice, session=session_of(tx, alice)), run_of(tx, alice)):
            assert ended(tx, run).steps == ()
            whole = runs.whole(tx, run.run.id)
            assert (whole.run.result, whole.run.ended_at, whole.run.toolchain) == (GOOD, LATER, "Python 3.11.2")
            assert (whole.input, whole.output) == ("hi\nho\n", OUTPUT)
        assert messages.head(tx, GENERAL_ID) == 0


def test_the_run_of_a_code_block_is_an_event_of_its_conversation_without_what_was_written() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        seq = say(tx, GENERAL_ID, alice)
        run = run_of(tx, bob, block=(GENERAL_ID, seq, 2))
        outcome = ended(tx, run)
        event = BlockRun(
            room=GENERAL_ID,
            seq=seq + 1,
            target=seq,
            block=2,
            run=run.run.id,
            language="python",
            result=GOOD,
            by=ref(bob),
            at=LATER,
        )
        assert outcome.steps == (Publish(event),)
        assert replay.events(tx, GENERAL_ID, seq, seq + 1, 10) == ([event], False)
        assert "oh" not in repr(event)


def test_a_run_whose_message_was_taken_back_meanwhile_is_forgotten() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        seq = say(tx, GENERAL_ID, alice, text="```python\nsecret\n```")
        run = run_of(tx, alice, block=(GENERAL_ID, seq, 0))
        command = DeleteMessage(room=GENERAL_ID, seq=seq)
        delete(Call(tx, alice, command, message_facts(tx, alice, seq), NOW))
        late = run_of(tx, alice, block=(GENERAL_ID, seq, 0))  # written down before, in the same batch
        for one in (run, late):
            assert ended(tx, one).steps == ()
            with pytest.raises(Refusal, match="Run not found"):
                runs.ref(tx, one.run.id)
        assert messages.head(tx, GENERAL_ID) == seq + 1


def test_a_run_that_the_sandbox_did_not_take_was_never_there() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        run, other = run_of(tx, alice, given="1"), run_of(tx, alice)
        nonces.remember(tx, [(alice.id, "7f3c9a1e", b"f", b"{}"), (alice.id, "another-1", b"f", b"{}")])
        take_back(tx, run.run, "7f3c9a1e")
        with pytest.raises(Refusal, match="Run not found"):
            runs.whole(tx, run.run.id)
        keys = [(alice.id, "7f3c9a1e"), (alice.id, "another-1")]
        assert nonces.lookup(tx, keys).keys() == {keys[1]}
        take_back(tx, other.run, None)
        assert runs.of_user(tx, alice.id, None, 10) == []
        assert nonces.lookup(tx, keys).keys() == {keys[1]}
