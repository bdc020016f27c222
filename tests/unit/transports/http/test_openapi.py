"""The OpenAPI document: valid, complete, and true to the table."""

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from kibitz.api.verb import Verb
from kibitz.api.verbs import VERBS
from kibitz.transports.http import rest
from kibitz.transports.http.openapi import EXAMPLES, WORDS, document, tag_of
from kibitz.transports.http.openapi_paths import TAGS
from kibitz.wire.catalogue import type_of
from kibitz.wire.commands import Write

SHOWN = [verb for verb in VERBS.values() if verb.http is not None]


@pytest.fixture(scope="module")
def api() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(document(VERBS.values()))
    return found


def operation(api: dict[str, Any], verb: Verb) -> dict[str, Any]:
    method, path = verb.http or ("", "")
    found: dict[str, Any] = api["paths"][rest.PREFIX + path][method.lower()]
    return found


def operations(api: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for methods in api["paths"].values():
        yield from methods.values()


def references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def test_it_is_valid_openapi(api: dict[str, Any]) -> None:
    assert api["openapi"].startswith("3.1.")
    assert [str(error) for error in OPENAPI_31_VALIDATOR.iter_errors(api)] == []


def test_every_reference_leads_somewhere_and_every_part_is_used(api: dict[str, Any]) -> None:
    referred = {*references(api)}
    for reference in referred:
        found: Any = api
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
    unused = {f"#/components/schemas/{name}" for name in api["components"]["schemas"]} - referred
    assert unused == set()


def test_every_operation_has_a_name_of_its_own_a_summary_and_a_known_tag(api: dict[str, Any]) -> None:
    names = [one["operationId"] for one in operations(api)]
    assert len(names) == len(set(names))
    tags = {tag["name"] for tag in TAGS}
    assert all(one["summary"] and set(one["tags"]) <= tags for one in operations(api))
    assert {tag for one in operations(api) for tag in one["tags"]} == tags


@pytest.mark.parametrize("verb", SHOWN, ids=lambda verb: type_of(verb.command))
def test_a_call_lists_every_field_of_its_command_in_its_place(api: dict[str, Any], verb: Verb) -> None:
    found = operation(api, verb)
    listed = {one["name"] for one in found["parameters"]} - {"Idempotency-Key"}
    body = found.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    assert listed | set(body.get("properties", {})) == set(rest.parameters(verb))
    in_path = {one["name"] for one in found["parameters"] if one["in"] == "path"}
    assert in_path == {part[1:-1] for part in (verb.http or ("", ""))[1].split("/") if part.startswith("{")}
    assert ("Idempotency-Key" in {one["name"] for one in found["parameters"]}) is issubclass(verb.command, Write)
    assert body.get("additionalProperties", False) is False


@pytest.mark.parametrize("verb", SHOWN, ids=lambda verb: type_of(verb.command))
def test_a_call_says_what_it_answers_and_whether_it_needs_a_login(api: dict[str, Any], verb: Verb) -> None:
    found = operation(api, verb)
    schema = found["responses"][str(verb.status)]["content"]["application/json"]["schema"]
    assert schema == {"$ref": f"#/components/schemas/{verb.result.__name__}"}
    assert found.get("security") == (None if verb.login else [])
    assert {"401", "422", "429"} <= set(found["responses"])
    assert found["tags"] == [tag_of(verb)]


def test_every_refusal_is_a_problem(api: dict[str, Any]) -> None:
    for response in api["components"]["responses"].values():
        assert [*response["content"]] == ["application/problem+json"]
    assert "Retry-After" in api["components"]["responses"]["Problem429"]["headers"]


def test_every_example_is_a_command_one_could_send() -> None:
    by_name = {type_of(verb.command): verb for verb in SHOWN}
    for name, example in EXAMPLES.items():
        verb = by_name[name]
        _, path = verb.http or ("", "")
        in_path = {field: WORDS.get(field, 1) for field in rest.parameters(verb) if f"{{{field}}}" in path}
        assert type_of(type(msgspec.convert({**example, **in_path}, verb.command))) == name


def test_a_query_has_no_null(api: dict[str, Any]) -> None:
    assert not [one for op in operations(api) for one in op.get("parameters", ()) if '"null"' in json.dumps(one)]
