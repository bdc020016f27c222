"""What one row of the command table says.

Rule: a verb names everything that is checked before its handler runs; a handler checks nothing of it again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

import msgspec

from kibitz.domain.access import Act, Actor
from kibitz.storage import Tx
from kibitz.wire.commands import Command
from kibitz.wire.results import Done

SMALL: Final = 4 * 1024
"""Bytes of a command that holds names and numbers only."""

LARGE: Final = 64 * 1024
"""Bytes of a command that holds a text: a line of the wire (protocol.md)."""

HUGE: Final = 768 * 1024
"""Bytes of a command that holds a program, over HTTP: 256 KiB and an input as large, escaped. A line has `LARGE` at most in any case."""


class Mode(Enum):
    """Where a handler runs.

    READ in a reader's transaction, WRITE in the committer's, LIVE on the loop without a database, TASK as a coroutine of its own
    (hashing a password, say).
    """

    READ = "read"
    WRITE = "write"
    LIVE = "live"
    TASK = "task"


@dataclass(frozen=True, slots=True)
class Verb:
    """One row of the table.

    `act` is the right asked of `access.may` on what `thing` finds, in the transaction the handler runs in. `cost` is what it takes
    from the rate buckets, `size` the most bytes it may have. `many` handles a run of waiting commands at once, where that pays.
    `http` is method and path below `/api/v1`; a path's `{field}` fills the command's field of that name.
    """

    command: type[Command]
    run: Callable[..., Any]
    mode: Mode
    result: type[msgspec.Struct] = Done
    act: Act | None = None
    thing: Callable[[Tx, Actor, Any], Any] | None = None
    login: bool = True
    cost: float = 1.0
    size: int = SMALL
    many: Callable[..., Any] | None = None
    http: tuple[str, str] | None = None
    status: int = 200
