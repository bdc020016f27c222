"""Stock Yjs clients and clients that know whole texts edit one document through one server, which is killed under them.

One rule: all ends are equal, and nothing acknowledged is lost or there twice, whatever anyone typed and wherever they were cut off.
"""

import asyncio
import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.collab.pipe import Pipe, dial, pipe
from tests.collab.stock import Node, Stock, stock_clients
from tests.support.server import Server, serving
from tests.support.waiting import WAIT

KEPT: Final = 0xF0000
"""Characters from here on stand for one insertion each, and are never deleted: what of it is there can be told from the text."""

YJS: Final = ("hocuspocus", "hocuspocus", "y-websocket")
PIPES: Final = 2
PAUSE: Final = 0.05
"""Seconds, the longest anyone waits between two edits: kills and cuts fall into the midst of them."""

PLAYS_TRIED: Final = 8

CHAFF: Final = st.text(st.sampled_from("ab(\n\t é漢😀👩\u200d\u0301\u202e"), max_size=8)


@dataclass(frozen=True, slots=True)
class Edit:
    """Part of the text, from 0 to 1, is passed; then so many characters go, and these come."""

    where: float
    removed: int
    added: str
    pause: float


@dataclass(frozen=True, slots=True)
class Cut:
    """The connection is gone, all at once."""

    pause: float


PAUSES: Final = st.floats(0, PAUSE)
EDITS: Final = st.builds(Edit, st.floats(0, 1), st.integers(0, 6), CHAFF, PAUSES)
SCRIPTS: Final = st.lists(st.one_of(EDITS, EDITS, EDITS, st.builds(Cut, PAUSES)), max_size=12)
PLAYS: Final = st.lists(SCRIPTS, min_size=len(YJS) + PIPES, max_size=len(YJS) + PIPES)
KILLS: Final = st.lists(st.floats(0, 3 * PAUSE), max_size=2)


@dataclass(slots=True)
class Ledger:
    """What was inserted, each time under a character of its own, and which of it was acknowledged."""

    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(KEPT))
    acknowledged: set[str] = field(default_factory=set)

    def marked(self, added: str) -> tuple[str, str]:
        """A new mark, and the text to insert, which begins with it."""
        mark = chr(next(self.numbers))
        return mark, mark + added


def edited(text: str, edit: Edit, added: str) -> str:
    """A text after an edit that takes no mark away."""
    at = int(edit.where * len(text))
    after = at + edit.removed
    if any(ord(char) >= KEPT for char in text[at:after]):
        after = at
    return text[:at] + added + text[after:]


class Whole:
    """A client that knows whole texts: it sends one, waits for the answer, and starts over from what is there when it was cut off."""

    def __init__(self, server: Server, name: str, session: int, ledger: Ledger) -> None:
        self._server, self._name, self._session, self._ledger = server, name, session, ledger
        self._line: Pipe | None = None
        self.text, self._version = "", 0

    async def play(self, edit: Edit) -> None:
        """Make an edit of what this client has, once. Whether it is there is not known where no answer came."""
        mark, added = self._ledger.marked(edit.added)
        try:
            line = await self._joined()
            text = edited(self.text, edit, added)
            line.say("CODE_UPDATE", session_id=self._session, code=text, version=self._version)
            while (said := await line.told("CODE_SESSION"))["type"] != "code_saved":
                self._hear(said)
        except (EOFError, ConnectionError):
            await self.cut()
            return
        self._ledger.acknowledged.add(mark)
        if said["version"] > self._version:
            self.text, self._version = text, said["version"]

    async def fetch(self) -> str:
        """What is there now, asked for on a line that just joined."""
        await self.cut()
        await self._joined()
        return self.text

    async def cut(self) -> None:
        """Be gone, without a goodbye."""
        if self._line is not None:
            self._line.close()
            self._line = None

    async def _joined(self) -> Pipe:
        if self._line is None:
            self._line = await self._dialled()
            self._line.say("JOIN_CODE_SESSION", str(self._session))
            self._version = -1
            self._hear(await self._line.hear("CODE_SESSION", "session_joined"))
        return self._line

    async def _dialled(self) -> Pipe:
        async with asyncio.timeout(WAIT):
            while True:
                try:
                    return (await dial(self._server, self._name))[0]
                except (ConnectionError, EOFError):  # it is being started again
                    await asyncio.sleep(0.02)

    def _hear(self, said: dict[str, object]) -> None:
        if "code" in said:
            version = said["version"]
            assert isinstance(version, int)
            assert version >= self._version, "versions never go back"
            self.text, self._version = str(said["code"]), version


