"""Why a connection is closed, and whether to come back.

Rule: the range says it all, as Centrifugo's does: 3000-3499 and 4000-4499 come back (after `retry_after`, with jitter);
3500-3999 and 4500-4999 do not. On a WebSocket the code is the close code; on TCP it stands in a last `closing` event.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Close:
    """A way a connection ends: the code, a word for programs, a sentence for people; `retry_after` in seconds."""

    code: int
    reason: str
    sentence: str
    retry_after: float = 0.0

    @property
    def comes_back(self) -> bool:
        """Whether a client should connect again."""
        return 3000 <= self.code < 3500 or 4000 <= self.code < 4500


SHUTDOWN: Final = Close(3001, "shutdown", "The server is restarting; come back in a moment.", 1.0)
SLOW: Final = Close(3008, "slow", "This connection reads too slowly; come back and resume.", 1.0)
STALE: Final = Close(3009, "stale", "Nothing was heard from this connection for too long.")
RESTORED: Final = Close(3010, "restored", "The server's data was restored; come back and start afresh.", 1.0)
FULL: Final = Close(3011, "full", "The server has as many connections as it takes; try again later.", 10.0)
FAILED: Final = Close(3012, "failed", "The server could not open this connection; come back in a moment.", 5.0)
TIMED_OUT: Final = Close(3500, "login_timeout", "Nobody logged in on this connection in time.")
LOGGED_OUT: Final = Close(3501, "logged_out", "This login has ended; log in again.")
REFUSED: Final = Close(3502, "refused", "The login was refused.")
FLOODING: Final = Close(3503, "flooding", "Too many malformed messages came over this connection.")

CLOSES: Final = {
    close.code: close
    for close in (SHUTDOWN, SLOW, STALE, RESTORED, FULL, FAILED, TIMED_OUT, LOGGED_OUT, REFUSED, FLOODING)
}
