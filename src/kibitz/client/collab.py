"""Keeping one document the same here and on the server, over `/collab` (protocol.md, section 2).

Rule: the document may live on another thread and is asked; at every connect both sides say what they have and are sent what they lack,
so that nothing has to be remembered while there is no connection, and whatever goes wrong is mended by connecting again.
"""

import asyncio
import ssl
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol

from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as open_websocket
from websockets.exceptions import ConnectionClosed, WebSocketException

from kibitz.client.backoff import Backoff
from kibitz.client.errors import ClientError, Untrusted
from kibitz.client.files import Door
from kibitz.client.presence_states import Peer, PresenceStates
from kibitz.client.shared_text import SharedText, Unusable
from kibitz.client.timing import Timing
from kibitz.client.transport import OPEN_SECONDS
from kibitz.client.trust import Trust
from kibitz.wire import closing as any_closing
from kibitz.wire.yjs import awareness, closing, messages
from kibitz.wire.yjs.lib0 import Malformed

MAX_MESSAGE: Final = 64 * 1024 * 1024
"""Bytes in one message of the server: a document that grew over years, whole."""

MAX_UNSENT: Final = 4 * 1024 * 1024
"""Bytes that may wait to be sent; then the connection is given up, and the next one sends what is missing as one update."""

CAP_SECONDS: Final = 10.0
"""The longest wait before another attempt: someone sits there and types."""

PING_SECONDS: Final = 20.0
"""How often the connection is tried, and how long an answer may take."""

TICK_SECONDS: Final = 3.0
"""How often presence is looked after, as everywhere in Yjs."""

LEAVE_SECONDS: Final = 3.0
"""How long the last edits may take to be taken when someone leaves."""


class Document(Protocol):
    """The document, wherever it lives. Whatever it is asked may raise `Unusable`."""

    async def state(self) -> bytes:
        """What it has, as a state vector."""
        ...

    async def since(self, state: bytes) -> bytes:
        """What whoever has this state lacks."""
        ...

    async def apply(self, update: bytes) -> None:
        """Merge what others did."""
        ...

    async def present(self, peers: tuple[Peer, ...]) -> None:
        """These are here besides me."""
        ...


class Direct:
    """A document on this thread."""

    def __init__(self, text: SharedText) -> None:
        self.text = text
        self.peers: tuple[Peer, ...] = ()

    async def state(self) -> bytes:
        """What it has."""
        return self.text.state()

    async def since(self, state: bytes) -> bytes:
        """What someone lacks."""
        return self.text.since(state)

    async def apply(self, update: bytes) -> None:
        """Merge what others did."""
        self.text.apply(update)

    async def present(self, peers: tuple[Peer, ...]) -> None:
        """Who is here."""
        self.peers = peers


@dataclass(frozen=True, slots=True)
class Line:
    """How it stands with the connection. `reason` is for people; the next attempt is in `retry_in` seconds."""

    state: Literal["connecting", "live", "down", "ended"]
    reason: str = ""
    retry_in: float = 0.0


