"""The structure of a Yjs update (V1), walked without applying it.

Rule: the engine is handed no update that did not pass here. It believes lengths and counts, takes strings for UTF-8 unseen and a
client for listed once; an update of twenty bytes that lies about these would take all memory of the server.
"""

import re
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final, NamedTuple

from kibitz.wire.yjs.lib0 import VARUINT, Malformed, Oversized, read_bytes, read_string, read_uint, uint_of

MAX_CLOCK: Final = (1 << 31) - 1
"""Clocks are below this: yrs calculates with them as signed 32-bit numbers."""

MAX_STRUCTS: Final = 20_000
"""Structs in one update: a document of 260,000 edits has half as many. Their cost grows with their square; this many take up to half a
second."""

MAX_RANGES: Final = 200_000
"""Ranges of what was deleted in one update. A client that comes back sends all of the document's, which cost little."""

MAX_CLIENTS: Final = 100_000
"""Clients in one state vector: every time a document was opened, in an editor or as a whole text, by anyone."""

MAX_DEPTH: Final = 32
"""Levels of nesting in one JSON-like value."""

_GC: Final = 0
_SKIP: Final = 10
_HAS_SUB: Final = 0x20
_NAMED_TEXT: Final = 4  # text without origins
_V: Final = VARUINT

# Info byte (bit 7: has a left origin, bit 6: a right one), the origins as client and clock, then the number that every kind of
# content and the name of a parent begin with. Which groups matched tells which origins there are.
_HEAD: Final = re.compile(
    rb"[\x80-\xbf]" + _V * 3 + rb"|[\x40-\x7f]" + _V * 3 + rb"|[\xc0-\xff]" + _V * 5 + rb"|[\x00-\x3f]" + _V
)
# What comes most: one text after or before another, or both, in ASCII and shorter than 128 bytes, and nothing deleted. The groups are
# the client and clock, the origins of each of the three ways, the text's length and the text.
_TYPED: Final = re.compile(
    rb"\x01\x01" + _V * 2 + rb"(?:\x84" + _V * 2 + rb"|\x44" + _V * 2 + rb"|\xc4" + _V * 4 + rb")"
    rb"([\x01-\x7f])([\x00-\x7f]+)\x00",
    re.DOTALL,
)
_PAIR: Final = re.compile(_V * 2)
_TRIPLE: Final = re.compile(_V * 3)


class Side(Enum):
    """How a struct refers to another."""

    LEFT = auto()
    RIGHT = auto()
    PARENT = auto()


class Need(NamedTuple):
    """What the struct at the clock `at` refers to."""

    at: int
    client: int
    clock: int
    side: Side


class Span(NamedTuple):
    """Clocks of a client, from `first` up to but not including `after`."""

    client: int
    first: int
    after: int


@dataclass(slots=True)
class Section:
    """What an update holds of one client: its structs in runs without gaps, and what they need, in order."""

    client: int
    runs: list[Span] = field(default_factory=list)
    needs: list[Need] = field(default_factory=list)


@dataclass(slots=True)
class Survey:
    """What an update holds.

    `halves` are the ids of first halves of characters that are two units in UTF-16; `text` is the bytes of text it brings, and `wide`
    says where in the update those texts stand that are not ASCII: from, up to, and their UTF-16 units. It is `plain` if it is about
    text alone; what else there may be in a document is not walked into its meaning.
    """

    sections: list[Section] = field(default_factory=list)
    deletes: list[Span] = field(default_factory=list)
    structs: int = 0
    halves: list[tuple[int, int]] = field(default_factory=list)
    text: int = 0
    wide: list[tuple[int, int, int]] = field(default_factory=list)
    plain: bool = True

    def __bool__(self) -> bool:
        return bool(self.sections or self.deletes)


def survey(update: bytes, most: int = MAX_STRUCTS) -> Survey:
    """Walk an update from end to end, of at most so many structs. Raises `Malformed`."""
    typed = _TYPED.fullmatch(update)
    if typed is not None and (found := _typed(typed)) is not None:
        return found
    found = Survey()
    count, at = read_uint(update, 0)
    seen: set[int] = set()
    for _ in range(count):
        at = _section(update, at, found, seen, most)
    at = _deletes(update, at, found)
    if at != len(update):
        raise Malformed("there are bytes after the update")
    return found


