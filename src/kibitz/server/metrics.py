"""Figures for Prometheus.

Rule: the parts of a workspace count in plain integers as they work; they are read here, when someone asks, and nowhere else.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from kibitz.api.gate import Gate

Reading = float | Mapping[Any, float]


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: how it is called, what it says, and where it is read. With `labels`, `read` gives a number for each of their values."""

    name: str
    help: str
    read: Callable[[Gate], Reading]
    labels: tuple[str, ...] = ()
    counts: bool = False  # only ever grows


def _connections(gate: Gate) -> Mapping[str, float]:
    found = {"http": float(gate.sessions.http)}
    for listener in gate.workspace.hub.connections():
        found[listener.codec.name] = found.get(listener.codec.name, 0) + 1
    found["not logged in"] = len(gate.sessions) - sum(count for name, count in found.items() if name != "http")
    return found


def _outboxes(gate: Gate) -> float:
    return sum(listener.outbox.waiting for listener in gate.workspace.hub.connections())


FIGURES: Final = (
    Figure("kibitz_connections", "Open connections by protocol.", _connections, ("protocol",)),
    Figure("kibitz_users_online", "People who are connected.", lambda gate: len(gate.workspace.presence)),
    Figure("kibitz_rooms_heard", "Rooms that someone here listens to.", lambda gate: gate.workspace.hub.channels),
    Figure(
        "kibitz_deliveries", "Events handed to connections.", lambda gate: gate.workspace.hub.delivered, counts=True
    ),
    Figure("kibitz_messages_posted", "Messages stored.", lambda gate: gate.workspace.counters.posted, counts=True),
    Figure("kibitz_documents", "Code sessions whose text is in memory.", lambda gate: len(gate.workspace.documents)),
    Figure("kibitz_runs_under_way", "Runs that wait, run, or are being stored.", lambda gate: len(gate.workspace.runs)),
    Figure("kibitz_runs_queued", "Runs that wait for their turn.", lambda gate: gate.workspace.runner.queued),
    Figure(
        "kibitz_runs_finished",
        "Runs that are over, by language and by how they came out.",
        lambda gate: gate.workspace.runner.counters.finished,
        ("language", "outcome"),
        counts=True,
    ),
    Figure(
        "kibitz_sandbox_restarts",
        "Times the sandbox process had to be started again.",
        lambda gate: gate.workspace.runner.counters.restarts,
        counts=True,
    ),
    Figure(
        "kibitz_commits",
        "Transactions made durable.",
        lambda gate: gate.workspace.committer.counters.commits,
        counts=True,
    ),
    Figure(
        "kibitz_committed_jobs",
        "Commands in those transactions: divided by their number, the average batch.",
        lambda gate: gate.workspace.committer.counters.jobs,
        counts=True,
    ),
    Figure(
        "kibitz_commit_failures",
        "Transactions that failed.",
        lambda gate: gate.workspace.committer.counters.failures,
        counts=True,
    ),
    Figure(
        "kibitz_largest_batch",
        "Most commands in one transaction so far.",
        lambda gate: gate.workspace.committer.counters.largest,
    ),
    Figure(
        "kibitz_commit_queue", "Commands that wait to be made durable.", lambda gate: gate.workspace.committer.waiting
    ),
    Figure("kibitz_outbox_bytes", "Bytes that wait for slow readers, over all connections.", _outboxes),
    Figure(
        "kibitz_slow_closed",
        "Connections closed since they read too slowly.",
        lambda gate: gate.workspace.counters.slow_closed,
        counts=True,
    ),
    Figure(
        "kibitz_refusals",
        "Commands refused, by error code.",
        lambda gate: gate.workspace.counters.refused,
        ("code",),
        counts=True,
    ),
    Figure(
        "kibitz_uploaded_bytes",
        "Bytes of files taken in.",
        lambda gate: gate.workspace.counters.uploaded_bytes,
        counts=True,
    ),
    Figure(
        "kibitz_downloaded_bytes",
        "Bytes of files given out.",
        lambda gate: gate.workspace.counters.downloaded_bytes,
        counts=True,
    ),
)
"""Every figure of our own; those of the process and of Python come with the library."""


class Metrics(Collector):
    """The figures of one workspace, in a registry of their own, since one process may hold several workspaces."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._registry = CollectorRegistry()
        self._registry.register(self)
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        GCCollector(registry=self._registry)

    def __call__(self) -> bytes:
        """All figures as they are now, in Prometheus' text format."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """Read our own figures: called by the registry."""
        for figure in FIGURES:
            made = CounterMetricFamily if figure.counts else GaugeMetricFamily
            family = made(figure.name, figure.help, labels=figure.labels)
            reading = figure.read(self._gate)
            values = reading if isinstance(reading, Mapping) else {(): reading}
            for key, value in dict(values).items():
                family.add_metric((key,) if isinstance(key, str) else key, value)
            yield family
