"""Files over HTTP: up as a form, down as bytes, never whole in memory.

Rule: `http.client` in a thread does it: it is in every Python, streams both ways, and shows the certificate before a token is sent,
which is what pinning one needs. What is under way ends when whoever waits for it is cancelled.
"""

import asyncio
import http.client
import os
import secrets
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final, TypeVar
from urllib.parse import urlsplit

import msgspec

from kibitz.client.errors import Refused, Untrusted
from kibitz.client.nonces import new_nonce
from kibitz.client.trust import Trust
from kibitz.domain.errors import CODES

T = TypeVar("T")

Progress = Callable[[int, int], None]
"""Told in the thread that moves a file how many bytes of how many have gone so far; it must return at once. It may begin again at 0."""

PIECE: Final = 256 * 1024
"""Bytes that are read and sent at a time."""

STALL_SECONDS: Final = 60.0
"""How long the server may take over the next piece."""

MAX_DRAFTS: Final = 100
"""Unfinished downloads of one name in one directory."""

MAX_ANSWER: Final = 64 * 1024
"""Bytes of an answer that is no file."""


class Uploaded(msgspec.Struct, frozen=True):
    """A file that is shared now (protocol.md, `POST /upload`)."""

    file_id: int
    filename: str
    file_size: int
    mime_type: str
    url: str


class _Problem(msgspec.Struct):
    code: str = "internal"
    detail: str = ""
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Door:
    """The HTTP side of a server: its address without a path, the login's token, and how it proves what it is."""

    url: str
    token: str = field(repr=False)
    trust: Trust

    def open(self) -> http.client.HTTPConnection:
        """Connect. Raises `OSError` or `Untrusted`."""
        parts = urlsplit(self.url)
        host = parts.hostname or ""
        if parts.scheme != "https":
            return http.client.HTTPConnection(host, parts.port, timeout=STALL_SECONDS)
        connection = http.client.HTTPSConnection(host, parts.port, timeout=STALL_SECONDS, context=self.trust.context())
        try:
            connection.connect()
            self.trust.check(connection.sock)
        except ssl.SSLCertVerificationError as error:
            raise Untrusted(f"The server's certificate cannot be trusted: {error.verify_message}.") from error
        except Untrusted:
            connection.close()
            raise
        return connection

    @property
    def headers(self) -> dict[str, str]:
        """What every request says."""
        return {"Authorization": f"Bearer {self.token}"}


class Stop(threading.Event):
    """Set when nobody waits for a file any more. It then hangs up, so that a thread that waits for the server ends as well."""

    def __init__(self) -> None:
        super().__init__()
        self._connection: http.client.HTTPConnection | None = None

    def watch(self, connection: http.client.HTTPConnection) -> http.client.HTTPConnection:
        """Hang this up when it is set."""
        self._connection = connection
        return connection

    def hang_up(self) -> None:
        """Nobody waits any more."""
        self.set()
        line = self._connection.sock if self._connection is not None else None
        if line is not None:
            with suppress(OSError):  # it ended by itself
                line.shutdown(socket.SHUT_RDWR)


async def upload(
    door: Door, path: Path, fields: Mapping[str, str], nonce: str | None = None, progress: Progress | None = None
) -> Uploaded:
    """Share a file where `fields` say. Sent again with the same nonce, it is shared once. Raises `Refused`, `Untrusted` or `OSError`."""
    return await _in_thread(
        lambda stop: _upload(door, path, fields, nonce or new_nonce(), stop, progress or _untold), "The upload"
    )


async def download(door: Door, file: int, path: Path, progress: Progress | None = None) -> None:
    """Fetch a file; `path` is there once it is whole. Raises `Refused`, `Untrusted` or `OSError`."""
    await _in_thread(lambda stop: _download(door, file, path, stop, progress or _untold), "The download")


async def _in_thread(work: Callable[[Stop], T], what: str) -> T:
    stop = Stop()
    try:
        return await asyncio.to_thread(work, stop)
    except http.client.HTTPException as error:  # such as an answer that is cut short
        raise ConnectionError(f"{what} was broken off: {type(error).__name__}.") from error
    finally:
        stop.hang_up()