class Typist:
    """A stock client, which comes back by itself when it was cut off."""

    def __init__(self, client: Stock, kind: str, ledger: Ledger) -> None:
        self.client = client
        self._acknowledges = kind == "hocuspocus"
        self._ledger = ledger
        self._open: set[str] = set()

    async def play(self, edit: Edit) -> None:
        """Make an edit where the text is now."""
        mark, added = self._ledger.marked(edit.added)
        await self.client.do("type", where=edit.where, removed=edit.removed, added=added, kept=KEPT)
        self._open.add(mark)
        await self.note()

    async def cut(self) -> None:
        """Lose the connection."""
        await self.client.do("cut")

    async def note(self) -> None:
        """Note what is acknowledged by now."""
        if self._acknowledges and await self.client.do("unsynced") == 0:
            self._ledger.acknowledged |= self._open
            self._open.clear()

    async def settled(self) -> None:
        """Wait until the server has everything: y-websocket's client cannot tell, and holds on to it."""
        await self.client.until("synced", True)
        await self.client.until("unsynced", 0)
        self._ledger.acknowledged |= self._open


async def act(player: Typist | Whole, script: list[Edit | Cut]) -> None:
    """Do one thing after the other."""
    for step in script:
        await asyncio.sleep(step.pause)
        match step:
            case Edit():
                await player.play(step)
            case Cut():
                await player.cut()


class Stage:
    """One document and everyone at it."""

    def __init__(self, server: Server, node: Node) -> None:
        self.server, self._node = server, node
        self.ledger = Ledger()
        self.typists: list[Typist] = []
        self.wholes: list[Whole] = []

    async def open(self) -> None:
        """A new document, with everyone there."""
        async with pipe(self.server, "owner") as (owner, _):
            owner.say("CREATE_CODE_SESSION", "python")
            session = (await owner.hear("CODE_SESSION", "session_created"))["session_id"]
        for number, kind in enumerate(YJS):
            async with pipe(self.server, f"typist{number}") as (line, token):
                line.say("JOIN_CODE_SESSION", str(session))
                await line.hear("CODE_SESSION", "session_joined")
            client = await self._node.synced(kind, token, document=str(session))
            self.typists.append(Typist(client, kind, self.ledger))
        self.wholes = [Whole(self.server, f"whole{number}", session, self.ledger) for number in range(PIPES)]

    async def perform(self, play: list[list[Edit | Cut]], kills: list[float]) -> None:
        """Everyone plays their part at once."""
        players: list[Typist | Whole] = [*self.typists, *self.wholes]
        async with asyncio.TaskGroup() as tasks:
            for player, script in zip(players, play, strict=True):
                tasks.create_task(act(player, script))
            for pause in kills:
                await asyncio.sleep(pause)
                await asyncio.to_thread(self.server.restart)

    async def settled(self) -> str:
        """The text, once all have the same."""
        for typist in self.typists:
            await typist.settled()
        async with asyncio.timeout(WAIT):
            while len(texts := {*[await whole.fetch() for whole in self.wholes], *await self._typed()}) > 1:  # noqa: ASYNC110 - other processes change it
                await asyncio.sleep(0.02)
        return texts.pop()

    async def close(self) -> None:
        """Everyone leaves."""
        for whole in self.wholes:
            await whole.cut()
        for typist in self.typists:
            await typist.client.do("leave")

    async def _typed(self) -> list[str]:
        return [await typist.client.text() for typist in self.typists]


async def perform(server: Server, play: list[list[Edit | Cut]], kills: list[float]) -> None:
    """One play on a new document; all that must hold after it."""
    async with stock_clients(server.ws_url) as node:
        stage = Stage(server, node)
        await stage.open()
        await stage.perform(play, kills)
        text = await stage.settled()
        await stage.close()
    there = Counter(char for char in text if ord(char) >= KEPT)
    lost = stage.ledger.acknowledged - there.keys()
    assert not lost, f"acknowledged and lost: {[ord(mark) - KEPT for mark in lost]}"
    assert all(count == 1 for count in there.values()), "nothing is there twice"
    await asyncio.to_thread(server.restart)
    assert await stage.wholes[0].fetch() == text
    await stage.wholes[0].cut()


@settings(
    max_examples=PLAYS_TRIED,
    phases=[Phase.explicit, Phase.generate],  # a play is never the same twice: there is nothing to shrink
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(play=PLAYS, kills=KILLS)
def test_whatever_happens_all_ends_are_equal_and_nothing_acknowledged_is_lost(
    server: Server, play: list[list[Edit | Cut]], kills: list[float]
) -> None:
    asyncio.run(perform(server, play, kills))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path, "--guests", "--no-rate-limits") as it:
        yield it
