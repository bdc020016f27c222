"""Runs: what was run, by whom, and what came of it.

Rule: a run is written down before it begins and completed once; a text that was run is kept once however often it was run.
"""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from kibitz.domain.access import Actor
from kibitz.domain.coding import RunFacts
from kibitz.domain.errors import not_found
from kibitz.storage import Tx, rooms, sessions
from kibitz.storage.prepared import Prepared
from kibitz.storage.schema import run_sources, runs, users
from kibitz.wire.results import Run
from kibitz.wire.views import Piece, RunRef, RunResult, UserRef

_json: Final = msgspec.json.Encoder()
_pieces: Final = msgspec.json.Decoder(list[Piece])
_results: Final = msgspec.json.Decoder(RunResult)
_limits: Final = msgspec.json.Decoder(dict[str, float])

LOST: Final = RunResult(exit_code=None, killed_for="server_stopped", duration_ms=0)
"""What came of a run that was under way when the server stopped."""

_REF: Final = (
    runs.c.id, runs.c.user_id, runs.c.session_id, runs.c.room_id, runs.c.message_seq, runs.c.block, runs.c.language,
    runs.c.code_hash, runs.c.asked_at, runs.c.ended_at, runs.c.toolchain, runs.c.result,
)  # fmt: skip

_SOURCE: Final = {
    # kept once: not a look and then an insert, which would lose a race
    name: Prepared(dialect.insert(run_sources).on_conflict_do_nothing(), "hash", "code")
    for name, dialect in (("postgresql", postgresql), ("sqlite", sqlite))
}
_NEW: Final = (
    "user_id", "session_id", "room_id", "message_seq", "block", "language", "code_hash", "input", "limits", "asked_at",
)  # fmt: skip
_CREATE: Final = Prepared(insert(runs).returning(runs.c.id), *_NEW)
_FINISH: Final = Prepared(
    update(runs)
    .where(runs.c.id == bindparam("run"), runs.c.ended_at.is_(None))
    .values(
        result=bindparam("came"), output=bindparam("wrote"), input=bindparam("given"),
        toolchain=bindparam("chain"), ended_at=bindparam("now"),
    )
)  # fmt: skip


def create(
    tx: Tx,
    *,
    user: int,
    session: int | None,
    block: tuple[int, int, int] | None,
    language: str,
    code: str,
    given: str,
    limits: Mapping[str, float],
    now: str,
) -> int:
    """Write a run down before it begins; `block` is (room, message, block) where it belongs to a message. Returns its id."""
    room, seq, number = block or (None, None, None)
    made = _CREATE.one(
        tx,
        user_id=user,
        session_id=session,
        room_id=room,
        message_seq=seq,
        block=number,
        language=language,
        code_hash=_keep(tx, code),
        input=given,
        limits=_json.encode(limits).decode(),
        asked_at=now,
    )
    return int(made[0])


def finish(
    tx: Tx, run: int, *, result: RunResult, output: Sequence[Piece], given: str, toolchain: str, now: str
) -> None:
    """Complete a run; `given` is all that it was sent on its standard input."""
    came, wrote = _json.encode(result).decode(), _json.encode(output).decode()
    _FINISH.run(tx, run=run, came=came, wrote=wrote, given=given, chain=toolchain, now=now)


def close_unfinished(tx: Tx, now: str) -> int:
    """Complete the runs that were under way when the server stopped; returns how many there were."""
    of = runs.c.ended_at.is_(None)
    return tx.execute(update(runs).where(of).values(result=_json.encode(LOST).decode(), ended_at=now)).rowcount


def facts(tx: Tx, run: int, actor: Actor) -> RunFacts:
    """What access needs to know of a run. Raises `Refusal("not_found")`."""
    row = tx.execute(select(runs.c.user_id, runs.c.session_id, runs.c.room_id).where(runs.c.id == run)).first()
    if row is None:
        raise not_found("Run")
    session = None if row.session_id is None else sessions.facts(tx, row.session_id, actor.id)
    room = None if row.room_id is None else rooms.facts_by_id(tx, row.room_id, actor.id)
    return RunFacts(run, row.user_id, session, room)


