"""One run: people who talk, and faults that strike them, both drawn from the seed.

Rule: the faults come one at a time, in shuffled rounds that have every fault; a short run may end within its first round.
"""

import asyncio
import random
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.chaos import checker, database
from tests.chaos.client import Client
from tests.chaos.evidence import Counts, Evidence, Sent
from tests.chaos.listener import Listener
from tests.support.server import Server

DEVICES: Final = {
    "alice-1": "alice",
    "alice-2": "alice",
    "bob-1": "bob",
    "bob-2": "bob",
    "carol": "carol",
    "dave": "dave",
}
"""Clients and whose they are."""

LISTENERS: Final = ("ear", "trumpet")
"""Names of the pipe listeners."""

EMOJI: Final = ("👍", "🎉", "🍲")
TEXTS: Final = (
    "hi",
    "a | pipe",
    "two\nlines",
    "\ttab  spaces ",
    "żółć 👩‍🍳",
    '"quoted" \\n',
    "@bob @all look",
    "x" * 300,
)

PACE: Final = 25.0
"""Commands a second of each client: six of them keep a shared core busy without filling it."""

FLOOD: Final = (300, 20_000)
"""Messages and characters of each in a flood: 6 MB, more than an outbox and the kernel's buffers of one connection hold."""

PATTER: Final = 1100
"""Messages somebody long away misses: more than the server replays of a room."""

MAX_WAITING: Final = 200
"""Unanswered commands of a client before it says nothing new."""

SETTLE_SECONDS: Final = 60.0
"""How long the clients may take to be answered and caught up after the last fault."""


@dataclass
class Outcome:
    """What came of a run. `last` has the last lines each client was sent."""

    seed: int
    counts: Counts
    breaches: list[str]
    last: dict[str, list[str]]
    evidence: Evidence
    database: Path


