"""The part of the OpenAPI document that is no command: files, health and the documents themselves.

Rule: plain data, in the order in which a reader meets it.
"""

from typing import Any, Final

import msgspec

from kibitz.api.sharing import Uploaded
from kibitz.wire.commands import Nonce
from kibitz.wire.results import Files

Json = dict[str, Any]

ANSWERS: Final = (Files, Uploaded)
"""Structs these paths answer with."""

TAGS: Final[list[Json]] = [
    {"name": "accounts", "description": "Sign up, log in and out, tokens, people and their roles."},
    {"name": "rooms", "description": "Groups, direct rooms, who is in them, and what they are called."},
    {"name": "messaging", "description": "What is said: post, edit, delete, react, and read it again."},
    {"name": "reading", "description": "How far someone has read."},
    {"name": "files", "description": "Share files and fetch them."},
    {"name": "sessions", "description": "Code that people edit together, and how it came to be."},
    {"name": "running", "description": "Programs in the sandbox, what they write, and what came of them."},
    {"name": "live", "description": "Who is here."},
    {"name": "server", "description": "Health, figures, and what this server can do."},
]

IDEMPOTENCY_KEY: Final[Json] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Sent again with the same key, the call gives its first answer and changes nothing.",
    "schema": msgspec.json.schema(Nonce),
}
"""The header under which a call that writes can be sent again."""


def _ref(struct: type[Any]) -> Json:
    return {"$ref": f"#/components/schemas/{struct.__name__}"}


def _refusals(*statuses: int) -> Json:
    return {str(status): {"$ref": f"#/components/responses/Problem{status}"} for status in statuses}


def _text(description: str, media_type: str = "text/plain") -> Json:
    return {"description": description, "content": {media_type: {"schema": {"type": "string"}}}}


def _document(name: str, summary: str) -> Json:
    described = {"description": "The document.", "content": {"application/json": {"schema": {"type": "object"}}}}
    return {
        "get": {
            "operationId": name,
            "summary": summary,
            "tags": ["server"],
            "security": [],
            "responses": {"200": described},
        }
    }


_UPLOAD: Final[Json] = {
    "post": {
        "operationId": "upload_file",
        "summary": "Share a file with a user, a group, or, where neither is named, everyone.",
        "tags": ["files"],
        "parameters": [IDEMPOTENCY_KEY],
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {
                    "schema": {
                        "type": "object",
                        "properties": {
                            "file": {"type": "string", "contentMediaType": "application/octet-stream"},
                            "recipient": {"type": "string", "description": "A user's name."},
                            "group_name": {"type": "string", "description": "A group's name, instead of a recipient."},
                            "text": {"type": "string", "description": "What to say with it."},
                            "sender": {
                                "type": "string",
                                "description": "Not needed: the token says who sends. If named, both must agree.",
                            },
                        },
                        "required": ["file"],
                    }
                }
            },
        },
        "responses": {
            "201": {
                "description": "The file is stored and shared.",
                "content": {"application/json": {"schema": _ref(Uploaded)}},
            },
            **_refusals(400, 401, 403, 404, 409, 413, 422, 429, 500, 503),
        },
    }
}

_BYTES: Final[Json] = {
    "headers": {
        name: {"schema": {"type": "string"}}
        for name in ("Content-Disposition", "ETag", "Accept-Ranges", "Last-Modified")
    },
    "content": {"*/*": {"schema": {"type": "string", "contentMediaType": "application/octet-stream"}}},
}

_DOWNLOAD_PARAMETERS: Final[list[Json]] = [
    {"name": "id", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1}},
    {"name": "token", "in": "query", "schema": {"type": "string"}, "description": "The token, for a plain link."},
]

_DOWNLOAD: Final[Json] = {
    "get": {
        "operationId": "download_file",
        "summary": "The bytes of a file, or the range of them that is asked for.",
        "tags": ["files"],
        "parameters": [
            *_DOWNLOAD_PARAMETERS,
            {"name": "Range", "in": "header", "schema": {"type": "string", "examples": ["bytes=0-1023"]}},
            {"name": "If-None-Match", "in": "header", "schema": {"type": "string"}},
        ],
        "responses": {
            "200": {"description": "The file.", **_BYTES},
            "206": {"description": "The range.", **_BYTES},
            "304": {"description": "The file is the one with this ETag."},
            **_refusals(400, 401, 403, 404, 410, 416, 422, 429, 500, 503),
        },
    },
    "head": {
        "operationId": "inspect_file",
        "summary": "What a download would answer, without the bytes.",
        "tags": ["files"],
        "parameters": _DOWNLOAD_PARAMETERS,
        "responses": {
            "200": {"description": "The file is there.", "headers": _BYTES["headers"]},
            **_refusals(401, 404, 429),
        },
    },
}

_FILES: Final[Json] = {
    "get": {
        "operationId": "list_my_files",
        "summary": "The files a user may see; the user must be the caller.",
        "tags": ["files"],
        "parameters": [
            {"name": "user", "in": "query", "schema": {"type": "string"}, "description": "The caller's own name."}
        ],
        "responses": {
            "200": {
                "description": "Files, newest first.",
                "content": {"application/json": {"schema": _ref(Files)}},
            },
            **_refusals(400, 401, 403, 422, 429, 500, 503),
        },
    }
}

_RUN_EVENTS: Final[Json] = {
    "get": {
        "operationId": "follow_run",
        "summary": "A run as it goes: `run_began`, `run_output` and `run_ended`, one JSON object a line, from its beginning on. "
        "`POST /api/v1/runs` answers the same to whoever accepts `application/x-ndjson`.",
        "tags": ["running"],
        "parameters": [{"name": "run", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1}}],
        "responses": {
            "200": _text("The events; the answer ends with the run.", "application/x-ndjson"),
            **_refusals(400, 401, 403, 404, 422, 429, 500, 503),
        },
    }
}

FIXED_PATHS: Final[Json] = {
    "/api/v1/runs/{run}/events": _RUN_EVENTS,
    "/upload": _UPLOAD,
    "/download/{id}": _DOWNLOAD,
    "/files": _FILES,
    "/healthz": {
        "get": {
            "operationId": "check_health",
            "summary": "Whether the process is alive.",
            "tags": ["server"],
            "security": [],
            "responses": {"200": _text("It is.")},
        }
    },
    "/readyz": {
        "get": {
            "operationId": "check_readiness",
            "summary": "Whether the server takes work: its database answers and it is not about to stop.",
            "tags": ["server"],
            "security": [],
            "responses": {"200": _text("It does."), **_refusals(503)},
        }
    },
    "/metrics": {
        "get": {
            "operationId": "read_metrics",
            "summary": "Figures for Prometheus; needs the token of an admin.",
            "tags": ["server"],
            "responses": {"200": _text("Prometheus' text format."), **_refusals(401, 403, 429, 500, 503)},
        }
    },
    "/openapi.json": _document("read_openapi", "This document."),
    "/asyncapi.json": _document("read_asyncapi", "What goes over TCP and WebSocket, as an AsyncAPI document."),
    "/": {
        "get": {
            "operationId": "read_page",
            "summary": "A page that says how to connect.",
            "tags": ["server"],
            "security": [],
            "responses": {"200": _text("The page.", "text/html")},
        }
    },
}
"""Every path that is no command."""
