"""A real server for a test: `kibitz serve` as a process of its own.

Rule: ports are the system's choice and stay the same over restarts, the data is the test's, and the process ends with the test.
"""

import os
import re
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

_READY: Final = re.compile(r"READY tcp=(\S+):(\d+) http=(\S+):(\d+)")

START_SECONDS: Final = 60.0
"""How long a start may take on a machine that is busy with other tests; only a failing test waits that long."""

STOP_SECONDS: Final = 30.0
"""The same for its end."""


class Server:
    """A server that can be started, killed and started again on the same data and ports. Every call blocks until it is done."""

    def __init__(self, data: Path, *options: str) -> None:
        self.data = data
        self.options = options
        self.tcp: tuple[str, int] = ("127.0.0.1", 0)
        self.http = ""
        self._http_port = 0
        self._process: subprocess.Popen[str] | None = None
        self._errors: IO[str] = tempfile.TemporaryFile("w+")  # noqa: SIM115 - it lives as long as this object

    def start(self) -> None:
        """Start it and wait until it is ready."""
        assert self._process is None, "it runs already"
        ports = ("--tcp-port", str(self.tcp[1]), "--http-port", str(self._http_port))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "kibitz", "serve", "--data-dir", str(self.data), *ports, *self.options],
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            env={name: value for name, value in os.environ.items() if not name.startswith("KIBITZ_")},
            cwd=self.data.parent,
        )
        found = _READY.match(self._first_line())
        assert found, f"the server did not become ready:\n{self.errors()}"
        self.tcp = (found[1], int(found[2]))
        self.http, self._http_port = f"{found[3]}:{found[4]}", int(found[4])

    def kill(self) -> None:
        """End it as a power cut would: no goodbye."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """Ask it to end; its exit status."""
        return self._end(signal.SIGTERM)

    def restart(self) -> None:
        """Kill it, and start it again on what it left behind."""
        self.kill()
        self.start()

    def close(self) -> None:
        """End whatever is left, in good order: what a server does at its end is part of every test."""
        if self._process is not None:
            self.stop()
        self._errors.close()

    @property
    def pid(self) -> int:
        """The process."""
        assert self._process is not None, "it does not run"
        return self._process.pid

    @property
    def tcp_url(self) -> str:
        """Its address for `kibitz.client`, as JSON lines."""
        return f"{'tcps' if self._is_secure else 'tcp'}://{self.tcp[0]}:{self.tcp[1]}"

    @property
    def ws_url(self) -> str:
        """Its address for `kibitz.client`, over WebSocket."""
        return f"{'wss' if self._is_secure else 'ws'}://{self.tcp[0]}:{self._http_port}"

    def errors(self) -> str:
        """What it wrote to standard error so far, over all its starts."""
        self._errors.seek(0)
        return self._errors.read()

    @property
    def _is_secure(self) -> bool:
        return self.http.startswith("https:")

    def _first_line(self) -> str:
        assert self._process is not None
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], START_SECONDS)
        return self._process.stdout.readline() if ready else ""

    def _end(self, number: signal.Signals) -> int:
        assert self._process is not None, "it does not run"
        process, self._process = self._process, None
        process.send_signal(number)
        try:
            return process.wait(STOP_SECONDS)
        finally:
            process.kill()  # nothing, unless it would not end
            process.wait()
            assert process.stdout is not None
            process.stdout.close()


@contextmanager
def serving(directory: Path, *options: str) -> Iterator[Server]:
    """A server that keeps its data below this directory, ready to be talked to; it ends with the block."""
    server = Server(directory / "data", *options)
    try:
        server.start()
        yield server
    finally:
        server.close()