def _typed(match: re.Match[bytes]) -> Survey | None:
    """What an update of this shape holds; None if it is not what it looks like."""
    client, clock, *origins, size, text = match.groups()
    length = size[0]
    if length != len(text):
        return None
    section = Section(uint_of(client))
    first = uint_of(clock)
    for at, side in ((0, Side.LEFT), (2, Side.RIGHT), (4, Side.LEFT), (6, Side.RIGHT)):
        if origins[at] is not None:
            _need(section, first, origins[at], origins[at + 1], side)
    section.runs.append(Span(section.client, first, _bounded(first + length)))
    return Survey([section], structs=1, text=length)


def clocks_of(state: bytes) -> dict[int, int]:
    """A state vector: for each client the clock after the last that is known. Raises `Malformed`."""
    count, at = read_uint(state, 0)
    if count > MAX_CLIENTS:
        raise Oversized("a state vector has too many clients")
    clocks: dict[int, int] = {}
    for _ in range(count):
        match = _PAIR.match(state, at)
        if match is None:
            raise Malformed("a state vector is cut off")
        clocks[uint_of(match[1])] = _bounded(uint_of(match[2]))
        at = match.end()
    if at != len(state):
        raise Malformed("there are bytes after the state vector")
    return clocks


def _bounded(clock: int) -> int:
    if clock > MAX_CLOCK:
        raise Malformed("a clock is too large")
    return clock


def _section(data: bytes, at: int, found: Survey, seen: set[int], most: int) -> int:
    match = _TRIPLE.match(data, at)
    if match is None:
        raise Malformed("the structs are cut off")
    count, client, clock = uint_of(match[1]), uint_of(match[2]), uint_of(match[3])
    found.structs += count
    if found.structs > most:
        raise Oversized("an update has too many structs")
    if client in seen:
        raise Malformed("a client is listed twice")
    seen.add(client)
    section, at, first = Section(client), match.end(), clock
    for _ in range(count):
        info = data[at] if at < len(data) else 0
        if info == _SKIP:
            length, at = read_uint(data, at + 1)
            if clock > first:
                section.runs.append(Span(client, first, clock))
            first = clock + length
        else:
            length, at = _struct(data, at, client, clock, section, found)
        if not length:
            raise Malformed("a struct is empty")
        clock = _bounded(clock + length)
    if clock > first:
        section.runs.append(Span(client, first, clock))
    if section.runs:
        found.sections.append(section)
    return at


def _struct(data: bytes, at: int, client: int, clock: int, section: Section, found: Survey) -> tuple[int, int]:
    """The length in clocks of the struct at a position, and the position after it."""
    head = _HEAD.match(data, at)
    if head is None:
        raise Malformed("a struct is cut off")
    info, origins = data[at], head.lastindex
    if origins == 12:  # no origin: what it belongs to is named
        if info == _GC:
            return uint_of(head[12]), head.end()
        found.plain = found.plain and info == _NAMED_TEXT and head[12] == b"\x01"
        number, at = _parent(data, head.end(), info, uint_of(head[12]), clock, section)
    elif origins == 3:
        _need(section, clock, head[1], head[2], Side.LEFT)
        number, at = uint_of(head[3]), head.end()
    elif origins == 6:
        _need(section, clock, head[4], head[5], Side.RIGHT)
        number, at = uint_of(head[6]), head.end()
    else:
        _need(section, clock, head[7], head[8], Side.LEFT)
        _need(section, clock, head[9], head[10], Side.RIGHT)
        number, at = uint_of(head[11]), head.end()
    return _content(data, at, info & 0x1F, number, (client, clock), found)


def _need(section: Section, at: int, client: bytes, clock: bytes, side: Side) -> None:
    need = Need(at, uint_of(client), uint_of(clock), side)
    if need.client == section.client and need.clock >= at:
        raise Malformed("a struct refers to what comes after it")
    section.needs.append(need)


def _parent(data: bytes, at: int, info: int, named: int, clock: int, section: Section) -> tuple[int, int]:
    if named == 1:
        _, at = read_string(data, at)
    elif named == 0:
        match = _PAIR.match(data, at)
        if match is None:
            raise Malformed("a parent is cut off")
        _need(section, clock, match[1], match[2], Side.PARENT)
        at = match.end()
    else:
        raise Malformed("a parent is neither named nor referred to")
    if info & _HAS_SUB:
        _, at = read_string(data, at)
    return read_uint(data, at)


