"""A small client that asks one thing at a time, for preparing rooms and timing answers.

One rule: it speaks the structured protocol over TCP and waits for each answer.
"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from bench.native import Failed
from bench.servers import Running


class Talk:
    """A guest's connection: a new guest's, or one more of whoever has this token."""

    def __init__(self, sock: socket.socket, name: str, token: str | None = None) -> None:
        self._sock = sock
        self._lines = sock.makefile("rb")
        self._id = 0
        self.welcome = self.ask("log_in", **({"name": name} if token is None else {"token": token}))

    def ask(self, type: str, **fields: Any) -> Any:
        """The result of a command. Raises `Failed` where it is refused."""
        self._id += 1
        self._sock.sendall(msgspec.json.encode({"type": type, "id": self._id, **fields}) + b"\n")
        # Found before it is decoded, since what is timed is the server.
        begins = tuple(b'{"type":"%s","id":%d,' % (kind, self._id) for kind in (b"reply", b"error"))
        for line in self._lines:
            if line.startswith(begins):
                answer = msgspec.json.decode(line)
                if answer["type"] == "reply":
                    return answer["result"]
                raise Failed(f"{type}: {answer}")
        raise Failed("The server closed the connection.")

    @property
    def token(self) -> str:
        """What this login uses over HTTP."""
        return str(self.welcome["token"])


@contextmanager
def talk(server: Running, name: str, token: str | None = None) -> Iterator[Talk]:
    """A connection that is logged in."""
    with socket.create_connection(("127.0.0.1", server.port)) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield Talk(sock, name, token)
