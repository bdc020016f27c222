"""How a document came to be: any earlier text, who wrote what, and what loading begins with.

Rule: everything here works in an open transaction and may take its time: reading is done in a reader's thread.
"""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from kibitz.coedit import passages
from kibitz.coedit.engine import Change, Edit, Replica, new_client
from kibitz.coedit.intake import Known, Verdict
from kibitz.coedit.passages import Authorship
from kibitz.coedit.texts import edits_between, tidy
from kibitz.domain.errors import not_found
from kibitz.storage import Tx, documents
from kibitz.storage.documents import Entry, NewUpdate, Stored
from kibitz.wire.views import UserRef
from kibitz.wire.yjs.lib0 import read_bytes, write_bytes
from kibitz.wire.yjs.messages import EMPTY_UPDATE
from kibitz.wire.yjs.update import survey

CHECKPOINT_EVERY: Final = 500
"""Updates from one checkpoint to the next: reading so many takes some 2 ms. CoCalc keeps a snapshot every 300 patches."""

SPACING: Final = 5000
"""Of older checkpoints one in so many updates is kept, so that any moment is some 20 ms away."""

# A character that is four bytes in UTF-8 is two units in UTF-16. Numbers may look like one; then a walk finds that out.
_MAY_HOLD_HALVES: Final = re.compile(rb"[\xf0-\xf4][\x80-\xbf]{3}")


class Loaded(NamedTuple):
    """A document as it is stored: `checkpoint` is the seq of its newest checkpoint, `weight` the bytes of its updates."""

    replica: Replica
    known: Known
    version: int
    checkpoint: int
    weight: int


class Written(NamedTuple):
    """A part of a text, and who wrote it."""

    user: UserRef
    text: str


class _Start(NamedTuple):
    seq: int
    update: bytes
    authorship: Authorship


def head(tx: Tx, session: int) -> int:
    """The newest version of a document."""
    return documents.head(tx, session)


def entries(tx: Tx, session: int, before: int | None, limit: int) -> list[Entry]:
    """The last `limit` versions before one (None: the newest), newest first."""
    return documents.entries(tx, session, before, limit)


def text_at(tx: Tx, session: int, version: int | None = None) -> str:
    """The text as it was after a version (None: the newest). Raises `Refusal("not_found")`."""
    return _replica(tx, session, _checked(tx, session, version)).text


def export(tx: Tx, session: int) -> bytes:
    """The document as one Yjs update, for any program that knows Yjs."""
    return _replica(tx, session, documents.head(tx, session)).since()


def authors(tx: Tx, session: int, version: int | None = None) -> list[Written]:
    """Who wrote what of the text as it was after a version: parts which joined are that text. Raises `Refusal("not_found")`."""
    found = _replayed(tx, session, _checked(tx, session, version))
    parts = [] if found is None else found[1].of(found[0].text)
    people = documents.authors(tx, {part.user for part in parts})
    return [Written(people[part.user], part.text) for part in parts]


def seed(tx: Tx, session: int, user: int, text: str, now: str) -> None:
    """The first text of a session, in the transaction that makes it. Raises `Refusal`."""
    text = tidy(text)
    if not text:
        return
    replica = Replica()
    replica.edit([Edit(0, 0, text)])
    documents.append(tx, [NewUpdate(session, 1, user, now, replica.since())])


def load(tx: Tx, session: int) -> Loaded:
    """A document as it is stored."""
    version = documents.head(tx, session)
    start = _start(tx, session, version)
    updates = [start.update, *(row.payload for row in documents.between(tx, session, start.seq, version))]
    replica = Replica(updates)
    halves = [half for update in updates if _MAY_HOLD_HALVES.search(update) for half in survey(update).halves]
    return Loaded(replica, Known(replica.state(), halves), version, start.seq, sum(map(len, updates)))


def rewrite(tx: Tx, session: int, base: int, text: str, client: int, ahead: Sequence[bytes] = ()) -> bytes | None:
    """The update that makes this text of the one at a version and these updates, under a client's id; None where they are the same.

    Raises `Refusal("not_found")` where there is no such version.
    """
    replica = _replica(tx, session, _checked(tx, session, base), client)
    for update in ahead:
        replica.apply(update)
    edits = edits_between(replica.text, text)
    with replica.changing() as news:
        replica.edit(edits)
    return news[0] if news else None


def checkpoint(tx: Tx, session: int, version: int) -> bytes | None:
    """A checkpoint of a version, as it is stored; None if something is missing below it, so that it must not be made."""
    found = _replayed(tx, session, version)
    return None if found is None else write_bytes(found[0].since()) + found[1].encode()


def _checked(tx: Tx, session: int, version: int | None) -> int:
    newest = documents.head(tx, session)
    if version is None:
        return newest
    if not 0 <= version <= newest:
        raise not_found("Version")
    return version


def _start(tx: Tx, session: int, upto: int) -> _Start:
    found = documents.checkpoint(tx, session, upto)
    if found is None:
        return _Start(0, EMPTY_UPDATE, Authorship())
    update, at = read_bytes(found[1], 0)
    return _Start(found[0], update, passages.decode(found[1], at))


def _replica(tx: Tx, session: int, version: int, client: int | None = None) -> Replica:
    start = _start(tx, session, version)
    rows = documents.between(tx, session, start.seq, version)
    return Replica([start.update, *(row.payload for row in rows)], client=new_client() if client is None else client)


def _replayed(tx: Tx, session: int, version: int) -> tuple[Replica, Authorship] | None:
    start = _start(tx, session, version)
    replica, authorship = Replica([start.update]), start.authorship
    steps: list[Change] = []
    known = Known(replica.state())
    with replica.following(steps.extend):
        for row in documents.between(tx, session, start.seq, version):
            if not _is_whole(known, row):
                return None
            replica.apply(row.payload)
            authorship.change(steps, row.user)
            steps.clear()
    return replica, authorship


def _is_whole(known: Known, row: Stored) -> bool:
    found = survey(row.payload)
    if known.judge(found) is Verdict.AHEAD:
        return False
    known.note(found)
    return True
