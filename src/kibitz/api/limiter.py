"""How fast callers may go, all rates in one place.

Rule: whoever is refused is told how long to wait, and nothing of the command was done.
"""

import math

from kibitz.api import rates
from kibitz.api.caller import Caller
from kibitz.domain.errors import Refusal
from kibitz.domain.limits import Buckets, network_of


class Limiter:
    """The rate buckets of one workspace."""

    def __init__(self, enabled: bool) -> None:
        self._enabled = enabled
        self._connections = Buckets(rates.CONNECTION)
        self._users = Buckets(rates.USER)
        self._addresses = Buckets(rates.ADDRESS)
        self._strangers = Buckets(rates.ANONYMOUS)

    def check(self, caller: Caller, cost: float, now: float) -> None:
        """Take a command's cost from every bucket of its caller. Raises `Refusal("rate_limited")`."""
        if not self._enabled:
            return
        if not caller.user:
            wait = self._strangers.take(network_of(caller.address), now, cost)
        else:
            wait = self._connections.take(caller.connection, now, cost) if caller.connection else 0.0
            wait = (
                wait
                or self._users.take(caller.user, now, cost)
                or self._addresses.take(network_of(caller.address), now, cost)
            )
        if wait:
            raise too_fast(wait)


def too_fast(wait: float) -> Refusal:
    """The refusal of a command that came too early by `wait` seconds."""
    seconds = math.ceil(wait * 10) / 10
    return Refusal("rate_limited", f"Too fast: wait {seconds:g} seconds and send this again.", retry_after=seconds)
