"""Reading bytes that a stranger wrote.

Rule: whatever they are, the outcome is a text or a `Misread` that says what is wrong and where.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

from kibitz.wire.codec import Misread

MAX_QUOTE: Final = 64
"""Characters of a stranger's word that are said back: longer than any command's name."""

MAX_FAULT: Final = 200
"""Characters of a library's sentence on what is wrong, which can quote a field's name."""


def utf8(raw: bytes) -> str:
    """The text in these bytes. Raises `Misread`."""
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise Misread("malformed", not_utf8(error)) from None


def not_utf8(error: UnicodeDecodeError) -> str:
    """The sentence for bytes that are no text."""
    return f"A message is UTF-8; byte {error.start} of this one is not."


def quoted(word: str) -> str:
    """A stranger's word in a sentence of ours."""
    return f"'{word[:MAX_QUOTE]}'"


def hint(word: str, known: Iterable[str]) -> str:
    """`Did you mean 'ping'? ` where one of the known words is close, else nothing."""
    close = get_close_matches(word[:MAX_QUOTE], known, n=1)
    return f"Did you mean {quoted(close[0])}? " if close else ""
