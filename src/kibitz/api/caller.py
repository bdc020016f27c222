"""Who is calling, as far as that is known before a transaction begins.

Rule: a caller's role is not here: it is read in the transaction that acts on it, so that it is never stale.
"""

from dataclasses import dataclass

from kibitz.fanout.listener import Listener


@dataclass(frozen=True, slots=True)
class Caller:
    """A connection or an HTTP call: where from, and who once they logged in (`user` 0: nobody yet)."""

    address: str
    user: int = 0
    name: str = ""
    token_id: int | None = None
    listener: Listener | None = None
    connection: int = 0  # which connection the rate is kept for; 0: an HTTP call
