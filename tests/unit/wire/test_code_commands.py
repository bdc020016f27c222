"""What is asked of sessions and runs: what has a nonce, and how large a program may be."""

import msgspec
import pytest

from kibitz.domain.coding import MAX_CODE_BYTES, MAX_TITLE
from kibitz.wire.code_commands import (
    CodeCommand,
    CreateSession,
    GetCode,
    RestoreCode,
    RunCode,
    SendInput,
    SetSessionRole,
    StopRun,
    UpdateCode,
    UpdateSession,
)
from kibitz.wire.commands import Command, Ping, Write


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (CreateSession, {"language": "python", "code": "x" * MAX_CODE_BYTES, "title": "x" * MAX_TITLE}),
        (UpdateCode, {"session": 7, "code": "x" * MAX_CODE_BYTES}),
        (RunCode, {"code": "x" * MAX_CODE_BYTES, "language": "c", "timeout": 0.1}),
        (SendInput, {"run": 12, "text": "x" * 65_536}),
        (GetCode, {"session": 7, "version": 0}),
    ],
)
def test_a_command_holds_all_that_the_domain_allows(kind: type[Command], fields: dict[str, object]) -> None:
    assert isinstance(msgspec.convert(fields, kind), CodeCommand)


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (UpdateCode, {"session": 7, "code": "x" * 262_145}),
        (RunCode, {"code": "x", "language": "c", "timeout": 0}),
        (RunCode, {"code": "x", "language": "c", "timeout": 3601}),
        (RunCode, {"code": "x", "language": "", "timeout": 1}),
        (SendInput, {"run": 12, "text": "x" * 65_537}),
        (SetSessionRole, {"session": 7, "user": "bob", "role": "removed"}),
        (CreateSession, {"access": "secret"}),
        (CreateSession, {"room": 4, "seq": 1, "block": -1}),
    ],
)
def test_what_is_beyond_a_limit_is_refused_as_it_is_read(kind: type[Command], fields: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(fields, kind)


def test_edits_carry_no_nonce_since_sending_one_again_changes_nothing() -> None:
    for kind in (UpdateCode, RestoreCode, SendInput, StopRun):
        assert not issubclass(kind, Write)


def test_what_begins_or_changes_something_is_kept_under_its_nonce() -> None:
    for kind in (CreateSession, UpdateSession, RunCode):
        assert issubclass(kind, Write)


def test_only_commands_about_code_are_told_apart_as_such() -> None:
    assert not isinstance(Ping(), CodeCommand)
