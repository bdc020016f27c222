"""Files over HTTP, as `curl` sends and gets them."""

import hashlib
import json
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.conftest import Line, Town
from tests.support.server import Server


async def login(town: Town, name: str) -> tuple[Line, httpx.AsyncClient]:
    line = await town.connect()
    await line.say(name)
    token = json.loads((await line.until("SERVER_INFO|")).split("|", 1)[1])["token"]
    await line.until("USER_LIST|")
    return line, town.http(token)


async def send(
    http: httpx.AsyncClient, content: bytes = b"hello", name: str = "plan.txt", **fields: str
) -> dict[str, Any]:
    answer = await http.post("/upload", files={"file": (name, content)}, data=fields)
    assert answer.status_code == 201, answer.text
    sent: dict[str, Any] = answer.json()
    return sent


def blobs(town: Town) -> list[Path]:
    return [path for path in (town.server.data / "blobs").rglob("*") if path.is_file()]


async def test_a_file_is_told_to_everyone_and_comes_back_to_the_letter(town: Town) -> None:
    (alice, http), (bob, bobs) = await login(town, "alice"), await login(town, "bob")
    content = bytes(range(256)) * 20_000
    sent = await send(http, content, "Plan für alle.bin")
    assert sent["file_size"] == len(content)
    told = json.loads((await bob.until("FILE_SHARED|")).split("|", 1)[1])
    assert (told["filename"], told["sender"], told["file_id"]) == ("Plan für alle.bin", "alice", sent["file_id"])
    got = await bobs.get(sent["url"])
    assert got.content == content
    assert got.headers["etag"] == f'"{hashlib.sha256(content).hexdigest()}"'
    assert got.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in got.headers["content-security-policy"]
    assert got.headers["content-disposition"].startswith("attachment; ")
    assert "filename*=UTF-8''Plan%20f%C3%BCr%20alle.bin" in got.headers["content-disposition"]
    await alice.fence()


async def test_a_private_file_is_for_its_two_people_alone(town: Town) -> None:
    (_, http), (_, bobs), (_, carols) = [await login(town, name) for name in ("alice", "bob", "carol")]
    sent = await send(http, recipient="bob", text="for you")
    assert (await bobs.get(sent["url"])).status_code == 200
    assert (await carols.get(sent["url"])).status_code == 404
    assert [one["file"]["id"] for one in (await bobs.get("/files", params={"user": "bob"})).json()["files"]] == [
        sent["file_id"]
    ]
    assert (await carols.get("/files", params={"user": "carol"})).json()["files"] == []
    assert (await carols.get("/files", params={"user": "bob"})).status_code == 403
    async with httpx.AsyncClient(base_url=town.server.http) as nobody:
        assert (await nobody.get(sent["url"])).status_code == 401
        assert (await nobody.post("/upload", files={"file": b"x"})).status_code == 401


@pytest.mark.parametrize(
    ("asked", "status", "body", "told"),
    [
        ("bytes=0-3", 206, b"0123", "bytes 0-3/10"),
        ("bytes=7-", 206, b"789", "bytes 7-9/10"),
        ("bytes=-2", 206, b"89", "bytes 8-9/10"),
        ("bytes=5-500", 206, b"56789", "bytes 5-9/10"),
        ("bytes=0-1,4-5", 200, b"0123456789", None),
        ("lines=1-2", 200, b"0123456789", None),
    ],
)
async def test_ranges_are_answered(town: Town, asked: str, status: int, body: bytes, told: str | None) -> None:
    _, http = await login(town, "alice")
    url = (await send(http, b"0123456789"))["url"]
    got = await http.get(url, headers={"range": asked})
    assert (got.status_code, got.content, got.headers.get("content-range")) == (status, body, told)


async def test_what_a_client_has_already_is_not_sent_again(town: Town) -> None:
    _, http = await login(town, "alice")
    url = (await send(http, b"0123456789"))["url"]
    head = await http.head(url)
    assert (head.headers["content-length"], head.content) == ("10", b"")
    etag = head.headers["etag"]
    assert (await http.get(url, headers={"if-none-match": etag})).status_code == 304
    assert (await http.get(url, headers={"range": "bytes=0-1", "if-range": etag})).status_code == 206
    assert (await http.get(url, headers={"range": "bytes=0-1", "if-range": '"older"'})).status_code == 200
    assert (await http.get(url, headers={"range": "bytes=10-"})).status_code == 416


async def test_a_file_that_is_too_large_is_refused_and_nothing_is_kept(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        server = Server(tmp_path / "data", "--guests", "--max-file-size", "100KB")
        stack.callback(server.close)
        server.start()
        small = Town(server, stack)
        _, http = await login(small, "alice")

        async def chunks() -> Any:
            yield b'--B\r\nContent-Disposition: form-data; name="file"; filename="big"\r\n\r\n'
            for _ in range(40):
                yield b"x" * 10_000

        refused = await http.post(
            "/upload", content=chunks(), headers={"content-type": "multipart/form-data; boundary=B"}
        )
        assert (refused.status_code, refused.json()["code"]) == (413, "too_large")
        declared = await http.post("/upload", files={"file": b"x" * 400_000})
        assert declared.status_code == 413
        assert blobs(small) == []
        assert (await http.get("/files")).json()["files"] == []


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"sender": "bob"}, 403, "forbidden"),
        ({"recipient": "nobody"}, 404, "not_found"),
        ({"group_name": "nowhere"}, 404, "not_found"),
        ({"recipient": "alice", "group_name": "kitchen"}, 422, "invalid"),
        ({"colour": "red"}, 422, "invalid"),
    ],
)
async def test_a_form_that_does_not_fit_is_refused_and_nothing_is_kept(
    town: Town, fields: dict[str, str], status: int, code: str
) -> None:
    _, http = await login(town, "alice")
    answer = await http.post("/upload", files={"file": b"hello"}, data=fields)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert blobs(town) == []


async def test_a_form_without_a_file_or_that_is_no_form_is_refused(town: Town) -> None:
    _, http = await login(town, "alice")
    no_file = await http.post("/upload", files={"text": (None, b"hi")})
    assert (no_file.status_code, no_file.json()["code"]) == (422, "invalid")
    for content, kind in (
        (b"{}", "application/json"),
        (b"garbage", "multipart/form-data; boundary=B"),
        (b"--B\r\n", "multipart/form-data; boundary=B"),
    ):
        answer = await http.post("/upload", content=content, headers={"content-type": kind})
        assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


async def test_an_upload_sent_again_is_one_file(town: Town) -> None:
    _, http = await login(town, "alice")
    answers = [
        (
            await http.post("/upload", files={"file": ("a.txt", b"same")}, headers={"idempotency-key": "upload-0001"})
        ).json()
        for _ in range(2)
    ]
    assert answers[0] == answers[1]
    assert len((await http.get("/files")).json()["files"]) == 1


async def test_a_file_taken_back_is_gone_for_everyone(town: Town) -> None:
    (alice, http), (_, bobs) = await login(town, "alice"), await login(town, "bob")
    sent = await send(http)
    await alice.say(f"DELETE_FILE|{sent['file_id']}")
    answer = json.loads((await alice.until("FILE_DELETE_RESPONSE|")).split("|", 1)[1])
    assert answer["success"] is True
    assert (await bobs.get(sent["url"])).status_code == 404
    await alice.say(f"DELETE_FILE|{sent['file_id']}")
    answer = json.loads((await alice.until("FILE_DELETE_RESPONSE|")).split("|", 1)[1])
    assert answer["success"] is False
