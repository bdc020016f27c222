"""Hashing passwords, beside the loop.

Rule: a hash costs 64 MiB and a tenth of a second on purpose, so few are made at once, few wait, and a name that does not exist costs
the same as one that does.
"""

import asyncio
import unicodedata
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from secrets import token_bytes
from threading import BoundedSemaphore
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from argon2.low_level import ARGON2_VERSION
from argon2.profiles import RFC_9106_LOW_MEMORY

from kibitz.domain.errors import Refusal

T = TypeVar("T")

AT_ONCE: Final = 2
"""Hashes made at the same time: 128 MiB, which a server for 200 people in 200 MB can spare for a moment."""

MAX_WAITING: Final = 64
"""Hashes that may wait: a class that logs in together, and some five seconds' work for the last of them."""


class Passwords:
    """The one place where passwords are hashed and verified. Raises `Refusal("busy")` where too many wait."""

    def __init__(self, hasher: PasswordHasher | None = None, *, max_waiting: int = MAX_WAITING) -> None:
        self._hasher = hasher or PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="kibitz-password")
        self._places = BoundedSemaphore(AT_ONCE + max_waiting)
        self._nobodys = _hash_of_nobody(self._hasher)

    async def hash(self, password: str) -> str:
        """The argon2id hash of a password, with its salt and parameters in it."""
        return await self._beside(lambda: self._hasher.hash(_normalised(password)))

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether this is the password of that hash. Without a hash it is not, which takes as long to find out."""
        matches = await self._beside(lambda: self._matches(password_hash or self._nobodys, password))
        return matches and password_hash is not None

    def is_outdated(self, password_hash: str) -> bool:
        """Whether a hash was made with other parameters than are used now."""
        return self._hasher.check_needs_rehash(password_hash)

    def close(self) -> None:
        """Let what is being hashed finish; what waits is dropped."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _matches(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, _normalised(password))
        except VerifyMismatchError:
            return False

    async def _beside(self, work: Callable[[], T]) -> T:
        if not self._places.acquire(blocking=False):
            raise Refusal("busy", "Too many people are logging in just now; try again in a moment.", retry_after=5.0)
        job = self._threads.submit(work)
        # Also for one that is cancelled while it waits: its place is free, while one that runs keeps its own to the end.
        job.add_done_callback(self._leave)
        return await asyncio.wrap_future(job)

    def _leave(self, _: Future[T]) -> None:
        self._places.release()


def _hash_of_nobody(hasher: PasswordHasher) -> str:
    """What costs as much to verify as a real hash, and is none: its bytes are drawn."""
    salt, drawn = (b64encode(token_bytes(size)).decode().rstrip("=") for size in (hasher.salt_len, hasher.hash_len))
    costs = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v={ARGON2_VERSION}${costs}${salt}${drawn}"


def _normalised(password: str) -> bytes:
    # What one keyboard sends composed and another decomposed is the same password: NIST SP 800-63B-3, 5.1.1.2.
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
