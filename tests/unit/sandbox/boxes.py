"""Real sandboxes for a test, in its own process.

Rule: tests that start one do so as an ordinary user, as the sandbox process does; root is who it was again when the test is over.
"""

import asyncio
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kibitz.sandbox import selftest
from kibitz.sandbox.box import Box, Ending
from kibitz.sandbox.jail import identity
from kibitz.sandbox.messages import Stream
from kibitz.sandbox.plan import Stage
from kibitz.sandbox.policy import Limits

BUBBLEWRAP = selftest.bubblewrap()

needs_sandbox = pytest.mark.skipif(BUBBLEWRAP is None, reason="bubblewrap is not installed")
"""For tests that start a sandbox."""

PATIENCE = 60.0
"""Seconds until a test gives up on a busy machine."""


@contextmanager
def an_ordinary_user() -> Iterator[None]:
    """Be one until the end of the block. The saved user stays root, which is the way back, and which no child inherits."""
    if os.geteuid() != 0:
        yield
        return
    uid, gid = identity.find()
    groups = os.getgroups()
    os.setgroups([])
    os.setresgid(gid, gid, 0)
    os.setresuid(uid, uid, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)
        os.setresgid(0, 0, 0)
        os.setgroups(groups)


@contextmanager
def a_directory() -> Iterator[Path]:
    """A directory that the ordinary user owns and sandboxes can reach; pytest's own is closed to others."""
    with tempfile.TemporaryDirectory(prefix="kibitz-test-") as name:
        path = Path(name)
        path.chmod(0o755)
        yield path


async def until(condition: Callable[[], bool]) -> None:
    """Return once this is true. Raises `TimeoutError`."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - what is looked at tells nobody when it changes
            await asyncio.sleep(0.005)


class Trial:
    """A sandbox with one script in it, and everything it wrote."""

    def __init__(self, script: str, *, limits: Limits | None = None, stage: Stage | None = None) -> None:
        assert BUBBLEWRAP is not None
        stage = stage or Stage(
            name="trial", script=f"read -r size\n{script}", limits=limits or Limits(seconds=PATIENCE)
        )
        self.written: dict[Stream, bytearray] = {"stdout": bytearray(), "stderr": bytearray()}
        self._changed = asyncio.Event()
        self.box = Box(stage, bubblewrap=BUBBLEWRAP)

    def give(self, program: bytes = b"") -> "Trial":
        """Let it begin."""
        self.box.give(program, self._hear)
        return self

    @property
    def stdout(self) -> str:
        return self.written["stdout"].decode()

    @property
    def stderr(self) -> str:
        return self.written["stderr"].decode()

    async def until(self, condition: Callable[["Trial"], bool]) -> None:
        """Wait until what it wrote fulfils this."""
        async with asyncio.timeout(PATIENCE):
            while not condition(self):
                self._changed.clear()
                await self._changed.wait()

    async def end(self) -> Ending:
        """Wait for its end."""
        async with asyncio.timeout(PATIENCE):
            return await asyncio.shield(self.box.ended)

    def _hear(self, stream: Stream, data: bytes) -> None:
        self.written[stream].extend(data)
        self._changed.set()
