"""Names for commands, so that sending one twice is seen to be the same.

Rule: a nonce is never used for two commands; since its first bits are the time, those of one client sort as they were made.
"""

import secrets
import time
from uuid import UUID


def new_nonce() -> str:
    """A nonce no other command has."""
    return str(uuid7(time.time_ns() // 1_000_000, secrets.randbits(74)))


def uuid7(milliseconds: int, chance: int) -> UUID:
    """A UUID of version 7 (RFC 9562, section 5.7) of a time since 1970 and 74 random bits; Python's `uuid` has it from 3.14 on."""
    high, low = chance >> 62, chance & (1 << 62) - 1
    return UUID(int=(milliseconds & (1 << 48) - 1) << 80 | 7 << 76 | high << 64 | 0b10 << 62 | low)
