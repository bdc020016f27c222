"""The end of a run: stored, and told to the conversation where it belongs to a message.

Rule: what was written on the way is stored with the result, in one transaction; a run ends once.
"""

from collections.abc import Sequence

from kibitz.fanout.steps import Publish, Step
from kibitz.features.call import Outcome
from kibitz.storage import Tx, messages, nonces, room_events, runs
from kibitz.wire.results import Done
from kibitz.wire.views import Piece, RunRef, RunResult


def finish(
    tx: Tx, run: RunRef, result: RunResult, output: Sequence[Piece], *, given: str, toolchain: str, now: str
) -> Outcome:
    """Store what came of a run."""
    runs.finish(tx, run.id, result=result, output=output, given=given, toolchain=toolchain, now=now)
    return Outcome(Done(), _told(tx, run, result, now))


def take_back(tx: Tx, run: RunRef, nonce: str | None) -> None:
    """Forget a run that the sandbox did not take, so that the same command, sent again, is carried out after all."""
    runs.erase(tx, run.id)
    if nonce is not None:
        nonces.forget(tx, run.user.id, nonce)


def _told(tx: Tx, run: RunRef, result: RunResult, now: str) -> tuple[Step, ...]:
    if run.room is None or run.seq is None or run.block is None:
        return ()
    message = messages.one(tx, run.room, run.seq)
    if message is None or message.deleted:  # it was taken back while its code ran: so is the run
        runs.erase_of_message(tx, run.room, run.seq)
        return ()
    event = room_events.block_run(
        tx,
        run.room,
        run.user,
        target=run.seq,
        block=run.block,
        run=run.id,
        language=run.language,
        result=result,
        at=now,
    )
    return (Publish(event),)
