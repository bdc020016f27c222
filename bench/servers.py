"""The servers that are measured, each a process of its own.

One rule: a server has a folder of its own, listens on the loopback only, and is gone with its folder when its block ends.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any, Final, TypeVar

import psutil

from bench.native import Failed, compiled, installed

T = TypeVar("T")

START_SECONDS: Final = 30.0
STOP_SECONDS: Final = 30.0
"""How long a server may take; it is waited for no longer than it needs."""


@dataclass(frozen=True, slots=True)
class Running:
    """A server that is ready: where it listens, and its process."""

    port: int
    process: psutil.Process
    http_port: int = 0

    @property
    def memory(self) -> int:
        """Bytes of memory it holds (resident set)."""
        return int(self.process.memory_info().rss)

    @property
    def http(self) -> str:
        """Where its HTTP side is."""
        return f"http://127.0.0.1:{self.http_port or self.port}"


@contextmanager
def kibitz(folder: Path | None = None, *, clients: int = 2_000) -> Iterator[Running]:
    """A server on a data directory: a new one that goes with it, unless one is given."""
    made = Path(mkdtemp(prefix="kibitz-bench-")) if folder is None else None
    command = [
        *(sys.executable, "-m", "kibitz", "serve", "--guests", "--no-rate-limits", "--log-level", "warning"),
        *("--host", "127.0.0.1", "--tcp-port", "0", "--http-port", "0", "--max-clients", str(clients)),
        *("--max-file-size", "2GB", "--data-dir", str(folder or made)),
    ]
    try:
        with _process(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None, "it is a pipe"
            ready = process.stdout.readline().split()
            if ready[:1] != ["READY"]:
                raise Failed("Kibitz did not start; what it said stands above.")
            tcp, http = (int(word.rpartition(":")[2]) for word in ready[1:3])
            yield Running(tcp, psutil.Process(process.pid), http)
    finally:
        if made is not None:
            shutil.rmtree(made)


@contextmanager
def nats() -> Iterator[Running]:
    """nats-server as it comes. Raises `Missing`."""
    program = installed("nats-server", "nats-server")
    with TemporaryDirectory(prefix="kibitz-bench-") as folder:
        command = [program, "-a", "127.0.0.1", "-p", "-1", "--ports_file_dir", folder]
        with _process(command, stderr=subprocess.DEVNULL) as process:
            ports = Path(folder) / f"nats-server_{process.pid}.ports"
            urls = json.loads(_once(lambda: ports.read_text(encoding="utf-8") if ports.is_file() else ""))["nats"]
            yield Running(int(urls[0].rpartition(":")[2]), psutil.Process(process.pid))


@contextmanager
def floor(tools: Path) -> Iterator[Running]:
    """bench/floor.c. Raises `Missing`."""
    with _process([compiled("floor", tools)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None, "it is a pipe"
        yield Running(int(process.stdout.readline()), psutil.Process(process.pid))


NGINX: Final = """\
daemon off;
master_process off;
pid nginx.pid;
error_log stderr error;
events {{ worker_connections 64; }}
http {{
    access_log off;
    sendfile on;
    client_max_body_size 0;
    client_body_temp_path body;
    proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    server {{
        listen 127.0.0.1:{port};
        root files;
        location / {{ dav_methods PUT; }}
    }}
}}
"""


@contextmanager
def nginx() -> Iterator[Running]:
    """Nginx that gives and takes files. Raises `Missing`."""
    program = installed("nginx", "nginx-light")
    with TemporaryDirectory(prefix="kibitz-bench-") as folder:
        port = _free_port()
        (Path(folder) / "files").mkdir()
        (Path(folder) / "nginx.conf").write_text(NGINX.format(port=port), encoding="utf-8")
        with _process([program, "-p", folder, "-c", "nginx.conf", "-e", "stderr"]) as process:
            _once(lambda: _answers(port))
            yield Running(port, psutil.Process(process.pid))


@contextmanager
def _process(command: Sequence[str | Path], **options: Any) -> Iterator[subprocess.Popen[Any]]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KIBITZ_")}
    process = subprocess.Popen(command, env=environment, **options)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        finally:
            process.kill()


def _once(look: Callable[[], T]) -> T:
    """What `look` finds, as soon as it finds something."""
    deadline = time.monotonic() + START_SECONDS
    while not (found := look()):
        if time.monotonic() > deadline:
            raise Failed("A server did not start in time; what it said stands above.")
        time.sleep(0.02)
    return found


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _free_port() -> int:
    """A port that is free now: nginx cannot pick one by itself."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
