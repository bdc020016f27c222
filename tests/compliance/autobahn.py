"""Plays the Autobahn test suite's cases against our WebSocket transport and prints a table.

One rule: what a case sends, and whether the answer passes, is decided by the suite's own code.

`wstest`, which plays them otherwise, needs Python 2 and its libraries. The cases themselves are plain classes that send frames
through an object `p` and judge what came back, so that a `p` of our own and a few words of Python 2 are enough to play them here.
tools/autobahn.sh fetches the suite from PyPI and starts this with its folder.
"""

import asyncio
import json
import re
import sys
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.compliance.echo import echo_server
from tests.compliance.peer import BINARY, CLOSE, CONT, PING, PONG, TEXT, Peer, close_payload, frame, open_at

LEFT_OUT = {
    "9": "messages of up to 16 MiB, and how fast: ours are limited to 64 KiB",
    "12": "permessage-deflate, which we do not offer",
    "13": "permessage-deflate, which we do not offer",
}
DROP_SECONDS = 1.0
"""How long the server may take to close TCP after the closing handshake: the suite's serverConnectionDropTimeout."""


def octets(text: str | bytes) -> bytes:
    """What Python 2 took for the same: its strings are bytes."""
    return text if isinstance(text, bytes) else text.encode("latin-1")


def plain(events: list[Any]) -> list[Any]:
    return [tuple(octets(part) if isinstance(part, str | bytes) else part for part in event) for event in events]


def load_cases(folder: Path) -> list[Any]:
    """The suite's cases, all in one namespace, where the imports they make of each other are not needed."""
    words = {"xrange": range, "unichr": chr, "binascii": SimpleNamespace(b2a_hex=lambda text: octets(text).hex())}
    state = SimpleNamespace(STATE_OPEN="open", STATE_CLOSED="closed")
    names: dict[str, Any] = {**words, "WebSocketProtocol": state, "Utf8Validator": Validator}
    for path in [folder / "case.py", *sorted(folder.glob("case[1-7]_*.py")), folder / "case10_1_1.py"]:
        source = path.read_text("latin-1").replace(" / ", " // ").replace("(object, Case, )", "(Case,)")
        source = re.sub(r"^(\s*)(print|from|import)\b.*$", r"\1pass", source, flags=re.MULTILINE)
        exec(compile(source, str(path), "exec"), names)  # noqa: S102 - the point of this program
    base = names["Case"]
    base.compare = lambda _self, received, expected: plain(received) == plain(expected)
    singles: list[Any] = [value for name, value in names.items() if re.fullmatch(r"Case\d+(_\d+)+", name)]
    return [*singles, *names["Case6_X_X"], *names["Case7_7_X"], *names["Case7_9_X"]]


class Validator:
    """The part of Autobahn's UTF-8 validator that the cases are made with."""

    def reset(self) -> None:
        """Each call stands by itself here."""

    def validate(self, text: str) -> tuple[bool, bool]:
        try:
            octets(text).decode()
        except UnicodeDecodeError:
            return False, False
        return True, True


