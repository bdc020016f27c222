"""Figures for Prometheus, read from a workspace as it is."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.support.workspace import workspace

from kibitz.api.gate import Gate
from kibitz.server.metrics import FIGURES, Metrics
from kibitz.wire.commands import ObtainToken, PostMessage
from kibitz.wire.results import LoggedIn


@pytest.fixture
async def gate(tmp_path: Path) -> AsyncIterator[Gate]:
    async with workspace(tmp_path) as gate:
        yield gate


def read(metrics: Metrics) -> dict[tuple[str, str], float]:
    families = text_string_to_metric_families(metrics().decode())
    return {
        (sample.name, ",".join(sample.labels.values())): sample.value
        for family in families
        for sample in family.samples
    }


async def test_every_figure_is_there_from_the_start(gate: Gate) -> None:
    names = {name for name, _ in read(Metrics(gate))}
    for figure in FIGURES:
        assert figure.labels in (("code",), ("language", "outcome")) or {figure.name, f"{figure.name}_total"} & names
    assert "process_resident_memory_bytes" in names


async def test_figures_move_with_what_happens(gate: Gate) -> None:
    metrics = Metrics(gate)
    before = read(metrics)
    answer = await gate.call(await gate.caller(None, "127.0.0.1"), ObtainToken(name="bob"))
    assert isinstance(answer, LoggedIn)
    await gate.call(await gate.caller(answer.token, "127.0.0.1"), PostMessage(room="#general", text="hello"))
    gate.workspace.counters.refused["forbidden"] = 3
    gate.sessions.http = 2
    gate.workspace.runner.counters.finished["python", "timeout"] = 4
    after = read(metrics)
    assert after["kibitz_messages_posted_total", ""] == before["kibitz_messages_posted_total", ""] + 1
    assert after["kibitz_commits_total", ""] > before["kibitz_commits_total", ""]
    assert after["kibitz_refusals_total", "forbidden"] == 3
    assert after["kibitz_connections", "http"] == 2
    assert after["kibitz_runs_finished_total", "python,timeout"] == 4
    assert after["kibitz_documents", ""] == 0


async def test_two_workspaces_in_one_process_have_figures_of_their_own(gate: Gate, tmp_path: Path) -> None:
    async with workspace(tmp_path / "other") as other:
        other.workspace.counters.posted = 7
        assert read(Metrics(other))["kibitz_messages_posted_total", ""] == 7
        assert read(Metrics(gate))["kibitz_messages_posted_total", ""] == 0
