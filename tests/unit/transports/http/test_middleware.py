"""What applies to every request: ids, logs, safe headers, other sites."""

import httpx
import pytest
from structlog.testing import capture_logs

Headers = dict[str, str]
EVIL = {"Origin": "https://evil.example"}


async def test_every_answer_has_an_id_of_its_own_and_safe_headers(http: httpx.AsyncClient) -> None:
    one, other = await http.get("/healthz"), await http.get("/nowhere")
    assert one.headers["x-request-id"] != other.headers["x-request-id"]
    for answer in (one, other):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_a_request_is_logged_without_its_query(http: httpx.AsyncClient, alice: Headers) -> None:
    with capture_logs() as logged:
        answer = await http.get("/api/v1/rooms?token=abc", headers=alice)
    (line,) = [entry for entry in logged if entry["event"] == "request"]
    assert (line["method"], line["path"], line["status"]) == ("GET", "/api/v1/rooms", answer.status_code)
    assert "abc" not in repr(line)


async def test_what_machines_ask_all_the_time_is_for_debugging(http: httpx.AsyncClient) -> None:
    with capture_logs() as logged:
        await http.get("/healthz")
    assert [entry["log_level"] for entry in logged] == ["debug"]


async def test_a_mistake_of_ours_tells_nothing_but_where_to_look(
    http: httpx.AsyncClient, alice: Headers, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise LookupError("a secret detail")

    monkeypatch.setattr("kibitz.api.gate.Gate.call", fail)
    answer = await http.get("/api/v1/me", headers=alice)
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "secret" not in answer.text


@pytest.mark.parametrize("path", ["/upload", "/download/1", "/files", "/api/v1/rooms", "/anything/at/all", "/"])
async def test_every_path_answers_a_preflight(http: httpx.AsyncClient, path: str) -> None:
    answer = await http.options(path, headers={**EVIL, "Access-Control-Request-Method": "POST"})
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert {"authorization", "content-type", "range"} <= {
        name.strip() for name in answer.headers["access-control-allow-headers"].lower().split(",")
    }
    assert "access-control-allow-credentials" not in answer.headers


async def test_a_page_of_another_site_may_read_what_a_token_opens(http: httpx.AsyncClient, alice: Headers) -> None:
    answer = await http.get("/api/v1/me", headers={**alice, **EVIL})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "Retry-After" in answer.headers["access-control-expose-headers"]


@pytest.mark.parametrize("path", ["/api/v1/login", "/api/v1/accounts"])
async def test_a_page_of_another_site_may_not_log_in(http: httpx.AsyncClient, path: str) -> None:
    preflight = await http.options(path, headers={**EVIL, "Access-Control-Request-Method": "POST"})
    assert preflight.status_code == 204
    assert "access-control-allow-origin" not in preflight.headers
    answer = await http.post(path, json={"name": "mallory", "password": "correct horse"}, headers=EVIL)
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers


async def test_a_program_is_not_told_of_other_sites(http: httpx.AsyncClient) -> None:
    assert "access-control-allow-origin" not in (await http.get("/healthz")).headers
