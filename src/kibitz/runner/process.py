"""The sandbox process, as the server starts and ends it.

Rule: it inherits nothing: no environment, no descriptor but its end of the link, no terminal and no place among the server's processes.
"""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from kibitz.sandbox.messages import MAX_LINE

STOP_SECONDS: Final = 5.0
"""How long it may take to end once its link is closed; then it is killed."""

_POLL: Final = 0.02

ENVIRONMENT: Final = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
"""All that it is told of the world it runs in."""

SYSTEM_CACHE: Final = Path("/var/cache/kibitz")
"""Where root keeps what is made once for a toolchain: the sandbox's own user must be able to get there."""


def command(*, seconds: float, tools: Path) -> list[str]:
    """The command line of a sandbox whose programs may take this long, with its own directory for tools."""
    return [sys.executable, "-I", "-m", "kibitz.sandbox", "--timeout", str(seconds), "--tools", str(tools)]


def tools_directory() -> Path:
    """Where the tools are kept from one start to the next; where nothing can be kept, a directory that is new each time."""
    if os.geteuid() == 0:
        place = SYSTEM_CACHE / "tools"
    else:
        place = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kibitz" / "tools"
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError:
        return Path(tempfile.mkdtemp(prefix="kibitz-tools-"))
    return place


class Process:
    """A sandbox process and the link to it. Make it with `Process.start`."""

    def __init__(
        self, process: "subprocess.Popen[bytes]", reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._process = process
        self.reader = reader
        self._writer = writer

    @classmethod
    async def start(cls, command: Sequence[str]) -> "Process":
        """Start it. Raises `OSError` where that is not possible."""
        process, link = _spawn(command)
        reader, writer = await asyncio.open_unix_connection(sock=link, limit=MAX_LINE)
        return cls(process, reader, writer)

    def write(self, line: bytes) -> None:
        """Send it a request."""
        self._writer.write(line)

    async def stop(self) -> None:
        """Close the link, upon which it ends, and everything in it."""
        self._writer.close()
        with suppress(ConnectionError):
            await self._writer.wait_closed()
        deadline = asyncio.get_running_loop().time() + STOP_SECONDS
        while self._process.poll() is None:
            if asyncio.get_running_loop().time() > deadline:
                self._process.send_signal(signal.SIGKILL)
            await asyncio.sleep(_POLL)


def _spawn(command: Sequence[str]) -> tuple["subprocess.Popen[bytes]", socket.socket]:
    ours, theirs = socket.socketpair()
    with theirs:
        try:
            process = subprocess.Popen(  # noqa: S603 - the command is our own
                command,
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                env=ENVIRONMENT,
                cwd="/",
                start_new_session=True,
            )
        except OSError:
            ours.close()
            raise
    return process, ours