def _content(data: bytes, at: int, kind: int, number: int, origin: tuple[int, int], found: Survey) -> tuple[int, int]:
    match kind:
        case 4:
            return _text(data, at, number, origin, found)
        case 1:  # deleted: its length is all that is left
            return number, at
        case _:
            found.plain = False
            return _other_content(data, at, kind, number)


def _other_content(data: bytes, at: int, kind: int, number: int) -> tuple[int, int]:
    match kind:
        case 2:
            return number, _strings(data, at, number)
        case 3:
            return 1, _skipped(data, at, number)
        case 5:
            return 1, _utf8(data, at, number)
        case 6:
            return 1, _strings(data, _utf8(data, at, number), 1)
        case 7 if number in {3, 5}:
            return 1, _strings(data, at, 1)
        case 7 if number <= 6:
            return 1, at
        case 8:
            return number, _values(data, at, number, 0)
        case _:
            raise Malformed(f"content of the kind {kind} is not kept here")


def _text(data: bytes, at: int, size: int, origin: tuple[int, int], found: Survey) -> tuple[int, int]:
    after = _skipped(data, at, size)
    raw = data[at:after]
    found.text += size
    if raw.isascii():
        return size, after
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise Malformed("a text is not UTF-8") from None
    client, clock = origin
    units = 0
    for char in text:
        if char > "\uffff":
            found.halves.append((client, clock + units))
            units += 1
        units += 1
    found.wide.append((at, after, units))
    return units, after


def _skipped(data: bytes, at: int, size: int) -> int:
    if size > len(data) - at:
        raise Malformed("a content is longer than what holds it")
    return at + size


def _utf8(data: bytes, at: int, size: int) -> int:
    after = _skipped(data, at, size)
    try:
        data[at:after].decode()
    except UnicodeDecodeError:
        raise Malformed("a string is not UTF-8") from None
    return after


def _strings(data: bytes, at: int, count: int) -> int:
    for _ in range(count):
        _, at = read_string(data, at)
    return at


def _values(data: bytes, at: int, count: int, depth: int) -> int:
    for _ in range(count):
        at = _value(data, at, depth)
    return at


def _value(data: bytes, at: int, depth: int) -> int:
    """The position after a JSON-like value, as lib0's `writeAny` writes it: a byte that tells its type, then itself."""
    if at >= len(data) or depth > MAX_DEPTH:
        raise Malformed("a value is cut off or nested too deeply")
    kind, at = data[at], at + 1
    match kind:
        case 127 | 126 | 121 | 120:
            return at
        case 125:
            return read_uint(data, at)[1]
        case 124:
            return _skipped(data, at, 4)
        case 123 | 122:
            return _skipped(data, at, 8)
        case 119:
            return _strings(data, at, 1)
        case 118:
            count, at = read_uint(data, at)
            for _ in range(count):
                at = _value(data, _strings(data, at, 1), depth + 1)
            return at
        case 117:
            count, at = read_uint(data, at)
            return _values(data, at, count, depth + 1)
        case 116:
            return read_bytes(data, at)[1]
        case _:
            raise Malformed(f"there is no value of the kind {kind}")


def _deletes(data: bytes, at: int, found: Survey) -> int:
    clients, at = read_uint(data, at)
    seen: set[int] = set()
    ranges = 0
    for _ in range(clients):
        match = _PAIR.match(data, at)
        if match is None:
            raise Malformed("the deletions are cut off")
        client, count, at = uint_of(match[1]), uint_of(match[2]), match.end()
        if client in seen:
            raise Malformed("a client is listed twice among the deletions")
        seen.add(client)
        ranges += count
        if ranges > MAX_RANGES:
            raise Oversized("an update deletes too many ranges")
        for _ in range(count):
            match = _PAIR.match(data, at)
            if match is None:
                raise Malformed("the deletions are cut off")
            first, length, at = uint_of(match[1]), uint_of(match[2]), match.end()
            if not length:
                raise Malformed("a deletion is empty")
            found.deletes.append(Span(client, first, _bounded(first + length)))
    return at
