"""What a writing command leaves: its answer, kept under its nonce, and the steps by which everyone else learns of it.

Rule: the same command sent again with its nonce has the same fingerprint; another one under that nonce has not.
"""

from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

import msgspec

from kibitz.fanout.steps import Step
from kibitz.features.call import Outcome
from kibitz.wire.commands import Command, Write, fingerprint_of

_json: Final = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Written:
    """A command that was carried out for good: its answer as JSON, and how everyone else learns of it."""

    answer: bytes
    steps: tuple[Step, ...] = ()


def seal(outcome: Outcome) -> Written:
    """What a use case gave back, as it is kept and sent."""
    return Written(_json.encode(outcome.answer), outcome.steps)


def nonce_of(command: Command) -> tuple[str | None, bytes]:
    """The nonce of a command, where it has one, and what makes the command itself again."""
    nonce = command.nonce if isinstance(command, Write) else None
    if nonce is None:
        return None, b""
    return nonce, blake2b(_json.encode([type(command).__name__, fingerprint_of(command)]), digest_size=16).digest()
