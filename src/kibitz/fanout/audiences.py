"""Who hears what happens in a code session: the connections on which it was joined.

Rule: a session has no log of events; whoever comes back asks how it stands. So its events have no `seq`, and what must not be lost
is stored elsewhere.
"""

from collections.abc import Callable, Iterable

from kibitz.fanout.bundle import Bundle
from kibitz.fanout.listener import Listener
from kibitz.wire.codec import Codec, Context
from kibitz.wire.events import Event

Deliver = Callable[[Bundle, Codec, Iterable[Listener]], None]


class Audiences:
    """The listeners of every session, by its id. `deliver` is the hub's; `left` is called when a connection hears one no more."""

    def __init__(self, deliver: Deliver) -> None:
        self._deliver = deliver
        self.left: Callable[[int, Listener], None] = lambda _, __: None
        self._listening: dict[int, set[Listener]] = {}
        self._sessions: dict[Listener, set[int]] = {}

    def join(self, session: int, listener: Listener) -> None:
        """Let a connection hear a session, unless it was lost meanwhile: nobody would ever take it out again."""
        if listener.outbox.closed:
            return
        self._listening.setdefault(session, set()).add(listener)
        self._sessions.setdefault(listener, set()).add(session)

    def leave(self, session: int, user: int) -> None:
        """Let no connection of this user hear it any more."""
        for listener in self.listeners(session):
            if listener.viewer.id == user:
                self._remove(session, listener)

    def remove(self, session: int, listener: Listener) -> None:
        """Let one connection hear it no more."""
        if self.hears(session, listener):
            self._remove(session, listener)

    def forget(self, listener: Listener) -> None:
        """A connection is gone."""
        for session in tuple(self._sessions.get(listener, ())):
            self._remove(session, listener)

    def listeners(self, session: int) -> list[Listener]:
        """The connections that hear a session."""
        return list(self._listening.get(session, ()))

    def hears(self, session: int, listener: Listener) -> bool:
        """Whether a connection hears a session."""
        return listener in self._listening.get(session, ())

    def present(self) -> set[tuple[int, int]]:
        """Who hears what: pairs of a session and a user."""
        return {(session, one.viewer.id) for session, listeners in self._listening.items() for one in listeners}

    def tell(self, session: int, event: Event, context: Context = None, *, but: Iterable[Listener] = ()) -> None:
        """Send an event to whoever hears a session, save these."""
        spared = set(but)
        by_codec: dict[Codec, list[Listener]] = {}
        for listener in self._listening.get(session, ()):
            if listener not in spared:
                by_codec.setdefault(listener.codec, []).append(listener)
        bundle = Bundle((event,), context)
        for codec, listeners in by_codec.items():
            self._deliver(bundle, codec, listeners)

    def _remove(self, session: int, listener: Listener) -> None:
        here, mine = self._listening[session], self._sessions[listener]
        here.discard(listener)
        mine.discard(session)
        if not here:
            del self._listening[session]
        if not mine:
            del self._sessions[listener]
        self.left(session, listener)
