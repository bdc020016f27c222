"""The hand-written part of the OpenAPI document: that it lists what is there, and nothing else."""

import httpx
import pytest
from starlette.routing import Route

from kibitz.api.gate import Gate
from kibitz.api.verbs import VERBS
from kibitz.server.metrics import Metrics
from kibitz.transports.http import rest
from kibitz.transports.http.app import build
from kibitz.transports.http.openapi_paths import FIXED_PATHS


def test_every_path_of_the_application_is_described(gate: Gate) -> None:
    paths = {route.path for route in build(gate, Metrics(gate)).routes if isinstance(route, Route)}
    commands = {rest.PREFIX + verb.http[1] for verb in VERBS.values() if verb.http is not None}
    assert paths - commands == set(FIXED_PATHS)


@pytest.mark.parametrize(
    "path", [path for path, methods in FIXED_PATHS.items() if methods.get("get", {}).get("security") == []]
)
async def test_what_is_said_to_be_open_is_open(http: httpx.AsyncClient, path: str) -> None:
    assert (await http.get(path)).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        (method, path)
        for path, methods in FIXED_PATHS.items()
        for method, operation in methods.items()
        if operation.get("security") != []
    ],
)
async def test_everything_else_needs_a_token(http: httpx.AsyncClient, method: str, path: str) -> None:
    assert (await http.request(method, path.replace("{id}", "1").replace("{run}", "1"))).status_code == 401
