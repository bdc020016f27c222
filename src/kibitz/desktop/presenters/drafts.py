"""What was written and not sent yet, for each conversation, from one start to the next.

Rule: it is on the disk a moment after it was typed, and the disk is never waited for where one types.
"""

import asyncio
from typing import Final

import msgspec

from kibitz.desktop.preferences import Store, file_name

SAVE_SECONDS: Final = 0.7
"""How long after a change it is written down: what one types meanwhile goes with it."""


class Draft(msgspec.Struct, frozen=True, omit_defaults=True):
    """What stands where one writes; with `edits` or `answers` it concerns the message of that seq."""

    text: str = ""
    edits: int = 0
    answers: int = 0


class Drafts:
    """The draft of one conversation. `whose` tells it from that of another person, server or conversation."""

    def __init__(self, store: Store, *whose: str | int) -> None:
        self._store = Store(store.place / "drafts")
        self._name = "-".join(file_name(str(part)) for part in whose) + ".json"
        self._draft = self._saved = Draft()
        self._due: asyncio.TimerHandle | None = None
        self._lock = asyncio.Lock()
        self._tasks: set[asyncio.Future[None]] = set()

    async def load(self) -> Draft:
        """What was there last."""
        found = await asyncio.to_thread(self._store.read, self._name, Draft)
        self._draft = self._saved = Draft() if found is None else found
        return self._draft

    def keep(self, draft: Draft) -> None:
        """This stands there now."""
        self._draft = draft
        if self._due is None and draft != self._saved:
            self._due = asyncio.get_running_loop().call_later(SAVE_SECONDS, self._begin)

    async def close(self) -> None:
        """Wait until it is written down."""
        if self._due is not None:
            self._due.cancel()
            self._due = None
        await self._save()

    def _begin(self) -> None:
        self._due = None
        task = asyncio.get_running_loop().create_task(self._save(), name="draft")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _save(self) -> None:
        async with self._lock:
            draft = self._draft
            if draft != self._saved:
                await asyncio.to_thread(self._write, draft)
                self._saved = draft

    def _write(self, draft: Draft) -> None:
        if draft == Draft():
            (self._store.place / self._name).unlink(missing_ok=True)
        else:
            self._store.write(self._name, draft)
