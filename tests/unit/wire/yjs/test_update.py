"""Updates: what stock clients make is understood to the last struct, and what lies is refused before the engine sees it."""

import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibitz.coedit.engine import Replica, Unusable
from kibitz.coedit.intake import Known, Verdict
from kibitz.wire.yjs.lib0 import Malformed, write_string, write_uint
from kibitz.wire.yjs.messages import EMPTY_UPDATE
from kibitz.wire.yjs.update import (
    MAX_CLIENTS,
    MAX_CLOCK,
    MAX_DEPTH,
    MAX_RANGES,
    MAX_STRUCTS,
    Need,
    Side,
    Span,
    clocks_of,
    survey,
)

VECTORS = json.loads((Path(__file__).parents[3] / "collab" / "vectors.json").read_bytes())
ALL = [
    bytes.fromhex(update)
    for name in ("hello", "typing", "kinds", "two")
    for update in [*VECTORS[name].get("updates", ()), VECTORS[name]["full"]]
]
LEFT_OF_HELLO = b"\x84\x01\x04"


def of(client: int, clock: int, *structs: bytes, deletes: bytes = b"\x00") -> bytes:
    """An update with structs of one client."""
    return b"\x01" + write_uint(len(structs)) + write_uint(client) + write_uint(clock) + b"".join(structs) + deletes


def text(words: str | bytes) -> bytes:
    """A struct that puts a text after «hello»."""
    raw = words.encode() if isinstance(words, str) else words
    return LEFT_OF_HELLO + write_uint(len(raw)) + raw


def any_value(value: bytes) -> bytes:
    return b"\x88\x01\x04\x01" + value


@pytest.mark.parametrize("update", ALL, ids=bytes.hex)
def test_every_update_of_a_stock_client_is_walked_from_end_to_end(update: bytes) -> None:
    survey(update)


@pytest.mark.parametrize("name", ["hello", "typing", "kinds", "two"])
def test_the_clocks_of_a_whole_document_are_its_state_vector(name: str) -> None:
    found = survey(bytes.fromhex(VECTORS[name]["full"]))
    clocks = {section.client: section.runs[-1].after for section in found.sections}
    assert clocks == clocks_of(bytes.fromhex(VECTORS[name]["state"]))


def test_a_survey_tells_what_an_update_holds() -> None:
    found = survey(bytes.fromhex(VECTORS["typing"]["updates"][3]))
    (section,) = found.sections
    assert (section.client, section.runs) == (300, [Span(300, 3, 6)])
    assert section.needs == [Need(3, 300, 0, Side.LEFT), Need(3, 300, 2, Side.RIGHT)]
    assert (found.halves, found.text, found.deletes) == ([(300, 3)], 6, [])
    assert survey(bytes.fromhex(VECTORS["typing"]["updates"][4])).deletes == [Span(300, 5, 6)]


def test_an_empty_update_holds_nothing() -> None:
    assert not survey(EMPTY_UPDATE)
    assert survey(of(2, 0, text("x")))


def test_gaps_part_runs() -> None:
    (section,) = survey(of(2, 0, text("ab"), b"\x0a\x03", text("c"))).sections
    assert section.runs == [Span(2, 0, 2), Span(2, 5, 6)]


