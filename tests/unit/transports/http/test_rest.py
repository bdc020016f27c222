"""The REST API: paths, queries and bodies as commands, and results as answers."""

import asyncio
import json
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kibitz.api.gate import Gate
from kibitz.api.verbs import VERBS
from kibitz.transports.http import rest
from kibitz.wire.commands import GetMe, LogOut, LogOutEverywhere, PostMessage, RevokeToken

Headers = dict[str, str]
ENDS_A_LOGIN = {LogOut, LogOutEverywhere, RevokeToken}
MESSAGES = "/api/v1/rooms/%23general/messages"


def problem_of(answer: httpx.Response) -> tuple[int, str, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert (body["type"], body["status"]) == ("about:blank", answer.status_code)
    return answer.status_code, body["code"], body["detail"]


async def test_a_body_fills_a_command_and_its_result_is_the_answer(http: httpx.AsyncClient, alice: Headers) -> None:
    answer = await http.post(MESSAGES, headers=alice, json={"text": "hello"})
    assert answer.status_code == 201
    assert (answer.json()["room"], answer.json()["seq"]) == (1, 1)
    page = await http.get(MESSAGES, headers=alice, params={"limit": "1"})
    assert [message["text"] for message in page.json()["messages"]] == ["hello"]


@pytest.mark.parametrize("room", ["1", "%23general", "%23GENERAL"])
async def test_a_room_in_a_path_is_an_id_or_a_name(http: httpx.AsyncClient, alice: Headers, room: str) -> None:
    assert (await http.get(f"/api/v1/rooms/{room}", headers=alice)).json()["id"] == 1


async def test_a_user_whose_name_is_a_number_is_found_by_it(http: httpx.AsyncClient, alice: Headers) -> None:
    await http.post("/api/v1/login", json={"name": "1234"})
    answer = await http.put("/api/v1/direct/1234", headers=alice)
    assert answer.status_code == 200
    assert "1234" in [member["name"] for member in answer.json()["members"]]


async def test_whatever_fills_the_path_needs_no_body(http: httpx.AsyncClient, alice: Headers) -> None:
    await http.post(MESSAGES, headers=alice, json={"text": "hello"})
    assert (await http.put(f"{MESSAGES}/1/reactions/{quote('👍')}", headers=alice)).status_code == 200
    message = (await http.get(f"{MESSAGES}/1", headers=alice)).json()
    assert [reaction["emoji"] for reaction in message["reactions"]] == ["👍"]


async def test_head_is_get_without_a_body(http: httpx.AsyncClient, alice: Headers) -> None:
    assert (await http.head("/api/v1/me", headers=alice)).status_code == 200


async def test_an_idempotency_key_makes_sending_again_harmless(http: httpx.AsyncClient, alice: Headers) -> None:
    keyed = {**alice, "Idempotency-Key": "f81d4fae-7dec"}
    first = await http.post(MESSAGES, headers=keyed, json={"text": "once"})
    again = await http.post(MESSAGES, headers=keyed, json={"text": "once"})
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert problem_of(await http.post(MESSAGES, headers=keyed, json={"text": "twice"}))[:2] == (409, "nonce_reused")
    page = await http.get(MESSAGES, headers=alice)
    assert [message["text"] for message in page.json()["messages"]] == ["once"]


@pytest.mark.parametrize(
    ("method", "path", "extra", "expected"),
    [
        ("GET", MESSAGES, {"params": {"limitt": "1"}}, (422, "invalid", "There is no field 'limitt' here; the fields are: before")),
        ("GET", MESSAGES, {"params": {"limit": "900"}}, (422, "invalid", "limit: Expected `int` <= 200.")),
        ("GET", MESSAGES, {"params": {"limit": "many"}}, (422, "invalid", "limit: Expected `int`")),
        ("GET", MESSAGES, {"params": [("limit", "1"), ("limit", "2")]}, (422, "invalid", "The query has 'limit' twice.")),
        ("GET", MESSAGES, {"headers": {"Idempotency-Key": "12345678"}}, (422, "invalid", "This call takes no Idempotency-Key")),
        ("GET", "/api/v1/rooms/0", {}, (422, "invalid", "A room is named by its id")),
        ("POST", MESSAGES, {"json": {}}, (422, "invalid", "Object missing required field `text`")),
        ("POST", MESSAGES, {"json": {"text": 1}}, (422, "invalid", "Expected `str`, got `int` - at `$.text`")),
        ("POST", MESSAGES, {"json": {"text": "x", "room": 1}}, (422, "invalid", "There is no field 'room' here")),
        ("POST", MESSAGES, {"json": {"text": "x", "id": 1}}, (422, "invalid", "There is no field 'id' here")),
        ("POST", MESSAGES, {"json": {"text": "x", "type": "ping"}}, (422, "invalid", "There is no field 'type' here")),
        ("POST", MESSAGES, {"json": {"text": "x"}, "params": {"a": "1"}}, (422, "invalid", "This call takes its fields in a JSON body")),
        ("POST", MESSAGES, {"json": {"text": "x"}, "headers": {"Idempotency-Key": "1"}}, (422, "invalid", "Idempotency-Key: ")),
        ("POST", MESSAGES, {"json": ["text"]}, (400, "malformed", "The body must be a JSON object.")),
        ("POST", MESSAGES, {"content": b'{"text":"x"}'}, (400, "malformed", "The body must be JSON, and its Content-Type")),
        ("POST", "/api/v1/logout", {"json": {"x": 1}}, (422, "invalid", "There is no field 'x' here; this call takes none.")),
        ("GET", "/api/v1/nothing", {}, (404, "not_found", "There is nothing at this path")),
        ("GET", "/api/v1/me/", {}, (404, "not_found", "There is nothing at this path")),
        ("DELETE", "/api/v1/me", {}, (405, "unknown_command", "This path does not take this method")),
    ],
)  # fmt: skip
async def test_what_fits_no_command_is_refused_with_what_to_do(
    http: httpx.AsyncClient,
    alice: Headers,
    method: str,
    path: str,
    extra: dict[str, Any],
    expected: tuple[int, str, str],
) -> None:
    headers = {**alice, **extra.pop("headers", {})}
    status, code, detail = problem_of(await http.request(method, path, headers=headers, **extra))
    assert (status, code) == expected[:2]
    assert detail.startswith(expected[2])


@pytest.mark.parametrize("body", [b"{", b'{"text": "\xff"}', b"[" * 2000, b'{"text": 1e999}', b'{"text": "\\ud800"}'])
async def test_a_body_that_is_no_json_is_refused(http: httpx.AsyncClient, alice: Headers, body: bytes) -> None:
    headers = {**alice, "Content-Type": "application/json"}
    assert problem_of(await http.post(MESSAGES, headers=headers, content=body))[:2] == (400, "malformed")


async def test_a_body_over_the_calls_limit_is_refused_declared_or_not(http: httpx.AsyncClient, alice: Headers) -> None:
    headers = {**alice, "Content-Type": "application/json"}
    content = json.dumps({"old_password": "x" * 5000, "new_password": "y"}).encode()

    async def in_pieces() -> Any:
        for start in range(0, len(content), 1000):
            yield content[start : start + 1000]

    for body in (content, in_pieces()):
        answer = await http.put("/api/v1/me/password", headers=headers, content=body)
        assert problem_of(answer)[:2] == (413, "too_long")


async def test_a_body_that_does_not_come_is_given_up(
    http: httpx.AsyncClient, alice: Headers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rest, "BODY_SECONDS", 0.01)

    async def never() -> Any:
        yield b"{"
        await asyncio.Event().wait()

    answer = await http.post(MESSAGES, headers={**alice, "Content-Type": "application/json"}, content=never())
    assert problem_of(answer)[:2] == (400, "malformed")


async def test_without_a_token_only_the_login_is_open(http: httpx.AsyncClient) -> None:
    answer = await http.get("/api/v1/me")
    assert problem_of(answer) == (401, "not_logged_in", "Log in first.")
    assert answer.headers["www-authenticate"].startswith("Bearer")
    wrong = await http.get("/api/v1/me", headers={"Authorization": "Bearer nonsense"})
    assert problem_of(wrong)[:2] == (401, "not_logged_in")


async def test_a_page_of_this_server_that_logs_in_gets_a_cookie_its_scripts_cannot_read(
    http: httpx.AsyncClient,
) -> None:
    answer = await http.post("/api/v1/login", json={"name": "bob"}, headers={"Origin": "http://chat.example"})
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith("kibitz_token=")
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "secure" not in cookie
    assert (await http.get("/api/v1/me")).json()["name"] == "bob"
    gone = await http.post("/api/v1/logout", headers={"Origin": "http://chat.example"})
    assert 'kibitz_token=""' in gone.headers["set-cookie"]
    assert (await http.get("/api/v1/me")).status_code == 401


async def test_over_tls_the_cookie_is_for_tls_alone(http: httpx.AsyncClient) -> None:
    answer = await http.post(
        "https://chat.example/api/v1/login", json={"name": "bob"}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert "; secure" in answer.headers["set-cookie"].lower()


async def test_a_program_that_logs_in_gets_no_cookie(http: httpx.AsyncClient) -> None:
    assert "set-cookie" not in (await http.post("/api/v1/login", json={"name": "bob"})).headers


async def test_refusals_are_counted(http: httpx.AsyncClient, gate: Gate) -> None:
    await http.get("/api/v1/me")
    assert gate.workspace.counters.refused == {"not_logged_in": 1}


def test_a_fixed_word_comes_before_a_placeholder(gate: Gate) -> None:
    paths = [route.path for route in rest.routes(gate, VERBS.values())]
    assert len(paths) == len(set(paths))
    for index, path in enumerate(paths):
        later = [other for other in paths[index + 1 :] if other.count("/") == path.count("/")]
        assert not any(_shadows(path, other) for other in later)


def _shadows(path: str, other: str) -> bool:
    parts = zip(path.split("/"), other.split("/"), strict=True)
    return all(one == two or (one.startswith("{") and not two.startswith("{")) for one, two in parts)


def test_the_envelope_of_a_command_is_no_parameter() -> None:
    assert [*rest.parameters(VERBS[PostMessage])] == ["room", "text", "thread"]
    assert rest.parameters(VERBS[GetMe]) == {}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE"]),
    path=st.sampled_from([verb.http[1] for verb in VERBS.values() if verb.http and not ENDS_A_LOGIN & {verb.command}]),
    words=st.lists(st.text(min_size=1, max_size=12) | st.integers(-2, 2**70).map(str), min_size=3, max_size=3),
    body=st.binary(max_size=60)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["text", "name", "limit"]), inner, max_size=3)
        ),
        max_leaves=6,
    ).map(lambda value: json.dumps(value).encode()),
)
async def test_whatever_is_sent_is_answered_and_never_by_a_mistake_of_ours(
    http: httpx.AsyncClient, alice: Headers, method: str, path: str, words: list[str], body: bytes
) -> None:
    for word in words:
        path = (
            path.replace(path[path.index("{") : path.index("}") + 1], quote(word, safe=""), 1) if "{" in path else path
        )
    headers = {**alice, "Content-Type": "application/json"}
    answer = await http.request(method, rest.PREFIX + path, headers=headers, content=body)
    assert answer.status_code != 401
    assert answer.status_code < 500 or answer.json()["code"] in ("not_available", "busy", "unavailable")
