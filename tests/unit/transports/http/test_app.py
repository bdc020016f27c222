"""The application as a whole: what is where."""

import json

import httpx

from kibitz.api.verbs import VERBS


async def test_the_documents_are_served_to_everyone(http: httpx.AsyncClient) -> None:
    openapi, asyncapi = await http.get("/openapi.json"), await http.get("/asyncapi.json")
    assert openapi.headers["content-type"] == asyncapi.headers["content-type"] == "application/json"
    assert openapi.json()["openapi"].startswith("3.1")
    assert asyncapi.json()["asyncapi"].startswith("3.")


async def test_the_page_is_at_the_root(http: httpx.AsyncClient) -> None:
    answer = await http.get("/")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "chat.example" in answer.text


async def test_a_slash_too_many_is_another_path(http: httpx.AsyncClient) -> None:
    assert (await http.get("/healthz/")).status_code == 404


async def test_every_call_of_the_table_has_a_route(http: httpx.AsyncClient) -> None:
    for verb in VERBS.values():
        if verb.http is not None:
            method, path = verb.http
            answer = await http.request(method, "/api/v1" + path.replace("{", "").replace("}", ""), content=b"{}")
            assert (answer.status_code, json.loads(answer.content)["code"]) not in [
                (404, "not_found"),
                (405, "unknown_command"),
            ]