@dataclass
class Run:
    """A run of one seed in a folder of its own."""

    seed: int
    seconds: float
    folder: Path
    counts: Counts = field(default_factory=Counts)
    breaches: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._server = Server(self.folder / "data", "--guests", "--no-rate-limits")
        self._rng = random.Random(f"{self.seed}/faults")
        self._clients = [self._client(name, user) for name, user in DEVICES.items()]
        self._listeners = [Listener(name) for name in LISTENERS]
        self._over = asyncio.Event()

    async def play(self) -> Outcome:
        """Start, talk and break things for `seconds`, settle, stop, check."""
        await asyncio.to_thread(self._server.start)
        try:
            await self._play()
            status = await asyncio.to_thread(self._server.stop)
            if status:
                self.breaches.append(f"the server ended with status {status}")
            if "Traceback" in (errors := self._server.errors()):
                self.breaches.append(f"the server's log has a traceback: {errors[errors.index('Traceback') :][:2000]}")
        finally:
            self._server.close()
        evidence = Evidence(
            [client.witness for client in self._clients],
            [tokens for listener in self._listeners for tokens in listener.connections],
        )
        path = self._server.data / "kibitz.db"
        self.breaches += checker.check(database.read(path), evidence)
        last = {client.witness.name: list(client.last) for client in self._clients}
        return Outcome(self.seed, self.counts, self.breaches, last, evidence, path)

    def _client(self, name: str, user: str) -> Client:
        rng = random.Random(f"{self.seed}/{name}")
        return Client(name, {"name": user}, rng, self.counts, self.breaches.append)

    async def _play(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            people: list[Client | Listener] = [*self._clients, *self._listeners]
            for one in people:
                one.address = self._server.tcp
            try:
                await self._open(tasks)
                for client in self._clients:
                    tasks.create_task(self._talk(client), name=f"talk {client.witness.name}")
                await self._strike()
                await self._settle()
            finally:
                self._over.set()
                for one in people:
                    one.finish()

    async def _open(self, tasks: asyncio.TaskGroup) -> None:
        """Everyone comes in, and the rooms begin, while nothing is broken yet: the token of a first login is sent once."""
        firsts: dict[str, Client] = {}
        for client in self._clients:
            user = DEVICES[client.witness.name]
            if user in firsts:
                client.token = firsts[user].token
            tasks.create_task(client.run(), name=f"client {client.witness.name}")
            await client.live.wait()
            firsts.setdefault(user, client)
        for listener in self._listeners:
            tasks.create_task(listener.run(), name=f"listener {listener.name}")
            await listener.connected.wait()
        alice = self._clients[0]
        alice.send("create_room", name="kitchen", members=["bob", "carol", "dave"])
        alice.send("create_room", name="attic", members=["bob"])
        alice.send("post_message", room="@bob", text=f"m-{alice.witness.name}-first hello")
        await self._until(lambda: alice.settled)

    # --- talking -------------------------------------------------------------------------------------------------------

    async def _talk(self, client: Client) -> None:
        rng = random.Random(f"{self.seed}/talk/{client.witness.name}")
        said: list[Sent] = []
        number = 0
        while not self._over.is_set():
            await asyncio.sleep(rng.expovariate(PACE))
            if len(client.pending) < MAX_WAITING and client.witness.rooms and not self._over.is_set():
                number += 1
                self._say_something(client, rng, said, f"m-{client.witness.name}-{number}")

    def _say_something(self, client: Client, rng: random.Random, said: list[Sent], token: str) -> None:
        room = rng.choice(sorted(client.witness.rooms))
        recent = client.witness.rooms[room].recent
        mine = [one for one in said[-30:] if one.answer is not None]
        draw = rng.random()
        if draw < 0.6 or not recent or not mine:
            said.append(client.send("post_message", room=room, text=f"{token} {rng.choice(TEXTS)}"))
        elif draw < 0.7:
            client.send("edit_message", **_place(rng.choice(mine)), text=f"{token} mended {rng.choice(TEXTS)}")
        elif draw < 0.75:
            client.send("delete_message", **_place(rng.choice(mine)))
        elif draw < 0.95:
            type_ = rng.choice(("add_reaction", "add_reaction", "remove_reaction"))
            client.send(type_, room=room, seq=rng.choice(recent), emoji=rng.choice(EMOJI))
        elif draw < 0.98:
            client.send_again(rng.choice(mine))
        else:
            client.reuse(rng.choice(mine))

    # --- faults --------------------------------------------------------------------------------------------------------

    async def _strike(self) -> None:
        faults: tuple[Callable[[], Awaitable[None]], ...] = (
            self._kill, self._restart, self._cut, self._cut_all, self._slow, self._leave_alone, self._miss_much, self._move,
            self._move, self._deafen,
        )  # fmt: skip
        loop = asyncio.get_running_loop()
        end = loop.time() + self.seconds
        while loop.time() < end:
            for fault in self._rng.sample(faults, len(faults)):
                await asyncio.sleep(self._rng.uniform(0.0, 0.6))
                await fault()
                if loop.time() >= end:
                    return

    async def _kill(self) -> None:
        self.counts.kills += 1
        await asyncio.to_thread(self._server.kill)
        await asyncio.to_thread(self._server.start)

    async def _restart(self) -> None:
        self.counts.restarts += 1
        status = await asyncio.to_thread(self._server.stop)
        if status:
            self.breaches.append(f"SIGTERM ended the server with status {status}")
        await asyncio.to_thread(self._server.start)

    async def _cut(self) -> None:
        self.counts.cuts += 1
        self._rng.choice(self._clients).cut()

    async def _cut_all(self) -> None:
        self.counts.cuts += len(self._clients)
        for client in self._clients:
            client.cut()

    async def _deafen(self) -> None:
        self.counts.cuts += 1
        self._rng.choice(self._listeners).cut()

    async def _leave_alone(self) -> None:
        client = self._rng.choice(self._clients)
        self._send_away(client)
        await asyncio.sleep(self._rng.uniform(0.2, 1.0))
        client.present.set()

    async def _miss_much(self) -> None:
        absent, busy = self._rng.sample(self._clients, 2)
        self._send_away(absent)
        await self._flood(busy, PATTER, 20)
        absent.present.set()

    async def _slow(self) -> None:
        slow, busy = self._rng.sample(self._clients, 2)
        if slow.stop_reading():
            await self._flood(busy, *FLOOD)
            slow.read_on()

    async def _move(self) -> None:
        """Somebody leaves a group, or comes back into it."""
        rooms = self._groups()
        owner = self._clients[0]
        mover = self._rng.choice([one for one in self._clients if DEVICES[one.witness.name] != "alice"])
        room = self._rng.choice(rooms)
        if room not in mover.witness.rooms:
            owner.send("add_member", room=room, user=DEVICES[mover.witness.name])
        elif self._rng.random() < 0.5:
            mover.send("leave_room", room=room)
        else:
            owner.send("remove_member", room=room, user=DEVICES[mover.witness.name])

    def _groups(self) -> list[int]:
        made = [one for one in self._clients[0].witness.sent if one.type == "create_room" and one.answer is not None]
        return [one.answer["id"] for one in made if one.answer is not None]

    def _send_away(self, client: Client) -> None:
        self.counts.absences += 1
        client.present.clear()
        client.cut()

    async def _flood(self, client: Client, messages: int, size: int) -> None:
        first = len(client.witness.sent)
        sent = [
            client.send("post_message", room=1, text=f"m-{client.witness.name}-flood-{first + number} {'.' * size}")
            for number in range(messages)
        ]
        await self._until(lambda: all(one.answer is not None for one in sent))

    # --- the end -------------------------------------------------------------------------------------------------------

    async def _settle(self) -> None:
        self._over.set()
        for client in self._clients:
            client.present.set()
        await self._until(self._caught_up)

    def _caught_up(self) -> bool:
        if not all(client.settled for client in self._clients):
            return False
        with closing(sqlite3.connect(f"file:{self._server.data / 'kibitz.db'}?mode=ro", uri=True)) as db:
            heads = dict(db.execute("SELECT id, seq FROM rooms"))
        return all(copy.seq == heads[room] for one in self._clients for room, copy in one.witness.rooms.items())

    async def _until(self, holds: Callable[[], bool]) -> None:
        """Wait for a condition; one that never comes is a breach, and the checker says what is missing."""
        loop = asyncio.get_running_loop()
        end = loop.time() + SETTLE_SECONDS
        while not holds():
            if loop.time() > end:
                waiting = {one.witness.name: len(one.pending) for one in self._clients if not one.settled}
                self.breaches.append(f"not settled after {SETTLE_SECONDS:.0f} s; unanswered commands: {waiting}")
                return
            await asyncio.sleep(0.02)


def _place(sent: Sent) -> dict[str, int]:
    assert sent.answer is not None
    return {"room": sent.answer["room"], "seq": sent.answer["seq"]}
