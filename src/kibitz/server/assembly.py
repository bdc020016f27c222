"""One server process, from its start to its end.

Rule: what starts is put on one stack and stopped in the exact reverse; READY is printed when both ports answer, and only then.
"""

import asyncio
import contextlib
import signal
import socket
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from functools import partial
from typing import Final

import click
import structlog
import uvloop

from kibitz.api.gate import Gate
from kibitz.server import background, garbage, logs, tls
from kibitz.server.config import Settings
from kibitz.server.doors import begin_line_session
from kibitz.server.metrics import Metrics
from kibitz.server.parts import open_workspace, policy_of
from kibitz.storage.faults import StartError
from kibitz.transports.http.app import build
from kibitz.transports.http.server import HttpServer
from kibitz.transports.tcp import serve_tcp
from kibitz.wire.closing import SHUTDOWN

DRAIN_SECONDS: Final = 10.0
"""How long requests under way may take to end after SIGTERM."""

log = structlog.get_logger()


def serve(settings: Settings) -> int:
    """Run a server until SIGTERM or SIGINT; returns the process's exit status. Raises `StartError`."""
    logs.configure(settings.log_format, settings.log_level)
    return uvloop.run(_serve(settings))


async def _serve(settings: Settings) -> int:
    async with AsyncExitStack() as stack:
        stopping = _stop_signal()
        context = tls.context(settings, datetime.now(UTC))
        _warn(settings)
        http_socket = stack.enter_context(_bind(settings.host, settings.http_port))
        tcp_socket = stack.enter_context(_bind(settings.host, settings.tcp_port))
        scheme = "https" if context is not None else "http"
        http_url = f"{scheme}://{_where(http_socket)}"
        tcp_port, http_port = (bound.getsockname()[1] for bound in (tcp_socket, http_socket))
        policy = policy_of(settings, tcp_port=tcp_port, http_port=http_port, http_url=http_url)
        gate = await open_workspace(settings, policy, stack)
        background.start(gate)
        http = await HttpServer.start(build(gate, Metrics(gate)), gate, http_socket, context)
        stack.push_async_callback(http.stop, DRAIN_SECONDS)
        tcp = await serve_tcp(partial(begin_line_session, gate), tcp_socket, context)
        stack.callback(tcp.close)
        stack.callback(_drain, gate)
        garbage.settle()
        click.echo(f"READY tcp={_where(tcp_socket)} http={http_url}")
        await stopping.wait()
        log.info("stopping", connections=len(gate.sessions))
    return 0


def _drain(gate: Gate) -> None:
    """Tell every client to come back in a moment; whoever connects from now on is told the same."""
    gate.workspace.draining = True
    gate.sessions.end_all(SHUTDOWN)


def _stop_signal() -> asyncio.Event:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    return stopping


def _bind(host: str, port: int) -> socket.socket:
    """A socket on this address; whoever serves it makes it listen."""
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        made = socket.socket(family, socket.SOCK_STREAM)
    except OSError as error:
        raise StartError(f"The address {host} cannot be listened on: {error.strerror}.") from error
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            with contextlib.suppress(OSError):
                made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        made.bind(address)
        made.setblocking(False)
    except OSError as error:
        made.close()
        raise StartError(
            f"Port {port} on {host} cannot be used ({error.strerror}): stop what uses it, or choose another port (0: any free one)."
        ) from error
    return made


def _where(listening: socket.socket) -> str:
    host, port, *_ = listening.getsockname()
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _warn(settings: Settings) -> None:
    if warning := tls.guests_warning(settings):
        click.echo(f"warning: {warning}", err=True)
    if settings.tls_self_signed:
        click.echo(f"certificate SHA-256 {tls.fingerprint(settings.data_dir)}", err=True)