def ref(tx: Tx, run: int) -> RunRef:
    """A run as it is listed. Raises `Refusal("not_found")`."""
    row = tx.execute(_refs().where(runs.c.id == run)).first()
    if row is None:
        raise not_found("Run")
    return _ref(row)


def whole(tx: Tx, run: int) -> Run:
    """A run with its text, input and output. Raises `Refusal("not_found")`."""
    more = (run_sources.c.code, runs.c.input, runs.c.limits, runs.c.output)
    joined = runs.join(users, users.c.id == runs.c.user_id).join(run_sources, run_sources.c.hash == runs.c.code_hash)
    wanted: Select[Any] = select(*_REF, users.c.name, *more).select_from(joined)
    row = tx.execute(wanted.where(runs.c.id == run)).first()
    if row is None:
        raise not_found("Run")
    limits, output = _limits.decode(row.limits), _pieces.decode(row.output)
    return Run(run=_ref(row), code=row.code, input=row.input, limits=limits, output=output)


def of_session(tx: Tx, session: int, before: int | None, limit: int) -> list[RunRef]:
    """Runs of a session, newest first, those before the id `before`."""
    return _page(tx, (runs.c.session_id == session,), before, limit)


def of_message(tx: Tx, room: int, seq: int, before: int | None, limit: int) -> list[RunRef]:
    """Runs of the code blocks of a message, newest first, those before the id `before`."""
    return _page(tx, (runs.c.room_id == room, runs.c.message_seq == seq), before, limit)


def of_user(tx: Tx, user: int, before: int | None, limit: int) -> list[RunRef]:
    """A user's runs, newest first, those before the id `before`."""
    return _page(tx, (runs.c.user_id == user,), before, limit)


def newest_of_messages(tx: Tx, room: int, seqs: Iterable[int]) -> list[RunRef]:
    """The newest run that has ended of each code block of these messages."""
    of = (runs.c.room_id == room, runs.c.message_seq.in_(list(seqs)), runs.c.ended_at.is_not(None))
    newest = select(func.max(runs.c.id)).where(*of).group_by(runs.c.message_seq, runs.c.block)
    return [_ref(row) for row in tx.execute(_refs().where(runs.c.id.in_(newest)).order_by(runs.c.id))]


def erase(tx: Tx, run: int) -> None:
    """Forget a run."""
    _erase(tx, runs.c.id == run)


def erase_of_message(tx: Tx, room: int, seq: int) -> None:
    """Forget the runs of a message that is taken back."""
    _erase(tx, and_(runs.c.room_id == room, runs.c.message_seq == seq))


def _erase(tx: Tx, which: ColumnElement[bool]) -> None:
    """Forget runs, and the texts that only they had."""
    hashes = set(tx.execute(delete(runs).where(which).returning(runs.c.code_hash)).scalars())
    if hashes:
        still = select(runs.c.id).where(runs.c.code_hash == run_sources.c.hash).exists()
        tx.execute(delete(run_sources).where(run_sources.c.hash.in_(hashes), ~still))


def _keep(tx: Tx, code: str) -> str:
    digest = sha256(code.encode()).hexdigest()
    _SOURCE[tx.dialect.name].run(tx, hash=digest, code=code)
    return digest


def _refs() -> Select[Any]:
    return select(*_REF, users.c.name).join(users, users.c.id == runs.c.user_id)


def _page(tx: Tx, which: tuple[Any, ...], before: int | None, limit: int) -> list[RunRef]:
    wanted = _refs().where(*which)
    if before is not None:
        wanted = wanted.where(runs.c.id < before)
    return [_ref(row) for row in tx.execute(wanted.order_by(runs.c.id.desc()).limit(limit))]


def _ref(row: Row[Any]) -> RunRef:
    return RunRef(
        id=row.id,
        user=UserRef(id=row.user_id, name=row.name),
        language=row.language,
        toolchain=row.toolchain,
        code_hash=row.code_hash,
        asked_at=row.asked_at,
        ended_at=row.ended_at,
        session=row.session_id,
        room=row.room_id,
        seq=row.message_seq,
        block=row.block,
        result=None if row.result is None else _results.decode(row.result),
    )
