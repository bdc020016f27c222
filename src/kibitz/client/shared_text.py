"""One client's copy of a code session's document: a text that several people edit at once.

Rule: the one module of the client that knows pycrdt. Places are counted in characters, as Python counts them, and never lie within one;
what comes from outside is surveyed first, and whatever the engine makes of it all the same is an `Unusable`, never a crash.
"""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, Literal, NamedTuple

from pycrdt import Assoc, Doc, StickyIndex, Text, TransactionEvent, UndoManager

from kibitz.domain.coding import MAX_TEXT
from kibitz.domain.positions import from_utf16, to_utf16, utf8_size
from kibitz.wire.yjs.lib0 import Malformed, write_uint
from kibitz.wire.yjs.update import clocks_of, survey

NAME: Final = "code"
"""The name of the text in the document (protocol.md, section 2)."""

MAX_STRUCTS: Final = 1_000_000
"""Structs in one update from the server: a document may have grown over years, and is sent whole to whoever comes."""

CAPTURE_MS: Final = 500
"""What is typed with shorter pauses than this is undone together."""

_OURS: Final = (KeyboardInterrupt, SystemExit, GeneratorExit)  # the engine's PanicException is no Exception either
_LOCAL: Final = "local"
_REMOTE: Final = "remote"


class Unusable(Exception):
    """What came cannot be part of a text, or the engine failed over it. What was there before is still there."""


class Change(NamedTuple):
    """So many characters at a place go, and others come. Of several, each counts in the text that those before it have left."""

    at: int
    removed: int
    added: str


class Anchor(NamedTuple):
    """A place that moves with the text: before the character a client wrote at a clock, or (`client` none) at the end."""

    client: int | None = None
    clock: int = 0
    after: bool = False  # after that character instead: Yjs' `assoc` below 0

    def to_yjs(self) -> dict[str, Any]:
        """As Yjs writes a relative position in JSON."""
        item = None if self.client is None else {"client": self.client, "clock": self.clock}
        return {"type": None, "tname": NAME, "item": item, "assoc": -1 if self.after else 0}

    @classmethod
    def of_yjs(cls, position: object) -> "Anchor | None":
        """The same read back; None for what is none."""
        if not isinstance(position, dict):
            return None
        after = isinstance(position.get("assoc"), int) and position["assoc"] < 0
        match position.get("item"):
            case {"client": int(client), "clock": int(clock)} if client >= 0 and clock >= 0:
                return cls(client, clock, after)
            case None if position.get("tname") == NAME:
                return cls(after=after)
        return None


Whose = Literal["mine", "theirs", "undone"]


class SharedText:
    """The text. It belongs to one thread. `changed` hears of every change after it was made, `told` of every update others lack."""

    def __init__(
        self,
        changed: Callable[[tuple[Change, ...], Whose], None] = lambda _changes, _whose: None,
        told: Callable[[bytes], None] = lambda _: None,
        *,
        client: int | None = None,
    ) -> None:
        self.client = secrets.randbits(31) if client is None else client
        self.text = ""
        self._changed, self._told = changed, told
        self._doc: Doc[Text] = Doc(client_id=self.client)
        self._code = self._doc.get(NAME, type=Text)
        self._clock = _Clock()
        self._undo = UndoManager(scopes=[self._code], capture_timeout_millis=CAPTURE_MS, timestamp=self._clock.moment)
        self._undo.include_origin(_LOCAL)
        self._shadow = _Shadow()
        self._deltas: list[list[dict[str, Any]]] = []
        self._updates: list[bytes] = []
        # Kept for as long as the text is: what the engine holds of an observer is out of the garbage collector's sight.
        self._watched = (self._code.observe(self._observe), self._doc.observe(self._note))

    def close(self) -> None:
        """Let go of it."""
        text_watched, doc_watched = self._watched
        self._code.unobserve(text_watched)
        self._doc.unobserve(doc_watched)
        self._undo.clear()

    # --- editing -------------------------------------------------------------------------------------------------------

    def edit(self, *changes: Change) -> None:
        """Change the text here. Raises `ValueError` where that cannot be, with a sentence for a person; then nothing has changed."""
        text, steps = self.text, []
        for at, removed, added in changes:
            if not 0 <= at <= at + removed <= len(text):
                raise ValueError("That place is not in the text.")
            added, here = sound(added), utf8_size(text[:at])  # noqa: PLW2901 - as it can be kept
            steps.append((here, here + utf8_size(text[at : at + removed]), added))
            text = text[:at] + added + text[at + removed :]
        if len(text) > MAX_TEXT // 4 and utf8_size(text) > max(MAX_TEXT, utf8_size(self.text)):
            raise ValueError(f"Code may have {MAX_TEXT // 1024} KiB; with this it would be longer.")
        with self._changing("mine"), self._doc.transaction(origin=_LOCAL):
            for here, after, added in steps:
                if after > here:
                    del self._code[here:after]
                if added:
                    self._code.insert(here, added)

    def part(self) -> None:
        """What comes next is undone by itself, however soon it comes."""
        self._clock.ahead += 2 * CAPTURE_MS

    def undo(self) -> bool:
        """Take back what was done last here, and nothing that others did. False: there is nothing."""
        with self._changing("undone"):
            return self._undo.undo()

    def redo(self) -> bool:
        """Do again what was taken back last."""
        with self._changing("undone"):
            return self._undo.redo()

    @property
    def can_undo(self) -> bool:
        """Whether there is something to take back."""
        return self._undo.can_undo()

    @property
    def can_redo(self) -> bool:
        """Whether something was taken back."""
        return self._undo.can_redo()

    # --- merging -------------------------------------------------------------------------------------------------------

    def apply(self, update: bytes) -> None:
        """Merge what someone else did. Raises `Unusable`."""
        try:
            survey(update, MAX_STRUCTS)
        except Malformed as error:
            raise Unusable(f"The server sent what is no edit: {error}.") from error
        with self._changing("theirs"), self._doc.transaction(origin=_REMOTE):
            self._doc.apply_update(update)

    def state(self) -> bytes:
        """What is here, as a state vector."""
        return bytes(self._doc.get_state())

    def since(self, state: bytes) -> bytes:
        """An update with all that whoever has this state lacks. Raises `Unusable`."""
        try:
            clocks_of(state)
        except Malformed as error:
            raise Unusable(f"The server sent what is no state: {error}.") from error
        with _guarded():
            return bytes(self._doc.get_update(state))

    # --- places --------------------------------------------------------------------------------------------------------

    def anchor(self, at: int) -> Anchor:
        """A place as one that moves with the text, for others too."""
        if not 0 <= at < len(self.text):
            return Anchor()
        return self._shadow.anchor(to_utf16(self.text, at)) or Anchor()

    def place(self, anchor: Anchor) -> int | None:
        """Where that is now; None where this copy does not have it (yet)."""
        if anchor.client is None:
            return len(self.text)
        units = self._shadow.place(anchor)
        return None if units is None else from_utf16(self.text, units)

    # --- within --------------------------------------------------------------------------------------------------------

    @contextmanager
    def _changing(self, whose: Whose) -> Iterator[None]:
        """Do something to the document; afterwards tell what that changed, even where it failed half way."""
        try:
            with _guarded():
                yield
        finally:
            deltas, self._deltas = self._deltas, []
            updates, self._updates = self._updates, []
            for update in updates:
                self._shadow.apply(update)
            changes = tuple(change for delta in deltas for change in self._follow(delta))
            if changes:
                self._changed(changes, whose)
            if whose != "theirs":
                for update in updates:
                    self._told(update)

    def _observe(self, event: Any) -> None:  # a TextEvent, whose slots have no types
        self._deltas.append(list(event.delta))

    def _note(self, event: TransactionEvent) -> None:
        self._updates.append(event.update)

    def _follow(self, delta: list[dict[str, Any]]) -> Iterator[Change]:
        """Take over a delta, which counts bytes, and say in characters what it does."""
        at = 0
        for step in delta:
            if "retain" in step:
                at += _characters(self.text, at, step["retain"])
            elif "delete" in step:
                gone = _characters(self.text, at, step["delete"])
                self.text = self.text[:at] + self.text[at + gone :]
                yield Change(at, gone, "")
            elif isinstance(added := step["insert"], str):
                self.text = self.text[:at] + added + self.text[at:]
                yield Change(at, 0, added)
                at += len(added)
            else:
                raise Unusable("There is something other than text in this document, which no editor of code can show.")


