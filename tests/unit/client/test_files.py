"""The form a file goes up in, and what becomes of answers that are none; the rest is in tests/e2e/test_client.py."""

import asyncio
import http.client
import io
import threading
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from multipart import MultipartSegment, PushMultipartParser
from tests.support.waiting import WAIT

from kibitz.api.sharing import Uploaded as ServersUploaded
from kibitz.client import files
from kibitz.client.errors import Refused
from kibitz.client.files import PIECE, Door, Uploaded, _answer, _body, _copy, _draft, _form
from kibitz.client.trust import Trust


def parsed(body: bytes) -> dict[str, tuple[str | None, bytes]]:
    """A form's fields, with their file names, as the server reads them."""
    found: dict[str, tuple[str | None, bytes]] = {}
    current = ""
    with PushMultipartParser("bound") as parser:
        for part in parser.parse(body):
            if isinstance(part, MultipartSegment):
                current = part.name
                found[current] = (part.filename, b"")
            elif part is not None:
                found[current] = (found[current][0], found[current][1] + part)
    return found


names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters='\0/\\"\r\n%'), min_size=1, max_size=40)


@given(names, st.dictionaries(st.sampled_from(["recipient", "group_name"]), names, max_size=1), st.binary(max_size=100))
def test_a_server_reads_the_form_as_it_was_meant(name: str, fields: dict[str, str], content: bytes) -> None:
    form = b"".join(
        _body(_form("bound", name, fields), io.BytesIO(content), len(content), b"\r\n--bound--\r\n", threading.Event())
    )
    found = parsed(form)
    assert found.pop("file") == (name, content)
    assert {key: value.decode() for key, (_, value) in found.items()} == fields


@pytest.mark.parametrize("name", ['a"b', "a\r\nb: c", 'x"; name="recipient'])
def test_a_files_name_cannot_get_out_of_its_place(name: str) -> None:
    head = _form("bound", name, {}).decode().split("\r\n")
    assert len(head) == 5
    assert head[1].count('"') == 4


def test_where_a_file_goes_is_said_before_its_bytes() -> None:
    assert list(parsed(_form("bound", "f", {"recipient": "bob"}) + b"\r\n--bound--\r\n")) == ["recipient", "file"]


def test_an_upload_goes_piece_by_piece_and_stops_when_nobody_wants_it_any_more() -> None:
    stop = threading.Event()
    pieces = _body(b"head", io.BytesIO(bytes(3 * PIECE)), 3 * PIECE, b"foot", stop)
    assert [len(next(pieces)) for _ in range(3)] == [4, PIECE, PIECE]
    stop.set()
    with pytest.raises(OSError, match="given up"):
        next(pieces)


def test_a_file_that_grows_meanwhile_is_sent_as_long_as_it_was() -> None:
    assert b"".join(_body(b"", io.BytesIO(b"longer than said"), 6, b"", threading.Event())) == b"longer"


def test_a_file_that_shrinks_meanwhile_is_not_passed_off_as_whole() -> None:
    with pytest.raises(OSError, match="shorter"):
        list(_body(b"", io.BytesIO(b"short"), 6, b"", threading.Event()))


class Answer:
    """An HTTP answer, which is its own connection."""

    def __init__(self, status: int, body: bytes) -> None:
        self.status = status
        self.length = len(body)
        self._body = io.BytesIO(body)

    def getresponse(self) -> "Answer":
        return self

    def read(self, size: int) -> bytes:
        return self._body.read(size)


@pytest.mark.parametrize(
    ("status", "body", "code", "number", "wait"),
    [
        (413, b'{"type":"about:blank","status":413,"code":"too_large","detail":"No."}', "too_large", 104, None),
        (429, b'{"code":"rate_limited","detail":"No.","retry_after":2.5}', "rate_limited", 400, 2.5),
        (409, b'{"code":"from_the_future","detail":"No."}', "from_the_future", 500, None),
        (502, b"<html>a proxy speaks</html>", "internal", 500, None),
        (500, b"\xff", "internal", 500, None),
    ],
)
def test_an_answer_that_says_no_is_a_refusal(
    status: int, body: bytes, code: str, number: int, wait: float | None
) -> None:
    with pytest.raises(Refused) as caught:
        _answer(cast("Any", Answer(status, body)))
    assert (caught.value.code, caught.value.number, caught.value.retry_after) == (code, number, wait)


def test_a_server_that_breaks_off_is_a_lost_connection() -> None:
    class Broken:
        def getresponse(self) -> None:
            raise http.client.RemoteDisconnected("gone")

    with pytest.raises(ConnectionError):
        _answer(cast("Any", Broken()))


def test_a_download_stops_when_nobody_wants_it_any_more() -> None:
    stop = threading.Event()
    assert _copy(cast("Any", Answer(200, bytes(10))), io.BytesIO(), stop) == 10
    stop.set()
    with pytest.raises(OSError, match="given up"):
        _copy(cast("Any", Answer(200, bytes(10))), io.BytesIO(), stop)


def test_how_far_a_file_is_on_its_way_up_is_told_from_nothing_to_all_of_it() -> None:
    told: list[tuple[int, int]] = []
    size = 2 * PIECE + 7
    list(_body(b"head", io.BytesIO(bytes(size)), size, b"foot", threading.Event(), lambda *how: told.append(how)))
    assert told == [(0, size), (PIECE, size), (2 * PIECE, size), (size, size)]


def test_how_far_a_file_is_on_its_way_down_is_told_as_well() -> None:
    told: list[tuple[int, int]] = []
    size = PIECE + 7
    _copy(cast("Any", Answer(200, bytes(size))), io.BytesIO(), threading.Event(), lambda *how: told.append(how))
    assert told == [(0, size), (PIECE, size), (size, size)]


async def test_an_upload_that_is_cancelled_does_not_wait_for_a_server_that_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "note").write_bytes(b"note")
    hung_up, told = asyncio.Event(), asyncio.Event()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(4096):
            told.set()
        hung_up.set()
        writer.close()

    async with await asyncio.start_server(say_nothing, "127.0.0.1", 0) as server, asyncio.timeout(WAIT):
        door = Door(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", "secret", Trust())
        async with asyncio.TaskGroup() as group:
            going_up = group.create_task(files.upload(door, tmp_path / "note", {}))
            await told.wait()
            going_up.cancel()
        await hung_up.wait()


def test_a_download_does_not_write_into_what_is_there_already(tmp_path: Path) -> None:
    (tmp_path / "plan.part").write_bytes(b"mine")
    target, draft = _draft(tmp_path / "plan")
    target.close()
    assert draft == tmp_path / "plan.2.part"
    assert (tmp_path / "plan.part").read_bytes() == b"mine"


def test_what_an_upload_is_answered_is_read_as_the_server_says_it() -> None:
    said = ServersUploaded(file_id=1, filename="a", file_size=2, mime_type="text/plain", url="/download/1")
    assert msgspec.json.decode(msgspec.json.encode(said), type=Uploaded) == Uploaded(
        1, "a", 2, "text/plain", "/download/1"
    )


def test_a_token_is_in_no_representation() -> None:
    assert "secret" not in repr(Door("http://127.0.0.1:1", "secret", Trust()))


async def test_a_file_that_is_not_there_is_not_uploaded(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        await files.upload(Door("http://127.0.0.1:1", "secret", Trust()), tmp_path / "none", {})
