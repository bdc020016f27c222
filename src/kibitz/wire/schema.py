"""The structured protocol as an AsyncAPI document, made from the structs themselves.

Rule: nothing is described by hand that a struct, a docstring or a table already says; the same code makes the same document.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from kibitz.domain.errors import CODES
from kibitz.wire.catalogue import COMMANDS, EVENTS, summary
from kibitz.wire.closing import CLOSES
from kibitz.wire.commands import Command
from kibitz.wire.events import Reply

Document = dict[str, Any]

TCP_PORT: Final = 5555
HTTP_PORT: Final = 8080

_SCHEMAS: Final = "#/components/schemas"
_MESSAGES: Final = "#/components/messages"
_TOLD: Final = {name: event for name, event in EVENTS.items() if event is not Reply}
"""A reply is described once for each result it can hold."""

_BY_ID: Final = {
    "location": "$message.payload#/id",
    "description": "A reply or an error bears the `id` of its command.",
}

_CHANNELS: Final[dict[str, Document]] = {
    "tcp": {
        "title": "JSON lines over TCP",
        "description": "One JSON object a line. A first line that begins with `{` opens this protocol; any other opens the pipe "
        "protocol. A line may have 65,536 bytes.",
        "servers": [{"$ref": "#/servers/tcp"}],
    },
    "ws": {
        "title": "The same messages over WebSocket",
        "address": "/ws",
        "description": "One JSON object a text message. The close frame's code says whether to come back: see `x-close-codes`.",
        "servers": [{"$ref": "#/servers/ws"}],
        "bindings": {"ws": {"method": "GET"}},
    },
}


def asyncapi(results: Mapping[type[Command], type[msgspec.Struct]], *, version: str) -> Document:
    """The document; `results` says what each command is answered with. Raises `KeyError` for one that is missing there."""
    answers = {name: results[command] for name, command in COMMANDS.items()}
    messages = {**_commands(), **_events(), **_replies(answers)}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Kibitz structured protocol",
            "version": version,
            "description": "Log in first. Every command is answered by a `reply` or an `error` with its `id`; events come in between.",
        },
        "defaultContentType": "application/json",
        "servers": {
            "tcp": {"host": f"localhost:{TCP_PORT}", "protocol": "tcp"},
            "ws": {"host": f"localhost:{HTTP_PORT}", "protocol": "ws"},
        },
        "channels": {name: _channel(name, messages) for name in _CHANNELS},
        "operations": dict(operation for channel in _CHANNELS for operation in _operations(channel, answers)),
        "components": {"messages": messages, "schemas": _schemas(answers)},
        "x-error-codes": [
            {"code": code, "number": number, "http_status": http} for code, (number, http) in CODES.items()
        ],
        "x-close-codes": [
            {
                "code": close.code,
                "reason": close.reason,
                "meaning": close.sentence,
                "come_back": close.comes_back,
                "retry_after": close.retry_after,
            }
            for close in CLOSES.values()
        ],
    }


def _commands() -> Document:
    return {name: _message(name, command, correlationId=_BY_ID) for name, command in COMMANDS.items()}


def _events() -> Document:
    return {name: _message(name, event) for name, event in _TOLD.items()}


def _replies(answers: Mapping[str, type[msgspec.Struct]]) -> Document:
    kinds = sorted(set(answers.values()), key=lambda kind: kind.__name__)
    return {_reply(kind): _reply_message(kind) for kind in kinds}


def _reply(kind: type[msgspec.Struct]) -> str:
    return f"reply_{kind.__name__}"


def _message(name: str, struct: type[msgspec.Struct], **more: Any) -> Document:
    payload = {"$ref": f"{_SCHEMAS}/{struct.__name__}"}
    return {"name": name, "title": struct.__name__, "summary": summary(struct), "payload": payload, **more}


def _reply_message(kind: type[msgspec.Struct]) -> Document:
    payload = {
        "type": "object",
        "properties": {
            "type": {"const": "reply"},
            "id": {"type": "integer", "minimum": 0},
            "result": {"$ref": f"{_SCHEMAS}/{kind.__name__}"},
        },
        "required": ["type", "id", "result"],
    }
    about = f"A reply whose result is: {summary(kind)}"
    return {"name": "reply", "title": _reply(kind), "summary": about, "payload": payload, "correlationId": _BY_ID}


def _channel(name: str, messages: Document) -> Document:
    return {**_CHANNELS[name], "messages": {message: {"$ref": f"{_MESSAGES}/{message}"} for message in messages}}


def _operations(channel: str, answers: Mapping[str, type[msgspec.Struct]]) -> Iterator[tuple[str, Document]]:
    here = {"$ref": f"#/channels/{channel}"}
    for name, kind in answers.items():
        reply = {"channel": here, "messages": [_in(channel, _reply(kind)), _in(channel, "error")]}
        yield (
            f"{channel}_{name}",
            {"action": "receive", "channel": here, "messages": [_in(channel, name)], "reply": reply},
        )
    events = [_in(channel, name) for name in _TOLD]
    yield f"{channel}_events", {"action": "send", "channel": here, "messages": events}


def _in(channel: str, message: str) -> dict[str, str]:
    return {"$ref": f"#/channels/{channel}/messages/{message}"}


def _schemas(answers: Mapping[str, type[msgspec.Struct]]) -> Document:
    structs = [*COMMANDS.values(), *_TOLD.values(), *answers.values()]
    _, components = msgspec.json.schema_components(structs, ref_template=_SCHEMAS + "/{name}")
    return {name: _without_discriminators(schema) for name, schema in sorted(components.items())}


def _without_discriminators(schema: Any) -> Any:
    """The schema without OpenAPI's discriminator objects, which AsyncAPI does not know; each struct's `type` is an enum of one."""
    if isinstance(schema, dict):
        return {key: _without_discriminators(part) for key, part in schema.items() if key != "discriminator"}
    return [_without_discriminators(part) for part in schema] if isinstance(schema, list) else schema
