"""One workspace: everything that belongs together and to nothing else.

Rule: nothing is a global. A part that needs another is handed the workspace, so that one process can hold several.
"""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Protocol

from kibitz.api.live_runs import LiveRuns
from kibitz.api.passwords import Passwords
from kibitz.api.throttle import Throttle
from kibitz.api.watching import Watching
from kibitz.blobs import Blobs
from kibitz.coedit.documents import Documents
from kibitz.fanout.hub import Hub
from kibitz.fanout.outbox import Flusher
from kibitz.fanout.presence import Presence
from kibitz.runner.runner import Runner
from kibitz.storage.committer import Committer
from kibitz.storage.store import Store
from kibitz.wire.clock import stamp


class Spawner(Protocol):
    """Whoever owns the tasks of this process."""

    def spawn(self, name: str, work: Coroutine[Any, Any, Any]) -> Any:
        """Begin a task that is logged when it fails and ended when the server stops."""
        ...


@dataclass(frozen=True, slots=True)
class Policy:
    """What the operator decided. Sizes in bytes, times in seconds; `http_url` is where the HTTP side can be reached, for people to read."""

    version: str
    guests: bool = False
    open_sign_up: bool = False
    rate_limits: bool = True
    max_clients: int = 10_000
    max_file_size: int = 50 * 1000 * 1000
    code_timeout: float = 30.0
    http_url: str = ""
    http_port: int = 0
    tcp_port: int = 0


@dataclass(slots=True)
class Counters:
    """What happened since the start; metrics read these."""

    posted: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    uploaded_bytes: int = 0
    downloaded_bytes: int = 0
    slow_closed: int = 0


@dataclass(slots=True)
class Workspace:
    """The parts of a workspace, wired by `kibitz.server.assembly`. `clock` is seconds since 1970, `monotonic` never goes back."""

    policy: Policy
    store: Store
    committer: Committer
    hub: Hub
    presence: Presence
    flusher: Flusher
    blobs: Blobs
    passwords: Passwords
    throttle: Throttle
    documents: Documents
    runner: Runner
    runs: LiveRuns
    watching: Watching
    tasks: Spawner
    clock: Callable[[], float]
    monotonic: Callable[[], float]
    counters: Counters = field(default_factory=Counters)
    draining: bool = False

    def now(self) -> str:
        """The time as it is stored and sent."""
        return stamp(self.clock())
