"""People: their names and their roles on the server.

Rule: a name is compared by its `name_key`, so that two names a person could confuse by case or by width are one name.
"""

import re
import unicodedata
from enum import StrEnum
from itertools import takewhile
from typing import Final

from kibitz.domain.errors import Refusal

MAX_NAME: Final = 32
"""Characters in a user name; Discord's limit too."""

MAX_DISPLAY_NAME: Final = 64
"""Characters in the name a person is shown by: first and last names in most languages."""

MIN_PASSWORD: Final = 8
MAX_PASSWORD: Final = 256
"""Characters in a password: NIST SP 800-63B-3, 5.1.1.2, asks for at least 8 and for 64 or more to be accepted."""

RESERVED: Final = frozenset({"all", "server", "token"})
"""The `name_key`s of nobody: `@all` calls a whole room, and in the pipe protocol `SERVER: ` begins a notice and `token|` a login."""

_INSIDE: Final = ".-"
"""What a name may hold besides the characters of an identifier, but neither begin nor end with."""

# What is no glyph and yet may stand in an identifier: Default_Ignorable_Code_Point ∩ XID_Continue of Unicode's DerivedCoreProperties.
# With one of these a name would look exactly like somebody else's.
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)

# In a name to show, spaces and joined emoji are fine; line ends, control characters and those that turn the line around are not.
_CONTROLS: Final = frozenset({"Cc", "Cf", "Cs"})
_JOINERS: Final = "\u200c\u200d"


class Role(StrEnum):
    """What someone is on this server. `GUEST` is anyone without a full account, the name-only ones included."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"
    GUEST = "guest"


def clean_name(name: str) -> str:
    """The name as it is stored and shown. Raises `Refusal("invalid")` if it cannot be one.

    It begins with a letter or digit of any script or `_`, goes on with what an identifier may hold (Unicode's UAX #31), and has `.` or
    `-` inside only: a name is one word, so that `@name` works in a text.
    """
    cleaned = unicodedata.normalize("NFKC", name).strip()
    if not cleaned:
        raise Refusal("invalid", "A user name is needed.")
    if len(cleaned) > MAX_NAME:
        raise Refusal("invalid", f"A user name may have {MAX_NAME} characters; this one has {len(cleaned)}.")
    if leading_name(cleaned) != cleaned or not (cleaned[0].isalnum() or cleaned[0] == "_"):
        raise Refusal("invalid", "A user name is one word of letters, digits and '_', with '.' and '-' inside.")
    if name_key(cleaned) in RESERVED:
        raise Refusal("invalid", f"The name '{cleaned}' has a meaning of its own here; choose another.")
    return cleaned


def leading_name(text: str) -> str:
    """The longest beginning of a text that could be a user name; empty where that is longer than one may be."""
    word = "".join(takewhile(_fits, text[: MAX_NAME + 1])).rstrip(_INSIDE)
    return word if len(word) <= MAX_NAME else ""


def name_key(name: str) -> str:
    """What two spellings of the same name have in common."""
    # Folding can leave what composes again, such as the three characters that one Greek letter with two marks folds to.
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).strip().casefold())


def clean_display_name(name: str) -> str:
    """The name a person is shown by, as it is stored; empty for whoever has none. Raises `Refusal("invalid")`."""
    cleaned = " ".join(unicodedata.normalize("NFC", name).split())
    if len(cleaned) > MAX_DISPLAY_NAME:
        raise Refusal("invalid", f"A display name may have {MAX_DISPLAY_NAME} characters; this one has {len(cleaned)}.")
    if any(unicodedata.category(char) in _CONTROLS and char not in _JOINERS for char in cleaned):
        raise Refusal("invalid", "A display name may not contain control characters.")
    return cleaned


def check_password(password: str) -> None:
    """Raises `Refusal("invalid")` for a password that is too short to keep or too long to hash."""
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise Refusal("invalid", f"A password has {MIN_PASSWORD} to {MAX_PASSWORD} characters.")


def _fits(char: str) -> bool:
    return char in _INSIDE or (f"_{char}".isidentifier() and not _INVISIBLE.match(char))
