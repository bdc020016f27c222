"""A small y-websocket client, for timing how a document comes.

One rule: it asks for all of a document and waits until it has it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from websockets.sync.client import connect

from bench.servers import Running
from kibitz.wire.yjs import messages

NOTHING: Final = b"\x00"
"""The state of a client that has nothing yet."""


@contextmanager
def joined(server: Running, session: int, token: str) -> Iterator[bytes]:
    """Be in a session; its document as one update."""
    url = f"ws://127.0.0.1:{server.http_port}/collab/{session}?token={token}"
    with connect(url, max_size=None, compression=None) as socket:
        socket.send(messages.sync_step_1(NOTHING))
        while True:
            match messages.decode(bytes(socket.recv(decode=False))):
                case messages.SyncStep2(update):
                    yield update
                    return
