"""`POST /upload`: a file on its way in.

Rule: the bytes go to the disk as they come, and nothing of them stays unless the whole of them was shared.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Final

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from kibitz.api import sharing
from kibitz.api.caller import Caller
from kibitz.api.gate import Gate
from kibitz.blobs import Staged
from kibitz.domain.errors import Refusal
from kibitz.domain.messages import check_text
from kibitz.domain.rooms import GENERAL
from kibitz.domain.users import name_key
from kibitz.transports.http.credentials import token_of
from kibitz.transports.http.form import MAX_BESIDES, UploadForm
from kibitz.wire.commands import Nonce, RoomRef

AT_ONCE: Final = 32
"""Uploads under way on a server: each holds up to five pieces of a MiB, so that all of them stay below 200 MB."""

AT_ONCE_FOR_USER: Final = 4
"""Uploads under way of one user. Browsers open six connections to a host, and one should stay free for talking."""

STALL_SECONDS: Final = 30.0
"""How long an upload may send nothing."""

MIN_RATE: Final = 4 * 1024
"""Bytes a second that an upload must reach on average after its first stall's worth of time: a tenth of a slow mobile link."""

Endpoint = Callable[[Request], Awaitable[Response]]


def upload(gate: Gate) -> Endpoint:
    """The endpoint of `/upload`."""
    places = _Places()

    async def endpoint(request: Request) -> Response:
        caller = await gate.caller(token_of(request), request.client.host if request.client else "")
        gate.limiter.check(caller, sharing.UPLOAD_COST, gate.workspace.monotonic())
        if not caller.user:
            raise Refusal("not_logged_in", "Log in first.")
        with places.one_for(caller.user):
            return Response(await _Upload(gate, caller, request).take(), 201, media_type="application/json")

    return endpoint


class _Places:
    """How many uploads are under way."""

    def __init__(self) -> None:
        self._taken: Counter[int] = Counter()

    @contextmanager
    def one_for(self, user: int) -> Iterator[None]:
        """A place for an upload of this user. Raises `Refusal` if there is none."""
        if self._taken[user] >= AT_ONCE_FOR_USER:
            raise Refusal(
                "rate_limited", f"{AT_ONCE_FOR_USER} of your uploads are under way; wait for one.", retry_after=5.0
            )
        if self._taken.total() >= AT_ONCE:
            raise Refusal("busy", "The server takes as many uploads as it can just now; try again.", retry_after=5.0)
        self._taken[user] += 1
        try:
            yield
        finally:
            self._taken[user] -= 1
            self._taken += Counter()  # forgets whoever has none left


class _Upload:
    """One upload, from its first byte to its message."""

    def __init__(self, gate: Gate, caller: Caller, request: Request) -> None:
        self._gate = gate
        self._caller = caller
        self._request = request
        self._largest = gate.workspace.policy.max_file_size
        self._nonce = _nonce(request)
        self._form = UploadForm(request.headers.get("content-type", ""))

    async def take(self) -> bytes:
        """Take the form in and share its file; returns the answer as JSON. Raises `Refusal` or `ClientDisconnect`."""
        declared = self._request.headers.get("content-length", "")
        if declared.isascii() and declared.isdigit() and int(declared) > self._largest + MAX_BESIDES:
            raise self._too_large()
        async with self._gate.workspace.blobs.stage() as staged:
            await self._stream(staged)
            name = self._form.finish()
            room, text = self._target(), self._form.fields.get("text", "")
            check_text(text, has_file=True)
            await staged.finish()
            return await sharing.share(
                self._gate, self._caller, staged, room=room, name=name, text=text, nonce=self._nonce
            )

    async def _stream(self, staged: Staged) -> None:
        checked = False
        besides = 0
        async for chunk in _body(self._request):
            pieces = self._form.feed(chunk)
            if self._form.file_name is not None and not checked:
                await sharing.check_target(self._gate, self._caller, self._target())
                checked = True
            besides += len(chunk)
            for piece in pieces:
                besides -= len(piece)
                if staged.size + len(piece) > self._largest:
                    raise self._too_large()
                await staged.write(piece)
            if besides > MAX_BESIDES:
                raise Refusal("too_long", f"Besides its file a form may have {MAX_BESIDES} bytes.")

    def _target(self) -> RoomRef:
        """The room that the fields name, as far as they have come. Raises `Refusal` for fields that cannot be."""
        fields = self._form.fields
        sender, recipient, group = (fields.get(name, "").strip() for name in ("sender", "recipient", "group_name"))
        if sender and name_key(sender) != name_key(self._caller.name):
            raise Refusal("forbidden", f"You are {self._caller.name}: a file cannot be sent in another's name.")
        if recipient and group:
            raise Refusal("invalid", "A file goes to a recipient or to a group; name one of the two.")
        if recipient:
            return f"@{recipient}"
        return f"#{group or GENERAL}"

    def _too_large(self) -> Refusal:
        return Refusal("too_large", f"A file may have {self._largest} bytes here ({self._largest / 1e6:g} MB).")


def _nonce(request: Request) -> str | None:
    key = request.headers.get("idempotency-key")
    try:
        return None if key is None else msgspec.convert(key, Nonce)
    except msgspec.ValidationError as error:
        raise Refusal("invalid", f"Idempotency-Key: {error}.") from error


async def _body(request: Request) -> AsyncIterator[bytes]:
    """The request's body as it comes. Raises `ClientDisconnect` if it breaks off, `Refusal` if it stalls or crawls."""
    loop = asyncio.get_running_loop()
    latest = loop.time() + STALL_SECONDS  # by which the bytes so far must have been here at the least rate
    more = True
    while more:
        try:
            async with asyncio.timeout_at(min(latest, loop.time() + STALL_SECONDS)):
                message = await request.receive()
        except TimeoutError:
            raise Refusal("too_slow", "The file came too slowly, and nothing of it was kept; send it again.") from None
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk = message.get("body", b"")
        latest += len(chunk) / MIN_RATE
        more = message.get("more_body", False)
        if chunk:
            yield chunk
