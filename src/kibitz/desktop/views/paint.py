"""Our colours, as customtkinter takes them.

Rule: every colour comes from the tokens; this is where they are told to the library, so that its widgets need no words from us. What is
here needs no window.
"""

import re
from typing import Any, Final

from kibitz.design import tokens

Pair = tuple[str, str]

CLEAR: Final = "transparent"


def pair(name: str) -> Pair:
    """A token's colours in light and dark, as widgets take them."""
    look = tokens()
    return getattr(look.light, name), getattr(look.dark, name)


def fitting(geometry: str, screen: tuple[int, int]) -> str:
    """A window's size and place, such as `800x600+40-20`, as far as a screen has room for it."""
    size, *place = re.split(r"(?=[+-])", geometry)
    width, height = (int(part) for part in size.split("x"))
    there = len(place) == 2 and all(0 <= int(at) < room - 100 for at, room in zip(place, screen, strict=True))
    return f"{min(width, screen[0])}x{min(height, screen[1])}" + ("".join(place) if there else "")


def theme(family: str) -> dict[str, dict[str, Any]]:
    """What customtkinter keeps for all its widgets; `family` is the font's."""
    look = tokens()
    ground = {"fg_color": pair("window")}
    words = {"text_color": pair("text"), "text_color_disabled": pair("muted")}
    knob = {"corner_radius": 1000, "border_width": 2, "fg_color": pair("edge"), "border_color": pair("edge")}
    field = {"corner_radius": look.radius_small, "border_width": 2, "border_color": pair("edge")}
    menu = {"corner_radius": look.radius_small, "button_color": pair("raised"), "button_hover_color": pair("hover")}
    accent = {"fg_color": pair("accent"), "hover_color": pair("accent_hover")}
    bar = {"button_color": pair("border"), "button_hover_color": pair("muted")}
    return {
        "CTk": ground,
        "CTkToplevel": ground,
        "CTkFrame": {"corner_radius": 0, "border_width": 0, "border_color": pair("border")}
        | {"top_fg_color": pair("surface"), "fg_color": pair("surface")},
        "CTkButton": {"corner_radius": look.radius_small, "border_width": 2, "border_color": pair("window")}
        | accent
        | {"text_color": pair("on_accent"), "text_color_disabled": pair("muted")},
        "CTkLabel": {"corner_radius": 0, "border_width": 0, "fg_color": CLEAR, "border_color": pair("border")} | words,
        "CTkEntry": field | words | {"fg_color": pair("surface"), "placeholder_text_color": pair("muted")},
        "CTkCheckBox": field | words | accent | {"checkmark_color": pair("on_accent")},
        "CTkSwitch": knob
        | words
        | {"button_length": 0, "progress_color": pair("accent")}
        | {"button_color": pair("on_accent"), "button_hover_color": pair("on_accent")},
        "CTkProgressBar": {"corner_radius": 1000, "border_width": 0, "border_color": pair("border")}
        | {"fg_color": pair("border"), "progress_color": pair("accent")},
        "CTkOptionMenu": menu | words | {"fg_color": pair("raised")},
        "CTkScrollbar": {"corner_radius": 1000, "border_spacing": 4, "fg_color": CLEAR} | bar,
        "CTkScrollableFrame": {"label_fg_color": pair("surface")},
        "DropdownMenu": {"fg_color": pair("surface"), "hover_color": pair("hover"), "text_color": pair("text")},
        "CTkFont": {"family": family, "size": look.fonts.body, "weight": "normal"},
    }
