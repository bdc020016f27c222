"""The REST API: the command table as paths and methods.

Rule: there is no code for any one command here. A path's fields, the query (GET, DELETE) or the JSON body (POST, PUT, PATCH) fill the
command; whatever it has no field for is refused.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

import msgspec
from msgspec.structs import FieldInfo
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kibitz.api.gate import Gate
from kibitz.api.verb import Verb
from kibitz.domain.errors import Refusal
from kibitz.transports.cookie import COOKIE
from kibitz.transports.http.credentials import is_own_page, token_of
from kibitz.wire.commands import Command, LogOut, LogOutEverywhere, Nonce, Write
from kibitz.wire.results import LoggedIn

PREFIX: Final = "/api/v1"

IN_QUERY: Final = ("GET", "DELETE")
"""Methods whose commands are filled from the query: a body has no meaning there (RFC 9110, 9.3)."""

BODY_SECONDS: Final = 30.0
"""How long the body of a call, 64 KiB at most, may take to arrive."""

_ENVELOPE: Final = ("id", "nonce")
"""Fields every command has: the first has no meaning here, the second is the Idempotency-Key header."""


def routes(gate: Gate, verbs: Iterable[Verb]) -> list[Route]:
    """A route for each path, fixed words before placeholders, so that `/users/me` is not taken for a user."""
    paths: dict[str, dict[str, Verb]] = {}
    for verb in verbs:
        if verb.http is not None:
            method, path = verb.http
            paths.setdefault(path, {})[method] = verb
    ordered = sorted(paths.items(), key=lambda item: [part.startswith("{") for part in item[0].split("/")])
    return [Route(PREFIX + path, _endpoint(gate, by_method), methods=list(by_method)) for path, by_method in ordered]


def parameters(verb: Verb) -> dict[str, FieldInfo]:
    """The fields of a verb's command that a caller fills, by their names."""
    return {one.encode_name: one for one in msgspec.structs.fields(verb.command) if one.encode_name not in _ENVELOPE}


def _endpoint(gate: Gate, by_method: Mapping[str, Verb]) -> Callable[[Request], Awaitable[Response]]:
    calls = {method: Call(gate, verb, method) for method, verb in by_method.items()}

    async def endpoint(request: Request) -> Response:
        return await calls["GET" if request.method == "HEAD" else request.method].answer(request)

    return endpoint


class Call:
    """One verb as an HTTP call."""

    def __init__(self, gate: Gate, verb: Verb, method: str) -> None:
        self._gate = gate
        self._verb = verb
        self._in_query = method in IN_QUERY
        self._fields = parameters(verb)

    async def answer(self, request: Request) -> Response:
        """Carry the call out and answer it."""
        command, result = await self.carry_out(request)
        response = Response(msgspec.json.encode(result), self._verb.status, media_type="application/json")
        _keep_login(request, response, command, result)
        return response

    async def carry_out(self, request: Request) -> tuple[Command, msgspec.Struct | msgspec.Raw]:
        """The command a request stands for, and what came of it. Raises `Refusal`."""
        address = request.client.host if request.client else ""
        caller = await self._gate.caller(token_of(request), address)
        body = b"" if self._in_query else await _body(request, self._verb.size)
        command = self._command(request, body)
        return command, await self._gate.call(caller, command, len(body))

    def _command(self, request: Request, body: bytes) -> Command:
        if self._in_query:
            given = self._from_text(_single(request.query_params.multi_items()))
        else:
            self._refuse_query(request)
            given = _object(request, body)
        in_path = self._from_text(request.path_params)
        self._refuse_unknown([*given], taken=in_path)
        try:
            return msgspec.convert({**given, **in_path, **self._nonce(request)}, self._verb.command)
        except msgspec.ValidationError as error:
            raise Refusal("invalid", f"{error}.") from error

    def _nonce(self, request: Request) -> dict[str, str]:
        key = request.headers.get("idempotency-key")
        if key is None:
            return {}
        if not issubclass(self._verb.command, Write):
            raise Refusal("invalid", "This call takes no Idempotency-Key: sending it again is not recognised.")
        try:
            return {"nonce": msgspec.convert(key, Nonce)}
        except msgspec.ValidationError as error:
            raise Refusal("invalid", f"Idempotency-Key: {error}.") from error

    def _from_text(self, texts: Mapping[str, str]) -> dict[str, Any]:
        """Texts as their fields' types; those that no field has are left to be refused."""
        found: dict[str, Any] = dict(texts)
        for name, text in texts.items():
            if name in self._fields:
                try:
                    found[name] = _from_word(text, self._fields[name].type)
                except msgspec.ValidationError as error:
                    raise Refusal("invalid", f"{name}: {error}.") from error
        return found

    def _refuse_query(self, request: Request) -> None:
        if request.query_params:
            raise Refusal("invalid", "This call takes its fields in a JSON body, and none in the query.")

    def _refuse_unknown(self, names: Iterable[str], *, taken: Mapping[str, Any]) -> None:
        free = [name for name in self._fields if name not in taken]
        for name in names:
            if name not in free:
                known = f"the fields are: {', '.join(free)}" if free else "this call takes none"
                raise Refusal("invalid", f"There is no field {name[:64]!r} here; {known}.")


def _from_word(text: str, kind: Any) -> Any:
    # Where a field takes a number or a text, such as a room's id or name, msgspec would keep the text.
    if text.isascii() and text.isdigit() and len(text) < 20:
        with suppress(msgspec.ValidationError):
            return msgspec.convert(int(text), kind)
    value = msgspec.convert(text, kind, strict=False)
    # msgspec takes the word «null» for none; what is not given is left out here, so the word is a word.
    return msgspec.convert(text, kind) if value is None else value


def _single(items: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in items:
        if name in found:
            raise Refusal("invalid", f"The query has {name[:64]!r} twice.")
        found[name] = value
    return found


async def _body(request: Request, limit: int) -> bytes:
    declared = request.headers.get("content-length", "0")
    if declared.isascii() and declared.isdigit() and int(declared) > limit:
        raise _too_long(limit)
    try:
        async with asyncio.timeout(BODY_SECONDS):
            body = bytearray()
            async for chunk in request.stream():
                body += chunk
                if len(body) > limit:
                    raise _too_long(limit)
    except TimeoutError:
        raise Refusal("malformed", f"The body did not arrive within {BODY_SECONDS:g} seconds.") from None
    return bytes(body)


def _too_long(limit: int) -> Refusal:
    return Refusal("too_long", f"The body of this call may have {limit} bytes.")


def _object(request: Request, body: bytes) -> dict[str, Any]:
    if not body:
        return {}
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    # A page of another site can have a browser send any other type without asking first.
    if media_type != "application/json":
        raise Refusal("malformed", "The body must be JSON, and its Content-Type application/json.")
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refusal("malformed", f"The body is not valid JSON: {error}.") from error
    if not isinstance(value, dict):
        raise Refusal("malformed", "The body must be a JSON object.")
    return value


def _keep_login(request: Request, response: Response, command: Command, result: Any) -> None:
    """Let a browser that logs in from a page of ours keep its token where scripts cannot read it."""
    if isinstance(result, LoggedIn) and is_own_page(request):
        expires = datetime.fromisoformat(result.expires_at) if result.expires_at else None
        secure = request.url.scheme == "https"
        response.set_cookie(COOKIE, result.token, expires=expires, secure=secure, httponly=True, samesite="strict")
    elif isinstance(command, LogOut | LogOutEverywhere) and COOKIE in request.cookies:
        response.delete_cookie(COOKIE, httponly=True, samesite="strict")
