"""Somebody who listens over the pipe protocol.

Rule: it keeps nothing between connections, so each connection's account stands for itself.
"""

import asyncio
import re
from contextlib import suppress
from typing import Final

TOKEN: Final = re.compile(r"\w+: (m-\S+)")
"""A broadcast of a chaos client: who speaks, and the token its text begins with."""

AGAIN_SECONDS: Final = 0.1
"""Pause before connecting again; the name is free only once the server has noticed that the last connection is gone."""


class Listener:
    """A guest at a plain socket. `connections` has the tokens each connection showed, in order."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.address = ("", 0)
        self.connections: list[list[str]] = []
        self.connected = asyncio.Event()
        self._writer: asyncio.StreamWriter | None = None
        self._finished = False

    async def run(self) -> None:
        """Listen, and come back whenever the connection is gone."""
        while not self._finished:
            with suppress(ConnectionError):
                await self._listen()
            await asyncio.sleep(AGAIN_SECONDS)

    def cut(self) -> None:
        """End the connection as a broken network would."""
        if self._writer is not None:
            self._writer.transport.abort()

    def finish(self) -> None:
        """Connect no more."""
        self._finished = True
        self.cut()

    async def _listen(self) -> None:
        reader, self._writer = await asyncio.open_connection(*self.address, limit=1024 * 1024)
        try:
            self._writer.write(f"{self.name}\n".encode())
            if (await reader.readline()).rstrip() != b"CONNECTED":
                return
            heard: list[str] = []
            self.connections.append(heard)
            self.connected.set()
            while line := await reader.readline():
                if found := TOKEN.match(line.decode()):
                    heard.append(found[1])
        finally:
            self.connected.clear()
            self._writer.transport.abort()
            self._writer = None
