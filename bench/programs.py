"""Having the server run programs, over HTTP as they go.

One rule: a run is timed from the request to the event, on a connection that is open already.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import NamedTuple

import msgspec

from bench.native import Missing
from bench.servers import Running
from bench.talk import Talk


class Took(NamedTuple):
    """Milliseconds until a program's first output, and until its end was told."""

    first: float
    done: float


class Programs:
    """Someone's connection."""

    def __init__(self, connection: HTTPConnection, token: str) -> None:
        self._connection = connection
        self._head = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "Accept": "application/x-ndjson",
        }

    def run(self, language: str, code: str, timeout: float = 30) -> tuple[Took, int | None]:
        """How long it took and its exit status, if it came to one. Raises `RuntimeError` where it is refused."""
        body = msgspec.json.encode({"language": language, "code": code, "timeout": timeout})
        first, last, start = 0.0, b"", time.perf_counter()
        self._connection.request("POST", "/api/v1/runs", body, self._head)
        response = self._connection.getresponse()
        if response.status != 200:
            raise RuntimeError(f"{language}: {response.read()!r}")
        while line := response.readline():
            last = line
            if not first and line.startswith(b'{"type":"run_output"'):
                first = time.perf_counter() - start
        done = time.perf_counter() - start
        ended = msgspec.json.decode(last)
        return Took(1000 * first, 1000 * done), ended["run"]["result"]["exit_code"]


def what_is_missing(person: Talk) -> dict[str, str]:
    """The languages that this machine cannot run, and what to install for each. Raises `Missing` where nothing can be run.

    The server looks for them when it starts, which is waited for.
    """
    while not (told := person.ask("list_languages"))["languages"]:
        time.sleep(0.1)
    if "problem" in told:
        raise Missing(told["problem"])
    return {one["name"]: one["missing"] for one in told["languages"] if "missing" in one}


@contextmanager
def programs(server: Running, token: str) -> Iterator[Programs]:
    """A connection to run programs over."""
    connection = HTTPConnection("127.0.0.1", server.http_port)
    try:
        yield Programs(connection, token)
    finally:
        connection.close()
