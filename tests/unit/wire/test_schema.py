"""The AsyncAPI document: complete, consistent in itself, and the same each time."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec import Struct

from kibitz.domain.errors import CODES
from kibitz.wire.catalogue import COMMANDS, EVENTS
from kibitz.wire.closing import CLOSES
from kibitz.wire.commands import Command, GetChanges, LogIn, PostMessage
from kibitz.wire.results import Changes, Done, Posted, Welcome
from kibitz.wire.schema import asyncapi

RESULTS: dict[type[Command], type[Struct]] = dict.fromkeys(COMMANDS.values(), Done)
RESULTS |= {LogIn: Welcome, PostMessage: Posted, GetChanges: Changes}
CHANNELS = ("tcp", "ws")


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    made: dict[str, Any] = json.loads(json.dumps(asyncapi(RESULTS, version="1.2.3")))
    return made


def parts(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in a document."""
    if isinstance(value, dict):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from parts(part)


def follow(document: dict[str, Any], ref: str) -> Any:
    found: Any = document
    for step in ref.removeprefix("#/").split("/"):
        found = found[step]
    return found


def test_the_document_says_what_it_is(document: dict[str, Any]) -> None:
    assert document["asyncapi"] == "3.0.0"
    assert document["info"]["version"] == "1.2.3"
    assert {name: server["protocol"] for name, server in document["servers"].items()} == {"tcp": "tcp", "ws": "ws"}
    assert document["channels"]["ws"]["address"] == "/ws"


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    refs = [part["$ref"] for part in parts(document) if "$ref" in part]
    assert refs
    for ref in refs:
        assert follow(document, ref), ref


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_there_with_its_limits_and_its_answer(
    document: dict[str, Any], channel: str, name: str
) -> None:
    operation = document["operations"][f"{channel}_{name}"]
    assert operation["action"] == "receive"
    assert operation["channel"] == {"$ref": f"#/channels/{channel}"}
    (command,) = (follow(document, follow(document, ref["$ref"])["$ref"]) for ref in operation["messages"])
    schema = follow(document, command["payload"]["$ref"])
    assert schema["properties"]["type"] == {"enum": [name]}
    assert schema["properties"]["id"]["maximum"] == 2**53 - 1
    reply, error = (follow(document, follow(document, ref["$ref"])["$ref"]) for ref in operation["reply"]["messages"])
    assert reply["payload"]["properties"]["type"] == {"const": "reply"}
    assert reply["payload"]["properties"]["result"]["$ref"].endswith(f"/{RESULTS[COMMANDS[name]].__name__}")
    assert error["name"] == "error"


@pytest.mark.parametrize("channel", CHANNELS)
def test_every_event_is_there(document: dict[str, Any], channel: str) -> None:
    told = {ref["$ref"].rpartition("/")[2] for ref in document["operations"][f"{channel}_events"]["messages"]}
    assert told == EVENTS.keys() - {"reply"}
    for name in told:
        schema = follow(document, document["components"]["messages"][name]["payload"]["$ref"])
        assert schema["properties"]["type"] == {"enum": [name]}


def test_every_message_has_a_summary(document: dict[str, Any]) -> None:
    assert all(message["summary"] for message in document["components"]["messages"].values())


def test_both_tables_of_codes_are_there(document: dict[str, Any]) -> None:
    assert [(row["code"], row["number"]) for row in document["x-error-codes"]] == [
        (code, CODES[code][0]) for code in CODES
    ]
    assert {row["code"]: row["come_back"] for row in document["x-close-codes"]} == {
        code: close.comes_back for code, close in CLOSES.items()
    }


def test_no_word_of_openapi_is_left_that_asyncapi_does_not_know(document: dict[str, Any]) -> None:
    assert not any("discriminator" in part for part in parts(document))


def test_the_document_is_the_same_each_time() -> None:
    assert json.dumps(asyncapi(RESULTS, version="1")) == json.dumps(
        asyncapi(dict(reversed(RESULTS.items())), version="1")
    )


def test_a_command_without_a_result_is_noticed() -> None:
    with pytest.raises(KeyError):
        asyncapi({PostMessage: Posted}, version="1")