class Collab:
    """One client of one document: `run` it, once. `door` says where the server is and waits until that is known."""

    def __init__(
        self,
        session: int,
        client: int,
        door: Callable[[], Awaitable[Door]],
        document: Document,
        watch: Callable[[Line], None] = lambda _: None,
        *,
        timing: Timing | None = None,
    ) -> None:
        self._session, self._door, self._document, self._watch = session, door, document, watch
        self._timing = timing or Timing()
        self._backoff = Backoff(self._timing.random, first=0.3, cap=CAP_SECONDS)
        self._presence = PresenceStates(client, self._timing.clock)
        self.me: dict[str, Any] | None = None
        self._connection: _Connection | None = None
        self._left = asyncio.Event()
        self.line = Line("connecting")

    # --- what the person here does -------------------------------------------------------------------------------------

    def update(self, update: bytes) -> None:
        """The document was edited here."""
        if self._connection is not None:
            self._connection.edited(update)

    def say(self, state: dict[str, Any]) -> None:
        """What there is to know of me: who I am, and where my cursor is."""
        if state != self.me:
            self.me = state
            if self._connection is not None:
                self._connection.put(_told(self._presence.say(state)))

    async def leave(self) -> None:
        """End, after everything that was done here has been taken by the server, if there is one."""
        self._left.set()
        connection = self._connection
        if connection is not None:
            with suppress(TimeoutError, ConnectionClosed, OSError, Malformed):
                async with asyncio.timeout(LEAVE_SECONDS):
                    await connection.leave(_told(self._presence.say(None)))
            connection.left.set()

    @property
    def is_leaving(self) -> bool:
        """Whether it was left, or is about to be."""
        return self._left.is_set()

    # --- its life ------------------------------------------------------------------------------------------------------

    async def run(self) -> str:
        """Keep the document the same until it is left, or for good ended by the server; returns why, or nothing."""
        while not self.is_leaving:
            began = self._timing.clock()
            reason, retry_after = await self._once()
            self._connection = None
            if self._presence.clear() and not self.is_leaving:
                await self._document.present(())
            if retry_after is None:
                self._show(Line("ended", reason))
                return reason
            self._backoff.lasted(self._timing.clock() - began)
            wait = self._backoff.next(retry_after)
            if not self.is_leaving:
                self._show(Line("down", reason, wait))
                await self._sleep(wait)
        return ""

    async def _sleep(self, seconds: float) -> None:
        """Wait, unless it is left meanwhile."""
        async with asyncio.TaskGroup() as group:
            left = group.create_task(self._left.wait(), name="left")
            slept = group.create_task(_awaited(self._timing.sleep(seconds)), name="wait")
            await asyncio.wait((left, slept), return_when=asyncio.FIRST_COMPLETED)
            left.cancel()
            slept.cancel()

    async def _once(self) -> tuple[str, float | None]:
        """One connection: why it ended, and what to wait at least before the next; none: there is no next."""
        try:
            door = await self._door()
            socket = await connect(door, self._session)
        except Untrusted as untrusted:
            return str(untrusted), None
        except TimeoutError:
            return "The server does not answer.", 0.0
        except ClientError as error:
            return str(error), None
        except OSError as error:
            return f"The server cannot be reached: {error}.", 0.0
        try:
            return await self._use(socket, door)
        finally:
            with suppress(OSError, ConnectionClosed):
                await socket.close()

    async def _use(self, socket: ClientConnection, door: Door) -> tuple[str, float | None]:
        if self.is_leaving:
            return "", None
        state = await self._document.state()
        connection = self._connection = _Connection(socket, self._document, state)
        if self.me is not None:
            connection.put(_told(self._presence.say(self.me)))
        verdict: tuple[str, float | None] | None = None
        try:
            async with asyncio.TaskGroup() as group:
                helpers = [
                    group.create_task(connection.send(), name="collab sender"),
                    group.create_task(self._tend(connection), name="presence"),
                ]
                connection.reader = group.create_task(self._read(connection), name="collab reader")
                await asyncio.wait((connection.reader,))
                if self._left.is_set():
                    await connection.left.wait()
                for helper in helpers:
                    helper.cancel()
        except* ConnectionClosed:
            pass
        except* (Unusable, Malformed) as errors:
            verdict = str(_first(errors)), None
        except* OSError as errors:
            verdict = f"The connection was lost: {_first(errors)}.", 0.0
        return verdict or await self._verdict(socket, door)

    async def _read(self, connection: "_Connection") -> None:
        async for raw in connection.socket:
            if not isinstance(raw, bytes):
                continue
            match messages.decode(raw):
                case messages.SyncStep1(state):
                    await connection.answer(state)
                case messages.SyncStep2(update):
                    await self._document.apply(update)
                    connection.caught_up = True
                    self._show(Line("live"))
                case messages.Update(update):
                    await self._document.apply(update)
                case messages.Awareness(payload):
                    if self._presence.take(awareness.decode(payload)):
                        await self._document.present(self._presence.peers)
                case messages.QueryAwareness() if self.me is not None:
                    connection.put(_told(self._presence.again()))

    async def _tend(self, connection: "_Connection") -> None:
        while True:
            await self._timing.sleep(TICK_SECONDS)
            if self._presence.is_due:
                connection.put(_told(self._presence.again()))
            if self._presence.expire():
                await self._document.present(self._presence.peers)

    async def _verdict(self, socket: ClientConnection, door: Door) -> tuple[str, float | None]:
        code = socket.close_code or 1006
        close = closing.CLOSES.get(code) or any_closing.CLOSES.get(code)
        if self.is_leaving:
            return "", None
        if code == closing.NOT_LOGGED_IN.code and (await self._door()).token != door.token:
            return closing.NOT_LOGGED_IN.sentence, 0.0  # another login has begun meanwhile
        sentence = close.sentence if close is not None else "The connection was lost."
        retry_after = close.retry_after if close is not None else 0.0
        return sentence, None if 4400 <= code < 4500 or 3500 <= code < 4000 else retry_after

    def _show(self, line: Line) -> None:
        if line != self.line:
            self.line = line
            self._watch(line)


