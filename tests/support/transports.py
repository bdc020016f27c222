"""A session that keeps a diary, and the listening sockets it is reached through.

One rule: the transport under test, its outbox and its sockets are the real ones; only what is said is made up.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from kibitz.fanout.outbox import Flusher, Outbox
from kibitz.transports.connection import Connection
from kibitz.wire.closing import SLOW


class Diary:
    """Writes down what its connection hands on. `does` is called with the diary and each message."""

    def __init__(self, link: Connection, does: Callable[["Diary", bytes], None] | None = None) -> None:
        self.link = link
        self.received: list[bytes] = []
        self.overlongs = 0
        self.losses = 0
        self.hung_up = False
        self.owes = False  # answers, after the client has hung up
        self.outbox = Outbox(link, Flusher(asyncio.get_running_loop()), self.too_slow)
        self._does = does
        self._changed = asyncio.Event()

    def receive(self, raw: bytes) -> None:
        self.received.append(raw)
        self._changed.set()
        if self._does is not None:
            self._does(self, raw)

    def overlong(self) -> None:
        self.overlongs += 1
        self._changed.set()

    def hang_up(self) -> bool:
        self.hung_up = True
        self._changed.set()
        return self.owes

    def lost(self) -> None:
        self.losses += 1
        self.outbox.close()
        self._changed.set()

    def too_slow(self) -> None:
        self.lost()
        self.link.close(SLOW)

    async def until(self, condition: Callable[["Diary"], object]) -> None:
        """Wait for as long as it takes; a test that waits in vain is ended by its time limit."""
        while not condition(self):
            self._changed.clear()
            await self._changed.wait()

    async def has(self, count: int) -> None:
        """Wait until it has so many messages."""
        await self.until(lambda diary: len(diary.received) == count)


class Diaries:
    """The diaries of one listening socket, in the order in which their connections came."""

    def __init__(self, does: Callable[[Diary, bytes], None] | None = None) -> None:
        self.all: list[Diary] = []
        self._does = does
        self._came = asyncio.Event()

    def begin(self, link: Connection) -> Diary:
        diary = Diary(link, self._does)
        self.all.append(diary)
        self._came.set()
        return diary

    async def number(self, number: int) -> Diary:
        """The diary of the connection that came as this one, from 0 on."""
        while len(self.all) <= number:
            self._came.clear()
            await self._came.wait()
        return self.all[number]


@asynccontextmanager
async def listening(make: Callable[[], Connection], tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A loopback port whose connections are these; those that are left at the end are cut."""
    made: list[Connection] = []

    def connection() -> Connection:
        made.append(make())
        return made[-1]

    server = await asyncio.get_running_loop().create_server(connection, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for one in made:
            if hasattr(one, "transport"):
                one.transport.abort()
        await closed()


@asynccontextmanager
async def client(
    port: int, tls: ssl.SSLContext | None = None
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A plain connection to it, which is cut at the end if it is still there."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20, ssl=tls)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()
        await closed()


async def closed() -> None:
    """Let the loop carry out what `abort` has put into its queue: first the protocol's end, then the socket's."""
    for _ in range(3):
        await asyncio.sleep(0)


async def eventually(condition: Callable[[], object]) -> None:
    """Wait for what nothing tells of; a test that waits in vain is ended by its time limit."""
    while not condition():  # noqa: ASYNC110 - see above
        await asyncio.sleep(0)
