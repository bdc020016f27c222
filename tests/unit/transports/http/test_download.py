"""Downloads: to the letter, in parts, and never to be looked into by a browser."""

import asyncio
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibitz.api.gate import Gate
from kibitz.blobs import PIECE
from kibitz.domain.files import clean_file_name
from kibitz.server.metrics import Metrics
from kibitz.transports.http.app import build
from kibitz.transports.http.download import SLICE, disposition

Headers = dict[str, str]

DIGITS = b"0123456789"
LARGE = bytes(range(256)) * (3 * PIECE // 256) + b"the end"


async def share(http: httpx.AsyncClient, who: Headers, content: bytes = DIGITS, name: str = "plan.txt") -> str:
    answer = await http.post("/upload", headers=who, files={"file": (name, content)})
    assert answer.status_code == 201, answer.text
    url: str = answer.json()["url"]
    return url


def blob_of(tmp_path: Path) -> Path:
    (found,) = (path for path in (tmp_path / "data" / "blobs").rglob("*") if path.is_file())
    return found


@pytest.mark.parametrize("content", [b"", b"x", LARGE])
async def test_a_file_comes_as_it_was_sent(
    http: httpx.AsyncClient, alice: Headers, bob: Headers, content: bytes
) -> None:
    answer = await http.get(await share(http, alice, content), headers=bob)
    assert (answer.status_code, answer.content) == (200, content)
    assert answer.headers["content-length"] == str(len(content))


async def test_a_file_is_saved_and_never_interpreted(http: httpx.AsyncClient, alice: Headers) -> None:
    page = b"<!DOCTYPE html><html><script>alert(1)</script>"
    headers = (await http.get(await share(http, alice, page, "page.html"), headers=alice)).headers
    assert headers["content-type"] == "text/html"
    assert headers["content-disposition"] == 'attachment; filename="page.html"'
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert headers["cache-control"] == "private"
    assert headers["accept-ranges"] == "bytes"


@pytest.mark.parametrize(
    ("asked", "status", "body", "told"),
    [
        ("bytes=2-4", 206, b"234", "bytes 2-4/10"),
        ("bytes=-3", 206, b"789", "bytes 7-9/10"),
        ("bytes=0-1,3-4", 200, DIGITS, None),
    ],
)
async def test_a_part_of_it_can_be_had(
    http: httpx.AsyncClient, alice: Headers, asked: str, status: int, body: bytes, told: str | None
) -> None:
    answer = await http.get(await share(http, alice), headers=alice | {"Range": asked})
    assert (answer.status_code, answer.content, answer.headers.get("content-range")) == (status, body, told)
    assert answer.headers["content-length"] == str(len(body))


async def test_a_part_is_read_across_pieces(http: httpx.AsyncClient, alice: Headers) -> None:
    asked = {"Range": f"bytes={PIECE - 2}-{2 * PIECE + 1}"}
    answer = await http.get(await share(http, alice, LARGE), headers=alice | asked)
    assert answer.content == LARGE[PIECE - 2 : 2 * PIECE + 2]


async def test_a_part_that_is_not_there_is_refused_with_the_size(http: httpx.AsyncClient, alice: Headers) -> None:
    answer = await http.get(await share(http, alice), headers=alice | {"Range": "bytes=10-"})
    assert (answer.status_code, answer.json()["code"]) == (416, "range_outside")
    assert answer.headers["content-range"] == "bytes */10"


async def test_a_part_of_another_version_is_not_mixed_with_this_one(http: httpx.AsyncClient, alice: Headers) -> None:
    url = await share(http, alice)
    etag = (await http.head(url, headers=alice)).headers["etag"]
    for version, status in ((etag, 206), ('"other"', 200), (f"W/{etag}", 200)):
        answer = await http.get(url, headers=alice | {"Range": "bytes=0-1", "If-Range": version})
        assert answer.status_code == status


async def test_what_a_client_has_is_not_sent_again(http: httpx.AsyncClient, alice: Headers) -> None:
    url = await share(http, alice)
    etag = (await http.get(url, headers=alice)).headers["etag"]
    for known, status in ((etag, 304), (f'"x", W/{etag}', 304), ("*", 304), ('"x"', 200)):
        answer = await http.get(
            url, headers=alice | {"If-None-Match": known, "Range": "bytes=50-"} if status == 304 else alice
        )
        assert answer.status_code == status
        assert answer.headers["etag"] == etag
        assert answer.content == (b"" if status == 304 else DIGITS)


async def test_head_says_what_a_download_would(http: httpx.AsyncClient, alice: Headers) -> None:
    url = await share(http, alice)
    head = await http.head(url, headers=alice | {"Range": "bytes=0-1"})
    whole = await http.get(url, headers=alice)
    assert (head.status_code, head.content) == (200, b"")
    assert {**head.headers, "x-request-id": ""} == {**whole.headers, "x-request-id": ""}


async def test_the_same_bytes_have_the_same_tag_under_any_name(http: httpx.AsyncClient, alice: Headers) -> None:
    urls = [await share(http, alice, content, name) for content, name in ((DIGITS, "a"), (DIGITS, "b"), (b"x", "a"))]
    tags = [(await http.head(url, headers=alice)).headers["etag"] for url in urls]
    assert tags[0] == tags[1] != tags[2]


# --- who and what ------------------------------------------------------------------------------------------------------


async def test_a_link_may_hold_the_token(http: httpx.AsyncClient, alice: Headers) -> None:
    url = await share(http, alice)
    token = alice["Authorization"].removeprefix("Bearer ")
    assert (await http.get(url, params={"token": token})).content == DIGITS
    assert (await http.get(url)).status_code == 401
    assert (await http.get(url, params={"token": "wrong"})).status_code == 401


@pytest.mark.parametrize("name", ["2", "0", "-1", "x", "1.0", "٣", "9" * 18, "9" * 400, "1%2F..%2F1"])
async def test_what_is_no_file_is_not_found(http: httpx.AsyncClient, alice: Headers, name: str) -> None:
    await share(http, alice)
    answer = await http.get(f"/download/{name}", headers=alice)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_a_file_whose_bytes_were_lost_is_said_to_be_gone(
    http: httpx.AsyncClient, alice: Headers, tmp_path: Path
) -> None:
    url = await share(http, alice)
    blob_of(tmp_path).unlink()
    answer = await http.get(url, headers=alice)
    assert (answer.status_code, answer.json()["code"]) == (410, "gone")
    assert "content-disposition" not in answer.headers


async def test_the_list_is_ones_own(http: httpx.AsyncClient, alice: Headers, bob: Headers) -> None:
    await share(http, alice)
    await http.post("/upload", headers=alice, files={"file": b"x"}, data={"recipient": "alice"})
    for who, user, ids in ((alice, "ALICE", [2, 1]), (bob, "bob", [1]), (bob, None, [1])):
        answer = await http.get("/files", headers=who, params={"user": user} if user else {})
        assert [one["file"]["id"] for one in answer.json()["files"]] == ids
    assert (await http.get("/files", headers=bob, params={"user": "alice"})).status_code == 403
    assert (await http.get("/files", params={"user": "alice"})).status_code == 401


# --- names -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("plan.txt", 'attachment; filename="plan.txt"'),
        ("a b;c.txt", 'attachment; filename="a b;c.txt"'),
        ("Plan für.txt", "attachment; filename=\"Plan f_r.txt\"; filename*=UTF-8''Plan%20f%C3%BCr.txt"),
        ("100%.txt", "attachment; filename=\"100_.txt\"; filename*=UTF-8''100%25.txt"),
    ],
)
def test_a_name_is_written_for_every_browser(name: str, header: str) -> None:
    assert disposition(name) == header


