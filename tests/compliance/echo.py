"""A server whose WebSockets at /text and /binary send back what they are sent.

One rule: the connection under test is reached as in the product, from uvicorn's HTTP side.
"""

import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from starlette.responses import PlainTextResponse
from tests.support.transports import Diary, closed
from uvicorn.server import ServerState
from websockets.frames import Frame, Opcode

from kibitz.transports.connection import Connection
from kibitz.transports.keepalive import Heart
from kibitz.transports.upgrade import Route, Visitor
from kibitz.transports.ws import FrameConnection


def route(path: str, opcode: Opcode) -> Route:
    def echo(diary: Diary, message: bytes) -> None:
        diary.outbox.put(Frame(opcode, message).serialize(mask=False))

    def begin(connection: Connection, _: Visitor) -> Diary:
        return Diary(connection, echo)

    return Route(re.compile(path), opcode, begin)


@asynccontextmanager
async def echo_server() -> AsyncIterator[int]:
    """Its port."""
    routes = [route("/text", Opcode.TEXT), route("/binary", Opcode.BINARY)]
    heart = Heart()

    def websocket(server_state: ServerState, **_: Any) -> FrameConnection:
        return FrameConnection(routes, heart, server_state.connections)

    app = PlainTextResponse("only WebSockets here", 404)
    config = uvicorn.Config(app, ws=websocket, lifespan="off", log_config=None, access_log=False)  # type: ignore[arg-type]
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    listener = socket.create_server(("127.0.0.1", 0))
    await server.startup([listener])
    try:
        yield listener.getsockname()[1]
    finally:
        for one in server.servers:
            one.close()
        for connection in tuple(server.server_state.connections):
            connection.transport.abort()
        await closed()
