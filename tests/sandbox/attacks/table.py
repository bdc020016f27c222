"""The public table: what each probe tries, and what came of it without walls and with them.

Rule: it is written by the run that it tells of; what differs from run to run only by chance, such as names of files, is left out.
"""

import platform
import re
from collections.abc import Sequence
from typing import Final

from tests.sandbox.attacks.harness import Outcome

MAX_WORDS: Final = 110
"""Characters of a cell."""

_CHANCE: Final = (
    (re.compile(r"attack-(?:file|environment)-[0-9a-f]+"), "(the secret)"),
    (re.compile(r"kibitz-host-\w+"), "kibitz-host"),
    (re.compile(r"kz[0-9a-f]{10}"), "(mark)"),
    (re.compile(r"/proc/\d{3,}"), "/proc/(canary)"),
)


def table(command: str, naive: Sequence[Outcome], kibitz: Sequence[Outcome]) -> str:
    """The page as Markdown."""
    without = {outcome.probe.name: outcome for outcome in naive}
    fell = sum(bool(outcome.breaches) for outcome in naive)
    held = sum(not outcome.breaches for outcome in kibitz)
    lines = [
        "# Attack suite",
        "",
        "Small programs that attack whatever runs them. Each is checked from outside: a canary process lives, a canary database is as it",
        "was, services on TCP, UDP and unix sockets were not reached, no planted secret is in the output, nothing is left behind, and",
        "output, time and memory kept their limits. Each is proven able to fail: the same program is given to an executor without walls,",
        "`subprocess.run` with a time limit as an unprivileged user. This file is written by the run.",
        "",
        f"- Command: `{command}`",
        f"- Machine: {platform.system()} {platform.release().split('-')[0]} on {platform.machine()}, Python {platform.python_version()}",
        f"- Without walls: {fell} of {len(naive)} break out or do harm; why the others do not stands beside them",
        f"- Kibitz: {held} of {len(kibitz)} are held",
    ]
    for area in dict.fromkeys(sorted(outcome.probe.area for outcome in kibitz)):
        lines += [
            "",
            f"## {area.capitalize()}",
            "",
            "| probe | tries to | without walls | in Kibitz |",
            "|---|---|---|---|",
        ]
        lines += [_row(without[one.probe.name], one) for one in kibitz if one.probe.area == area]
    return "\n".join([*lines, ""])


def _row(naive: Outcome, kibitz: Outcome) -> str:
    probe = kibitz.probe
    cells = (
        f"`{probe.name}`",
        probe.title[0].lower() + probe.title[1:],
        f"**falls**: {naive.breaches[0]}" if naive.breaches else f"holds: {probe.naive}",
        f"**falls**: {kibitz.breaches[0]}" if kibitz.breaches else f"holds: {_ending(kibitz)}",
    )
    return "| " + " | ".join(_plain(cell) for cell in cells) + " |"


def _ending(outcome: Outcome) -> str:
    said = [*dict.fromkeys(str(ending) for ending in outcome.endings), *outcome.told[:2]]
    return "; ".join(said)


def _plain(cell: str) -> str:
    for chance, word in _CHANCE:
        cell = chance.sub(word, cell)
    cell = "".join(character if character.isprintable() else " " for character in cell).replace("|", "\\|")
    return cell if len(cell) <= MAX_WORDS else f"{cell[: MAX_WORDS - 1]}…"
