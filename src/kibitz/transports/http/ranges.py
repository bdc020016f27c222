"""Parts of a file: what RFC 9110 says of `Range`, `If-Range` and `If-None-Match`.

Rule: a header that cannot be understood, or asks for more than one part, is answered with the whole file, as section 14.2 allows.
"""

import re
from typing import Final

_ONE_RANGE: Final = re.compile(r"bytes=[ \t]*(\d{0,18})-(\d{0,18})[ \t]*", re.IGNORECASE | re.ASCII)
_TAG: Final = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')


class Unsatisfiable(Exception):
    """The file has no such part: answered with 416."""


def part_of(header: str | None, size: int) -> tuple[int, int] | None:
    """The first byte and the one after the last that `Range` asks for; None for the whole file. Raises `Unsatisfiable`."""
    match = _ONE_RANGE.fullmatch(header or "")
    if match is None or not (match[1] or match[2]) or size == 0:
        return None
    if not match[1]:
        count = min(int(match[2]), size)
        start, end = size - count, size
    else:
        start, end = int(match[1]), min(int(match[2]) + 1, size) if match[2] else size
        if match[2] and int(match[2]) < start:
            return None
    if start >= size:
        raise Unsatisfiable
    return start, end


def holds(if_range: str | None, etag: str) -> bool:
    """Whether `If-Range` lets a range through: the client has a part of this very version, or does not ask."""
    return if_range is None or if_range.strip() == etag


def is_known(if_none_match: str | None, etag: str) -> bool:
    """Whether `If-None-Match` names this version: the client has it already."""
    if if_none_match is None:
        return False
    return if_none_match.strip() == "*" or etag in _TAG.findall(if_none_match)
