"""Alive, ready, and the figures."""

import httpx
import pytest

from kibitz.api.gate import Gate

Headers = dict[str, str]


async def test_a_server_that_answers_is_alive(http: httpx.AsyncClient) -> None:
    answer = await http.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")


async def test_it_is_ready_while_its_database_answers(http: httpx.AsyncClient) -> None:
    answer = await http.get("/readyz")
    assert (answer.status_code, answer.text) == (200, "ready\n")


async def test_it_is_not_ready_while_it_drains(http: httpx.AsyncClient, gate: Gate) -> None:
    gate.workspace.draining = True
    answer = await http.get("/readyz")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert "about to stop" in answer.json()["detail"]
    assert answer.headers["retry-after"] == "1"


async def test_it_is_not_ready_when_its_database_fails(
    http: httpx.AsyncClient, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail() -> bool:
        raise OSError("disk on fire")

    monkeypatch.setattr(gate.workspace.store, "answers", fail)
    answer = await http.get("/readyz")
    assert (answer.status_code, answer.json()["detail"]) == (503, "The database does not answer.")


async def test_figures_are_for_admins(http: httpx.AsyncClient, alice: Headers, bob: Headers) -> None:
    assert (await http.get("/metrics")).status_code == 401
    assert (await http.get("/metrics", headers=bob)).status_code == 403
    answer = await http.get("/metrics", headers=alice)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert 'kibitz_refusals_total{code="forbidden"} 1.0' in answer.text
