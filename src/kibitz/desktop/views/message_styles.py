"""How the pieces of a conversation look: a Tk tag for every style, in the colours and at the scale of now.

Rule: a tag is made once and changed with the theme; those made later lie over the earlier ones, so blocks come first, colours of words
after them, fonts last.
"""

import tkinter
from typing import Any, Final

from kibitz.design import Colours
from kibitz.desktop.views import kit

BASE: Final = 56
"""Where words begin, in pixels at scale 1: behind the avatar."""

STEP: Final = 20
"""How much further in a list's items are."""

DEPTH: Final = 6

_FONTS: Final = ("bold", "italic", "mono", "strike", "underline")
_SIZES: Final = ("small", "large", "sliver")


class Styles:
    """The tags of one pane."""

    def __init__(self, pane: kit.TextPane) -> None:
        self._pane, self._text = pane, pane.text
        self._tags: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._fonts: dict[str, tuple[Any, ...]] = {}
        self._people: set[int] = set()
        self.restyle()

    def tags(self, styles: tuple[str, ...]) -> tuple[str, ...]:
        """The tags for these styles."""
        held = self._tags.get(styles)
        if held is None:
            fonts = tuple(sorted(set(styles) & set(_FONTS)))
            size = next((style for style in styles if style in _SIZES), "body")
            looks = tuple(self._person(style) for style in styles if style not in _FONTS and style not in _SIZES)
            held = self._tags[styles] = (*looks, self._font(size, fonts))
        return held

    def restyle(self) -> None:
        """Fit them to the colours and the scale of now."""
        now = kit.colours()
        for name, options in self._looks(now).items():
            self._text.tag_configure(name, **options)
        for person in self._people:
            self._text.tag_configure(f"person{person}", foreground=now.people[person])
        for name in ("chip", "chip_mine", "mention", "codespan"):
            self._text.tag_raise(name)
        for name, (size, fonts) in self._fonts.items():
            self._text.tag_configure(name, font=self._made(size, fonts))
            self._text.tag_raise(name)
        self._text.tag_raise("sel")

    def _person(self, style: str) -> str:
        """A person's tag: there is one for each colour."""
        if not style.startswith("person"):
            return style
        people = kit.colours().people
        at = int(style[6:]) % len(people)
        if at not in self._people:
            self._people.add(at)
            self._text.tag_configure(f"person{at}", foreground=people[at])
        return f"person{at}"

    def _font(self, size: str, fonts: tuple[str, ...]) -> str:
        name = f"font:{size}:{'+'.join(fonts)}"
        if name not in self._fonts:
            self._fonts[name] = (size, fonts)
            self._text.tag_configure(name, font=self._made(size, fonts))
            self._text.tag_raise("sel")
        return name

    def _made(self, size: str, fonts: tuple[Any, ...]) -> Any:
        """A font; that of a sliver only keeps two blocks apart."""
        return ("Helvetica", -self._pane.px(3)) if size == "sliver" else self._pane.font(size, *fonts)  # type: ignore[arg-type]

    def _looks(self, now: Colours) -> dict[str, dict[str, Any]]:
        px, ground = self._pane.px, now.surface
        base = px(BASE)

        def block(left: float, more: float = 0, **options: Any) -> dict[str, Any]:
            """Lines that begin at `left`, and `more` to the right of it where they go on."""
            return {
                "lmargin1": base + px(left),
                "lmargin2": base + px(left + more),
                "rmargin": px(24),
                "lmargincolor": ground,
                "rmargincolor": ground,
            } | options

        looks: dict[str, dict[str, Any]] = {"chosen": {"background": now.hover, "lmargincolor": now.hover}}
        for depth in range(DEPTH):
            looks[f"in{depth}"] = block(depth * STEP, spacing1=px(1), spacing3=px(1))
            tab = base + px(depth * STEP)
            looks[f"item{depth}"] = block((depth - 1) * STEP + 6, STEP - 6, tabs=(tab,), spacing1=px(2), spacing3=px(1))
        code = {"background": now.code, "lmargincolor": ground, "rmargincolor": ground, "wrap": "char"}
        looks |= {
            "head": block(0) | {"lmargin1": px(16), "tabs": (base,), "spacing1": px(10), "spacing3": px(1)},
            "gap": {"spacing1": px(6)},
            "quotation": {"spacing1": px(2)},
            "codebar": block(0, spacing1=px(5), spacing3=px(5), background=now.raised, tabs=(base + px(110),)),
            "code": block(0) | code,
            "outbar": block(0, spacing1=px(5), spacing3=px(3)),
            "out": block(0, 0, wrap="char"),
            "card": block(0, spacing1=px(7), spacing3=px(7), background=now.raised),
            "chips": {"spacing1": px(2), "spacing3": px(2)},
            "day": {"justify": "center", "foreground": now.muted, "spacing1": px(16), "spacing3": px(6)},
            "new": {"justify": "center", "foreground": now.danger, "background": now.danger_soft}
            | {"spacing1": px(3), "spacing3": px(3)},
            "note": {"justify": "center", "spacing1": px(6), "spacing3": px(4), "lmargin1": base, "rmargin": base},
            "quoted": {"foreground": now.muted},
            "bar": {"foreground": now.border},
            "faded": {"foreground": now.muted},
            "chip": {"background": now.raised, "foreground": now.text},
            "chip_mine": {"background": now.accent_soft, "foreground": now.text},
            "codespan": {"background": now.raised},
            "mention": {"background": now.mention, "foreground": now.text},
            "called": {"foreground": now.link},
            "link": {"foreground": now.link},
            "flash": {"background": now.mention},
        }
        for name in ("muted", "danger", "success"):
            looks[name] = {"foreground": getattr(now, name)}
        looks["err"] = {"foreground": now.danger}
        for kind in now.syntax.__struct_fields__:
            looks[f"syntax_{kind}"] = {"foreground": getattr(now.syntax, kind)}
        return looks


def make(text: tkinter.Text, name: str) -> None:
    """Have a tag that is nothing but a name for a range."""
    text.tag_configure(name)
    text.tag_lower(name)
