"""Time, chance and a server's end of a connection, all in a test's hands.

Rule: nothing here waits for real time; `settle` lets whatever can go on go on, and returns when nothing can.
"""

import asyncio
import heapq
import itertools
import json
from typing import Any

from kibitz.client.timing import Timing
from kibitz.client.transport import Gone
from kibitz.wire.views import Message, MyRoom, Room, UserRef

NOW = "2026-01-31T12:00:00.000Z"
ALICE, BOB = UserRef(id=1, name="alice"), UserRef(id=2, name="bob")


async def settle() -> None:
    """Let every task run until it waits for something that only a test can bring."""
    for _ in range(50):
        await asyncio.sleep(0)


class FakeTime:
    """A clock that goes on when it is told to. `chance` is what `random` draws."""

    def __init__(self) -> None:
        self.now = 0.0
        self.chance = 0.5
        self._numbers = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    @property
    def timing(self) -> Timing:
        """This time, as it is handed in."""
        return Timing(clock=lambda: self.now, sleep=self._sleep, random=lambda: self.chance)

    @property
    def waits(self) -> list[float]:
        """For how long those who sleep will go on sleeping."""
        return sorted(until - self.now for until, _, future in self._sleepers if not future.done())

    async def advance(self, seconds: float) -> None:
        """Go on, and let those who wake by it do what they do, each at its own time."""
        end = self.now + seconds
        await settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            until, _, future = heapq.heappop(self._sleepers)
            if not future.done():
                self.now = max(self.now, until)
                future.set_result(None)
                await settle()
        self.now = end

    async def _sleep(self, seconds: float) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now + seconds, next(self._numbers), future))
        await future


class Wire:
    """A transport whose other end is the test: `sent` is what the client said, `say` answers."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.closed = False
        self._inbound: asyncio.Queue[bytes | Gone] = asyncio.Queue()
        self._gone: Gone | None = None

    async def send(self, message: bytes) -> None:
        """What the client sends."""
        if self._gone is not None:
            raise self._gone
        self.sent.append(json.loads(message))

    async def receive(self) -> bytes:
        """What it is sent."""
        message = await self._inbound.get()
        if isinstance(message, Gone):
            self._inbound.put_nowait(message)
            raise message
        return message

    async def close(self) -> None:
        """The client is done with it."""
        self.closed = True
        self.cut()

    def abort(self) -> None:
        """The client gives it up."""
        self.cut()

    def cut(self, code: int | None = None) -> None:
        """The connection ends."""
        if self._gone is None:
            self._gone = Gone(code)
            self._inbound.put_nowait(self._gone)

    async def say(self, **event: Any) -> None:
        """Send the client an event, and let it take it."""
        self._inbound.put_nowait(json.dumps(event).encode())
        await settle()

    async def reply(self, command: dict[str, Any], **result: Any) -> None:
        """Answer a command."""
        await self.say(type="reply", id=command["id"], result=result)

    async def refuse(self, command: dict[str, Any], code: str, number: int, **more: Any) -> None:
        """Answer that it is not carried out."""
        await self.say(type="error", id=command["id"], code=code, number=number, message=f"No: {code}.", **more)

    async def welcome(
        self, *rooms: dict[str, Any], epoch: str = "first", token: str | None = "secret", heartbeat: float = 25.0
    ) -> None:
        """Answer the login, which must have come, and say that all is caught up."""
        await settle()
        user = {"id": ALICE.id, "name": ALICE.name, "role": "member"}
        server = {
            "version": "1", "max_text": 32768, "max_file": 1, "heartbeat": heartbeat, "http_port": 1, "http_url": "http://127.0.0.1:1",
        }  # fmt: skip
        shown = {"user": user, "epoch": epoch, "server": server, "rooms": list(rooms), "online": [], "token": token}
        await self.reply(self.sent[0], **shown)

    def commands(self, kind: str) -> list[dict[str, Any]]:
        """What the client sent of this type."""
        return [command for command in self.sent if command["type"] == kind]


def my_room(id: int = 1, *, head: int = 0, unread: int = 0, **more: Any) -> dict[str, Any]:
    """A room of alice's as a welcome shows it."""
    room = {"id": id, "kind": "group", "visibility": "private", "name": f"room {id}", "head": head}
    return {"room": room, "role": "member", "unread": unread, **more}


def posted(seq: int, text: str = "hi", *, room: int = 1, sender: UserRef = BOB) -> dict[str, Any]:
    """A message of bob's as an event."""
    who = {"id": sender.id, "name": sender.name}
    message = {"room": room, "seq": seq, "sender": who, "text": text, "sent_at": NOW}
    return {"type": "message_posted", "room": room, "seq": seq, "message": message}


def message(seq: int, text: str = "hi", *, room: int = 1, sender: UserRef = BOB, **more: Any) -> Message:
    """A message of bob's."""
    return Message(room=room, seq=seq, sender=sender, text=text, sent_at=NOW, **more)


def room_view(id: int = 1, *, head: int = 0, name: str | None = "kitchen", **mine: Any) -> MyRoom:
    """A room of alice's."""
    return MyRoom(room=Room(id=id, kind="group", visibility="private", name=name, head=head), role="member", **mine)
