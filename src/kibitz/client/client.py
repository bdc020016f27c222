"""The headless client: what a bot, a test or a window needs of a Kibitz server.

Rule: whatever is written goes through the outbox and is carried out once, in the order it was given; whatever is read comes from the
replica, or is asked for anew. A client belongs to one event loop.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from kibitz.client import files
from kibitz.client.address import Address
from kibitz.client.backoff import Backoff
from kibitz.client.dial import dial
from kibitz.client.errors import Ended, Lost, Refused
from kibitz.client.feed import Feed
from kibitz.client.journal import Journal
from kibitz.client.keeper import Keeper
from kibitz.client.nonces import new_nonce
from kibitz.client.notices import CommandRefused
from kibitz.client.outbox import Outbox
from kibitz.client.replica import Replica
from kibitz.client.room import KEEP, Page, RoomReplica
from kibitz.client.timing import Timing
from kibitz.client.trust import Trust
from kibitz.wire import commands as c
from kibitz.wire.results import Changed, History, Members, Posted, Read
from kibitz.wire.views import Member, Room

T = TypeVar("T")

ASK_SECONDS: Final = 30.0
"""How long an answer to a question may take, reconnecting included."""

FILE_TRIES: Final = 5
"""Times a file is moved before its last failure is told: with the waits between them, some ten seconds of a server restarting."""

_REPEATABLE: Final = (
    c.Ping, c.Help, c.ListOnline, c.GetMe, c.ListTokens, c.ListUsers, c.ListRooms, c.BrowseRooms, c.GetRoom, c.ListMembers,
    c.GetHistory, c.GetMessage, c.GetVersions, c.GetChanges, c.ListFiles,
)  # fmt: skip
"""Questions: asked twice they do no more than once."""


class Client:
    """One user's client. Either `async with` it, which waits for the login, or `run` it as a task of one's own.

    `url` is the server's address (see `kibitz.client.address`), `login` who to come as. With a `journal`, what was not sent survives
    the program. `keep` is how many messages of a room stay in memory.
    """

    def __init__(
        self,
        url: str,
        login: c.LogIn,
        *,
        trust: Trust | None = None,
        journal: Path | None = None,
        keep: int = KEEP,
        timing: Timing | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        self._timing = timing = timing or Timing()
        self._address, self._trust = Address.parse(url), trust or Trust()
        self.replica = Replica(timing, keep)
        self.feed = Feed()
        self.outbox = Outbox(timing, self._refused, Journal(journal) if journal is not None else None)
        self._keeper = Keeper(
            lambda: dial(self._address, self._trust),
            login,
            replica=self.replica,
            outbox=self.outbox,
            feed=self.feed,
            timing=timing,
            backoff=backoff or Backoff(timing.random),
        )
        self._group: asyncio.TaskGroup | None = None
        self._running: asyncio.Task[None] | None = None

    # --- its life ------------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Live until cancelled, or until the server says not to come back."""
        await self._keeper.run()

    async def ready(self) -> None:
        """Wait until there is a connection. Raises `Refused` where the login was refused, `Untrusted`, or `Ended`."""
        await self._keeper.open()

    async def __aenter__(self) -> Self:
        """Begin, and wait for the login."""
        self._group = await asyncio.TaskGroup().__aenter__()
        self._running = self._group.create_task(self.run(), name="kibitz client")
        try:
            await self.ready()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End, and wait until everything of it has."""
        await self.close()

    async def close(self) -> None:
        """End a client that was begun by `async with`. What waits in the outbox is not waited for: see `outbox.drained`."""
        group, self._group = self._group, None
        if group is not None and self._running is not None:
            self._running.cancel()
            await group.__aexit__(None, None, None)
            self._keeper.end(Ended("The client was closed."))  # in case it was cancelled before its first step

    def hurry(self) -> None:
        """Connect now, where the next attempt is waited for."""
        self._keeper.hurry()

    @property
    def connected(self) -> bool:
        """Whether there is a connection just now."""
        return self._keeper.connection is not None

    @property
    def token(self) -> str | None:
        """The token this client comes back with: a secret."""
        return self._keeper.token

    # --- commands ------------------------------------------------------------------------------------------------------

    async def do(self, command: c.Command, *, timeout: float = ASK_SECONDS) -> Any:  # noqa: ASYNC109 - questions only
        """Carry out any command and return its answer. Raises `Refused`, `Ended`, `OutboxFull`.

        What writes waits in the outbox for as long as it takes. The rest raises `TimeoutError` after `timeout` seconds, and, unless it
        is a question, which is asked again, `Lost` if the connection broke before the answer.
        """
        if isinstance(command, c.Write):
            return await self.outbox.add(command)
        async with asyncio.timeout(timeout):
            while True:
                connection = await self._keeper.open()
                try:
                    return await connection.ask(command)
                except Lost:
                    if not isinstance(command, _REPEATABLE):
                        raise

    async def post(self, room: int | str, text: str, *, thread: int | None = None) -> Posted:
        """Say something. Returns once it is stored for good."""
        posted: Posted = await self.do(c.PostMessage(room=room, text=text, thread=thread))
        return posted

    async def edit(self, room: int | str, seq: int, text: str) -> Changed:
        """Give a message of mine another text."""
        changed: Changed = await self.do(c.EditMessage(room=room, seq=seq, text=text))
        return changed

    async def delete(self, room: int | str, seq: int) -> Changed:
        """Take a message back."""
        changed: Changed = await self.do(c.DeleteMessage(room=room, seq=seq))
        return changed

    async def react(self, room: int | str, seq: int, emoji: str) -> Changed:
        """Put an emoji under a message."""
        changed: Changed = await self.do(c.AddReaction(room=room, seq=seq, emoji=emoji))
        return changed

    async def unreact(self, room: int | str, seq: int, emoji: str) -> Changed:
        """Take it away again."""
        changed: Changed = await self.do(c.RemoveReaction(room=room, seq=seq, emoji=emoji))
        return changed

    async def mark_read(self, room: int | str, seq: int) -> Read:
        """I have read a room up to here."""
        read: Read = await self.do(c.MarkRead(room=room, seq=seq))
        return read

    async def create_room(self, name: str, members: list[str] | None = None, **about: Any) -> Room:
        """Make a group; `about` are `visibility` and `topic`."""
        room: Room = await self.do(c.CreateRoom(name=name, members=members or [], **about))
        return room

    async def typing(self, room: int) -> None:
        """Say that I am typing, if there is a connection to say it over."""
        if (connection := self._keeper.connection) is not None:
            with suppress(Lost):
                await connection.tell(c.SetTyping(room=room))

    # --- reading -------------------------------------------------------------------------------------------------------

    @property
    def rooms(self) -> list[RoomReplica]:
        """My rooms."""
        return list(self.replica.rooms.values())

    def room(self, ref: int | str) -> RoomReplica:
        """One of my rooms by id, `#name` or `@user`. Raises `Refused("not_found")`."""
        room = self.replica.find(ref)
        if room is None:
            raise Refused("not_found", 300, "Room not found.")
        return room

    async def members(self, room: int | str) -> list[Member]:
        """Everyone in a room."""
        return [member async for member in self._members(room)]

    async def _members(self, room: int | str) -> AsyncIterator[Member]:
        after = ""
        while True:
            page: Members = await self.do(c.ListMembers(room=room, after=after, limit=500))
            for member in page.members:
                yield member
            if not page.more:
                return
            after = page.members[-1].user.name

    async def history(self, room: int | str, *, limit: int = 50, **where: int) -> History:
        """A page of a room as it stands now, which the replica does not keep: the newest, or as `where` says (see `GetHistory`)."""
        history: History = await self.do(c.GetHistory(room=room, limit=limit, **where))
        return history

    async def older(self, ref: int | str, *, limit: int = 50) -> bool:
        """Bring the next older page of a room into the replica. False: there is none, or no more are kept in memory."""
        room = self.room(ref)
        while room.more_before and room.has_place and self.replica.rooms.get(room.id) is room:
            before = room.floor
            history = await self.history(room.id, before=before, limit=limit)
            page = Page.of(history, before)
            if history.epoch == self.replica.epoch and self._keeper.join(room.id, page):
                await self.feed.until(lambda: room.position >= page.head or self.replica.rooms.get(room.id) is not room)  # noqa: B023 - awaited at once
                return room.floor < before
        return False

    # --- files ---------------------------------------------------------------------------------------------------------

    async def upload(
        self, room: int | str, path: Path, *, nonce: str | None = None, progress: files.Progress | None = None
    ) -> files.Uploaded:
        """Share a file in a room, once, however often the way there breaks. Raises `Refused`, or `OSError` for good.

        What was given up can be taken up again with the same `nonce`. `progress` is told in another thread.
        """
        nonce, fields = nonce or new_nonce(), self._named(room)
        return await self._over(lambda door: files.upload(door, path, fields, nonce, progress))

    async def download(self, file: int, path: Path, *, progress: files.Progress | None = None) -> None:
        """Fetch a file; `path` is there once it is whole, whatever was there before. Raises `Refused`, or `OSError` for good."""
        await self._over(lambda door: files.download(door, file, path, progress))

    async def _over(self, move: Callable[[files.Door], Awaitable[T]]) -> T:
        """Move a file, again where the way breaks or the server asks for patience."""
        backoff = Backoff(self._timing.random)
        for _ in range(FILE_TRIES - 1):
            try:
                return await move(await self.door())
            except ConnectionError:
                wait = backoff.next()
            except Refused as refused:
                if not refused.passes:
                    raise
                wait = backoff.next(refused.retry_after or 0.0)
            await self._timing.sleep(wait)
        return await move(await self.door())

    async def door(self) -> files.Door:
        """Where the HTTP side of the server is, once there is a login, and what opens it."""
        await self.ready()
        assert self.replica.server is not None, "it is told with every login"
        # The server knows only what it listens on, which may be 0.0.0.0; the host that led to it leads to it again.
        return files.Door(self._address.http(self.replica.server.http_port), self.token or "", self._trust)

    def _named(self, ref: int | str) -> dict[str, str]:
        """The form fields that say where a file goes (protocol.md, `POST /upload`)."""
        if isinstance(ref, str) and ref.startswith("@"):
            return {"recipient": ref[1:]}
        mine = self.room(ref).mine.room
        if mine.kind == "direct":
            others = [one.name for one in mine.members if self.replica.me is None or one.id != self.replica.me.id]
            return {"recipient": others[0] if others else mine.members[0].name}
        return {"group_name": mine.name or ""} if mine.kind == "group" else {}

    # --- within --------------------------------------------------------------------------------------------------------

    def _refused(self, command: c.Write, refused: Refused) -> None:
        self.feed.publish(CommandRefused(command, refused))
