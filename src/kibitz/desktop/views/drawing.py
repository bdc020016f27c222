"""A canvas of our own: for what has many parts, such as a list of hundreds of rows, which as widgets would be slow.

Rule: it is drawn as a whole, once for all that changes in a tick, and only what can be seen of it.
"""

from functools import cached_property
from tkinter import font as tkfont
from typing import Any

from kibitz.design import Colours
from kibitz.desktop.presenters.pictures import initials
from kibitz.desktop.views import kit


class Drawing(kit.Panel):
    """Override `draw`, and call `redraw` when it would come out differently. Sizes are in pixels at scale 1 times `scale`."""

    def __init__(self, parent: Any, ground: str, **options: Any) -> None:
        self._due = ""
        super().__init__(parent, ground, **options)
        self.ground = ground
        self.canvas = kit.Canvas(self, highlightthickness=0, borderwidth=0, width=1, height=1)
        self.canvas.place(relx=0, rely=0, relwidth=1, relheight=1)
        self.canvas.bind("<Configure>", lambda _: self.redraw())

    def draw(self, now: Colours) -> None:
        """Draw everything that can be seen, in the colours of now."""
        raise NotImplementedError

    def redraw(self) -> None:
        """Draw it anew, soon."""
        if not self._due:
            self._due = self.canvas.after_idle(self._redraw)

    def destroy(self) -> None:
        """End it."""
        if self._due:
            self.canvas.after_cancel(self._due)
        super().destroy()

    # --- measures ------------------------------------------------------------------------------------------------------

    @cached_property
    def scale(self) -> float:
        """The scale of now."""
        return kit.scale_of(self)

    def px(self, pixels: float) -> int:
        """So many pixels at scale 1."""
        return round(pixels * self.scale)

    @cached_property
    def _fonts(self) -> dict[tuple[str, bool], tkfont.Font]:
        return {}

    def font(self, size: kit.Size = "body", *, bold: bool = False) -> tkfont.Font:
        """A font at the scale of now."""
        found = self._fonts.get((size, bold))
        if found is None:
            found = self._fonts[size, bold] = kit.tk_font(self, size, bold=bold)
        return found

    @property
    def width(self) -> int:
        """How wide it is."""
        return int(self.canvas.winfo_width())

    @property
    def height(self) -> int:
        """How high it is."""
        return int(self.canvas.winfo_height())

    # --- pieces --------------------------------------------------------------------------------------------------------

    def disc(self, x: float, y: float, radius: float, fill: str) -> None:
        """A filled circle."""
        self.canvas.create_aa_circle(round(x), round(y), max(1, round(radius)), fill=fill)

    def pill(self, left: float, top: float, right: float, bottom: float, fill: str) -> None:
        """A bar with round ends."""
        radius = (bottom - top) / 2
        middle = top + radius
        self.disc(left + radius, middle, radius, fill)
        self.disc(right - radius, middle, radius, fill)
        self.canvas.create_rectangle(
            round(left + radius), round(middle) - round(radius), round(right - radius), round(middle) + round(radius),
            fill=fill, outline="",
        )  # fmt: skip

    def block(
        self, left: float, top: float, right: float, bottom: float, fill: str, outline: str = "", radius: float = 6
    ) -> None:
        """A rectangle with rounded corners; an `outline` is drawn as rings around what has the focus are."""
        r = min(self.px(radius), (right - left) / 2, (bottom - top) / 2)
        edge = (
            (left, top), (left + r, top), (left + r, top), (right - r, top), (right - r, top), (right, top),
            (right, top + r), (right, top + r), (right, bottom - r), (right, bottom - r), (right, bottom),
            (right - r, bottom), (right - r, bottom), (left + r, bottom), (left + r, bottom), (left, bottom),
            (left, bottom - r), (left, bottom - r), (left, top + r), (left, top + r),
        )  # fmt: skip
        self.canvas.create_polygon(
            *[at for point in edge for at in point],
            smooth=True,
            fill=fill,
            outline=outline,
            width=self.px(2) if outline else 0,
        )

    def words(self, x: float, y: float, text: str, font: tkfont.Font, fill: str, anchor: str = "w") -> None:
        """A line of text."""
        self.canvas.create_text(x, y, text=text, font=font, fill=fill, anchor=anchor)

    def clip(self, text: str, font: tkfont.Font, width: float) -> str:
        """As much of a text as fits, with an ellipsis where that is not all."""
        if font.measure(text) <= width:
            return text
        low, high = 0, min(len(text), 256)
        while low < high:
            middle = (low + high + 1) // 2
            if font.measure(text[:middle] + "…") <= width:
                low = middle
            else:
                high = middle - 1
        return text[:low].rstrip() + "…"

    def badge(self, right: float, y: float, text: str, fill: str, words: str) -> float:
        """A number in a pill that ends at `right`; returns where it begins."""
        font = self.font("small", bold=True)
        half = self.px(9)
        width = max(font.measure(text) + self.px(10), 2 * half)
        self.pill(right - width, y - half, right, y + half, fill)
        self.words(right - width / 2, y, text, font, words, "center")
        return right - width

    def avatar(self, x: float, y: float, radius: float, name: str, person: int, now: Colours) -> None:
        """Whose it is: initials on the person's colour."""
        self.disc(x, y, radius, now.people[person % len(now.people)])
        size: kit.Size = "small" if radius <= self.px(13) else "body"
        self.words(x, y, initials(name), self.font(size, bold=True), now.surface, "center")

    # --- within --------------------------------------------------------------------------------------------------------

    def _redraw(self) -> None:
        self._due = ""
        now = kit.colours()
        self.canvas.delete("all")
        self.canvas.configure(background=getattr(now, self.ground))
        self.draw(now)

    def _set_appearance_mode(self, mode_string: str) -> None:
        super()._set_appearance_mode(mode_string)
        if hasattr(self, "canvas"):
            self.redraw()

    def _set_scaling(self, *args: Any, **kwargs: Any) -> None:
        super()._set_scaling(*args, **kwargs)
        for name in ("scale", "_fonts"):
            self.__dict__.pop(name, None)
        if hasattr(self, "canvas"):
            self.redraw()


class Divider(Drawing):
    """A thin line between what lies one over the other."""

    def __init__(self, parent: Any) -> None:
        super().__init__(parent, "border", height=1)

    def draw(self, now: Colours) -> None:
        """Its ground is all there is to it."""
