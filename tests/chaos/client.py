"""A client of the structured protocol that keeps its promises: it sends again until it is answered, and resumes where it was.

Rule: whatever the server does that the protocol does not allow goes to `complain`, and the client carries on.
"""

import asyncio
import json
import socket
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from random import Random
from typing import Any, Final

from tests.chaos.evidence import Counts, Heard, Reset, Sent, Witness
from tests.chaos.replica import DURABLE, Event, Gap, RoomCopy

LOGIN: Final = 0
"""The id of the login of every connection; commands count from 1."""

RECEIVE_BUFFER: Final = 16 * 1024
"""Bytes the kernel keeps for a reader that does not read: small, so that slowness reaches the server soon."""

LINE_LIMIT: Final = 16 * 1024 * 1024
"""Longest line a client takes, in bytes: a page of history with large texts."""

BACK_SECONDS: Final = 0.05
"""Pause before connecting again."""

DUPLICATES: Final = 0.05
"""Share of the commands whose line is sent twice at once."""


class Client:
    """One device of a person. `run` keeps it connected until `finish`."""

    def __init__(
        self, name: str, login: dict[str, Any], rng: Random, counts: Counts, complain: Callable[[str], None]
    ) -> None:
        self.witness = Witness(name, 0)
        self.address = ("", 0)
        self.pending: dict[int, Sent] = {}
        self.last: deque[str] = deque(maxlen=20)
        self.token = ""
        self.cut_by_us = False
        self.slow = False
        self.live = asyncio.Event()
        self.present = asyncio.Event()
        self.present.set()
        self._login = login
        self._rng = rng
        self._counts = counts
        self._complain = complain
        self._commands: dict[int, Sent] = {}
        self._asked: dict[int, Callable[[Event], None]] = {}
        self._number = LOGIN
        self._epoch = ""
        self._positions: dict[int, int] = {}
        self._writer: asyncio.StreamWriter | None = None
        self._finished = False

    # --- what the test asks of it --------------------------------------------------------------------------------------

    def send(self, type_: str, **fields: Any) -> Sent:
        """Put a command into the outbox, and send it if there is a connection."""
        number = self._next()
        sent = Sent(number, type_, {"nonce": f"{self.witness.name}-{number:08}", **fields})
        self.pending[number] = self._commands[number] = sent
        self.witness.sent.append(sent)
        if self.live.is_set():
            self._put(sent, twice=self._rng.random() < DUPLICATES)
        return sent

    def send_again(self, sent: Sent) -> None:
        """Send a command that was answered long ago: the answer must be the same."""
        if self.live.is_set():
            self._counts.duplicates += 1
            self._put(sent)

    def reuse(self, sent: Sent) -> None:
        """Use the nonce of an acknowledged command for another one: it must be refused."""

        def answered(answer: Event) -> None:
            self._counts.reuses += 1
            if answer.get("code") != "nonce_reused":
                self._complain(f"{self.witness.name}: nonce {sent.nonce} was taken twice: {answer}")

        if self.live.is_set():
            self._ask(answered, "post_message", room=1, text="another body", nonce=sent.nonce)

    def cut(self) -> None:
        """End the connection as a broken network would."""
        if self._writer is not None:
            self.cut_by_us = True
            self._writer.transport.abort()

    def stop_reading(self) -> bool:
        """Take nothing more from the socket; whether there was one."""
        if not self.live.is_set() or self._writer is None:
            return False
        self.slow = True
        self._reading.pause_reading()
        return True

    def read_on(self) -> None:
        """Take from the socket again."""
        if self.slow and self._writer is not None and not self._writer.is_closing():
            self._reading.resume_reading()

    def finish(self) -> None:
        """Connect no more."""
        self._finished = True
        self.present.set()
        self.cut()

    @property
    def settled(self) -> bool:
        """Whether everything was answered and no room is being loaded."""
        rooms = self.witness.rooms.values()
        return self.live.is_set() and not self.pending and not any(copy.loading for copy in rooms)

    # --- the connection ------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Connect, log in and listen, again and again."""
        while not self._finished:
            await self.present.wait()
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                await self._stay_connected()
            await asyncio.sleep(BACK_SECONDS)

    async def _stay_connected(self) -> None:
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        sock.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(sock, self.address)
        except OSError:
            sock.close()
            raise
        reader, self._writer = await asyncio.open_connection(sock=sock, limit=LINE_LIMIT)
        said_goodbye = self.cut_by_us = self.slow = False
        try:
            self._log_in()
            while (line := await reader.readline()).endswith(b"\n"):  # a killed server leaves half a line
                event = json.loads(line)
                self.last.append(line.decode()[:200].rstrip())
                said_goodbye = said_goodbye or event["type"] == "closing"
                self._take(event)
        finally:
            if self.slow and not said_goodbye and not self.cut_by_us:
                self._counts.slow_closes += 1
            self.live.clear()
            self._asked.clear()
            self._writer.transport.abort()
            self._writer = None

    @property
    def _reading(self) -> asyncio.ReadTransport:
        assert self._writer is not None
        transport = self._writer.transport
        assert isinstance(transport, asyncio.ReadTransport)
        return transport

    def _next(self) -> int:
        self._number += 1
        return self._number

    def _log_in(self) -> None:
        login = {"token": self.token} if self.token else self._login
        rooms = self.witness.rooms
        self._positions = {room: copy.seq for room, copy in rooms.items() if not copy.loading}
        resume = {"resume": {"epoch": self._epoch, "rooms": self._positions}} if self._epoch else {}
        self._write({"type": "log_in", "id": LOGIN, **login, **resume})

    def _put(self, sent: Sent, *, twice: bool = False) -> None:
        self._counts.duplicates += twice
        for _ in range(1 + twice):
            sent.times += 1
            self._write({"type": sent.type, "id": sent.number, **sent.fields})

    def _ask(self, then: Callable[[Event], None], type_: str, **fields: Any) -> None:
        number = self._next()
        self._asked[number] = then
        self._write({"type": type_, "id": number, **fields})

    def _write(self, command: dict[str, Any]) -> None:
        assert self._writer is not None
        self._writer.write(json.dumps(command).encode() + b"\n")

    # --- what comes ----------------------------------------------------------------------------------------------------

    def _take(self, event: Event) -> None:
        match event["type"]:
            case "reply" | "error":
                self._answered(event)
            case "caught_up":
                self._caught_up()
            case "room_joined":
                room = event["room"]["room"]["id"]
                if room not in self.witness.rooms:
                    self._load(room)
            case "room_left":
                self.witness.rooms.pop(event["room"], None)
            case kind if kind in DURABLE:
                self._hear(event)

    def _hear(self, event: Event) -> None:
        room, seq = event["room"], event["seq"]
        self._counts.events += 1
        self.witness.heard.append(Heard(room, seq, self.live.is_set()))
        copy = self.witness.rooms.get(room)
        if copy is None:
            self._complain(f"{self.witness.name}: heard {event['type']} {seq} of room {room}, which it is not in")
            return
        try:
            copy.hear(event)
        except Gap as gap:
            self._mend(room, gap)

    def _mend(self, room: int, gap: Gap) -> None:
        self._complain(f"{self.witness.name}: room {room}: {gap}")
        self._load(room)

    def _answered(self, event: Event) -> None:
        number = event["id"]
        if number == LOGIN:
            self._welcomed(event)
        elif number in self._asked:
            self._asked.pop(number)(event)
        elif (sent := self._commands.get(number)) is None:
            self._complain(f"{self.witness.name}: answer to nothing that was asked: {event}")
        elif event["type"] == "reply":
            self._acknowledged(sent, event.get("result", {}))
        elif 400 <= event["number"] < 500:
            self.cut()  # send it again, in its place
        else:
            self._refused(sent, event["code"])

    def _acknowledged(self, sent: Sent, result: dict[str, Any]) -> None:
        if sent.answer is None:
            self._counts.acknowledged += 1
            sent.answer = result
        elif sent.answer != result:
            self._complain(f"{self.witness.name}: {sent.nonce} was answered {sent.answer}, then {result}")
        self.pending.pop(sent.number, None)

    def _refused(self, sent: Sent, code: str) -> None:
        if sent.answer is not None:
            self._complain(f"{self.witness.name}: {sent.nonce} was acknowledged, then refused as {code}")
        if code not in ("not_found", "forbidden", "already_there"):
            self._complain(f"{self.witness.name}: {sent.type} was refused as {code}: {sent.fields}")
        self._counts.refused += sent.refused is None
        sent.refused = code
        self.pending.pop(sent.number, None)

    def _welcomed(self, event: Event) -> None:
        if event["type"] == "error":
            self._complain(f"{self.witness.name}: the login was refused: {event}")
            self.cut()
            return
        welcome = event["result"]
        self.witness.user, self._epoch = welcome["user"]["id"], welcome["epoch"]
        self.token = welcome.get("token") or self.token
        mine = {one["room"]["id"]: one for one in welcome["rooms"]}
        for gone in self.witness.rooms.keys() - mine.keys():
            del self.witness.rooms[gone]
        self._check_positions(mine)
        for room, one in mine.items():
            if one.get("resume", "fresh") == "resumed":
                self._counts.resumes += 1
            else:
                self._load(room)

    def _check_positions(self, mine: dict[int, dict[str, Any]]) -> None:
        missed = tuple(
            (room, position, mine[room]["room"].get("head", 0))
            for room, position in self._positions.items()
            if room in mine
        )
        for room, position in self._positions.items():
            if room not in mine:
                continue
            outcome, head = mine[room].get("resume", "fresh"), mine[room]["room"].get("head", 0)
            if outcome == "reset":
                self._counts.resets += 1
                self.witness.resets.append(Reset(room, position, head, missed))
            elif outcome == "fresh":
                self._complain(f"{self.witness.name}: the server ignored its position {position} in room {room}")

    def _caught_up(self) -> None:
        self.live.set()
        for sent in tuple(self.pending.values()):
            self._put(sent)

    # --- loading a room ------------------------------------------------------------------------------------------------

    def _load(self, room: int) -> None:
        copy = self.witness.rooms[room] = RoomCopy(loading=True)
        if self._rng.random() < 0.5:
            self._ask(lambda answer: self._page_of_changes(room, copy, answer), "get_changes", room=room, after=0)
        else:
            self._ask(lambda answer: self._page_of_history(room, copy, None, answer), "get_history", room=room)

    def _current(self, room: int, copy: RoomCopy, answer: Event) -> bool:
        # An error means that the room was left meanwhile: `room_left` is on its way.
        return answer["type"] == "reply" and self.witness.rooms.get(room) is copy

    def _page_of_changes(self, room: int, copy: RoomCopy, answer: Event) -> None:
        if not self._current(room, copy, answer):
            return
        page = answer["result"]
        try:
            for event in page["events"]:
                copy.apply(event)
            if page["more"]:
                self._ask(
                    lambda further: self._page_of_changes(room, copy, further),
                    "get_changes", room=room, after=copy.seq,
                )  # fmt: skip
            else:
                copy.loaded(copy.seq)
        except Gap as gap:
            self._mend(room, gap)

    def _page_of_history(self, room: int, copy: RoomCopy, head: int | None, answer: Event) -> None:
        if not self._current(room, copy, answer):
            return
        page = answer["result"]
        head = page["head"] if head is None else head
        for message in page["messages"]:
            if message["seq"] <= head:
                copy.put(message)
        if page["more_before"]:
            self._ask(
                lambda further: self._page_of_history(room, copy, head, further),
                "get_history", room=room, before=page["messages"][0]["seq"], limit=200,
            )  # fmt: skip
            return
        try:
            copy.loaded(head)
        except Gap as gap:
            self._mend(room, gap)
