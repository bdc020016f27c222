"""Three ways to count where something is in a text.

Rule: the one place that converts between them. Python counts code points, the engine bytes of UTF-8, and editors that speak Yjs units
of UTF-16, of which a character outside the basic plane has two.
"""


def utf8_size(text: str) -> int:
    """The bytes of a text."""
    return len(text) if text.isascii() else len(text.encode())


def utf16_size(text: str) -> int:
    """The UTF-16 units of a text."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


class Ruler:
    """Measures one text again and again. Positions are code points; whoever asks in order is answered in constant time each."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._plain = text.isascii()
        self._at = self._bytes = 0  # where it was asked last

    def utf8(self, position: int) -> int:
        """The bytes before a position."""
        if self._plain:
            return position
        if position < self._at:
            self._at = self._bytes = 0
        self._bytes += len(self._text[self._at : position].encode())
        self._at = position
        return self._bytes


def from_utf16(text: str, units: int) -> int:
    """The code points before so many UTF-16 units; before the whole character where that is amid one."""
    if text.isascii():
        return min(units, len(text))
    return len(text.encode("utf-16-le", "surrogatepass")[: 2 * units].decode("utf-16-le", "ignore"))


def to_utf16(text: str, position: int) -> int:
    """The UTF-16 units before so many code points."""
    return utf16_size(text[:position])
