"""Presence: as y-protocols writes it, and only what every receiver can parse."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibitz.wire.yjs import awareness
from kibitz.wire.yjs.awareness import GONE, MAX_ENTRIES, MAX_STATE, Entry, is_sound
from kibitz.wire.yjs.lib0 import MAX_UINT, Malformed, write_uint

VECTORS = json.loads((Path(__file__).parents[3] / "collab" / "vectors.json").read_bytes())["messages"]
HERE = bytes.fromhex(VECTORS["awareness"])[2:]
LEFT = bytes.fromhex(VECTORS["gone"])[2:]

uints = st.integers(0, MAX_UINT)
entries = st.builds(Entry, uints, uints, st.binary(max_size=20))


def test_presence_of_a_stock_client_is_read_and_written_as_it_was() -> None:
    (entry,) = awareness.decode(HERE)
    assert (entry.client, entry.clock) == (7, 2)
    assert json.loads(entry.state) == {"user": {"name": "älice"}, "cursor": {"anchor": 3}}
    assert awareness.encode([entry]) == HERE


def test_a_client_that_has_left_has_no_state() -> None:
    assert awareness.decode(LEFT) == [Entry(7, 3, GONE)]
    assert awareness.encode([Entry(7, 3, GONE)]) == LEFT


def test_nobody_is_written_in_one_byte() -> None:
    assert awareness.encode([]) == awareness.NOBODY
    assert awareness.decode(awareness.NOBODY) == []


@given(st.lists(entries, max_size=5))
def test_presence_comes_through(told: list[Entry]) -> None:
    assert awareness.decode(awareness.encode(told)) == told


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\x01",
        b"\x02" + HERE[1:],
        HERE + b"\x00",
        b"\xff\xff\xff\xff\x7f",
        write_uint(MAX_ENTRIES + 1) + b"\x01\x00\x00" * (MAX_ENTRIES + 1),
    ],
)
def test_presence_that_is_cut_off_or_goes_on_is_malformed(payload: bytes) -> None:
    with pytest.raises(Malformed):
        awareness.decode(payload)


@pytest.mark.parametrize("state", [b"{}", b"null", b'{"a":[1,2,{"b":"\\u00e4"}]}', b'"\xc3\xa9"'])
def test_what_json_parse_takes_is_sound(state: bytes) -> None:
    assert is_sound(state)


@pytest.mark.parametrize(
    "state", [b"", b"{", b"undefined", b"{'a':1}", b'"\xff"', b"[" * 10_000, b'"' + b"x" * MAX_STATE + b'"']
)
def test_what_would_fail_at_every_receiver_is_not(state: bytes) -> None:
    assert not is_sound(state)