@given(st.text(min_size=1, max_size=60))
def test_a_name_arrives_as_it_is_and_breaks_no_header(text: str) -> None:
    name = clean_file_name(text)
    header = disposition(name)
    assert header.isascii()
    assert header.isprintable()
    plain, extended, quoted = header.partition("; filename*=UTF-8''")
    read = Message()
    read["Content-Disposition"] = plain
    assert read.get_content_disposition() == "attachment"
    assert (unquote(quoted) if extended else read.get_filename()) == name


# --- the way out -------------------------------------------------------------------------------------------------------


async def test_reading_stops_when_the_client_hangs_up(http: httpx.AsyncClient, gate: Gate, alice: Headers) -> None:
    url = await share(http, alice, LARGE * 4)
    hung_up = asyncio.Event()
    sent: list[int] = []

    async def receive() -> dict[str, Any]:
        await hung_up.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.body":
            sent.append(len(message["body"]))
            hung_up.set()
        await asyncio.sleep(0)

    scope = {
        "type": "http",
        "method": "GET",
        "path": url,
        "raw_path": url.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"authorization", alice["Authorization"].encode())],
        "client": ("127.0.0.1", 1),
        "scheme": "http",
        "http_version": "1.1",
    }
    await build(gate, Metrics(gate))(scope, receive, send)
    assert set(sent) == {SLICE}
    assert sum(sent) <= 2 * PIECE
    assert gate.workspace.counters.downloaded_bytes <= 2 * PIECE


async def test_what_is_downloaded_is_counted(http: httpx.AsyncClient, gate: Gate, alice: Headers) -> None:
    await http.get(await share(http, alice), headers=alice | {"Range": "bytes=0-3"})
    assert gate.workspace.counters.downloaded_bytes == 4
