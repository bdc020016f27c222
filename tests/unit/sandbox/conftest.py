"""What tests of the sandbox share."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from tests.unit.sandbox.boxes import a_directory, an_ordinary_user
from tests.unit.sandbox.workshops import Room, a_workshop


@pytest.fixture
def ordinary_user() -> Iterator[None]:
    """The test runs as an ordinary user, as the sandbox does."""
    with an_ordinary_user():
        yield


@pytest.fixture
def place(ordinary_user: None) -> Iterator[Path]:
    """A directory that this user owns and sandboxes can reach; pytest's own is closed to others."""
    with a_directory() as path:
        yield path


@pytest.fixture(scope="session")
def tools() -> Iterator[Path]:
    """A directory in which tools are made once for all tests."""
    with an_ordinary_user():
        path = Path(tempfile.mkdtemp(prefix="kibitz-test-"))
        path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture
async def room(ordinary_user: None, tools: Path) -> AsyncIterator[Room]:
    """A workshop for one test."""
    async with a_workshop(tools) as made:
        yield made
