"""Asking for a run: what is to be run, written down before it begins.

Rule: a run belongs to the place that the right was asked of, and is written down in the same transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from kibitz.coedit import history
from kibitz.domain.access import Actor
from kibitz.domain.coding import RunFacts, SessionFacts, check_code, check_input
from kibitz.domain.errors import Refusal
from kibitz.domain.messages import MessageFacts
from kibitz.features.blocks import block_of
from kibitz.features.call import Call
from kibitz.storage import Tx, runs, sessions
from kibitz.wire.code_commands import RunAgain, RunCode
from kibitz.wire.results import Run

Place = SessionFacts | MessageFacts | None


@dataclass(frozen=True, slots=True)
class Source:
    """What a command asks to be run, in the language that its place has: `code` is none where it is a session's text, live."""

    code: str | None
    language: str


@dataclass(frozen=True, slots=True)
class Program:
    """What is to be run: the text, the server's name of its language, its first input, and the limits it runs under."""

    code: str
    language: str
    given: str
    limits: Mapping[str, float]


def given(command: RunCode) -> Source | None:
    """What is to be run where the command says all of it, so that nothing has to be looked up; the right is asked for when it is written."""
    if command.code is None or command.language is None or command.seq is not None:
        return None
    return Source(command.code, command.language)


def source(call: Call[RunCode, Place]) -> Source:
    """What is to be run. Raises `Refusal` where the command does not say."""
    command, place = call.command, call.thing
    if isinstance(place, SessionFacts):
        return Source(command.code, sessions.view(call.tx, place.id, call.actor.id).language)
    if isinstance(place, MessageFacts):
        return _of_block(call.tx, place, command.block)
    if command.code is None or command.language is None:
        raise Refusal("invalid", "Name a session, a message, or a code and its language.")
    return Source(command.code, command.language)


def ask(call: Call[RunCode, Place], program: Program) -> Run:
    """Write a run down. Raises `Refusal` for what cannot be run."""
    place = call.thing
    if isinstance(place, MessageFacts):
        return _write(call.tx, call.actor, program, None, (place.room.id, place.seq, call.command.block), call.now)
    return _write(call.tx, call.actor, program, None if place is None else place.id, None, call.now)


def earlier(call: Call[RunAgain, RunFacts]) -> Run:
    """What was run, to be run again."""
    return runs.whole(call.tx, call.thing.id)


def ask_again(call: Call[RunAgain, RunFacts], program: Program) -> Run:
    """Write a run down that does again, in the same place, what one did before."""
    before = runs.ref(call.tx, call.thing.id)
    block = None
    if before.room is not None and before.seq is not None:
        block = (before.room, before.seq, before.block or 0)
    return _write(call.tx, call.actor, program, before.session, block, call.now)


def _of_block(tx: Tx, message: MessageFacts, number: int) -> Source:
    block = block_of(tx, message, number)
    session = sessions.of_block(tx, message.room.id, message.seq, number)
    return Source(block.code if session is None else history.text_at(tx, session), block.language)


def _write(
    tx: Tx, actor: Actor, program: Program, session: int | None, block: tuple[int, int, int] | None, now: str
) -> Run:
    check_code(program.code)
    check_input(program.given)
    if not program.code.strip():
        raise Refusal("invalid", "There is nothing to run.")
    run = runs.create(
        tx,
        user=actor.id,
        session=session,
        block=block,
        language=program.language,
        code=program.code,
        given=program.given,
        limits=program.limits,
        now=now,
    )
    return runs.whole(tx, run)
