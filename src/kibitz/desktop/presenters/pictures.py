"""Small pictures: a person's round initials, drawn by Pillow, and previews of images.

Rule: bytes of a PNG come out, so that this can be done on any thread, and each is drawn once for a size and a mode.
"""

import io
from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache
from typing import Final, Literal

from PIL import Image, ImageDraw, ImageFont

from kibitz.design import contrast, tokens
from kibitz.desktop.presenters.rows import Row
from kibitz.desktop.presenters.shell import Shell
from kibitz.wire.views import File

AVATAR: Final = 28
"""Pixels across at scale 1."""

FINER: Final = 4
"""A circle is drawn so many times larger and then made small, which smooths its edge."""

SPARE: Final = 200
"""Pictures a view keeps that no row shows just now."""

MAX_THUMBS: Final = 100
"""Previews that are kept: each some 50 kB."""

_FALLBACKS: Final = (
    "NotoSansCJK-Regular.ttc",
    "NotoSans-Bold.ttf",
    "DejaVuSans-Bold.ttf",
    "seguisb.ttf",
    "Arial Unicode.ttf",
)


def initials(name: str) -> str:
    """One or two letters that stand for a name: `ann` → A, `ada.lovelace` → AL."""
    words = [word for word in name.replace(".", " ").replace("-", " ").replace("_", " ").split() if word]
    letters = [word[0] for word in words] or ["?"]
    return "".join(letters if len(letters) < 2 else (letters[0], letters[-1])).upper()[:2]


def colour_of(person: int, mode: Literal["light", "dark"]) -> str:
    """A person's colour."""
    people = getattr(tokens(), mode).people
    return str(people[person % len(people)])


@lru_cache(2048)
def avatar(person: int, name: str, size: int, mode: Literal["light", "dark"]) -> bytes:
    """A round picture of a person's initials, `size` pixels across."""
    ground = colour_of(person, mode)
    words = max(("#ffffff", "#14171c"), key=lambda colour: contrast(colour, ground))
    large = size * FINER
    image = Image.new("RGBA", (large, large), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    draw.ellipse((0, 0, large - 1, large - 1), fill=ground)
    text = initials(name)
    font = _font(text, int(large * (0.44 if len(text) == 1 else 0.38)))
    draw.text(
        (large / 2, large / 2), text, fill=words, font=font, anchor="mm", stroke_width=large // 90, stroke_fill=words
    )
    return _png(image.resize((size, size), Image.Resampling.LANCZOS))


@lru_cache(32)
def _latin(size: int) -> "ImageFont.FreeTypeFont | ImageFont.ImageFont":
    return ImageFont.load_default(size)


def _font(text: str, size: int) -> "ImageFont.FreeTypeFont | ImageFont.ImageFont":
    """Pillow's own for what is written in Latin letters; for the rest one of the system's, if there is one."""
    if all(ord(char) < 0x250 for char in text):
        return _latin(size)
    for name in _FALLBACKS:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    return _latin(size)


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


class Pictures:
    """The pictures a conversation's view has: it is given those it lacks, and told which to forget.

    `refresh` is called when one has come that rows wait for.
    """

    def __init__(self, shell: Shell, refresh: Callable[[], None]) -> None:
        self._shell, self._refresh = shell, refresh
        self._mode: Literal["light", "dark"] = "light"
        self._size, self._width = AVATAR, 320
        self._given: set[str] = set()
        self._thumbs: OrderedDict[int, bytes | None] = OrderedDict()
        self._asked: set[int] = set()

    def looks(self, mode: Literal["light", "dark"], size: int, width: int) -> None:
        """How large avatars are now, how wide previews, and on what ground."""
        self._mode, self._size, self._width = mode, size, width
        self.forget()

    def forget(self) -> None:
        """The view has none any more."""
        self._given.clear()

    def has_thumb(self, file: File) -> bool:
        """Whether there is a preview of a file; where there may be one it is asked for."""
        if not file.mime_type.startswith("image/") or self._shell.files is None:
            return False
        if file.id in self._thumbs:
            return self._thumbs[file.id] is not None
        if file.id not in self._asked:
            self._asked.add(file.id)
            self._shell.begin(self._fetch, file)
        return False

    def wanted(self, rows: list[Row]) -> tuple[tuple[tuple[str, bytes], ...], tuple[str, ...]]:
        """The pictures in these rows that the view lacks; and, now and then, those it need not keep."""
        used = {piece.picture for row in rows for piece in row.pieces if piece.picture}
        lacking = tuple((name, data) for name in used - self._given if (data := self._draw(name)) is not None)
        self._given |= {name for name, _ in lacking}
        forgotten: tuple[str, ...] = ()
        if len(self._given) > len(used) + SPARE:
            forgotten = tuple(self._given - used)
            self._given &= used
        return lacking, forgotten

    def _draw(self, name: str) -> bytes | None:
        kind, number, *rest = name.split(":", 2)
        if kind == "avatar":
            return avatar(int(number), rest[0], self._size, self._mode)
        return self._thumbs.get(int(number))

    async def _fetch(self, file: File) -> None:
        files = self._shell.files
        try:
            data = await files.thumbnail(file, self._width) if files is not None else None
        finally:
            self._asked.discard(file.id)
        self._thumbs[file.id] = data
        if len(self._thumbs) > MAX_THUMBS:
            self._thumbs.popitem(last=False)
        if data is not None:
            self._refresh()
