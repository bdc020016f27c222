"""What every connection has in common, line or frame: turns, back pressure, and how it ends.

Rule: a client costs the others at most `TURN` messages at a time; nothing it sends is handed on while its session has paused reading
or after its connection has begun to close; and a connection that is to end has ended `CLOSE_SECONDS` later, whatever the client does.
"""

import asyncio
from abc import abstractmethod
from typing import Final, Protocol, cast

from kibitz.fanout.outbox import Outbox
from kibitz.transports.keepalive import probe
from kibitz.wire.closing import Close

TURN: Final = 64
"""Messages of one connection that are dealt with before the others have their turn: well under a millisecond's work."""

HIGH_WATER: Final = 64 * 1024
"""Bytes in the transport's own buffer from which on the outbox keeps back what follows: asyncio's default."""

CLOSE_SECONDS: Final = 5.0
"""How long a client may take to read its last bytes and close: nginx's lingering_timeout."""


class Receiver(Protocol):
    """What a connection needs of its session."""

    @property
    def outbox(self) -> Outbox:
        """What the connection is still owed."""
        ...

    def receive(self, raw: bytes) -> None:
        """Take one message."""
        ...

    def overlong(self) -> None:
        """Know that a message over the limit was dropped."""
        ...

    def hang_up(self) -> bool:
        """Know that no more will come. True if answers are still to be sent: then it closes the connection itself after them."""
        ...

    def lost(self) -> None:
        """Know that the connection is gone. May be called more than once."""
        ...


class Connection(asyncio.Protocol):
    """A socket and its session. It is the session's link: `write`, `close`, `pause_reading`, `resume_reading`."""

    __slots__ = ("_closing", "_deadline", "_deaf", "_ended", "_held", "_session", "_stopped", "_turn_due", "transport")

    _session: Receiver
    transport: asyncio.Transport

    def __init__(self) -> None:
        self._held = False  # the session has paused reading
        self._stopped = False  # the socket is not read, for that reason or because a turn is due
        self._turn_due = False
        self._closing = False  # nothing more goes out
        self._deaf = False  # nothing more is taken in
        self._ended = False  # the client has ended its half of the connection
        self._deadline: asyncio.TimerHandle | None = None

    @abstractmethod
    def _feed(self, data: bytes) -> None:
        """Buffer what came."""

    @abstractmethod
    def _step(self) -> bool:
        """Deal with the next message in the buffer. False if none is whole."""

    @abstractmethod
    def _say_goodbye(self, close: Close | None) -> None:
        """Send what this protocol says at the end, and see to it that `_finish` is called."""

    @property
    def address(self) -> str:
        """The client's network address, without its port."""
        peer = self.transport.get_extra_info("peername")
        return str(peer[0]) if isinstance(peer, tuple) else ""

    # --- for the session -----------------------------------------------------------------------------------------------

    def write(self, data: bytes) -> None:
        """Send bytes, unless the connection has begun to close."""
        if not self._closing:
            self.transport.write(data)

    def close(self, close: Close | None) -> None:
        """Send what was written, then close. A client that does not take it in `CLOSE_SECONDS` is cut off."""
        if not self._closing:
            self._begin_to_close()
            self._say_goodbye(close)

    def pause_reading(self) -> None:
        """Hand on no more messages."""
        self._held = True
        self._stop()

    def resume_reading(self) -> None:
        """Hand on messages again, what waits in the buffer first."""
        self._held = False
        self._take_turn_soon()

    # --- from the loop -------------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self.transport = cast(asyncio.Transport, transport)
        self.transport.set_write_buffer_limits(HIGH_WATER)
        probe(self.transport.get_extra_info("socket"))

    def data_received(self, data: bytes) -> None:
        """Deal with what came, as far as this turn goes."""
        if not self._deaf:
            self._feed(data)
            if not self._turn_due:
                self._take_turn()

    def pause_writing(self) -> None:
        """Keep back what the client does not take."""
        self._session.outbox.pause()

    def resume_writing(self) -> None:
        """Send what was kept back."""
        self._session.outbox.resume()

    def eof_received(self) -> bool:
        """The client says no more. True if its own half of the connection stays open for what it is still owed."""
        self._ended = True
        if self._closing:
            return False
        self._deaf = True
        if self.transport.can_write_eof() and self._session.hang_up():
            return True
        self._depart()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """The end."""
        self._closing = self._deaf = True
        if self._deadline is not None:
            self._deadline.cancel()
        self._session.lost()

    # --- within --------------------------------------------------------------------------------------------------------

    def _take_turn(self) -> None:
        self._turn_due = False
        try:
            for _ in range(TURN):
                if self._held or self._deaf:
                    return
                if not self._step():
                    self._go_on()
                    return
        except Exception:
            self.transport.abort()  # the stream cannot be picked up in the middle
            raise
        self._stop()
        self._take_turn_soon()

    def _take_turn_soon(self) -> None:
        if not self._turn_due:
            self._turn_due = True
            asyncio.get_running_loop().call_soon(self._take_turn)

    def _stop(self) -> None:
        # Not read until the buffer is empty: so it stays small, and the end of the stream does not overtake what waits in it.
        if not self._stopped and not self._deaf:
            self._stopped = True
            self.transport.pause_reading()

    def _go_on(self) -> None:
        if self._stopped and not self._deaf:
            self._stopped = False
            self.transport.resume_reading()

    def _leave(self, close: Close) -> None:
        """Close of the transport's own accord."""
        if not self._closing:
            self._hand_over()
            self.close(close)
            self._session.lost()

    def _depart(self) -> None:
        """Follow a client that has ended its half: when this returns, the loop closes the transport once it has sent the rest."""
        self._hand_over()
        self._begin_to_close()
        self._session.lost()

    def _hand_over(self) -> None:
        # No more will follow, so that back pressure has nothing to hold back.
        self._session.outbox.resume()
        self._session.outbox.flush()

    def _begin_to_close(self) -> None:
        self._closing = True
        self._deadline = asyncio.get_running_loop().call_later(CLOSE_SECONDS, self.transport.abort)

    def _finish(self) -> None:
        """Take nothing more in, end the stream, and wait for the client to end its own.

        Closing at once would have the kernel answer unread bytes with a reset, which can destroy the last words on their way.
        """
        self._go_on()
        self._deaf = True
        if self.transport.is_closing():
            return
        if self._ended or not self.transport.can_write_eof():
            self.transport.close()
        else:
            self.transport.write_eof()
