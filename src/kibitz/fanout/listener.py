"""A connection as the hub sees it.

Rule: a listener belongs to one logged-in connection for as long as that lives; it never changes its user.
"""

from collections.abc import Callable

from kibitz.fanout.outbox import Outbox
from kibitz.wire.closing import Close
from kibitz.wire.codec import Codec, Viewer


class Listener:
    """Whose connection it is, how it speaks, where its bytes go, and how to end it."""

    __slots__ = ("codec", "end", "left", "outbox", "rooms", "token_id", "viewer")

    def __init__(
        self, viewer: Viewer, token_id: int | None, codec: Codec, outbox: Outbox, end: Callable[[Close], None]
    ) -> None:
        self.viewer = viewer
        self.token_id = token_id
        self.codec = codec
        self.outbox = outbox
        self.end = end
        self.rooms: set[int] = set()
        self.left: set[int] | None = None  # while it opens: rooms its user was put out of meanwhile
