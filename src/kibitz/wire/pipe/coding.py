"""The verbs of code sessions: read in full, and answered that there are none yet.

Rule: a client that speaks them right learns that the server cannot, and not that it made a mistake.
"""

from collections.abc import Callable
from typing import Any, NoReturn

import msgspec

from kibitz.domain.errors import Refusal
from kibitz.wire.commands import UserName

SessionId = int | str


class CodeUpdate(msgspec.Struct, frozen=True):
    """The whole text as a client now has it, and the version it started from."""

    session_id: SessionId
    code: str
    version: int | None = None
    cursor_pos: Any = None


class ExecuteCode(msgspec.Struct, frozen=True):
    """Run this code, or the session's own."""

    session_id: SessionId
    code: str | None = None
    language: str | None = None
    input: str | None = None


class InviteToCode(msgspec.Struct, frozen=True):
    """Ask someone into a session."""

    session_id: SessionId
    recipient: UserName


def not_yet(kind: type[msgspec.Struct] | None = None) -> Callable[[str], NoReturn]:
    """A builder of commands that are not there yet; `kind` is what their JSON field holds.

    It raises `Refusal("not_available")`, or what msgspec raises over a field that is not of that kind.
    """

    def build(field: str) -> NoReturn:
        if kind is not None:
            msgspec.json.decode(field, type=kind)
        raise Refusal("not_available", "Code sessions are not available on this server yet.")

    return build
