"""`GET /download/{id}`: a file on its way out, and `GET /files`: which there are.

Rule: whatever a file is, a browser saves it and does not look into it. Not by Starlette's FileResponse, which reads 64 KiB at a time
from a path and knows neither digests nor object stores.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import Final
from urllib.parse import quote

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from kibitz.api import sharing
from kibitz.api.gate import Gate
from kibitz.api.workspace import Workspace
from kibitz.domain.errors import Refusal, not_found
from kibitz.domain.files import StoredFile
from kibitz.domain.users import name_key
from kibitz.transports.http.credentials import token_of
from kibitz.transports.http.problems import problem
from kibitz.transports.http.ranges import Unsatisfiable, holds, is_known, part_of
from kibitz.wire.commands import ListFiles

Endpoint = Callable[[Request], Awaitable[Response]]

SLICE: Final = 256 * 1024
"""Bytes handed on at a time. Whoever takes less in `guard.STALL_SECONDS`, 4 KiB a second, is let go."""

PAGE: Final = 200
"""Files that `/files` lists; `/api/v1/files` turns pages."""

_LOCKED: Final = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private",
    "Accept-Ranges": "bytes",
}

log = structlog.stdlib.get_logger(__name__)


def download(gate: Gate) -> Endpoint:
    """The endpoint of `/download/{id}`."""

    async def endpoint(request: Request) -> Response:
        caller = await gate.caller(token_of(request, in_query=True), request.client.host if request.client else "")
        gate.limiter.check(caller, sharing.DOWNLOAD_COST, gate.workspace.monotonic())
        file = await sharing.find(gate, caller, _id_of(request))
        return _answer(request, gate.workspace, file)

    return endpoint


def files(gate: Gate) -> Endpoint:
    """The endpoint of `/files`: the newest files that the caller, who is the user asked for, may have."""

    async def endpoint(request: Request) -> Response:
        caller = await gate.caller(token_of(request), request.client.host if request.client else "")
        asked = request.query_params.get("user")
        if caller.user and asked is not None and name_key(asked) != name_key(caller.name):
            raise Refusal("forbidden", "Only your own list of files can be asked for.")
        found = await gate.call(caller, ListFiles(limit=PAGE))
        return Response(msgspec.json.encode(found), media_type="application/json")

    return endpoint


def _id_of(request: Request) -> int:
    text = request.path_params["id"]
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise not_found("File")
    return int(text)


def _answer(request: Request, workspace: Workspace, file: StoredFile) -> Response:
    etag = f'"{file.sha256}"'
    headers = {**_LOCKED, "ETag": etag}
    if is_known(_all(request, "if-none-match"), etag):
        return Response(status_code=304, headers=headers)
    try:
        part = part_of(_range_of(request, etag), file.size)
    except Unsatisfiable:
        detail = f"The file has {file.size} bytes, and none where this range is."
        return problem(416, "range_outside", detail, headers={**headers, "Content-Range": f"bytes */{file.size}"})
    start, end = part or (0, file.size)
    headers |= {
        "Content-Disposition": disposition(file.name),
        "Content-Type": file.mime_type,
        "Content-Length": str(end - start),
    }
    if part is not None:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{file.size}"
    if request.method == "HEAD":
        return Response(headers=headers)
    return _Bytes(workspace, file.sha256, start, end, status=200 if part is None else 206, headers=headers)


def _range_of(request: Request, etag: str) -> str | None:
    # HEAD asks of the whole: RFC 9110, 14.2, has Range mean something to GET alone.
    if request.method == "GET" and holds(request.headers.get("if-range"), etag):
        return request.headers.get("range")
    return None


def _all(request: Request, name: str) -> str | None:
    return ", ".join(request.headers.getlist(name)) or None


def disposition(name: str) -> str:
    """The header that has a browser save a file under this name: RFC 6266, with the name as RFC 8187 has it where it is not ASCII."""
    plain = "".join(char if " " <= char <= "~" and char not in '"\\%' else "_" for char in name)
    if plain == name:
        return f'attachment; filename="{name}"'
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


class _Bytes(Response):
    """The bytes from `start` up to `end` of a blob, as fast as the client takes them."""

    def __init__(
        self, workspace: Workspace, digest: str, start: int, end: int, *, status: int, headers: Mapping[str, str]
    ) -> None:
        super().__init__(status_code=status, headers=headers)
        self._workspace = workspace
        self._read = workspace.blobs.read(digest, start, end)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it. Raises `Refusal` if the bytes are not there."""
        async with aclosing(self._read):
            piece = await _first(self._read)  # before anything is said: this one can still be refused
            async with asyncio.TaskGroup() as group:
                gone = group.create_task(_gone(receive), name="download's client")
                await self._send(piece, send, gone)
                gone.cancel()

    async def _send(self, piece: memoryview | None, send: Send, gone: "asyncio.Task[None]") -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        while piece is not None and not gone.done():
            for at in range(0, len(piece), SLICE):
                await send({"type": "http.response.body", "body": piece[at : at + SLICE], "more_body": True})
            self._workspace.counters.downloaded_bytes += len(piece)
            piece = await anext(self._read, None)
        if not gone.done():
            await send({"type": "http.response.body", "body": b""})


async def _first(read: AsyncGenerator[memoryview, None]) -> memoryview | None:
    try:
        return await anext(read, None)
    except FileNotFoundError as error:
        log.exception("the bytes of a shared file are not there")
        raise Refusal("gone", "The bytes of this file are lost; ask whoever shared it to share it again.") from error


async def _gone(receive: Receive) -> None:
    """Returns when the client hangs up. uvicorn takes what is sent to nobody without a word."""
    while (await receive())["type"] != "http.disconnect":
        pass
