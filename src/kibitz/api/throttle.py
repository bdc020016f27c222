"""Slowing down whoever guesses passwords.

Rule: a wait is counted from the last failure of the same name from the same network, or of that network. So nobody can lock somebody
else out: failures from elsewhere take away the free tries at a name, and never more than `UNDER_ATTACK.longest` seconds.
"""

import asyncio
import math
from dataclasses import dataclass
from typing import Final
from weakref import WeakValueDictionary

from kibitz.domain.errors import Refusal
from kibitz.domain.limits import network_of
from kibitz.domain.users import name_key

FORGOTTEN_AFTER: Final = 3600.0
"""Seconds without a failure after which earlier ones no longer count."""

MAX_KEYS: Final = 20_000
"""Names, networks, and pairs of them whose failures are remembered, of each kind: some 10 MB in all. The oldest go first."""


@dataclass(frozen=True, slots=True)
class Penalty:
    """How failures add up: `free` of them cost nothing, then one second doubles up to `longest` seconds."""

    free: int
    longest: float

    def seconds(self, failures: int) -> float:
        """The wait after so many failures in a row."""
        return 0.0 if failures < self.free else min(2.0 ** min(failures - self.free, 30), self.longest)


GUESSING: Final = Penalty(free=5, longest=900.0)
"""For one name from one network: in the long run 96 guesses a day, which is what NIST SP 800-63B-3, 5.2.2, allows in all (100)."""

SPRAYING: Final = Penalty(free=50, longest=900.0)
"""For all names from one network. A class of thirty may come from one address and mistype at once."""

UNDER_ATTACK: Final = Penalty(free=20, longest=4.0)
"""For one name from all networks: while a name is being guessed from many places, each of them waits after its first try."""


class Throttle:
    """Failures in a row. Times are monotonic seconds and handed in."""

    def __init__(self, *, max_keys: int = MAX_KEYS) -> None:
        self._pairs = _Failures(max_keys)
        self._networks = _Failures(max_keys)
        self._names = _Failures(max_keys)
        self._turns: WeakValueDictionary[_Key, asyncio.Lock] = WeakValueDictionary()

    def turn(self, name: str, address: str) -> asyncio.Lock:
        """What a try at a name is made under, from the check to its outcome: otherwise a hundred tries at once would all pass."""
        return self._turns.setdefault((name_key(name), network_of(address)), asyncio.Lock())

    def check(self, name: str, address: str, now: float) -> None:
        """Raises `Refusal("rate_limited")` for a try that comes too early."""
        key, network = name_key(name), network_of(address)
        guessing = GUESSING.seconds(self._pairs.count((key, network), now))
        under_attack = UNDER_ATTACK.seconds(self._names.count(key, now))
        spraying = SPRAYING.seconds(self._networks.count(network, now))
        wait = max(
            self._pairs.last((key, network)) + max(guessing, under_attack) - now,
            self._networks.last(network) + spraying - now,
        )
        if wait > 0:
            seconds = math.ceil(wait)
            raise Refusal(
                "rate_limited", f"Too many failed logins: wait {seconds} s, then try again.", retry_after=seconds
            )

    def failed(self, name: str, address: str, now: float) -> None:
        """The password was wrong."""
        key, network = name_key(name), network_of(address)
        self._pairs.add((key, network), now)
        self._networks.add(network, now)
        self._names.add(key, now)

    def succeeded(self, name: str, address: str, now: float) -> None:
        """The password was right: what this name failed from here is forgotten, and what others failed from here is not."""
        key, network = name_key(name), network_of(address)
        failures = self._pairs.count((key, network), now)
        self._pairs.take_off((key, network), failures, now)
        self._networks.take_off(network, failures, now)
        self._names.take_off(key, failures, now)

    def __len__(self) -> int:
        return len(self._pairs) + len(self._networks) + len(self._names)


_Key = str | tuple[str, str]


class _Failures:
    """How many failures in a row each key has, and when the last one was; oldest first."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._of: dict[_Key, tuple[int, float]] = {}

    def count(self, key: _Key, now: float) -> int:
        count, last = self._of.get(key, (0, 0.0))
        return count if now - last < FORGOTTEN_AFTER else 0

    def last(self, key: _Key) -> float:
        return self._of[key][1] if key in self._of else -math.inf

    def add(self, key: _Key, now: float) -> None:
        total = self.count(key, now) + 1
        self._of.pop(key, None)
        self._of[key] = (total, now)
        if len(self._of) > self._capacity:
            del self._of[next(iter(self._of))]

    def take_off(self, key: _Key, count: int, now: float) -> None:
        left = self.count(key, now) - count
        if left > 0:
            self._of[key] = (left, self._of[key][1])
        else:
            self._of.pop(key, None)

    def __len__(self) -> int:
        return len(self._of)
