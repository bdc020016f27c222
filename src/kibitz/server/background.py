"""What a server does by itself, again and again.

Rule: each of these may fail once without harm; it is logged and done again the next time.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from kibitz.api import sharing
from kibitz.api.gate import Gate
from kibitz.api.opening import HEARTBEAT_SECONDS
from kibitz.storage import Tx, tokens
from kibitz.wire.events import Heartbeat

WATCH_SECONDS: Final = 1.0
"""How soon a server that has nothing to write notices what another process (`kibitz admin`) did to its database."""

SWEEP_SECONDS: Final = 3600.0
"""How often what nobody refers to any more is swept up."""

log = structlog.get_logger()


def start(gate: Gate) -> None:
    """Begin all of it; the workspace's tasks end it."""
    spawn = gate.workspace.tasks.spawn
    spawn("heartbeat", _every(HEARTBEAT_SECONDS, lambda: _heartbeat(gate)))
    spawn("watch", _every(WATCH_SECONDS, lambda: _watch(gate)))
    spawn("sweep", _every(SWEEP_SECONDS, lambda: _sweep(gate)))


async def _every(seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    while True:
        await asyncio.sleep(seconds)
        try:
            await work()
        except Exception:
            log.exception("background work failed")


async def _heartbeat(gate: Gate) -> None:
    gate.workspace.hub.announce(Heartbeat())


async def _watch(gate: Gate) -> None:
    await gate.workspace.committer.run(lambda tx: None)


async def _sweep(gate: Gate) -> None:
    workspace = gate.workspace
    now = workspace.now()

    def drop_expired(tx: Tx) -> int:
        return tokens.sweep(tx, now)

    await workspace.committer.run(drop_expired)
    await sharing.sweep(workspace)
