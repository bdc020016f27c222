"""The REST API against its own description: requests made from the OpenAPI document, right and wrong, and every answer held to it."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from kibitz.api.verbs import VERBS
from kibitz.transports.http.openapi import document
from tests.support.server import Server

ENDS_THE_LOGIN = "log_out", "log_out_everywhere", "revoke_token"
"""Calls that would leave the others without a login; `tests/unit/transports/http/test_rest.py` makes them."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("openapi") / "data", "--guests", "--no-rate-limits")
    server.start()
    yield server
    server.close()


@pytest.fixture(scope="module")
def token(server: Server) -> str:
    account = {"name": "alice", "password": "correct horse battery"}
    return str(httpx.post(f"{server.http}/api/v1/accounts", json=account).json()["token"])


schema = schemathesis.openapi.from_dict(json.loads(document(VERBS.values()))).exclude(operation_id=list(ENDS_THE_LOGIN))
rejected = schema.config.checks.negative_data_rejection
rejected.expected_statuses = [
    *rejected.expected_statuses,
    "413",
]  # a text over its limit may make the whole body too long


def test_the_document_served_is_the_one_the_calls_are_made_from(server: Server) -> None:
    assert httpx.get(f"{server.http}/openapi.json").content == document(VERBS.values())


@schema.parametrize()
@settings(max_examples=10)
def test_every_call_does_what_its_description_says(case: "schemathesis.Case[Any]", server: Server, token: str) -> None:
    case.call_and_validate(
        base_url=server.http,
        headers={"Authorization": f"Bearer {token}"},
        checks=[
            not_a_server_error,
            status_code_conformance,
            content_type_conformance,
            response_headers_conformance,
            response_schema_conformance,
            negative_data_rejection,
            unsupported_method,
            ignored_auth,
        ],
    )
