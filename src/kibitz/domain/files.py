"""Shared files: what they are called and where they are kept.

Rule: a name is a label, never a path: it is safe to save under on any system that people download to, and reads as it is written.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

MAX_NAME_BYTES: Final = 255
"""UTF-8 bytes of a file name: what one name may have on ext4, APFS and most others."""

MAX_EXTENSION_BYTES: Final = 32
"""Bytes of a name's end that are kept when it is cut: longer than any extension in use."""

NAMELESS: Final = "file"
"""What a file is called whose name has nothing left that can stay."""

# Control characters, half surrogates and separators of lines; and the marks that turn the direction of what follows, with which
# «invoice\u202efdp.exe» reads as a PDF (Unicode Technical Report 36, 3.7).
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")

# Windows, «Naming Files, Paths, and Namespaces»: characters no name may have, and names that mean devices whatever their extension.
_FORBIDDEN = re.compile(r'[<>:"|?*]')
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\s*\..*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What is needed to hand a file out: its bytes are those with this digest, `size` of them."""

    name: str
    size: int
    mime_type: str
    sha256: str


def clean_file_name(name: str) -> str:
    """The name as it is stored, shown and offered for saving; `NAMELESS` where nothing of it can stay."""
    visible = unicodedata.normalize("NFC", _UNSEEN.sub("", name))
    last = re.split(r"[/\\]", visible)[-1]
    plain = _FORBIDDEN.sub("_", last).strip().rstrip(". ")
    if _DEVICE.fullmatch(plain):
        plain = "_" + plain
    return _cut(plain) or NAMELESS


def _cut(name: str) -> str:
    if len(name.encode()) <= MAX_NAME_BYTES:
        return name
    stem, dot, extension = name.rpartition(".")
    ending = dot + extension
    if not stem or len(ending.encode()) > MAX_EXTENSION_BYTES:
        return _first_bytes(name, MAX_NAME_BYTES).rstrip(". ")
    return _first_bytes(stem, MAX_NAME_BYTES - len(ending.encode())) + ending


def _first_bytes(text: str, count: int) -> str:
    return text.encode()[:count].decode("utf-8", "ignore")
