"""Emoji where the system has no font for them: their names instead of empty boxes.

Rule: only what is shown is worded so; what is sent and copied stays as it was written.
"""

import shutil
import subprocess
import sys
from functools import cache, lru_cache
from typing import Final

import emoji

from kibitz.desktop.presenters.rows import Piece, Row

_LEAST: Final = "\u2190"
"""No emoji of more than one meaning comes before the arrows of Unicode."""

SECONDS: Final = 5.0

OURS: Final = "↩"
"""What rows themselves say by an emoji that every font has."""


@cache
def has_emoji() -> bool:
    """Whether the system can draw them. It may start a program, so not on Tk's thread; where nobody can say it can."""
    program = shutil.which("fc-list")
    if not sys.platform.startswith("linux") or program is None:
        return True
    try:
        found = subprocess.run([program, ":charset=1f44d", "family"], capture_output=True, timeout=SECONDS, check=False)  # noqa: S603 - fontconfig's own, of the system
    except (OSError, subprocess.TimeoutExpired):
        return True
    return found.returncode != 0 or bool(found.stdout.strip())


@lru_cache(2048)
def spoken(symbol: str) -> str:
    """The name of an emoji in words."""
    return emoji.demojize(symbol, delimiters=("", "")).replace("_", " ").replace("-", " ")


def labelled(symbol: str) -> str:
    """An emoji with its name, for a list to choose from."""
    return f"{symbol}  {spoken(symbol)}" if has_emoji() else spoken(symbol)


def worded(row: Row) -> Row:
    """A row with names in place of emoji; code is left as it is."""
    if max(row.text, default="") < _LEAST:
        return row
    return Row(row.key, tuple(_worded(piece) for piece in row.pieces), row.seq, row.run)


def _worded(piece: Piece) -> Piece:
    if "mono" in piece.styles or not emoji.emoji_count(piece.text):
        return piece
    if "chip" in piece.styles or "chip_mine" in piece.styles:
        text = emoji.replace_emoji(piece.text, lambda chars, _: spoken(chars))
    else:
        text = emoji.demojize(piece.text.replace(OURS, "\0")).replace("\0", OURS)
    return Piece(text, piece.styles, piece.act, piece.tip, piece.picture)
