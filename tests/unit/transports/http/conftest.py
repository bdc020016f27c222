"""A workspace and its HTTP application, spoken to without sockets."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import httpx
import pytest
import structlog
import uvloop
from tests.support.workspace import workspace

from kibitz.api.gate import Gate
from kibitz.server.metrics import Metrics
from kibitz.transports.http.app import build

ON_SOCKETS = ("test_guard.py", "test_server.py")
"""What is proven on both loops that a server may have; the others know nothing of loops."""


def pytest_asyncio_loop_factories(item: pytest.Item) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    loops = {"asyncio": asyncio.new_event_loop}
    return {"uvloop": uvloop.new_event_loop, **loops} if item.path.name in ON_SOCKETS else loops


@pytest.fixture(autouse=True)
def _plain_structlog() -> None:
    structlog.reset_defaults()


@pytest.fixture
async def gate(tmp_path: Path) -> AsyncIterator[Gate]:
    async with workspace(tmp_path / "data") as gate:
        yield gate


@pytest.fixture
async def http(gate: Gate) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the whole application; what fails inside is a response, as it is over a socket."""
    transport = httpx.ASGITransport(build(gate, Metrics(gate)), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://chat.example") as client:
        yield client


async def token(http: httpx.AsyncClient, name: str, password: str | None = None) -> dict[str, str]:
    """The header by which someone is logged in; with a password, on an account made for them."""
    fields = {"name": name} if password is None else {"name": name, "password": password}
    path = "/api/v1/login" if password is None else "/api/v1/accounts"
    answer = await http.post(path, json=fields)
    assert answer.status_code == 201, answer.text
    return {"Authorization": f"Bearer {answer.json()['token']}"}


@pytest.fixture
async def alice(http: httpx.AsyncClient) -> dict[str, str]:
    """The headers of the owner."""
    return await token(http, "alice", "correct horse battery")


@pytest.fixture
async def bob(http: httpx.AsyncClient) -> dict[str, str]:
    """The headers of a guest."""
    return await token(http, "bob")