class _Connection:
    """One connection, and what waits to be sent over it."""

    def __init__(self, socket: ClientConnection, document: Document, state: bytes) -> None:
        self.socket, self._document = socket, document
        self.caught_up = False
        self.reader: asyncio.Task[None] | None = None
        self.left = asyncio.Event()
        self._question = messages.sync_step_1(state)
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self._held: list[bytes] | None = []  # edits made before the server was sent all that came before them
        self._there = asyncio.Event()
        self._sent = asyncio.Event()
        self.put(self._question)

    def put(self, message: bytes) -> None:
        """Send this when its turn comes."""
        self._waiting.append(message)
        self._size += len(message)
        self._there.set()
        self._sent.clear()
        if self._size > MAX_UNSENT:
            self.socket.transport.abort()

    def edited(self, update: bytes) -> None:
        """Send an edit, once everything before it was sent."""
        if self._held is None:
            self.put(messages.update(update))
        else:
            self._held.append(update)
            if sum(map(len, self._held)) > MAX_UNSENT:
                self.socket.transport.abort()

    async def answer(self, state: bytes) -> None:
        """Send what the server lacks, and then what was done meanwhile: some of it twice, which is no harm."""
        self.put(messages.sync_step_2(await self._document.since(state)))
        held, self._held = self._held, None
        for update in held or ():
            self.put(messages.update(update))

    async def send(self) -> None:
        """Send what waits, until the connection ends."""
        while True:
            await self._there.wait()
            while self._waiting:
                message = self._waiting.popleft()
                await self.socket.send(message)
                self._size -= len(message)
            self._there.clear()
            self._sent.set()

    async def leave(self, farewell: bytes) -> None:
        """Say goodbye once the server has shown that it has read everything, and close."""
        if self.reader is not None:  # it may wait for a document whose thread waits for this
            self.reader.cancel()
            await asyncio.wait((self.reader,))
        if self.caught_up:
            self.put(self._question)
            while not isinstance(messages.decode(await self.socket.recv(decode=False)), messages.SyncStep2):
                pass
        self.put(farewell)
        await self._sent.wait()
        await self.socket.close()


async def connect(door: Door, session: int) -> ClientConnection:
    """A connection to a session's document. Raises `OSError`, `TimeoutError` or `Untrusted`."""
    try:
        return await open_websocket(
            f"ws{door.url.removeprefix('http')}/collab/{session}",
            ssl=_context(door.trust) if door.url.startswith("https:") else None,
            additional_headers=door.headers,
            compression=None,
            max_size=MAX_MESSAGE,
            open_timeout=OPEN_SECONDS,
            close_timeout=1.0,
            ping_interval=PING_SECONDS,
            ping_timeout=PING_SECONDS,
        )
    except ssl.SSLCertVerificationError as error:
        raise Untrusted(f"The server's certificate cannot be trusted: {error.verify_message}.") from error
    except WebSocketException as error:
        raise OSError(f"there are no documents at {door.url}: {error}") from error


def _context(trust: Trust) -> ssl.SSLContext:
    """TLS that knows whom it speaks to before anything is said: the first thing said is a token."""

    class Checked(ssl.SSLObject):
        def do_handshake(self) -> None:
            super().do_handshake()
            try:
                trust.check(self)
            except Untrusted as untrusted:
                error = ssl.SSLCertVerificationError(str(untrusted))
                error.verify_message = str(untrusted)
                raise error from untrusted

    context = trust.context()
    context.sslobject_class = Checked
    return context


def _told(entry: awareness.Entry) -> bytes:
    return messages.awareness(awareness.encode([entry]))


def _first(errors: BaseExceptionGroup[Any]) -> BaseException:
    one: BaseException = errors
    while isinstance(one, BaseExceptionGroup):
        one = one.exceptions[0]
    return one


async def _awaited(work: Awaitable[None]) -> None:
    await work
