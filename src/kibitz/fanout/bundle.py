"""Events that go out together, encoded once per codec.

Rule: however many listeners, a codec is asked once, save for the two people of a direct room where what they see differs.
"""

from collections.abc import Sequence

from kibitz.wire.codec import NOBODY, Codec, Context, Label, Viewer
from kibitz.wire.events import Event, Fleeting


class Bundle:
    """One tick's events of one room, or of the whole server."""

    __slots__ = ("_bytes", "_context", "events", "fleeting")

    def __init__(self, events: Sequence[Event], context: Context) -> None:
        self.events = events
        self.fleeting = isinstance(events[0], Fleeting)
        self._context = context
        self._bytes: dict[tuple[Codec, int], bytes] = {}

    def is_personal(self, codec: Codec) -> bool:
        """Whether each viewer sees these events differently in this codec."""
        return codec.personal and isinstance(self._context, Label) and self._context.kind == "direct"

    def encoded(self, codec: Codec, viewer: Viewer = NOBODY) -> bytes:
        """The bytes of all events in order; empty where the codec has nothing to say of them."""
        key = (codec, viewer.id)
        data = self._bytes.get(key)
        if data is None:
            data = self._bytes[key] = b"".join(
                codec.encode_event(event, self._context, viewer) for event in self.events
            )
        return data
