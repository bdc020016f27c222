"""One short seed, and proof that the checker sees what it is there to see: it is given the run's own account, tampered with."""

import asyncio
import copy
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.chaos import checker, database
from tests.chaos.evidence import Evidence, Heard, Sent, Witness
from tests.chaos.run import Outcome, Run

SECONDS = 5.0


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """A run of one seed, with its data still there."""
    return asyncio.run(Run(7, SECONDS, tmp_path_factory.mktemp("chaos")).play())


@pytest.fixture
def evidence(outcome: Outcome) -> Evidence:
    """What the clients know, to tamper with."""
    return copy.deepcopy(outcome.evidence)


def breaches(path: Path, evidence: Evidence) -> str:
    return "\n".join(checker.check(database.read(path), evidence))


def posts(witness: Witness, room: int = 1) -> list[Sent]:
    """Acknowledged messages that still stand as they were posted."""
    return [
        one
        for one in witness.sent
        if one.type == "post_message"
        and one.answer is not None
        and one.answer["room"] == room
        and room in witness.rooms
        and witness.rooms[room].messages[one.answer["seq"]].text == one.fields["text"]
    ]


def place(sent: Sent) -> tuple[int, int]:
    assert sent.answer is not None
    return sent.answer["room"], sent.answer["seq"]


def test_a_short_run_breaks_no_promise(outcome: Outcome) -> None:
    assert outcome.breaches == [], f"repeat with: python -m tests.chaos --seeds {outcome.seed} --seconds {SECONDS:g}"
    assert outcome.counts.acknowledged
    assert outcome.counts.kills + outcome.counts.restarts + outcome.counts.cuts


TAMPERINGS = {
    "drops a message": ("DELETE FROM messages WHERE room_id = :room AND seq = :first", "messages of it are kept"),
    "doubles a message": (
        "INSERT INTO messages (room_id, seq, sender_id, text, sent_at, nonce) SELECT room_id, "
        "(SELECT seq + 1 FROM rooms WHERE id = :room), sender_id, text, sent_at, nonce "
        "FROM messages WHERE room_id = :room AND seq = :first",
        "2 messages of it are kept",
    ),
    "swaps two messages": (
        "UPDATE messages SET seq = CASE seq WHEN -1 THEN :second WHEN -2 THEN :first END WHERE seq < 0",
        "which was sent earlier",
    ),
    "alters a text": ("UPDATE messages SET text = 'x' WHERE room_id = :room AND seq = :first", "it is (1, 'x'"),
    "forgets an answer": ("DELETE FROM nonces WHERE nonce = :nonce", "kept as None"),
    "leaves a hole": ("UPDATE rooms SET seq = seq + 1 WHERE id = :room", "is not dense"),
    "invents a reaction": (
        "INSERT INTO reactions (room_id, seq, emoji, user_id, reacted_seq) VALUES (:room, :first, '🎲', 1, 1)",
        "🎲",
    ),
}


@pytest.mark.parametrize("what", TAMPERINGS)
def test_the_checker_complains_of_a_database_that(
    what: str, outcome: Outcome, evidence: Evidence, tmp_path: Path
) -> None:
    statement, complaint = TAMPERINGS[what]
    first, second = posts(evidence.witnesses[0])[:2]
    (room, seq), (_, later) = place(first), place(second)
    values = {"room": room, "first": seq, "second": later, "nonce": first.nonce}
    path = Path(shutil.copy(outcome.database, tmp_path / "copy.db"))
    with closing(sqlite3.connect(path)) as db, db:
        if "swaps" in what:
            db.execute("UPDATE messages SET seq = -1 WHERE room_id = :room AND seq = :first", values)
            db.execute("UPDATE messages SET seq = -2 WHERE room_id = :room AND seq = :second", values)
        assert db.execute(statement, values).rowcount
    assert complaint in breaches(path, evidence)


def lose_a_message(evidence: Evidence) -> None:
    witness = evidence.witnesses[0]
    del witness.rooms[1].messages[place(posts(witness)[0])[1]]


def mangle_a_text(evidence: Evidence) -> None:
    witness = evidence.witnesses[0]
    witness.rooms[1].messages[place(posts(witness)[0])[1]].text += " "


def hear_a_strange_room(evidence: Evidence) -> None:
    # The direct room of alice and bob: dave is never in it.
    room = next(place(one)[0] for one in evidence.witnesses[0].sent if one.fields.get("room") == "@bob")
    evidence.witnesses[-1].heard.append(Heard(room, 1, live=True))


def double_a_line(evidence: Evidence) -> None:
    heard = max(evidence.pipes, key=len)
    heard.insert(1, heard[0])


def swap_two_lines(evidence: Evidence) -> None:
    heard = max(evidence.pipes, key=len)
    heard[0], heard[1] = heard[1], heard[0]


def miss_a_line(evidence: Evidence) -> None:
    del max(evidence.pipes, key=len)[1]


def leave_a_command_open(evidence: Evidence) -> None:
    posts(evidence.witnesses[0])[0].answer = None


@pytest.mark.parametrize(
    ("tamper", "complaint"),
    [
        (lose_a_message, "as None; it is"),
        (mangle_a_text, "; it is"),
        (hear_a_strange_room, "without being in it"),
        (double_a_line, "pipe connection"),
        (swap_two_lines, "pipe connection"),
        (miss_a_line, "pipe connection"),
        (leave_a_command_open, "was never answered"),
    ],
)
def test_the_checker_complains_of_clients_that(
    tamper: Callable[[Evidence], None], complaint: str, outcome: Outcome, evidence: Evidence
) -> None:
    tamper(evidence)
    assert complaint in breaches(outcome.database, evidence)
