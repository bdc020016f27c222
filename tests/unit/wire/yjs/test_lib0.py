"""Numbers, byte arrays and strings: as lib0 writes them, and refused where they are not."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibitz.wire.yjs.lib0 import (
    MAX_UINT,
    VARUINT,
    Malformed,
    read_bytes,
    read_string,
    read_uint,
    uint_of,
    write_bytes,
    write_string,
    write_uint,
)

VECTORS = json.loads((Path(__file__).parents[3] / "collab" / "vectors.json").read_bytes())


@pytest.mark.parametrize(("value", "written"), VECTORS["uints"])
def test_numbers_are_written_as_lib0_writes_them(value: int, written: str) -> None:
    assert write_uint(value).hex() == written
    assert read_uint(bytes.fromhex(written), 0) == (value, len(written) // 2)


@given(st.integers(0, MAX_UINT), st.binary(max_size=3))
def test_a_number_is_read_as_it_was_written_and_no_further(value: int, after: bytes) -> None:
    written = write_uint(value)
    assert read_uint(written + after, 0) == (value, len(written))
    match = re.compile(VARUINT).match(written + after)
    assert match is not None
    assert uint_of(match[1]) == value


@pytest.mark.parametrize("written", [b"", b"\x80", b"\xff" * 7, b"\xff" * 8 + b"\x01", b"\xff" * 7 + b"\x7f"])
def test_a_number_that_is_cut_off_or_too_large_is_refused(written: bytes) -> None:
    with pytest.raises(Malformed):
        read_uint(written, 0)


def test_digits_that_are_too_large_are_refused() -> None:
    with pytest.raises(Malformed):
        uint_of(b"\xff" * 7 + b"\x7f")


@given(st.binary(max_size=300), st.text(max_size=50))
def test_byte_arrays_and_strings_come_through(payload: bytes, text: str) -> None:
    written = write_bytes(payload) + write_string(text)
    first, at = read_bytes(written, 0)
    assert (first, read_string(written, at)) == (payload, (text, len(written)))


def test_a_length_is_believed_only_as_far_as_there_are_bytes() -> None:
    with pytest.raises(Malformed):
        read_bytes(b"\x05four", 0)


def test_a_string_must_be_utf_8() -> None:
    with pytest.raises(Malformed):
        read_string(b"\x01\xff", 0)
