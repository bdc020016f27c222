"""Secrets stay out of every repr."""

from typing import get_args, get_type_hints

import msgspec
import pytest

from kibitz.wire import commands, results
from kibitz.wire.commands import ChangePassword, Command, LogIn, RevokeToken
from kibitz.wire.masking import MASK, SECRET_FIELDS
from kibitz.wire.results import Result, TokenCreated
from kibitz.wire.views import Token

SECRET = "correct horse battery staple"


def structs(module: object, base: type[msgspec.Struct]) -> list[type[msgspec.Struct]]:
    return [one for one in vars(module).values() if isinstance(one, type) and issubclass(one, base) and one is not base]


@pytest.mark.parametrize("kind", [*structs(commands, Command), *structs(results, Result)])
def test_no_command_and_no_result_shows_a_secret(kind: type[msgspec.Struct]) -> None:
    struct = kind(**dict.fromkeys(kind.__struct_fields__, SECRET))
    hidden = SECRET_FIELDS & set(kind.__struct_fields__)
    assert repr(struct).count(MASK) == len(hidden)
    assert repr(struct).count(SECRET) == len(kind.__struct_fields__) - len(hidden)


@pytest.mark.parametrize("kind", structs(commands, Command))
def test_every_field_declared_as_a_secret_is_one_that_is_masked(kind: type[msgspec.Struct]) -> None:
    hints = get_type_hints(kind, include_extras=True)
    declared = {name for name, hint in hints.items() if commands.Secret in (hint, *get_args(hint))}
    assert declared <= SECRET_FIELDS


def test_what_is_no_secret_is_shown() -> None:
    assert repr(LogIn(id=3, name="alice", password=SECRET)) == (
        "LogIn(id=3, name='alice', password=***, token=None, resume=None)"
    )
    assert repr(RevokeToken(token=7)) == "RevokeToken(id=0, token=7)"


def test_a_struct_within_an_answer_is_shown_too() -> None:
    token = Token(id=1, name="backup", kind="access", created_at="2026-01-31T12:00:00.000Z")
    shown = repr(TokenCreated(token=token, secret=SECRET))
    assert "backup" in shown
    assert SECRET not in shown


def test_masking_changes_nothing_that_is_sent() -> None:
    command = ChangePassword(old_password=SECRET, new_password="another one")
    sent = msgspec.json.encode(command)
    assert msgspec.json.decode(sent, type=ChangePassword) == command
    assert SECRET.encode() in sent