def _untold(done: int, size: int) -> None:
    """Nobody wants to know."""


def _upload(
    door: Door, path: Path, fields: Mapping[str, str], nonce: str, stop: Stop, progress: Progress = _untold
) -> Uploaded:
    boundary = secrets.token_hex(16)
    head, foot = _form(boundary, path.name, fields), f"\r\n--{boundary}--\r\n".encode()
    with path.open("rb") as file, closing(stop.watch(door.open())) as connection:
        size = os.fstat(file.fileno()).st_size
        headers = door.headers | {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Content-Length": str(len(head) + size + len(foot)),
            "Idempotency-Key": nonce,
        }
        with suppress(
            BrokenPipeError, ConnectionResetError
        ):  # a server that refuses says why, and need not read the rest
            connection.request("POST", "/upload", _body(head, file, size, foot, stop, progress), headers)
        answer = _answer(connection)
        return msgspec.json.decode(answer.read(MAX_ANSWER), type=Uploaded)


def _form(boundary: str, name: str, fields: Mapping[str, str]) -> bytes:
    """All of the form before the file's bytes: what is said of it first, so that it can be refused before it is sent."""
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
        for key, value in fields.items()
    ]
    # How browsers write a name (WHATWG HTML, «multipart/form-data»).
    safe = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    parts.append(
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{safe}"\r\nContent-Type: application/octet-stream\r\n\r\n'
    )
    return "".join(parts).encode("utf-8", "surrogateescape")


def _body(
    head: bytes, file: BinaryIO, size: int, foot: bytes, stop: threading.Event, progress: Progress = _untold
) -> Iterator[bytes]:
    yield head
    left = size
    progress(0, size)
    while left:
        piece = file.read(min(PIECE, left))
        if stop.is_set() or not piece:
            raise OSError("The upload was given up." if piece else "The file became shorter while it was sent.")
        left -= len(piece)
        yield piece
        progress(size - left, size)
    yield foot


def _download(door: Door, file: int, path: Path, stop: Stop, progress: Progress = _untold) -> None:
    with closing(stop.watch(door.open())) as connection:
        connection.request("GET", f"/download/{file}", headers=door.headers)
        answer = _answer(connection)
        target, draft = _draft(path)
        try:
            with target:
                size = _copy(answer, target, stop, progress)
            if answer.headers.get("Content-Length", str(size)) != str(size):
                raise ConnectionError("The connection was lost before the file was whole; fetch it again.")
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)


def _draft(path: Path) -> tuple[BinaryIO, Path]:
    """A new file beside the one that is meant, to write into until it is whole: whatever is there already stays."""
    for number in range(1, MAX_DRAFTS):
        draft = path.with_name(f"{path.name}.part" if number == 1 else f"{path.name}.{number}.part")
        with suppress(FileExistsError):
            return draft.open("xb"), draft
    raise FileExistsError(
        f"Too many unfinished downloads of {path.name} are in {path.parent}; delete those named “.part”."
    )


def _copy(
    answer: http.client.HTTPResponse, target: BinaryIO, stop: threading.Event, progress: Progress = _untold
) -> int:
    size, whole = 0, answer.length or 0
    progress(0, whole)
    while piece := answer.read(PIECE):
        if stop.is_set():
            raise OSError("The download was given up.")
        target.write(piece)
        size += len(piece)
        progress(size, max(size, whole))
    return size


def _answer(connection: http.client.HTTPConnection) -> http.client.HTTPResponse:
    """The answer to what was asked, where it is not a refusal. Raises `Refused` or `OSError`."""
    try:
        answer = connection.getresponse()
    except http.client.HTTPException as error:
        raise ConnectionError(f"The server broke off: {type(error).__name__}.") from error
    if answer.status < 400:
        return answer
    try:
        problem = msgspec.json.decode(answer.read(MAX_ANSWER), type=_Problem)
    except (msgspec.DecodeError, UnicodeDecodeError):
        problem = _Problem(detail=f"The server answered {answer.status}.")
    number = CODES.get(problem.code, (500, 500))[0]
    raise Refused(problem.code, number, problem.detail, problem.retry_after)
