"""Uploads: taken as they stream, or refused as soon as that is known, with nothing left behind."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest
from tests.support.workspace import workspace

from kibitz.api.gate import Gate
from kibitz.server.metrics import Metrics
from kibitz.transports.http import upload as module
from kibitz.transports.http.app import build
from kibitz.transports.http.form import MAX_BESIDES
from kibitz.transports.http.server import HttpServer

Headers = dict[str, str]

FORM = {"Content-Type": "multipart/form-data; boundary=B"}
FILE = b'--B\r\nContent-Disposition: form-data; name="file"; filename="plan.txt"\r\n\r\n'
END = b"\r\n--B--\r\n"


def field(name: str, value: str) -> bytes:
    return f'--B\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()


def kept(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "data" / "blobs").rglob("*") if path.is_file()]


def problem_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def chunks(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def then_no_more(*pieces: bytes) -> AsyncIterator[bytes]:
    """What a client sends until it is refused: whoever asks it for more has failed."""
    for piece in pieces:
        yield piece
    pytest.fail("the upload was read on after it could have been refused")


async def test_a_file_is_taken_and_described(http: httpx.AsyncClient, alice: Headers, tmp_path: Path) -> None:
    answer = await http.post("/upload", headers=alice, files={"file": ("C:\\plans\\Plan.txt", b"hello")})
    assert answer.status_code == 201
    assert answer.json() == {
        "file_id": 1,
        "filename": "Plan.txt",
        "file_size": 5,
        "mime_type": "text/plain",
        "url": "/download/1",
    }
    (blob,) = kept(tmp_path)
    assert blob.read_bytes() == b"hello"


async def test_an_empty_file_is_a_file(http: httpx.AsyncClient, alice: Headers) -> None:
    answer = await http.post("/upload", headers=alice, files={"file": ("__init__.py", b"")})
    assert (answer.status_code, answer.json()["file_size"]) == (201, 0)


@pytest.mark.parametrize("fields", [{"sender": "Alice"}, {"sender": ""}, {"recipient": "", "group_name": " "}])
async def test_fields_that_agree_or_say_nothing_are_taken(
    http: httpx.AsyncClient, alice: Headers, fields: dict[str, str]
) -> None:
    answer = await http.post("/upload", headers=alice, files={"file": b"hello"}, data=fields)
    assert answer.status_code == 201, answer.text
    message = await http.get("/api/v1/rooms/1/messages/1", headers=alice)
    assert message.json()["file"]["id"] == 1


@pytest.mark.parametrize(
    ("fields", "refused"),
    [
        (field("recipient", "nobody"), (404, "not_found")),
        (field("group_name", "nowhere"), (404, "not_found")),
        (field("sender", "bob"), (403, "forbidden")),
        (field("recipient", "bob") + field("group_name", "kitchen"), (422, "invalid")),
    ],
)
async def test_what_may_not_be_is_refused_before_the_bytes_or_after_them(
    http: httpx.AsyncClient, alice: Headers, tmp_path: Path, fields: bytes, refused: tuple[int, str]
) -> None:
    before = await http.post("/upload", headers=alice | FORM, content=then_no_more(fields, FILE + b"hello"))
    after = await http.post("/upload", headers=alice | FORM, content=chunks(FILE + b"hello\r\n", fields, b"--B--"))
    assert problem_of(before) == problem_of(after) == refused
    assert kept(tmp_path) == []


async def test_a_text_that_is_too_long_for_a_message_is_refused(
    http: httpx.AsyncClient, alice: Headers, tmp_path: Path
) -> None:
    answer = await http.post("/upload", headers=alice, files={"file": b"hello"}, data={"text": "\x00"})
    assert problem_of(answer) == (422, "invalid")
    assert kept(tmp_path) == []


async def test_without_a_login_nothing_is_read(http: httpx.AsyncClient, alice: Headers) -> None:
    token = alice["Authorization"].removeprefix("Bearer ")
    for url, headers in (("/upload", {}), ("/upload", {"Authorization": "Bearer x"}), (f"/upload?token={token}", {})):
        answer = await http.post(url, headers=headers | FORM, content=then_no_more())
        assert problem_of(answer) == (401, "not_logged_in")


@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        ({"Content-Type": "application/json"}, (400, "malformed")),
        (FORM | {"Idempotency-Key": "short"}, (422, "invalid")),
        (FORM | {"Content-Length": str(50_000_000 + MAX_BESIDES + 1)}, (413, "too_large")),
    ],
)
async def test_what_its_headers_say_is_enough_to_refuse_it(
    http: httpx.AsyncClient, alice: Headers, headers: Headers, refused: tuple[int, str]
) -> None:
    answer = await http.post("/upload", headers=alice | headers, content=then_no_more())
    assert problem_of(answer) == refused


# --- sizes -------------------------------------------------------------------------------------------------------------


@pytest.fixture
async def small(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A server whose files have at most 1,000 bytes, with alice logged in."""
    async with workspace(tmp_path / "data", max_file_size=1000) as gate:
        transport = httpx.ASGITransport(build(gate, Metrics(gate)))
        async with httpx.AsyncClient(transport=transport, base_url="http://chat.example") as client:
            token = (await client.post("/api/v1/login", json={"name": "alice"})).json()["token"]
            client.headers["Authorization"] = f"Bearer {token}"
            yield client


async def test_a_file_may_be_as_large_as_the_limit(small: httpx.AsyncClient) -> None:
    assert (await small.post("/upload", files={"file": b"x" * 1000})).status_code == 201


