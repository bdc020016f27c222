"""What was done to a document and is not stored yet.

Rule: one row holds what one author did, and every row builds on the rows before it alone. So the document is whole after each of
them, and each tells who wrote it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from kibitz.coedit.engine import merged
from kibitz.storage import Tx, documents
from kibitz.storage.committer import Job
from kibitz.storage.documents import NewUpdate
from kibitz.wire.yjs.update import Survey


@dataclass(slots=True)
class Row:
    """What one author did, in one or more updates."""

    user: int
    updates: list[bytes] = field(default_factory=list)


class Batch(NamedTuple):
    """Rows to be stored together, after the version that they build on."""

    session: int
    version: int
    at: str
    rows: Sequence[Row]


class OutOfStep(Exception):
    """Something else has written to the document's history: what is in memory belongs to another one."""


class Journal:
    """The rows of one document that wait to be stored."""

    def __init__(self) -> None:
        self._rows: list[Row] = []
        self._of_user: dict[int, int] = {}  # a user's last row
        self._of_client: dict[int, tuple[int, int]] = {}  # the first clock of a client in these rows, and its last row
        self.size = 0

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, user: int, update: bytes, surveys: Sequence[Survey]) -> None:
        """A user did this; the surveys are those of what they sent."""
        at = self._of_user.get(user)
        if at is None or self._builds_on_later(surveys, at):
            at = self._of_user[user] = len(self._rows)
            self._rows.append(Row(user))
        self._rows[at].updates.append(update)
        self.size += len(update)
        for survey in surveys:
            for section in survey.sections:
                first, last = self._of_client.get(section.client, (section.runs[0].first, at))
                self._of_client[section.client] = (min(first, section.runs[0].first), max(last, at))

    def take(self) -> list[Row]:
        """All rows, which are no longer here."""
        rows, self._rows = self._rows, []
        self._forget()
        self.size = 0
        return rows

    def put_back(self, rows: Sequence[Row]) -> None:
        """These could not be stored: they come before whatever was added meanwhile."""
        self._rows = [*rows, *self._rows]
        self._forget()
        self.size += sum(len(update) for row in rows for update in row.updates)

    def _forget(self) -> None:
        self._of_user.clear()
        self._of_client.clear()

    def _builds_on_later(self, surveys: Sequence[Survey], at: int) -> bool:
        for survey in surveys:
            for section in survey.sections:
                if self._is_later(section.client, section.runs[0].first - 1, at):
                    return True
                if any(self._is_later(client, clock, at) for _, client, clock, _ in section.needs):
                    return True
            if any(self._is_later(client, after - 1, at) for client, _, after in survey.deletes):
                return True
        return False

    def _is_later(self, client: int, clock: int, at: int) -> bool:
        first, last = self._of_client.get(client, (0, -1))
        return last > at and clock >= first


def store(tx: Tx, jobs: Sequence[Job]) -> list[Any]:
    """Write the batches that these jobs carry; for each the version after it, or `OutOfStep`."""
    batches: list[Batch] = [job.payload for job in jobs]
    heads = documents.heads(tx, {batch.session for batch in batches})
    rows: list[NewUpdate] = []
    results: list[Any] = []
    for session, version, at, new in batches:
        if heads.get(session, 0) != version:
            results.append(OutOfStep())
            continue
        numbered = enumerate(new, version + 1)
        rows += [NewUpdate(session, seq, row.user, at, merged(row.updates)) for seq, row in numbered]
        results.append(version + len(new))
    documents.append(tx, rows)
    return results
