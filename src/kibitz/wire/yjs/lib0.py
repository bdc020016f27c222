"""Numbers, byte arrays and strings as lib0, the encoding library of Yjs, writes them.

Rule: a number is read to its end or refused, and a length is believed only as far as there are bytes.
"""

from functools import lru_cache
from typing import Final

MAX_UINT: Final = (1 << 53) - 1
"""The largest number: JavaScript's largest safe integer, which lib0 stops at too."""

VARUINT: Final = rb"([\x80-\xff]{0,7}[\x00-\x7f])"
"""A number in a regular expression: seven bits a byte, the lowest first, the top bit set on all but the last."""


class Malformed(Exception):
    """Bytes that are not what they should be; says what is wrong with them."""


class Oversized(Malformed):
    """More than is dealt with at once."""


def read_uint(data: bytes, at: int) -> tuple[int, int]:
    """The number at a position, and the position after it."""
    if at < len(data) and data[at] < 0x80:  # most are small
        return data[at], at + 1
    value = shift = 0
    for index in range(at, min(at + 8, len(data))):
        byte = data[index]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            if value > MAX_UINT:
                break
            return value, index + 1
        shift += 7
    raise Malformed("a number is too long or cut off")


@lru_cache(maxsize=4096)
def uint_of(digits: bytes) -> int:
    """The number that `VARUINT` has found."""
    value = sum((byte & 0x7F) << (7 * place) for place, byte in enumerate(digits))
    if value > MAX_UINT:
        raise Malformed("a number is too large")
    return value


def write_uint(value: int) -> bytes:
    """A number as it is written."""
    if value < 0x80:
        return bytes((value,))
    digits = bytearray()
    while value >= 0x80:
        digits.append(value & 0x7F | 0x80)
        value >>= 7
    digits.append(value)
    return bytes(digits)


def read_bytes(data: bytes, at: int) -> tuple[bytes, int]:
    """The byte array at a position, and the position after it."""
    size, start = read_uint(data, at)
    if size > len(data) - start:
        raise Malformed("a byte array is longer than what holds it")
    return data[start : start + size], start + size


def write_bytes(payload: bytes) -> bytes:
    """A byte array as it is written: its length, then itself."""
    return write_uint(len(payload)) + payload


def read_string(data: bytes, at: int) -> tuple[str, int]:
    """The string at a position, and the position after it."""
    raw, after = read_bytes(data, at)
    try:
        return raw.decode(), after
    except UnicodeDecodeError:
        raise Malformed("a string is not UTF-8") from None


def write_string(text: str) -> bytes:
    """A string as it is written: a byte array of UTF-8."""
    return write_bytes(text.encode())
