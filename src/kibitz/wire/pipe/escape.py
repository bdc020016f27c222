r"""Fields and lines: how text travels in them.

Rule: whatever a line holds, it is one line and moves no cursor, so that nobody can forge another's line or play tricks on the
terminal of someone at `nc`. What a control character was is shown as a picture of it; JSON loses nothing, it has escapes.
"""

import re
from typing import Final

import msgspec

# A backslash before anything else than `n`, `\` and `|` is a backslash: people type C:\temp.
_ESCAPED: Final = re.compile(r"\\([n\\|])")
_FIELD: Final = re.compile(r"((?:[^\\|]|\\.)*+)\|", re.DOTALL)

# C0 controls and DEL have pictures in Unicode (U+2400 and on), C1 controls have none. U+2028 and U+2029 end a line too.
_SHOWN: Final[dict[int, str]] = {
    **{code: chr(0x2400 + code) for code in range(0x20)},
    **dict.fromkeys(range(0x80, 0xA0), "\ufffd"),
    0x7F: "\u2421",
    ord("\t"): "\t",
    ord("\n"): r"\n",
    0x2028: r"\n",
    0x2029: r"\n",
    ord("\\"): r"\\",
}

# What JSON leaves as it is and a terminal may not see: DEL, C1 and the two separators, as UTF-8.
_BARE_IN_JSON: Final = re.compile(rb"\x7f|\xc2[\x80-\x9f]|\xe2\x80[\xa8\xa9]")
_json: Final = msgspec.json.Encoder()


def fields(text: str, count: int) -> list[str]:
    """Up to `count` fields, unescaped; the last one takes what is left, bare pipes included."""
    found: list[str] = []
    start = 0
    while len(found) < count - 1 and (field := _FIELD.match(text, start)):
        found.append(unescape(field[1]))
        start = field.end()
    return [*found, unescape(text[start:])]


def unescape(field: str) -> str:
    """A field as it was meant."""
    return _ESCAPED.sub(lambda escaped: "\n" if escaped[1] == "n" else escaped[1], field)


def shown(text: str) -> str:
    """A text as the last field of a line. The carriage return of a Windows line end is not worth a picture."""
    return text.replace("\r\n", "\n").translate(_SHOWN)


def line(words: str) -> bytes:
    """One line of words."""
    return shown(words).encode("utf-8", "replace") + b"\n"


def notice(words: str) -> bytes:
    """One line in which the server itself speaks."""
    return line(f"SERVER: {words}")


def json_line(verb: str, shape: msgspec.Struct) -> bytes:
    """One line of a verb and its JSON."""
    return b"%b|%b\n" % (verb.encode(), _BARE_IN_JSON.sub(_as_json_escape, _json.encode(shape)))


def _as_json_escape(found: re.Match[bytes]) -> bytes:
    return b"\\u%04x" % ord(found[0].decode())
