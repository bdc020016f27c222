"""One document in memory: merged at once, stored soon, acknowledged then.

Rule: what is in memory is what is stored, what is being stored and what waits to be, in that order; nothing of it is forgotten before
it is stored, and nothing is acknowledged before.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final, NamedTuple

import structlog

from kibitz.coedit import history
from kibitz.coedit.engine import Replica, Unusable, new_client
from kibitz.coedit.history import CHECKPOINT_EVERY, SPACING, Loaded
from kibitz.coedit.intake import Verdict, covers
from kibitz.coedit.journal import Batch, Journal, OutOfStep, Row, store
from kibitz.coedit.texts import tidy
from kibitz.domain.coding import MAX_TEXT
from kibitz.domain.errors import Refusal
from kibitz.storage import Tx, documents
from kibitz.storage.committer import Committer, Job
from kibitz.storage.store import Store
from kibitz.wire.yjs.lib0 import MAX_UINT
from kibitz.wire.yjs.update import Survey, survey

SAVE_SECONDS: Final = 0.2
"""How long an edit may wait to be stored with others: two or three keystrokes of one author. Hocuspocus waits for 2 to 10 s."""

RETRY_SECONDS: Final = 1.0
"""How soon storing is tried again where the refusal does not say."""

MAX_DOUBLINGS: Final = 5
"""How often the wait before another try is doubled: half a minute where it was a second."""

MAX_UNSAVED: Final = 8 * 1024 * 1024
"""Bytes of edits kept in memory while they cannot be stored; then nobody may edit until they are."""

MAX_WEIGHT: Final = 16 * 1024 * 1024
"""Bytes of a whole document as one update: the text, traces of what was deleted, and whatever else clients keep in it. A text of
100,000 characters that took 260,000 edits weighs 0.2 MB."""

log = structlog.get_logger()


class Change(NamedTuple):
    """What a commit has made of a document: `text` is the one at `version`, `authors` whose edits it held."""

    session: int
    version: int
    text: str
    authors: tuple[int, ...]


class Piece(NamedTuple):
    """An update as it came, and what it holds."""

    update: bytes
    survey: Survey


class Parts(NamedTuple):
    """What every document of a workspace works with. `now` is the time as it is stored."""

    store: Store
    committer: Committer
    now: Callable[[], str]
    on_change: Callable[[Change], None]


@dataclass(frozen=True, slots=True)
class Branch:
    """The edits of a client that knows whole texts only, made from one version, each of what the one before has left."""

    base: int
    updates: list[bytes] = field(default_factory=list)


Told = Callable[[int | None], None]
"""Is told the version that something is stored in; None where it was lost together with the history it belonged to."""


class _Saving(NamedTuple):
    """A commit under way: its rows, who waits for it, and the text after it where someone wants that."""

    rows: list[Row]
    waiting: list[Told]
    text: str | None


class Document:
    """A loaded document.

    `changing` is called before anything is merged, `told` with each change as one update, `broke` when it must not be used any more.
    """

    def __init__(self, session: int, loaded: Loaded, parts: Parts) -> None:
        self.session = session
        self.version = loaded.version
        self.changing: Callable[[], None] = lambda: None
        self.told: Callable[[bytes], None] = lambda _: None
        self.broke: Callable[[], None] = lambda: None
        self.watchers = 0  # who wants to be told of each commit
        self.broken = False
        self._abandoned = False
        self._failures = 0  # tries to store that failed, one after another
        self._parts = parts
        self._replica, self._known = loaded.replica, loaded.known
        # Bytes of the text and of the whole document: these or less. They are measured when they come near their limits.
        self._text, self._weight = self._replica.size, loaded.weight
        self._checkpoint = loaded.checkpoint
        self._checkpointing = False
        self._journal = Journal()
        self._saving: _Saving | None = None
        self._waiting: list[Told] = []  # who is to be told once the journal is stored
        self._timer: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()

    # --- reading -------------------------------------------------------------------------------------------------------

    @property
    def text(self) -> str:
        """The text as it is now, which may be ahead of `version`."""
        return self._replica.text

    @property
    def is_saved(self) -> bool:
        """Whether everything is stored."""
        return not self._journal and self._saving is None

    @property
    def failing(self) -> bool:
        """Whether the last try to store something failed."""
        return self._failures > 0

    @property
    def is_overfull(self) -> bool:
        """Whether more waits to be stored than may."""
        return self._journal.size > MAX_UNSAVED

    def state(self) -> bytes:
        """What it has, as a state vector."""
        return self._replica.state()

    def since(self, state: bytes) -> bytes:
        """An update with what whoever has this state lacks. The state vector must have been read once."""
        return self._replica.since(state)

    def has(self, found: Survey) -> bool:
        """Whether everything in an update was merged before."""
        deleted = survey(
            self._replica.since(self._replica.state())
        ).deletes  # whoever has everything lacks these all the same
        return self._known.has(found) and covers(deleted, found.deletes)

    async def text_at(self, version: int) -> str:
        """The text as it was after a stored version. Raises `Refusal`."""
        return await self._parts.store.read(history.text_at, self.session, version)

    # --- changing ------------------------------------------------------------------------------------------------------

    def merge(self, user: int, pieces: Sequence[Piece]) -> list[Verdict]:
        """Apply what a user sent, as one change. For each piece what became of it."""
        verdicts: list[Verdict] = []
        applied: list[Survey] = []
        if self.broken:
            return [Verdict.AHEAD] * len(pieces)
        self.changing()
        try:
            with self._replica.changing() as news:
                for piece in pieces:
                    verdict = self._judge(piece)
                    verdicts.append(verdict)
                    if verdict is Verdict.READY:
                        self._replica.apply(piece.update)
                        self._known.note(piece.survey)
                        applied.append(piece.survey)
        except Unusable as error:
            self._break(f"the engine failed: {error}")
            return [Verdict.AHEAD] * len(pieces)
        for update in news:
            self._journal.add(user, update, applied)
            self.told(update)
        self._save_soon()
        return verdicts

    async def replace(self, text: str, base: int, user: int) -> int:
        """Merge the difference between the text at a version and this one; returns the version it is stored in.

        The same text from the same version by the same user is the same edit, however often it is sent. Raises `Refusal` before
        anything is merged, and never after: it returns when the edit is stored, however long that takes.
        """
        return await self.extend(Branch(base), text, user)

    async def extend(self, branch: Branch, text: str, user: int) -> int:
        """The same for somebody who types ahead: the text is what they have made of their last one, which they got no answer to yet."""
        text, ahead = tidy(text), tuple(branch.updates)
        client = _client_of(self.session, branch.base, len(ahead), user, text)
        update = await self._parts.store.read(history.rewrite, self.session, branch.base, text, client, ahead)
        if update is not None:
            if client not in self._known.clocks:  # else it was sent again by a client that has not heard the answer
                self._take(user, update)
            branch.updates.append(update)
        return await self.saved()

    async def restore(self, version: int, user: int) -> int:
        """Make the text what it was after a version, as an edit like any other; returns the version that is stored in."""
        base = self.version

        def back(tx: Tx) -> bytes | None:
            return history.rewrite(tx, self.session, base, history.text_at(tx, self.session, version), new_client())

        update = await self._parts.store.read(back)
        if update is not None:
            self._take(user, update)
        return await self.saved()

    def _take(self, user: int, update: bytes) -> None:
        """Merge what a whole text has come to. Raises `Refusal` where it was not."""
        if self.failing or self.broken:
            raise Refusal("unavailable", "The server cannot store edits just now; send this again.", retry_after=1.0)
        (verdict,) = self.merge(user, [Piece(update, survey(update))])
        if verdict is Verdict.LARGE:
            raise Refusal("too_long", f"With what others wrote meanwhile this code has more than {MAX_TEXT} bytes.")
        if verdict is not Verdict.READY:
            raise Refusal("unavailable", "The server could not merge this just now; send it again.", retry_after=1.0)

    def _judge(self, piece: Piece) -> Verdict:
        verdict = self._known.judge(piece.survey)
        if verdict is not Verdict.READY:
            return verdict
        text, weight = self._text + piece.survey.text, self._weight + len(piece.update)
        if text > MAX_TEXT:
            text = self._replica.size + piece.survey.text
        if weight > MAX_WEIGHT:
            weight = len(self._replica.since()) + len(piece.update)
        if text > MAX_TEXT or weight > MAX_WEIGHT:
            return Verdict.LARGE
        if not piece.survey.plain and not self._rehearse(piece.update):
            return Verdict.UNSOUND
        self._text, self._weight = text, weight
        return verdict

    def _rehearse(self, update: bytes) -> bool:
        """Whether a copy takes an update that is not about text alone. No editor of code makes such updates."""
        try:
            Replica([self._replica.since(), update])
        except Unusable:
            return False
        return True

    # --- storing -------------------------------------------------------------------------------------------------------

    def when_saved(self, tell: Told) -> None:
        """Call this once everything merged so far is stored: at once if it is."""
        if self._journal:
            self._waiting.append(tell)
        elif self._saving is not None:
            self._saving.waiting.append(tell)
        else:
            tell(self.version)

    async def saved(self) -> int:
        """Store what waits now rather than soon; returns the version that everything merged so far is stored in.

        Raises `Refusal("unavailable")` where another process has put another history in the place of this one.
        """
        future: asyncio.Future[int | None] = self._loop.create_future()

        def tell(version: int | None) -> None:
            if not future.done():
                future.set_result(version)

        self.when_saved(tell)
        self._save()
        version = await future
        if version is None:
            raise Refusal(
                "unavailable", "The server's data was changed under this session; open it again.", retry_after=1.0
            )
        return version

    def _save_soon(self) -> None:
        if self._journal and self._timer is None and self._saving is None:
            self._timer = self._loop.call_later(SAVE_SECONDS, self._save)

    def _save(self) -> None:
        if self._saving is not None or not self._journal:
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        rows, waiting, self._waiting = self._journal.take(), self._waiting, []
        # As it is now it is what these rows make it: whoever is told of the version must be told this text.
        text = self._replica.text if self.watchers and not self.broken else None
        self._saving = _Saving(rows, waiting, text)
        batch = Batch(self.session, self.version, self._parts.now(), rows)
        try:
            self._parts.committer.submit(Job(run=_alone, done=self._settled, group=store, payload=batch))
        except Refusal as refusal:
            self._settled(refusal)

    def _settled(self, result: Any) -> None:
        saving, self._saving = self._saving, None
        assert saving is not None
        if isinstance(result, Exception):
            self._failed(saving, result)
            return
        self._failures, self.version = 0, result
        for tell in saving.waiting:
            tell(result)
        if saving.text is not None:
            authors = tuple(dict.fromkeys(row.user for row in saving.rows))
            self._parts.on_change(Change(self.session, result, saving.text, authors))
        self._save_soon()

    def _failed(self, saving: _Saving, error: Exception) -> None:
        self._journal.put_back(saving.rows)
        self._waiting[:0] = saving.waiting
        self._failures += 1
        if isinstance(error, OutOfStep) or self._abandoned:
            self._lose()
            self._break("its history was changed by another process")
            return
        wait = error.retry_after if isinstance(error, Refusal) and error.retry_after else RETRY_SECONDS
        self._timer = self._loop.call_later(wait * 2 ** min(self._failures - 1, MAX_DOUBLINGS), self._retry)

    def _retry(self) -> None:
        self._timer = None
        self._save()

    def abandon(self) -> None:
        """Forget what is not stored: it belongs to a history that is no more."""
        self.broken = self._abandoned = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._lose()

    def _lose(self) -> None:
        self._journal.take()
        waiting, self._waiting = self._waiting, []
        for tell in waiting:
            tell(None)

    def _break(self, why: str) -> None:
        if not self.broken:
            log.error("document read afresh", session=self.session, why=why)
            self.broken = True
            self._save()
            self.broke()

    # --- checkpoints ---------------------------------------------------------------------------------------------------

    def needs_checkpoint(self, after: int = CHECKPOINT_EVERY) -> bool:
        """Whether so many updates were stored since the last one."""
        return not self._checkpointing and self.version - self._checkpoint >= after

    async def make_checkpoint(self) -> None:
        """Keep the document as it is stored now, so that loading it begins there."""
        version, self._checkpointing = self.version, True
        try:
            payload = await self._parts.store.read(history.checkpoint, self.session, version)
            if payload is None:
                log.error(
                    "no checkpoint", session=self.session, version=version, note="an update builds on what is missing"
                )
                return
            at = self._parts.now()
            await self._parts.committer.run(
                lambda tx: documents.put_checkpoint(tx, self.session, version, at, payload, spacing=SPACING)
            )
        except Refusal as refusal:
            log.warning("no checkpoint", session=self.session, why=refusal.message)
        finally:
            # Also where it failed: it is tried again after as many updates, not at every one.
            self._checkpoint, self._checkpointing = version, False


def _client_of(session: int, base: int, ahead: int, user: int, text: str) -> int:
    """The id under which a whole text is written: as wide as Yjs allows, since no two texts of a document may come to share one."""
    mark = blake2b(f"{session} {base} {ahead} {user} {text}".encode(), digest_size=8).digest()
    return int.from_bytes(mark) & MAX_UINT


def _alone(tx: Tx) -> None:
    raise AssertionError("batches are given to their group")
