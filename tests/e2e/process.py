"""One `kibitz serve` as a process of its own.

Rule: ports are the system's choice, the data is the test's, and the process ends with the test.
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

_READY = re.compile(r"READY tcp=(\S+):(\d+) http=(\S+)")


class Server:
    """A server that can be started, killed and started again on the same data and ports."""

    def __init__(self, data: Path, *options: str) -> None:
        self.data = data
        self.options = options
        self.tcp: tuple[str, int] = ("127.0.0.1", 0)
        self.http = ""
        self._http_port = 0
        self._process: subprocess.Popen[str] | None = None
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 - it lives as long as this object

    def start(self) -> None:
        """Start and wait until it is ready."""
        ports = ["--tcp-port", str(self.tcp[1]), "--http-port", str(self._http_port)]
        command = [sys.executable, "-m", "kibitz", "serve", "--data-dir", str(self.data), *ports, *self.options]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("KIBITZ_")}
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=self._errors, text=True, env=environment, cwd=self.data.parent
        )
        assert self._process.stdout is not None
        found = _READY.match(self._process.stdout.readline())
        assert found, self.errors()
        self.tcp = (found[1], int(found[2]))
        self.http = found[3]
        self._http_port = int(self.http.rsplit(":", 1)[1])

    def kill(self) -> None:
        """End it as a power cut would: no goodbye."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """Ask it to end; its exit status."""
        return self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> int:
        assert self._process is not None
        process, self._process = self._process, None
        process.send_signal(number)
        status = process.wait(30)
        assert process.stdout is not None
        process.stdout.close()
        return status

    @property
    def pid(self) -> int:
        """The process."""
        assert self._process is not None
        return self._process.pid

    def errors(self) -> str:
        """What it wrote to standard error so far."""
        self._errors.seek(0)
        return self._errors.read()

    def close(self) -> None:
        """End whatever is left."""
        if self._process is not None:
            self.stop()
        self._errors.close()
