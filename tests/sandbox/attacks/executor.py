"""What runs a probe's program: Kibitz, or an executor without walls to compare it with.

Rule: an executor says how the program ended and what it wrote; whether that is well is judged elsewhere.
"""

import os
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Program:
    """What is to be run. `keep_open` leaves standard input open after `stdin`; `mark` names this run on the host."""

    language: str
    source: str
    stdin: str
    keep_open: bool
    wall: float
    mark: str


@dataclass(frozen=True, slots=True)
class Ending:
    """How it ended: not built, killed for a limit, by a signal, or with a code; `output` has both streams as they came."""

    output: str
    built: bool = True
    killed_for: str | None = None
    signal: int | None = None
    exit_code: int | None = None

    def __str__(self) -> str:
        if not self.built:
            return "not built"
        if self.killed_for is not None:
            return self.killed_for
        return f"signal {self.signal}" if self.signal is not None else f"exit {self.exit_code}"


class Executor(Protocol):
    """Runs programs as `user`, as many at once as it is asked to."""

    @property
    def user(self) -> int:
        """The number of the host's user that the programs are."""
        ...

    async def run(self, program: Program) -> Ending:
        """Run it to its end."""
        ...


def as_user(user: int) -> dict[str, Any]:
    """What `subprocess` is told so that the process belongs to this user; nothing where it does anyway."""
    return {"user": user, "group": user, "extra_groups": []} if os.geteuid() == 0 else {}
