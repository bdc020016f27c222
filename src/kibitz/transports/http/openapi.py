"""The OpenAPI 3.1 document, made from the command table and the structs.

Rule: what the table says of a command is never said again here; only what is no command (files, health) is written by hand, in
`kibitz.transports.http.openapi_paths`.
"""

from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any, Final

import msgspec
from msgspec.structs import FieldInfo

from kibitz import __version__
from kibitz.api.verb import Verb
from kibitz.transports.cookie import COOKIE
from kibitz.transports.http import problems
from kibitz.transports.http.openapi_paths import ANSWERS, FIXED_PATHS, IDEMPOTENCY_KEY, TAGS
from kibitz.transports.http.problems import Problem
from kibitz.transports.http.rest import IN_QUERY, PREFIX, parameters
from kibitz.wire.catalogue import summary
from kibitz.wire.commands import Write, snake

Json = dict[str, Any]

_REF: Final = "#/components/schemas/{name}"

_ALWAYS: Final = (400, 401, 403, 404, 408, 409, 410, 422, 429, 500, 501, 503)
"""What any call can be answered besides its result."""

_WITH_BODY: Final = (413,)

_TAG_OF: Final = {"coding": "sessions", "languages": "running"}
"""Modules of the api that carry out a part of what another tag names."""

_LOGINS: Final[Json] = {
    "token": {"type": "http", "scheme": "bearer", "description": "A login token or an access token."},
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": "The login token of a page of this server.",
    },
}

_DESCRIPTION: Final = """\
Team chat: rooms, messages, people and files. The same commands go over TCP and WebSocket, where the server also tells of what
happens; see `/asyncapi.json`.

**Login.** `POST /api/v1/login` trades a name and a password for a token; send it as `Authorization: Bearer …`.

**Sending again.** A call that writes takes an `Idempotency-Key`, 8 to 64 characters of your choice. Sent again with the same key it
gives the first answer and changes nothing, so that after a lost connection nothing is lost or doubled.

**Errors** are RFC 9457 problem documents. Their `code` is stable; where they have `retry_after`, wait so many seconds and send the same
again.

**Rooms** are named by id, or by name as `#general`, `#group name` or `@user` for the direct room with a user; in a path `#` is `%23`.
"""

EXAMPLES: Final[dict[str, Json]] = {
    "sign_up": {"name": "alice", "password": "correct horse battery"},
    "obtain_token": {"name": "alice", "password": "correct horse battery"},
    "post_message": {"text": "Does this build for you?\n\n```python\nprint('hello')\n```"},
    "create_room": {"name": "kitchen", "members": ["bob", "carol"], "topic": "What is for lunch"},
    "edit_message": {"text": "It builds now."},
    "mark_read": {"seq": 42},
    "create_session": {"language": "python", "title": "Interview", "code": "print('hello')\n"},
    "invite_to_session": {"role": "editor"},
    "update_code": {"code": "print('hello, everyone')\n", "version": 1},
    "run_code": {"language": "python", "code": "print(input()[::-1])", "input": "stressed\n"},
}
"""Bodies as someone would send them, by operation."""


WORDS: Final = {"room": "#general", "user": "bob", "emoji": "👍"}
"""What stands in a path, by placeholder, as someone would write it."""


