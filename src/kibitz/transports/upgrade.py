"""From an HTTP request to a WebSocket, or to a clear no.

Rule: what a browser sends by itself proves nothing. A page of another site gets in only with a token that it wrote into the address,
never with this server's cookie, and never without any login.
"""

import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qs

from starlette.requests import cookie_parser
from websockets.frames import Opcode
from websockets.http11 import Request, Response
from websockets.server import ServerProtocol

from kibitz.transports.connection import Connection, Receiver
from kibitz.transports.cookie import COOKIE
from kibitz.transports.lines import MAX_MESSAGE

# At level DEBUG the library logs handshakes and frames, and with them tokens and what people say.
quiet: Final = logging.getLogger(__name__)
quiet.setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who knocks: the network address, the path and, where the request came with one, the token to log in with."""

    address: str
    path: str
    token: str | None


@dataclass(frozen=True, slots=True)
class Route:
    """What answers at every path that matches in full: the kind of its messages, how a session begins, the bytes of a message."""

    path: re.Pattern[str]
    opcode: Opcode
    begin: Callable[[Connection, Visitor], Receiver]
    max_message: int = MAX_MESSAGE


@dataclass(frozen=True, slots=True)
class Upgrade:
    """The answer to a request, and what begins with it unless it is a no."""

    response: bytes
    route: Route | None = None
    visitor: Visitor | None = None


def upgrade(request: bytes, address: str, routes: Sequence[Route]) -> Upgrade:
    """Answer the request line and headers with which a client asks for a WebSocket."""
    protocol = ServerProtocol(logger=quiet)
    protocol.receive_data(request)
    event = next(iter(protocol.events_received()), None)
    if not isinstance(event, Request):
        told_why = b"".join(protocol.data_to_send())
        return Upgrade(told_why or _no(protocol, HTTPStatus.BAD_REQUEST, "This is not an HTTP request."))
    visitor = Visitor(address, event.path.partition("?")[0], _token(event))
    route = next((route for route in routes if route.path.fullmatch(visitor.path)), None)
    if route is None:
        return Upgrade(_no(protocol, HTTPStatus.NOT_FOUND, "There is no WebSocket at this path; try /ws."))
    if _is_foreign(event):
        why = "A page of another site needs a token in the address, as in /ws?token=…"
        return Upgrade(_no(protocol, HTTPStatus.FORBIDDEN, why))
    response = protocol.accept(event)
    if response.status_code != HTTPStatus.SWITCHING_PROTOCOLS:
        return Upgrade(response.serialize())
    return Upgrade(response.serialize(), route, visitor)


def _no(protocol: ServerProtocol, status: HTTPStatus, why: str) -> bytes:
    response: Response = protocol.reject(status, why + "\n")
    return response.serialize()


def _token(request: Request) -> str | None:
    return _written_token(request) or cookie_parser("; ".join(request.headers.get_all("Cookie"))).get(COOKIE)


def _written_token(request: Request) -> str | None:
    # No browser lets a page set this header for a WebSocket; programs do.
    for header in request.headers.get_all("Authorization"):
        scheme, _, token = header.partition(" ")
        if scheme.lower() == "bearer" and token.strip():
            return token.strip()
    return parse_qs(request.path.partition("?")[2]).get("token", [None])[0]


def _is_foreign(request: Request) -> bool:
    # Browsers send Origin with every handshake (RFC 6455, section 10.2), and spell its host and port as they do in Host.
    hosts = [origin.lower().partition("://")[2] for origin in request.headers.get_all("Origin")]
    own = [host.lower() for host in request.headers.get_all("Host")]
    return any(host not in own for host in hosts) and _written_token(request) is None
