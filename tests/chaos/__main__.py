"""`python -m tests.chaos`: runs of many seeds, one after another, and a report of them.

Rule: it ends with status 1 if any seed failed, and prints how to repeat that one.
"""

import argparse
import asyncio
import os
import platform
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path

from tests.chaos.evidence import Counts
from tests.chaos.run import Outcome, Run

MAX_BREACHES = 20
"""Breaches printed of one seed: the first ones tell, the rest follows from them."""


def main() -> int:
    """Run what the command line asks for; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seeds", type=_seeds, default="1-20", help="one seed, or the first and the last: 1-20")
    parser.add_argument("--seconds", type=float, default=20.0, help="seconds of faults in each run")
    parser.add_argument("--report", type=Path, help="file to write the report to")
    arguments = parser.parse_args()
    outcomes = [_play(seed, arguments.seconds) for seed in arguments.seeds]
    if arguments.report is not None:
        arguments.report.write_text(report(outcomes, arguments.seconds), encoding="utf-8")
    return 1 if any(outcome.breaches for outcome in outcomes) else 0


def _seeds(text: str) -> range:
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def _play(seed: int, seconds: float) -> Outcome:
    with tempfile.TemporaryDirectory(prefix="kibitz-chaos-") as folder:
        outcome = asyncio.run(Run(seed, seconds, Path(folder)).play())
    counts = outcome.counts
    print(
        f"seed {seed}: {'FAILED' if outcome.breaches else 'ok'}  {counts.acknowledged} commands, {counts.events} events, "
        f"{counts.kills} kills, {counts.restarts} restarts, {counts.cuts} cuts, {counts.resets} resets, "
        f"{counts.slow_closes} slow closes",
        flush=True,
    )
    if outcome.breaches:
        print("\n".join(failure(outcome, seconds)), flush=True)
    return outcome


def failure(outcome: Outcome, seconds: float) -> Iterable[str]:
    """What went wrong in a run, and how to see it again."""
    yield f"  repeat: python -m tests.chaos --seeds {outcome.seed} --seconds {seconds:g}"
    yield from (f"  breach: {breach[:2000]}" for breach in outcome.breaches[:MAX_BREACHES])
    if len(outcome.breaches) > MAX_BREACHES:
        yield f"  … and {len(outcome.breaches) - MAX_BREACHES} more"
    for name, lines in outcome.last.items():
        yield f"  the last events of {name}:"
        yield from (f"    {line}" for line in lines[-5:])


def report(outcomes: list[Outcome], seconds: float) -> str:
    """The report as Markdown."""
    names = [field.name for field in fields(Counts)]
    rows = [[str(one.seed), *(f"{getattr(one.counts, name):,}" for name in names)] for one in outcomes]
    totals = [f"{sum(getattr(one.counts, name) for one in outcomes):,}" for name in names]
    table = [
        ["seed", *(name.replace("_", " ") for name in names)],
        ["---:"] * (len(names) + 1),
        *rows,
        ["all", *totals],
    ]
    failed = [one for one in outcomes if one.breaches]
    lines = [
        "# Delivery report",
        "",
        "Clients talk to a real server over real sockets while it is killed and restarted and connections are cut, stalled and",
        "doubled. Afterwards every client's account is held against the database: what was acknowledged is there exactly once,",
        "each room is dense and in its senders' order, every copy equals the database, and nobody heard a room they were not in.",
        "This file is written by the run.",
        "",
        f'- Command: `make chaos ARGS="{" ".join(sys.argv[1:])}"`',
        f"- Machine: {os.cpu_count()} cores, {_memory()} GiB, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}",
        f"- Seeds: {len(outcomes)}, {seconds:g} seconds of faults each",
        f"- Failures: {len(failed)}",
        "",
        *("| " + " | ".join(row) + " |" for row in table),
    ]
    if failed:
        lines += ["", "## Failures", "", "```text"]
        for one in failed:
            lines += [f"seed {one.seed}", *failure(one, seconds)]
        lines.append("```")
    return "\n".join([*lines, ""])


def _memory() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)


if __name__ == "__main__":
    sys.exit(main())
