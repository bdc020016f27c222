"""How often: one token bucket for every rate in Kibitz.

Rule: the clock is handed in; a bucket is two numbers, and asking it never waits.
"""

import ipaddress
from collections.abc import Hashable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """`per_second` on average, `burst` at once. Both count cost units; an ordinary command costs one."""

    per_second: float
    burst: float


class Buckets:
    """The state of one rate for many keys, as the generic cell rate algorithm keeps it: a single time per key.

    Memory is bounded: keys whose bucket is full again are forgotten whenever `capacity` is reached.
    """

    def __init__(self, rate: Rate, *, capacity: int = 20_000) -> None:
        self._rate = rate
        self._capacity = capacity
        self._full_at: dict[Hashable, float] = {}

    def take(self, key: Hashable, now: float, cost: float = 1.0) -> float:
        """Take `cost` for `key` at `now` (monotonic seconds). Returns 0.0, or the seconds to wait with nothing taken.

        What costs more than the burst takes all of it: otherwise it could wait for ever.
        """
        full_at = max(self._full_at.get(key, now), now)
        after = full_at + min(cost, self._rate.burst) / self._rate.per_second
        wait = after - now - self._rate.burst / self._rate.per_second
        if wait > 1e-9:
            return wait
        if len(self._full_at) >= self._capacity and key not in self._full_at:
            self._forget_full(now)
        self._full_at[key] = after
        return 0.0

    def __len__(self) -> int:
        return len(self._full_at)

    def _forget_full(self, now: float) -> None:
        self._full_at = {key: full_at for key, full_at in self._full_at.items() if full_at > now}
        if len(self._full_at) >= self._capacity:  # the emptiest stay: they are the ones worth remembering
            kept = sorted(self._full_at.items(), key=lambda item: item[1])[self._capacity // 2 :]
            self._full_at = dict(kept)


def network_of(address: str) -> str:
    """Whom an address stands for: itself, or the /64 that one IPv6 subscriber has all of.

    An IPv4 address that an IPv6 socket shows mapped is itself; what is no IP address (a socket in the file system) stays as it is.
    """
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Network((parsed, 64), strict=False))