class Player:
    """The `p` of a case: sends what it says, notes what came of it."""

    CLOSE_STATUS_CODE_NORMAL = 1000
    CLOSE_STATUS_CODE_PROTOCOL_ERROR = 1002
    CLOSE_STATUS_CODE_INVALID_PAYLOAD = 1007

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self.factory = SimpleNamespace(isServer=False)
        self.state = "open"
        self.connectionWasOpen = True
        self.closedByMe = self.droppedByMe = self.failedByMe = self.wasClean = self.createWirelog = False
        self.remoteCloseCode: int | None = None
        self.localCloseReason = None
        self.autoFragmentSize = 0
        self.txFrameStats: Counter[int] = Counter()
        self._close_sent = self._close_came = False

    def enableWirelog(self, _on: bool) -> None: ...

    def sendFrame(
        self, opcode: int, payload: Any = "", fin: bool = True, rsv: int = 0, payload_len: int | None = None,
        chopsize: int | None = None, sync: bool = False,
    ) -> None:  # fmt: skip
        body = octets(payload)
        if payload_len is not None:
            body = (body * (payload_len // len(body) + 1))[:payload_len]
        self.txFrameStats[opcode] += 1
        self._write(frame(opcode, body, fin=fin, rsv=rsv), chopsize)

    def _write(self, data: bytes, chopsize: int | None = None) -> None:
        if self.state == "closed":
            return
        for start in range(0, len(data), chopsize or len(data)):
            self.peer.send(data[start : start + (chopsize or len(data))])

    def sendMessage(self, payload: Any, isBinary: bool = False, fragmentSize: int | None = None) -> None:
        body, size = octets(payload), fragmentSize or self.autoFragmentSize or max(1, len(payload))
        pieces = [body[start : start + size] for start in range(0, len(body), size)] or [b""]
        for number, piece in enumerate(pieces):
            first = BINARY if isBinary else TEXT
            self.sendFrame(CONT if number else first, piece, fin=number == len(pieces) - 1)

    def beginMessage(self) -> None: ...

    def beginMessageFrame(self, length: int) -> None:
        self._write(frame(TEXT, bytes(length), mask=bytes(4))[:-length])  # a mask of zeros changes nothing

    def sendMessageFrameData(self, payload: Any, sync: bool = False) -> None:
        self._write(octets(payload))

    def endMessage(self) -> None: ...

    def sendClose(self, code: int | None = None, reason: Any = None) -> None:
        if not self._close_sent:
            self.sendCloseFrame(code, octets(reason or b""))

    def sendCloseFrame(self, code: int | None = None, reasonUtf8: Any = b"", isReply: bool = False) -> None:
        self._close_sent = True
        self.closedByMe = self.closedByMe or not isReply
        self.sendFrame(CLOSE, b"" if code is None else close_payload(code, octets(reasonUtf8 or b"")))

    def continueLater(self, delay: float, then: Any, _tag: Any = None) -> None:
        asyncio.get_running_loop().call_later(delay, lambda: self.state == "closed" or then())

    def closeAfter(self, delay: float) -> None:
        self.continueLater(delay, self.sendClose)

    def killAfter(self, delay: float) -> None:
        self.continueLater(delay, self._fail)

    def _fail(self) -> None:
        self.failedByMe = self.droppedByMe = True
        self.state = "closed"
        self.peer.writer.transport.abort()

    async def play(self, case: Any) -> None:
        """Until the server has closed."""
        case.onOpen()
        partial: tuple[int, bytes] | None = None
        try:
            while (got := await self._next()) is not None:
                if got.opcode == CLOSE:
                    self._closed(got.payload)
                elif got.opcode == PING:
                    case.onPing(got.payload)
                elif got.opcode == PONG:
                    case.onPong(got.payload)
                elif got.fin:
                    opcode, start = partial or (got.opcode, b"")
                    partial = None
                    case.onMessage(start + got.payload, opcode == BINARY)
                else:
                    partial = (partial or (got.opcode, b""))[0], (partial or (0, b""))[1] + got.payload
        except (TimeoutError, ConnectionError, asyncio.IncompleteReadError):
            self.wasClean = False
        self.state = "closed"
        case.onConnectionLost(self.failedByMe)

    async def _next(self) -> Any:
        return await asyncio.wait_for(self.peer.next(), DROP_SECONDS if self._close_came else None)

    def _closed(self, payload: bytes) -> None:
        self.remoteCloseCode = int.from_bytes(payload[:2], "big") if payload else None
        self.wasClean = self._close_came = True
        if not self._close_sent:
            self.sendCloseFrame(self.remoteCloseCode, isReply=True)


def number_of(case: Any) -> str:
    return str(case.__name__.removeprefix("Case").replace("_", "."))


async def play(case: Any, port: int) -> dict[str, str]:
    number = number_of(case)
    path = "/binary" if number.startswith("1.2.") else "/text"
    async with open_at(path, port) as peer:
        player = Player(peer)
        played = case(player)
        await player.play(played)
    return {"case": number, "behavior": played.behavior, "close": played.behaviorClose, "why": played.result}


async def run(folder: Path) -> list[dict[str, str]]:
    cases = load_cases(folder)
    hurry = asyncio.Semaphore(16)  # most cases wait a second for what must not happen

    async def one(case: Any, port: int) -> dict[str, str]:
        async with hurry:
            return await play(case, port)

    async with echo_server() as port:
        results = await asyncio.gather(*(one(case, port) for case in cases))
    return sorted(results, key=lambda result: [int(part) for part in result["case"].split(".")])


def main(folder: Path, report: Path | None) -> int:
    results = asyncio.run(run(folder))
    good = {"OK", "NON-STRICT", "INFORMATIONAL"}
    failed = [one for one in results if one["behavior"] not in good or one["close"] not in {"OK", "INFORMATIONAL"}]
    for one in failed:
        print(f"{one['case']:8} {one['behavior']} / close {one['close']}: {one['why']}")
    print(f"{len(results)} cases played: {dict(Counter(one['behavior'] for one in results))}")
    print(f"closing:                {dict(Counter(one['close'] for one in results))}")
    for group, why in LEFT_OUT.items():
        print(f"left out: {group}.* ({why})")
    if report is not None:
        report.write_text(json.dumps(results, indent=1) + "\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None))