async def test_a_file_that_turns_out_too_large_is_refused_while_it_streams(
    small: httpx.AsyncClient, tmp_path: Path
) -> None:
    answer = await small.post("/upload", headers=FORM, content=then_no_more(FILE, b"x" * 1000, b"x"))
    assert problem_of(answer) == (413, "too_large")
    assert "1000 bytes" in answer.json()["detail"]
    assert kept(tmp_path) == []


async def test_what_stands_around_the_file_is_limited_too(small: httpx.AsyncClient, tmp_path: Path) -> None:
    whole = FILE + b"hello" + END
    answer = await small.post("/upload", headers=FORM, content=then_no_more(whole, b"x" * MAX_BESIDES))
    assert problem_of(answer) == (413, "too_long")
    assert kept(tmp_path) == []


# --- times and numbers -------------------------------------------------------------------------------------------------


async def test_an_upload_that_stalls_is_let_go(
    http: httpx.AsyncClient, alice: Headers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STALL_SECONDS", 0.05)

    async def stalling() -> AsyncIterator[bytes]:
        yield FILE + b"x" * 2_000_000
        await asyncio.Event().wait()

    answer = await http.post("/upload", headers=alice | FORM, content=stalling())
    assert problem_of(answer) == (408, "too_slow")
    assert "too slowly" in answer.json()["detail"]
    assert kept(tmp_path) == []


async def test_an_upload_that_crawls_is_let_go(
    http: httpx.AsyncClient, alice: Headers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STALL_SECONDS", 0.05)
    monkeypatch.setattr(module, "MIN_RATE", 10**12)

    async def crawling() -> AsyncIterator[bytes]:
        yield FILE
        while True:
            yield b"x"
            await asyncio.sleep(0)

    answer = await http.post("/upload", headers=alice | FORM, content=crawling())
    assert problem_of(answer) == (408, "too_slow")
    assert kept(tmp_path) == []


class Held:
    """Uploads that have begun and go on when they are told to."""

    def __init__(self) -> None:
        self._go_on = asyncio.Event()
        self._begun = asyncio.Semaphore(0)

    async def body(self) -> AsyncIterator[bytes]:
        yield FILE + b"hel"
        self._begun.release()
        await self._go_on.wait()
        yield b"lo" + END

    async def begun(self, count: int) -> None:
        for _ in range(count):
            await self._begun.acquire()

    def go_on(self) -> None:
        self._go_on.set()


async def test_only_so_many_uploads_are_under_way_at_once(
    http: httpx.AsyncClient, alice: Headers, bob: Headers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AT_ONCE", module.AT_ONCE_FOR_USER + 1)
    held = Held()

    async def send(who: Headers) -> httpx.Response:
        return await http.post("/upload", headers=who | FORM, content=held.body())

    async with asyncio.TaskGroup() as group:
        under_way = [group.create_task(send(alice)) for _ in range(module.AT_ONCE_FOR_USER)]
        await held.begun(module.AT_ONCE_FOR_USER)
        too_many = await http.post("/upload", headers=alice | FORM, content=then_no_more())
        assert problem_of(too_many) == (429, "rate_limited")
        assert too_many.headers["Retry-After"] == "5"
        under_way.append(group.create_task(send(bob)))
        await held.begun(1)
        full = await http.post("/upload", headers=bob | FORM, content=then_no_more())
        assert problem_of(full) == (503, "busy")
        held.go_on()
    assert [task.result().status_code for task in under_way] == [201] * len(under_way)
    assert (await send(alice)).status_code == 201


# --- over a real connection --------------------------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def served(gate: Gate) -> AsyncIterator[int]:
    """The port of a real HTTP server."""
    listening = socket.create_server(("127.0.0.1", 0))
    listening.setblocking(False)
    server = await HttpServer.start(build(gate, Metrics(gate)), gate, listening, None)
    yield listening.getsockname()[1]
    await server.stop(0.1)


async def until(condition: Callable[[], object]) -> None:
    """Wait for as long as it takes; a test that waits in vain is ended by its time limit."""
    while not condition():  # noqa: ASYNC110 - what lies on a disk raises no event
        await asyncio.sleep(0.01)


def head_of(alice: Headers, length: int) -> bytes:
    lines = ["POST /upload HTTP/1.1", "Host: x", f"Content-Length: {length}"]
    lines += [f"{name}: {value}" for name, value in (alice | FORM).items()]
    return "\r\n".join([*lines, "", ""]).encode()


async def test_an_upload_that_is_cut_off_leaves_nothing(gate: Gate, alice: Headers, tmp_path: Path) -> None:
    async with served(gate) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head_of(alice, 40_000_000) + FILE + bytes(4_000_000))
        await until(lambda: kept(tmp_path))
        writer.transport.abort()
        await until(lambda: not kept(tmp_path))
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def test_whoever_sends_too_much_is_told_although_they_go_on_sending(
    gate: Gate, alice: Headers, tmp_path: Path
) -> None:
    async with served(gate) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        # Not announced, and more than both ends' buffers hold: closing over it would lose the answer.
        chunked = head_of(alice, 0).replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
        first = FILE + bytes(1_000_000)
        writer.write(chunked + b"%x\r\n" % len(first) + first + b"\r\n")
        for _ in range(70):
            writer.write(b"%x\r\n" % 1_000_000 + bytes(1_000_000) + b"\r\n")
            await writer.drain()
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if b"content-length" in line)
        body = await reader.readexactly(length)
        assert head.startswith(b"HTTP/1.1 413 ")
        assert json.loads(body)["code"] == "too_large"
        assert kept(tmp_path) == []
        writer.transport.abort()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
