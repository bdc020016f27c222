"""Kinds of values a setting can have.

Rule: a kind turns the text an operator writes into a value or raises `ValueError`; the sentence around it names the place.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_UNITS: Final = {
    "": 1,
    "b": 1,
    "kb": 10**3,
    "mb": 10**6,
    "gb": 10**9,
    "tb": 10**12,
    "kib": 2**10,
    "mib": 2**20,
    "gib": 2**30,
    "tib": 2**40,
}
"""Bytes in each unit of size: decimal prefixes by SI, binary ones by IEC 80000-13."""

_SIZE = re.compile(r"(\d{1,15}(?:\.\d{1,6})?)\s*([a-z]*)", re.ASCII)
_WORDS: Final = {
    "1": True,
    "true": True,
    "yes": True,
    "on": True,
    "0": False,
    "false": False,
    "no": False,
    "off": False,
}

MAX_COUNT: Final = 1_000_000
MAX_CODE_SECONDS: Final = 3600.0


def _same(value: Any) -> str:
    return "" if value is None else str(value)


@dataclass(frozen=True, slots=True)
class Kind:
    """How a value is read and shown; `expects` completes «must be …», `metavar` stands for it in the help."""

    metavar: str
    expects: str
    parse: Callable[[str], Any]
    show: Callable[[Any], str] = _same


def parse_size(text: str) -> int:
    """Bytes: `50MB`, `1.5 GiB`, `4096`."""
    found = _SIZE.fullmatch(text.strip().lower())
    if found is None or found[2] not in _UNITS:
        raise ValueError(text)
    size = int(float(found[1]) * _UNITS[found[2]])
    if not 1 <= size <= _UNITS["tib"]:
        raise ValueError(text)
    return size


def parse_switch(text: str) -> bool:
    """On or off, in the usual words."""
    try:
        return _WORDS[text.strip().lower()]
    except KeyError:
        raise ValueError(text) from None


def _whole(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not re.fullmatch(r"\d{1,9}", text.strip(), re.ASCII) or not low <= int(text) <= high:
            raise ValueError(text)
        return int(text)

    return parse


def _seconds(text: str) -> float:
    if not re.fullmatch(r"\d{1,6}(\.\d{1,3})?", text.strip(), re.ASCII) or not 1 <= float(text) <= MAX_CODE_SECONDS:
        raise ValueError(text)
    return float(text)


def _text(text: str) -> str:
    if not text.strip() or "\0" in text:
        raise ValueError(text)
    return text.strip()


def _path(text: str) -> Path:
    return Path(_text(text)).expanduser()


def choice(*words: str) -> Kind:
    """One of these words."""

    def parse(text: str) -> str:
        if text.strip().lower() not in words:
            raise ValueError(text)
        return text.strip().lower()

    return Kind("|".join(words), f"one of {', '.join(words)}", parse)


TEXT: Final = Kind("TEXT", "a text that is not empty", _text)
PATH: Final = Kind("PATH", "a path", _path)
PORT: Final = Kind("N", "a port from 0 to 65535", _whole(0, 65_535))
COUNT: Final = Kind("N", f"a whole number from 1 to {MAX_COUNT}", _whole(1, MAX_COUNT))
SIZE: Final = Kind("SIZE", "a size such as 50MB or 1GiB, up to 1TiB", parse_size)
SECONDS: Final = Kind(
    "SECONDS", f"a number of seconds from 1 to {MAX_CODE_SECONDS:g}", _seconds, lambda value: f"{value:g}"
)
SWITCH: Final = Kind("true|false", "true or false", parse_switch, lambda value: "true" if value else "false")
