"""How Kibitz looks: `tokens.json` holds colours, spacing and type for every client.

Rule: it is data that any language reads; nothing here knows a toolkit. Colours come in pairs of light and dark, sizes in pixels at scale 1.
"""

from functools import cache
from importlib.resources import files
from typing import Final

import msgspec

MODES: Final = ("light", "dark")


class Syntax(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Colours of code, by what a piece of it is."""

    plain: str
    keyword: str
    string: str
    number: str
    comment: str
    name: str
    builtin: str
    operator: str
    error: str


class Colours(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The colours of one mode, as `#rrggbb`.

    `window` is what everything lies on, `side` the side bar, `surface` what is read or written on, `raised` what lies on that. `border` parts
    what lies side by side, `edge` outlines what can be operated. `soft` ones are backgrounds for text of the usual colour. `people` tell
    senders apart.
    """

    window: str
    side: str
    surface: str
    raised: str
    hover: str
    border: str
    edge: str
    focus: str
    text: str
    muted: str
    accent: str
    accent_hover: str
    accent_soft: str
    on_accent: str
    link: str
    danger: str
    danger_soft: str
    success: str
    warning: str
    warning_soft: str
    selection: str
    mention: str
    code: str
    online: str
    away: str
    offline: str
    people: list[str]
    syntax: Syntax


class Fonts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Families in order of preference, and sizes."""

    sans: list[str]
    mono: list[str]
    small: int
    body: int
    large: int
    title: int


class Tokens(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything. `space` are the distances in use, from the smallest; `radius` and `radius_small` round corners."""

    light: Colours
    dark: Colours
    fonts: Fonts
    space: list[int]
    radius: int
    radius_small: int


@cache
def tokens() -> Tokens:
    """The tokens, as they stand in the file."""
    return msgspec.json.decode((files(__package__) / "tokens.json").read_bytes(), type=Tokens)


def contrast(one: str, other: str) -> float:
    """How well two colours can be told apart, from 1 to 21 (WCAG 2.2, «contrast ratio»)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
