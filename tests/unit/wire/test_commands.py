"""Commands: limits on every field, and what makes two of them the same."""

from typing import Any, get_args

import msgspec
import pytest

from kibitz.wire.catalogue import COMMANDS, AnyCommand
from kibitz.wire.commands import (
    MAX_INT,
    Command,
    DeleteFile,
    LogIn,
    PostMessage,
    Write,
    fingerprint_of,
    snake,
)

UNBOUNDED = {"epoch"}  # compared only, and as long as a line at most


@pytest.mark.parametrize(
    ("name", "type"), [("Ping", "ping"), ("PostMessage", "post_message"), ("LogOutEverywhere", "log_out_everywhere")]
)
def test_a_type_is_written_in_small_letters(name: str, type: str) -> None:
    assert snake(name) == type


def leaves(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """What a field can hold, unions and lists taken apart."""
    inner = [*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else [])]
    return [leaf for part in inner for leaf in leaves(part)] or [schema]


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS.keys())
def test_every_text_and_number_has_a_limit(command: type[Command]) -> None:
    _, components = msgspec.json.schema_components([command])
    for schema in components.values():
        for name, field in schema["properties"].items():
            for leaf in leaves(field):
                if leaf.get("type") == "string" and name not in UNBOUNDED:
                    assert "maxLength" in leaf, name
                if leaf.get("type") == "integer":
                    assert 0 <= leaf["minimum"] <= leaf["maximum"] <= MAX_INT, name
            if "items" in field:
                assert "maxItems" in field, name


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS.keys())
def test_a_field_nobody_knows_is_a_mistake(command: type[Command]) -> None:
    with pytest.raises(msgspec.ValidationError, match="unknown field"):
        msgspec.convert({"nonsense": 1}, command)


@pytest.mark.parametrize("rooms", [{"0": 1}, {"1": -1}, {"1": MAX_INT + 1}, {str(MAX_INT + 1): 1}, {"one": 1}])
def test_a_position_names_a_room_and_a_place_in_it(rooms: dict[str, int]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"resume": {"epoch": "first-epoch", "rooms": rooms}}, LogIn, strict=False)


@pytest.mark.parametrize("nonce", ["", "x" * 7, "x" * 65])
def test_a_nonce_is_long_enough_to_be_unlike_others(nonce: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"file": 9, "nonce": nonce}, DeleteFile)


def test_only_what_writes_has_a_nonce() -> None:
    for command in get_args(AnyCommand):
        assert issubclass(command, Write) == ("nonce" in command.__struct_fields__)


def test_sending_again_is_the_same_whatever_its_id() -> None:
    first = PostMessage(id=1, nonce="7f3c9a1e", room=1, text="hi")
    again = PostMessage(id=2, nonce="7f3c9a1e", room=1, text="hi")
    other = PostMessage(id=1, nonce="7f3c9a1e", room=1, text="ho")
    assert fingerprint_of(first) == fingerprint_of(again) == {"room": 1, "text": "hi", "thread": None}
    assert fingerprint_of(first) != fingerprint_of(other)
