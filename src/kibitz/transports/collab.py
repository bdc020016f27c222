"""Where Yjs clients come in: `/collab/{session}` for y-websocket, `/hocuspocus` for Hocuspocus.

Rule: connections are counted and rates kept as for everyone else; who may come in is said by `admit`.
"""

import asyncio
import itertools
import re
from collections.abc import Awaitable, Callable
from typing import Final

from websockets.frames import Opcode

from kibitz.api.caller import Caller
from kibitz.api.gate import Gate
from kibitz.coedit.access import Access
from kibitz.coedit.documents import Documents
from kibitz.coedit.hocuspocus import HocuspocusSession
from kibitz.coedit.session import MAX_READ, CollabSession, Counted, Door
from kibitz.coedit.ywebsocket import YWebsocketSession
from kibitz.domain.errors import Refusal
from kibitz.transports.connection import Connection
from kibitz.transports.upgrade import Route, Visitor
from kibitz.wire.closing import FULL, SHUTDOWN, Close

_PATH: Final = re.compile(r"/collab/([0-9]{1,15})")
_numbers = itertools.count(-1, -1)  # other connections count up


def routes(
    gate: Gate, documents: Documents, admit: Callable[[str | None, str, int], Awaitable[Access]]
) -> tuple[Route, ...]:
    """The two paths."""
    door = _door(gate, documents, admit)

    def begin_y_websocket(connection: Connection, visitor: Visitor) -> CollabSession:
        match = _PATH.fullmatch(visitor.path)
        assert match is not None, "the route has matched"
        return YWebsocketSession(door, connection, visitor.address, next(_numbers), visitor.token, int(match[1]))

    def begin_hocuspocus(connection: Connection, visitor: Visitor) -> CollabSession:
        return HocuspocusSession(door, connection, visitor.address, next(_numbers), visitor.token)

    return (
        Route(_PATH, Opcode.BINARY, begin_y_websocket, MAX_READ),
        Route(re.compile("/hocuspocus/?"), Opcode.BINARY, begin_hocuspocus, MAX_READ),
    )


def _door(gate: Gate, documents: Documents, admit: Callable[[str | None, str, int], Awaitable[Access]]) -> Door:
    workspace = gate.workspace

    def closed() -> Close | None:
        if gate.sessions.full:
            return FULL
        return SHUTDOWN if workspace.draining else None

    def charge(access: Access, address: str, number: int, cost: float) -> float:
        caller = Caller(address, access.user, access.name, access.token_id, connection=number)
        try:
            gate.limiter.check(caller, cost, workspace.monotonic())
        except Refusal as refusal:
            return refusal.retry_after or 1.0
        return 0.0

    def watch(session: Counted, seconds: float) -> asyncio.TimerHandle:
        return gate.sessions.watch(session, seconds)

    return Door(
        documents=documents,
        flusher=workspace.flusher,
        admit=admit,
        spawn=workspace.tasks.spawn,
        watch=watch,
        forget=gate.sessions.forget,
        closed=closed,
        charge=charge,
    )