class _Clock:
    """What the engine takes the time from. It knows nothing of the text, which would else never be let go of."""

    def __init__(self) -> None:
        self.ahead = 0

    def moment(self) -> int:
        return time.monotonic_ns() // 1_000_000 + self.ahead


class _Shadow:
    """The same document with every text that is not ASCII replaced by as many letters as it has UTF-16 units.

    The engine mixes bytes and units where it looks for the id of a place, and panics over what it then does not find; where all is ASCII
    the two are the same. Structs, ids and order are untouched, so that places here are places there, counted in UTF-16 units.
    """

    def __init__(self) -> None:
        self._doc: Doc[Text] = Doc()
        self._code = self._doc.get(NAME, type=Text)
        self._usable = True

    def apply(self, update: bytes) -> None:
        """Follow the document."""
        if not self._usable:
            return
        try:
            with _guarded():
                self._doc.apply_update(_in_ascii(update))
        except (Unusable, Malformed):
            self._usable = False

    def anchor(self, units: int) -> Anchor | None:
        """The id of what begins there."""
        if not self._usable or units >= len(self._code):
            return None
        with _guarded():
            item = self._code.sticky_index(units, Assoc.AFTER).to_json().get("item")
        return None if item is None else Anchor(item["client"], item["clock"])

    def place(self, anchor: Anchor) -> int | None:
        """Where that is now."""
        if not self._usable or anchor.client is None:
            return None
        if anchor.clock >= clocks_of(bytes(self._doc.get_state())).get(anchor.client, 0):
            return None  # the engine would panic
        where = {"item": {"client": anchor.client, "clock": anchor.clock}, "assoc": -1 if anchor.after else 0}
        try:
            with _guarded():
                return int(StickyIndex.from_json(where, self._code).get_index())
        except Unusable:
            return None


def sound(text: str) -> str:
    """A text as it may be typed into a document: lines end with LF, and half characters are replaced."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text if text.isascii() else text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _in_ascii(update: bytes) -> bytes:
    parts, at = [], 0
    for start, after, units in survey(update, MAX_STRUCTS).wide:
        size = write_uint(after - start)
        if update[start - len(size) : start] != size:
            raise Malformed("a length is not written as short as it can be")
        parts += [update[at : start - len(size)], write_uint(units), b"x" * units]
        at = after
    return b"".join([*parts, update[at:]]) if parts else update


def _characters(text: str, at: int, size: int) -> int:
    """How many characters so many bytes are, from a place on."""
    return size if text.isascii() else len(text[at : at + size].encode()[:size].decode(errors="ignore"))


@contextmanager
def _guarded() -> Iterator[None]:
    try:
        yield
    except (*_OURS, Unusable, ValueError):
        raise
    except BaseException as error:
        raise Unusable(f"The engine failed: {error}.") from error