def document(verbs: Iterable[Verb]) -> bytes:
    """The document as JSON."""
    shown = [(verb, *verb.http) for verb in verbs if verb.http is not None]
    results = [*{verb.result: None for verb, _, _ in shown}, *ANSWERS, Problem]
    _, schemas = msgspec.json.schema_components(results, ref_template=_REF)
    paths: Json = {path: dict(methods) for path, methods in FIXED_PATHS.items()}
    for verb, method, path in shown:
        paths.setdefault(PREFIX + path, {})[method.lower()] = _operation(verb, method)
    content = {
        "openapi": "3.1.1",
        "info": {
            "title": "Kibitz",
            "version": __version__,
            "description": _DESCRIPTION,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "tags": TAGS,
        "security": [{"token": []}, {"cookie": []}],
        "paths": paths,
        "components": {"schemas": schemas, "responses": _refusals(), "securitySchemes": _LOGINS},
    }
    return msgspec.json.encode(content)


def _operation(verb: Verb, method: str) -> Json:
    name = snake(verb.command.__name__)
    fields = parameters(verb)
    in_path = [field for field in fields if _in_path(verb, field)]
    in_query = [field for field in fields if field not in in_path and method in IN_QUERY]
    in_body = [field for field in fields if field not in in_path and method not in IN_QUERY]
    operation: Json = {
        "operationId": name,
        "summary": summary(verb.command),
        "tags": [tag_of(verb)],
        "parameters": [
            *(_parameter(fields[field], "path") for field in in_path),
            *(_parameter(fields[field], "query") for field in in_query),
            *([IDEMPOTENCY_KEY] if issubclass(verb.command, Write) else []),
        ],
        "responses": {
            str(verb.status): _success(verb),
            **{str(status): refusal(status) for status in sorted((*_ALWAYS, *(_WITH_BODY if in_body else ())))},
        },
    }
    if in_body:
        operation["requestBody"] = _request_body(verb, in_body, EXAMPLES.get(name))
    if not verb.login:
        operation["security"] = []
    return operation


def tag_of(verb: Verb) -> str:
    """The feature that carries a verb out: what the document groups calls by."""
    module = str(verb.run.__module__).split(".")[2]
    return _TAG_OF.get(module, module)


def refusal(status: int) -> Json:
    """A reference to the problem of this status."""
    return {"$ref": f"#/components/responses/Problem{status}"}


def _in_path(verb: Verb, field: str) -> bool:
    return verb.http is not None and f"{{{field}}}" in verb.http[1]


def _parameter(field: FieldInfo, place: str) -> Json:
    schema = msgspec.json.schema(field.type, ref_template=_REF)
    # What is not sent is not there: in a path or a query there is no null.
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    if kinds:
        schema = kinds[0] if len(kinds) == 1 else {**schema, "anyOf": kinds}
    if field.default is not msgspec.NODEFAULT and field.default is not None:
        schema = {**schema, "default": field.default}
    name = field.encode_name
    example = {"example": WORDS[name]} if name in WORDS else {}
    return {"name": name, "in": place, "required": place == "path" or field.required, "schema": schema, **example}


def _request_body(verb: Verb, fields: Sequence[str], example: Json | None) -> Json:
    _, parts = msgspec.json.schema_components([verb.command], ref_template=_REF)
    command = parts[verb.command.__name__]
    required = [field for field in command["required"] if field in fields]
    schema = {
        "type": "object",
        "properties": {field: command["properties"][field] for field in fields},
        "required": required,
        "additionalProperties": False,
    }
    content: Json = {"schema": schema} if example is None else {"schema": schema, "example": example}
    return {"required": bool(required), "content": {"application/json": content}}


def _success(verb: Verb) -> Json:
    schema = {"$ref": _REF.format(name=verb.result.__name__)}
    return {"description": summary(verb.result), "content": {"application/json": {"schema": schema}}}


def _refusals() -> Json:
    return {f"Problem{status}": _refusal(status, codes) for status, codes in problems.codes_by_status().items()}


def _refusal(status: int, codes: Sequence[str]) -> Json:
    described: Json = {
        "description": f"{HTTPStatus(status).phrase}: `code` is {' or '.join(f'`{code}`' for code in codes)}.",
        "content": {problems.MEDIA_TYPE: {"schema": {"$ref": _REF.format(name=Problem.__name__)}}},
    }
    if status in problems.WAITS:
        described["headers"] = {
            "Retry-After": {
                "description": "Seconds to wait before the same is sent again.",
                "schema": {"type": "integer", "minimum": 1},
            }
        }
    return described
