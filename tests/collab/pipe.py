"""Someone at the TCP port, line by line.

One rule: it keeps nothing and does nothing by itself; what it hears stands in the order in which it came.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.support.server import Server
from tests.support.waiting import WAIT


class Pipe:
    """A connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    def say(self, verb: str, *fields: str, **details: Any) -> None:
        """Send a line: its fields, and details as JSON where there are any."""
        last = [json.dumps(details)] if details else []
        self._writer.write(("|".join([verb, *fields, *last]) + "\n").encode())

    async def told(self, verb: str) -> dict[str, Any]:
        """The next message of a verb. Raises `EOFError` where the connection has ended."""
        async with asyncio.timeout(WAIT):
            while True:
                line = (await self._reader.readline()).decode()
                if not line.endswith("\n"):  # half a line may be the last thing a server says
                    raise EOFError
                if line.startswith(f"{verb}|"):
                    told: dict[str, Any] = json.loads(line.partition("|")[2])
                    return told

    async def hear(self, verb: str, kind: str) -> dict[str, Any]:
        """The next message of a type."""
        while (told := await self.told(verb))["type"] != kind:
            pass
        return told

    def close(self) -> None:
        """Be gone, without a goodbye."""
        self._writer.transport.abort()


async def dial(server: Server, first: str) -> tuple[Pipe, str]:
    """A connection that is logged in by its first line, and its token."""
    reader, writer = await asyncio.open_connection(*server.tcp, limit=1 << 22)
    made = Pipe(reader, writer)
    writer.write(f"{first}\n".encode())
    try:
        return made, str((await made.hear("SERVER_INFO", "SERVER_INFO"))["token"])
    except BaseException:
        made.close()
        raise


@asynccontextmanager
async def pipe(server: Server, first: str) -> AsyncIterator[tuple[Pipe, str]]:
    """The same for the length of a block."""
    made, token = await dial(server, first)
    try:
        yield made, token
    finally:
        made.close()
