"""What a file is, by how it begins.

Rule: a guess for people's convenience. Nothing may trust it: every file is served as an attachment that no browser interprets.
"""

import mimetypes
import re
from typing import Final

import puremagic

UNKNOWN: Final = "application/octet-stream"

SURE: Final = 0.4
"""Confidence from which puremagic has seen a signature of three bytes or more; below are two bytes, or the name alone."""

_MEDIA_TYPE: Final = re.compile(r"[\w!#$&^.+-]{1,63}/[\w!#$&^.+-]{1,63}", re.ASCII)
"""RFC 6838, 4.2: and so short that the database's column holds it."""


def media_type(name: str, head: bytes) -> str:
    """The media type of a file of this name that begins with these bytes; `UNKNOWN` where nothing tells."""
    found = _by_signature(name, head) or mimetypes.guess_type(name)[0] or UNKNOWN
    return found if _MEDIA_TYPE.fullmatch(found) else UNKNOWN


def _by_signature(name: str, head: bytes) -> str | None:
    try:
        matches = puremagic.magic_string(head, name)
    except Exception:  # it is given whatever people send, and says with an exception that it knows nothing
        return None
    return next((match.mime_type for match in matches if match.mime_type and match.confidence >= SURE), None)
