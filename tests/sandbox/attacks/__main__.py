"""Run the attack suite by hand, or write its table: `python -m tests.sandbox.attacks --help`.

One rule: the exit status is 0 only when each probe did what is written down of it: fails without walls unless it says why not, and is
held by Kibitz.
"""

import argparse
import asyncio
import shlex
import sys
from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path

from tests.sandbox.attacks.harness import Outcome, attack
from tests.sandbox.attacks.naive import UNPRIVILEGED, Naive
from tests.sandbox.attacks.probe import Probe, load
from tests.sandbox.attacks.sandboxed import sandboxed
from tests.sandbox.attacks.table import table
from tests.sandbox.attacks.world import secret_environment


def main() -> int:
    """Run what the command line asks for; the exit status."""
    arguments = _parser().parse_args()
    probes = [probe for probe in load() if fnmatch(probe.name, arguments.only)]
    with secret_environment():
        naive = asyncio.run(_without_walls(probes)) if arguments.naive or arguments.table else []
        kibitz = (
            [] if arguments.naive else asyncio.run(_with_walls(probes, cold=arguments.cold, other=arguments.other_user))
        )
    if arguments.table:
        command = shlex.join(["python", "-m", "tests.sandbox.attacks", *sys.argv[1:]])
        arguments.table.write_text(table(command, naive, kibitz), encoding="utf-8")
    wrong = [one for one in naive if bool(one.breaches) == bool(one.probe.naive)] + [
        one for one in kibitz if one.breaches
    ]
    print(f"{len(naive) + len(kibitz)} runs, {len(wrong)} otherwise than expected")
    for outcome in wrong:
        print(f"  {outcome.probe.name}: {'; '.join(outcome.breaches) or 'held without walls, and does not say why'}")
    return 1 if wrong else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.sandbox.attacks", description=__doc__)
    parser.add_argument("--only", default="*", help="names of probes, such as 'c/*bomb*'")
    parser.add_argument("--naive", action="store_true", help="use the executor without walls")
    parser.add_argument("--cold", action="store_true", help="let no sandbox wait for a program")
    parser.add_argument("--other-user", action="store_true", help="as root: let an ordinary user start the sandbox")
    parser.add_argument(
        "--table", type=Path, metavar="FILE", help="run both executors, and write the table to this file"
    )
    return parser


async def _without_walls(probes: Sequence[Probe]) -> list[Outcome]:
    return await attack(Naive(), probes, _report)


async def _with_walls(probes: Sequence[Probe], *, cold: bool, other: bool) -> list[Outcome]:
    async with sandboxed(cold=cold, user=UNPRIVILEGED if other else None) as executor:
        return await attack(executor, probes, _report)


def _report(outcome: Outcome) -> None:
    verdict = f"FALLS: {outcome.breaches[0]}" if outcome.breaches else f"holds: {', '.join(map(str, outcome.endings))}"
    print(f"{outcome.seconds:5.1f} s  {outcome.probe.name:34} {verdict[:90]!a}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
