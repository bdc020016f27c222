"""uvicorn inside the server's own loop.

Rule: uvicorn serves; it neither handles signals nor decides when the process ends.
"""

import asyncio
import re
import socket
import ssl
from collections.abc import Callable
from typing import Any, Final

import uvicorn
from starlette.types import ASGIApp
from websockets.frames import Opcode

from kibitz.api import collab
from kibitz.api.gate import Gate
from kibitz.api.session import Session
from kibitz.coedit.access import Access
from kibitz.transports import collab as doors
from kibitz.transports.connection import Connection
from kibitz.transports.http.guard import IDLE_SECONDS, GuardedHttp
from kibitz.transports.keepalive import Heart
from kibitz.transports.upgrade import Route, Visitor
from kibitz.transports.ws import FrameConnection
from kibitz.wire.jsonlines import WS_TEXT

TLS_SECONDS: Final = 10.0
"""How long a TLS handshake may take; asyncio's default of 60 s would let the half-open pile up uncounted."""

BACKLOG: Final = 2048
"""Connections the kernel keeps until we get to them, for when everyone comes back after a restart: uvicorn's default."""


class HttpServer(uvicorn.Server):
    """The HTTP port: uvicorn's server, which ticks and is shut down here but never runs by itself."""

    def __init__(self, app: ASGIApp, gate: Gate, tls: ssl.SSLContext | None) -> None:
        config = uvicorn.Config(
            app,
            interface="asgi3",
            lifespan="off",
            ws=_websockets(gate),  # type: ignore[arg-type] # whatever makes a protocol does
            ssl_context_factory=(lambda *_: tls) if tls else None,
            log_config=None,
            access_log=False,  # the application logs requests, without their queries
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=IDLE_SECONDS,
        )
        config.load()
        super().__init__(config)
        self.lifespan = config.lifespan_class(config)
        self._gate = gate
        self._ticking: asyncio.Task[None] | None = None

    @classmethod
    async def start(cls, app: ASGIApp, gate: Gate, sock: socket.socket, tls: ssl.SSLContext | None) -> "HttpServer":
        """Serve on a bound socket, which belongs to the server from now on."""
        server = cls(app, gate, tls)
        await server.startup([sock])
        # uvicorn's tick keeps the Date header right.
        server._ticking = gate.workspace.tasks.spawn("http server", server.main_loop())
        return server

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen as uvicorn does, but with a time limit for TLS handshakes."""
        loop = asyncio.get_running_loop()

        def connection() -> asyncio.Protocol:
            return GuardedHttp(
                self._gate.sessions, config=self.config, server_state=self.server_state, app_state={}, _loop=loop
            )

        tls = self.config.ssl
        self.servers = [
            await loop.create_server(
                connection, sock=sock, ssl=tls, backlog=BACKLOG, ssl_handshake_timeout=TLS_SECONDS if tls else None
            )
            for sock in sockets or ()
        ]
        self.started = True

    async def stop(self, grace: float) -> None:
        """Take no more connections, give requests under way `grace` seconds to end, then close what is left."""
        self.should_exit = True
        if self._ticking is not None:
            await self._ticking
        self.config.timeout_graceful_shutdown = grace  # type: ignore[assignment] # it goes to asyncio.wait_for as it is
        await self.shutdown()
        for connection in tuple(self.server_state.connections):
            connection.transport.abort()


def _websockets(gate: Gate) -> Callable[..., asyncio.Protocol]:
    """What uvicorn calls for a request that asks for a WebSocket."""

    def begin(connection: Connection, visitor: Visitor) -> Session:
        session = Session(gate, connection, lambda _: WS_TEXT, visitor.address)
        if visitor.token:
            session.open_with(WS_TEXT, visitor.token)
        return session

    async def admit(token: str | None, address: str, session: int) -> Access:
        return await collab.admit(gate.workspace, await gate.caller(token, address), session)

    documents = doors.routes(gate, gate.workspace.documents, admit)
    routes = (Route(re.compile("/ws"), Opcode.TEXT, begin), *documents)
    heart = Heart()

    def websocket(server_state: Any, **_: Any) -> asyncio.Protocol:
        return FrameConnection(routes, heart, server_state.connections)

    return websocket
