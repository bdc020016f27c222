"""Messages: how long, how many reactions, and what counts as one.

Rule: a text is kept to the letter, spaces and tabs of its code blocks included; nothing here trims or rewrites it.
"""

from dataclasses import dataclass
from typing import Final

import emoji as emoji_tables

from kibitz.domain.errors import Refusal
from kibitz.domain.rooms import RoomFacts

MAX_TEXT_BYTES: Final = 32 * 1024
"""UTF-8 bytes of one message: room for a source file of about 800 lines, and a line of the wire (64 KiB) holds it escaped."""

MAX_REACTIONS: Final = 50
"""Different emoji on one message; Mattermost's limit too."""

MAX_PAGE: Final = 200
"""Messages in one page of history."""


@dataclass(frozen=True, slots=True)
class MessageFacts:
    """What `access.may` needs to know of a message: where it is, whose it is, and whether it is still there."""

    room: RoomFacts
    seq: int
    sender_id: int
    deleted: bool


def check_text(text: str, *, has_file: bool = False) -> None:
    """Raises `Refusal` for a text that is empty (unless a file goes with it), too long, or holds a NUL."""
    if not text.strip() and not has_file:
        raise Refusal("invalid", "A message needs a text.")
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        raise Refusal("invalid", "A message must be valid Unicode; this one has half of a surrogate pair.") from None
    if size > MAX_TEXT_BYTES:
        raise Refusal("too_long", f"A message may have {MAX_TEXT_BYTES} bytes; this one has {size}. Send it as a file.")
    if "\x00" in text:
        raise Refusal("invalid", "A message cannot hold a NUL character.")


def check_emoji(symbol: str) -> None:
    """Raises `Refusal("invalid")` unless it is exactly one emoji of Unicode."""
    if not emoji_tables.is_emoji(symbol):
        raise Refusal("invalid", "A reaction is one emoji.")