@pytest.mark.parametrize(
    ("why", "update"),
    [
        ("counts clients that are not there", b"\xff\xff\xff\xff\x0f"),
        ("counts structs that are not there", b"\x01\xff\xff\xff\xff\x0f\x02\x00"),
        ("counts deletions that are not there", b"\x00\x01\x01\xff\xff\xff\xff\x0f"),
        ("lists a client twice", b"\x02" + of(2, 0, text("x"), deletes=b"")[1:] + of(2, 0, text("y"))[1:]),
        ("lists a client's deletions twice", b"\x00\x02\x01\x01\x00\x01\x01\x01\x02\x01"),
        ("text that is not UTF-8", of(2, 0, text(b"\xff\xfe"))),
        ("text that is half of a surrogate pair", of(2, 0, text(b"\xed\xa0\xbd"))),
        ("text that is cut off", of(2, 0, LEFT_OF_HELLO + b"\x05abc")),
        ("an empty struct", of(2, 0, text(""))),
        ("an empty gap", of(2, 0, b"\x0a\x00")),
        ("an empty deletion", b"\x00\x01\x01\x01\x00\x00"),
        ("refers to itself", of(2, 0, b"\x84\x02\x00\x01x")),
        ("refers to what comes after it", of(2, 0, b"\x44\x02\x09\x01x")),
        ("clocks that are too large", of(2, MAX_CLOCK, text("x"))),
        ("a length that is too large", of(2, 0, b"\x81\x01\x04\xff\xff\xff\xff\x0f")),
        ("a deletion that is too long", b"\x00\x01\x01\x01\x00\xff\xff\xff\xff\x0f"),
        ("a parent that is neither", of(2, 0, b"\x04\x02\x01x")),
        ("a struct of no kind", of(2, 0, b"\x8c\x01\x04\x01x")),
        ("a type of no kind", of(2, 0, b"\x87\x01\x04\x07")),
        ("a value of no kind", of(2, 0, any_value(b"\x10"))),
        ("a value that is cut off", of(2, 0, any_value(b"\x7b\x00"))[:-1]),
        ("values nested too deeply", of(2, 0, any_value(b"\x75\x01" * (MAX_DEPTH + 2) + b"\x7e"))),
        ("more structs than are dealt with at once", of(2, 0, *[text("x")] * (MAX_STRUCTS + 1))),
        ("more deletions than are dealt with at once", b"\x00\x01\x01" + write_uint(MAX_RANGES + 1)),
        ("a document within", bytes.fromhex(VECTORS["subdoc"]["full"])),
        ("bytes after its end", of(2, 0, text("x")) + b"\x00"),
        ("nothing", b""),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_update_that_lies_is_refused(why: str, update: bytes) -> None:
    with pytest.raises(Malformed):
        survey(update)


@pytest.mark.parametrize(
    "state", [b"", write_uint(MAX_CLIENTS + 1), b"\x01", b"\x01\x01", b"\x00\x00", b"\xff\xff\xff\xff\x0f"]
)
def test_a_state_vector_that_lies_is_refused(state: bytes) -> None:
    with pytest.raises(Malformed):
        clocks_of(state)


def mutated(update: bytes, seed: int) -> bytes:
    """The update with some bytes changed, put in or left out."""
    chance, data = random.Random(seed), bytearray(update)
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(data))
        match chance.randrange(3):
            case 0:
                data[at] = chance.choice((0, 1, 4, 0x44, 0x7F, 0x80, 0x84, 0xC4, 0xFF, chance.randrange(256)))
            case 1:
                data.insert(at, chance.randrange(256))
            case _ if len(data) > 1:
                del data[at]
    return bytes(data)


@given(st.sampled_from(ALL), st.integers(0, 1 << 32))
def test_whatever_passes_is_taken_by_the_engine_or_refused_by_it_in_good_order(update: bytes, seed: int) -> None:
    replica = Replica([bytes.fromhex(VECTORS["hello"]["full"])])
    try:
        found = survey(mutated(update, seed))
    except Malformed:
        return
    known = Known(replica.state())
    if known.judge(found) is not Verdict.READY:
        return
    try:
        replica.apply(mutated(update, seed))
    except Unusable:
        return
    known.note(found)
    assert known.clocks == clocks_of(replica.state())


def test_a_name_of_a_parent_and_a_key_are_strings() -> None:
    survey(of(2, 0, b"\x24\x01" + write_string("code") + write_string("key") + b"\x01x"))
    with pytest.raises(Malformed):
        survey(of(2, 0, b"\x24\x01\x01\xff" + write_string("key") + b"\x01x"))
