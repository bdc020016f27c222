"""The results as a page of the documentation.

One rule: nothing on it is written by hand, so that it is as old as its figures: what a row means stands beside the code that makes it.
"""

from collections.abc import Iterator, Mapping, Sequence
from inspect import cleandoc
from typing import Any

from bench.rows import Row

_OPENING = """
# Benchmarks

Kibitz is measured from outside: real server processes, real sockets, and a load program in C on the same machine. Peers are
measured by the same program in the same run, in turn with Kibitz, since a machine is never twice as quiet; a ratio is of two
figures of one turn, and a figure is the median of its turns. This file is written by the run.
"""


def page(
    command: str, machine: Mapping[str, str], found: Mapping[str, Sequence[Row]], benchmarks: Mapping[str, Any]
) -> str:
    """The page in Markdown. `benchmarks` are the modules that made the rows."""
    return "\n".join([*_head(command, machine, found), *_sections(found, benchmarks)])


def _head(command: str, machine: Mapping[str, str], found: Mapping[str, Sequence[Row]]) -> Iterator[str]:
    yield cleandoc(_OPENING) + "\n"
    yield f"- Command: `{command}`"
    yield "- Machine: " + ", ".join(f"{name} {value}" for name, value in machine.items())
    rows = [(name, row) for name, rows in found.items() for row in rows]
    aims = [row for _, row in rows if row.aim is not None]
    yield f"- Aims met: {sum(row.is_met for row in aims)} of {len(aims)}"
    for name, row in rows:
        what, value, aim, note = row.cells
        if row.value is None:
            yield f"- Not measured, in [{name}](#{name}): {what.strip()}: {note}"
        elif not row.is_met:
            yield f"- Missed, in [{name}](#{name}): {what.strip()}: {value} ({aim.partition(':')[0]})"
    yield ""


def _sections(found: Mapping[str, Sequence[Row]], benchmarks: Mapping[str, Any]) -> Iterator[str]:
    for name, rows in found.items():
        yield f"## {name}\n"
        yield f"{str(benchmarks[name].__doc__).partition(chr(10))[0]}\n"
        yield cleandoc(benchmarks[name].MEANS) + "\n"
        yield "| | figure | aim | |"
        yield "| :-- | --: | :-- | :-- |"
        yield from (_line(row) for row in rows)
        yield ""


def _line(row: Row) -> str:
    what, *rest = (cell.replace("|", "\\|") for cell in row.cells)
    indented = "&nbsp;&nbsp;" * (len(what) - len(what.lstrip())) + what.lstrip()
    return "| " + " | ".join((indented, *rest)) + " |"
