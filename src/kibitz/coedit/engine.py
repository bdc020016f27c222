"""The one module that knows pycrdt.

Rule: what comes from outside has been surveyed (`kibitz.wire.yjs.update`) and judged (`kibitz.coedit.intake`) before it comes here, and
indices are bytes of UTF-8. Whatever goes wrong in the engine all the same is an `Unusable`: the document is then read afresh.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

from pycrdt import Doc, Text, TransactionEvent, merge_updates

from kibitz.domain.positions import utf8_size

NAME: Final = "code"
"""The name of the text in the document, which clients ask for (protocol.md, section 2)."""

NOTHING_KNOWN: Final = b"\x00"
"""The state vector of someone who has nothing."""


# What goes through the engine and is not its own. pyo3's PanicException is no Exception, so that everything else is taken for it.
_OURS: Final = (KeyboardInterrupt, SystemExit, GeneratorExit)


class Unusable(Exception):
    """The engine could not apply what it was given; its document must not be used any more."""


class Edit(NamedTuple):
    """Bytes to take out at an index, and a text to put in their place."""

    at: int
    removed: int
    added: str


class Change(NamedTuple):
    """A step through a text that was changed: bytes that stayed, went, or came."""

    kept: int = 0
    removed: int = 0
    added: int = 0


def new_client() -> int:
    """A random id for whoever edits: 31 bits, which take 17 % less room in every update than Yjs' own 53."""
    return secrets.randbits(31)


def merged(updates: Sequence[bytes]) -> bytes:
    """Several updates as one. Raises `Unusable`."""
    with _guarded():
        return updates[0] if len(updates) == 1 else bytes(merge_updates(*updates))


class Replica:
    """One document. `client` is the id under which `edit` writes."""

    def __init__(self, updates: Iterable[bytes] = (), *, client: int | None = None) -> None:
        self._doc: Doc[Text] = Doc(client_id=new_client() if client is None else client)
        self._text = self._doc.get(NAME, type=Text)
        for update in updates:
            self.apply(update)

    def apply(self, update: bytes) -> None:
        """Merge an update. Raises `Unusable`."""
        try:
            self._doc.apply_update(update)
        except _OURS:
            raise
        except BaseException as error:
            raise Unusable(str(error)) from error

    @contextmanager
    def changing(self) -> Iterator[list[bytes]]:
        """Do several things as one; afterwards the list holds one update with all that they changed, if anything."""
        news: list[bytes] = []

        def heard(event: TransactionEvent) -> None:
            news.append(event.update)

        # Only as long as it takes: the engine's side of an observer is out of the garbage collector's sight, and would keep the
        # document for ever.
        observer = self._doc.observe(heard)
        try:
            with _guarded(), self._doc.transaction():
                yield news
        finally:
            self._doc.unobserve(observer)

    def edit(self, edits: Sequence[Edit]) -> None:
        """Change the text. The edits are in order and do not overlap; each counts in the text as it is now."""
        moved = 0
        with _guarded(), self._doc.transaction():
            # From the end on would be five times slower: the engine measures what is before.
            for at, removed, added in edits:
                here = at + moved
                if removed:
                    del self._text[here : here + removed]
                if added:
                    self._text.insert(here, added)
                moved += utf8_size(added) - removed

    @contextmanager
    def following(self, told: Callable[[list[Change]], None]) -> Iterator[None]:
        """Have every change to the text told, as steps from its beginning."""

        def heard(event: Any) -> None:  # a TextEvent, whose slots have no types
            told([_step(item) for item in event.delta])

        observer = self._text.observe(heard)
        try:
            yield
        finally:
            self._text.unobserve(observer)

    @property
    def text(self) -> str:
        """The text as it is."""
        return str(self._text)

    @property
    def size(self) -> int:
        """The bytes of the text."""
        return len(self._text)

    def state(self) -> bytes:
        """What it has, as a state vector."""
        return bytes(self._doc.get_state())

    def since(self, state: bytes = NOTHING_KNOWN) -> bytes:
        """An update with everything that whoever has this state lacks."""
        with _guarded():
            return bytes(self._doc.get_update(state))


def _step(item: dict[str, Any]) -> Change:
    if "retain" in item:
        return Change(kept=item["retain"])
    if "delete" in item:
        return Change(removed=item["delete"])
    inserted = item["insert"]
    # What is not text takes one place in the text's count, and is no part of its characters.
    return Change(added=len(inserted.encode()) if isinstance(inserted, str) else 1)


@contextmanager
def _guarded() -> Iterator[None]:
    try:
        yield
    except _OURS:
        raise
    except BaseException as error:
        raise Unusable(str(error)) from error
