"""Runs the tests of connections on both loops that a server may have.

One rule: what is proven on uvloop, which Linux and macOS use, is proven on asyncio's own loop too, which Windows uses.
"""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import uvloop

HERE = Path(__file__).parent


def pytest_asyncio_loop_factories(item: pytest.Item) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    if item.path.parent != HERE:
        return {"asyncio": asyncio.new_event_loop}
    return {"uvloop": uvloop.new_event_loop, "asyncio": asyncio.new_event_loop}
