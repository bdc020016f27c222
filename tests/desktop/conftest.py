"""A screen for every test of this folder, and one server for those that need no other."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desktop.stage import screen
from tests.support.server import Server, serving


@pytest.fixture(scope="session", autouse=True)
def display() -> Iterator[str]:
    """The screen."""
    with screen() as name:
        yield name


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server that takes guests."""
    with serving(tmp_path, "--guests", "--no-rate-limits") as it:
        yield it
