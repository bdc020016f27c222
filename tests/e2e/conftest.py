"""A real server for a test, and people who talk to it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.server import Server

WAIT = 60.0
"""Seconds until a test gives up waiting for a line: only a failing test ever waits that long."""


class Line:
    """One connection to the TCP port, line by line."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.seen: list[str] = []

    async def say(self, *lines: str) -> None:
        """Send lines."""
        self.writer.write("".join(f"{line}\n" for line in lines).encode())
        await self.writer.drain()

    async def line(self) -> str:
        """The next line."""
        raw = await asyncio.wait_for(self.reader.readline(), WAIT)
        if not raw:
            raise EOFError(self.seen)
        self.seen.append(raw.decode().rstrip("\n"))
        return self.seen[-1]

    async def until(self, wanted: str | Callable[[str], bool]) -> str:
        """The next line that begins with this, or that this is true of."""
        matches = wanted if callable(wanted) else lambda line: line.startswith(wanted)
        while not matches(line := await self.line()):
            pass
        return line

    async def rest(self) -> list[str]:
        """Everything that comes until the server closes."""
        lines = []
        while raw := await asyncio.wait_for(self.reader.readline(), WAIT):
            lines.append(raw.decode().rstrip("\n"))
        return lines

    async def fence(self) -> None:
        """Wait until everything said so far was dealt with."""
        await self.say("PING")
        await self.until("PONG")

    def close(self) -> None:
        """Cut the connection."""
        self.writer.transport.abort()


class Json(Line):
    """A connection that speaks the structured protocol."""

    number = 0
    welcome: dict[str, Any]

    async def ask(self, type_: str, **fields: Any) -> dict[str, Any]:
        """Send a command; its answer, `reply` or `error`. Events on the way are kept in `seen`."""
        self.number += 1
        await self.say(json.dumps({"type": type_, "id": self.number, **fields}))
        return await self.event(lambda it: it["type"] in ("reply", "error") and it["id"] == self.number)

    async def do(self, type_: str, **fields: Any) -> dict[str, Any]:
        """The same for a command that must succeed: its result."""
        answer = await self.ask(type_, **fields)
        assert answer["type"] == "reply", answer
        result: dict[str, Any] = answer["result"]
        return result

    async def event(self, wanted: str | Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The next event of this type, or that this is true of."""
        matches = wanted if callable(wanted) else lambda it: it["type"] == wanted
        event: dict[str, Any]
        while not matches(event := json.loads(await self.line())):
            pass
        return event


class Town:
    """A server and its people."""

    def __init__(self, server: Server, stack: AsyncExitStack) -> None:
        self.server = server
        self._stack = stack

    async def connect(self, kind: type[Line] = Line) -> Any:
        """A new connection, not logged in."""
        reader, writer = await asyncio.open_connection(*self.server.tcp, limit=4 * 1024 * 1024)
        line = kind(reader, writer)
        self._stack.callback(line.close)
        return line

    def http(self, token: str = "") -> httpx.AsyncClient:
        """A client of the HTTP side, for whoever this token is."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        client = httpx.AsyncClient(base_url=self.server.http, headers=headers)
        self._stack.push_async_callback(client.aclose)
        return client

    async def pipe(self, login: str) -> Line:
        """Somebody at the pipe protocol, logged in and past the first lines."""
        line: Line = await self.connect()
        await line.say(login)
        assert await line.line() == "CONNECTED"
        await line.until("USER_LIST|")
        return line

    async def json(self, **login: Any) -> Json:
        """Somebody at the structured protocol, caught up."""
        line: Json = await self.connect(Json)
        line.welcome = await line.do("log_in", **login)
        await line.event("caught_up")
        return line


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    """A server that takes guests, without rate limits."""
    async with AsyncExitStack() as stack:
        server = Server(tmp_path / "data", "--guests", "--no-rate-limits")
        stack.callback(server.close)
        server.start()
        yield Town(server, stack)


@pytest.fixture
async def members(tmp_path: Path) -> AsyncIterator[Town]:
    """A server for accounts only, with its default settings."""
    async with AsyncExitStack() as stack:
        server = Server(tmp_path / "data")
        stack.callback(server.close)
        server.start()
        yield Town(server, stack)
