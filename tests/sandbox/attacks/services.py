"""Services of the host that a run must not reach: TCP on both protocols, UDP, and unix sockets with a path and an abstract name.

Rule: a service takes whoever comes and writes down that somebody did.
"""

import asyncio
import errno
import os
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

NOWHERE = "9"
"""The port that is given for a protocol this machine does not have."""


class _Mailbox(asyncio.DatagramProtocol):
    def __init__(self, visits: list[str]) -> None:
        self._visits = visits

    def datagram_received(self, data: bytes, addr: object) -> None:
        self._visits.append("a service was reached by UDP")


@asynccontextmanager
async def services(visits: list[str], path: Path, abstract: str) -> AsyncIterator[dict[str, str]]:
    """Open them for as long as the block lasts; the names that a program is given to reach them."""
    unix, hidden = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
    unix.bind(str(path))
    os.chmod(path, 0o777)  # noqa: S103 - open to everyone, so that only walls keep a program away
    hidden.bind(f"\0{abstract}")
    async with AsyncExitStack() as stack:
        ports = {"TCP4": NOWHERE, "TCP6": NOWHERE}
        for name, family, address in (("TCP4", socket.AF_INET, "127.0.0.1"), ("TCP6", socket.AF_INET6, "::1")):
            if (listener := _bound(family, address)) is not None:
                await _serve(stack, visits, "TCP", listener)
                ports[name] = str(listener.getsockname()[1])
        await _serve(stack, visits, "a unix socket with a path", unix)
        await _serve(stack, visits, "an abstract unix socket", hidden)
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: _Mailbox(visits), local_addr=("127.0.0.1", 0)
        )
        stack.callback(transport.close)
        yield {**ports, "UDP4": str(transport.get_extra_info("sockname")[1]), "SOCKET": str(path), "ABSTRACT": abstract}


def _bound(family: socket.AddressFamily, address: str) -> socket.socket | None:
    """A listener on a free port, or None where this machine has no such address."""
    try:
        return socket.create_server((address, 0), family=family)
    except OSError as error:
        if error.errno in {errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL}:
            return None
        raise


async def _serve(stack: AsyncExitStack, visits: list[str], way: str, listener: socket.socket) -> None:
    async def visited(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visits.append(f"a service was reached by {way}")
        writer.close()

    if listener.family == socket.AF_UNIX:
        server = await asyncio.start_unix_server(visited, sock=listener)
    else:
        server = await asyncio.start_server(visited, sock=listener)
    stack.callback(server.close)
