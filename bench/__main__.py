"""`python -m bench [--quick] [--json FILE] [--table FILE] [NAME …]`: measure and print a table.

One rule: a benchmark that cannot run says why and spoils none of the others.
"""

import argparse
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import msgspec

from bench import (
    bomb,
    collab,
    desktop_messages,
    documents,
    durable,
    fanout,
    files,
    history,
    idle,
    latency,
    machine,
    runs,
    start,
    trace,
)
from bench.native import Failed, Missing
from bench.page import page
from bench.place import Place
from bench.rows import Row, line

BENCHMARKS: Final[dict[str, Any]] = {
    "fanout": fanout,
    "latency": latency,
    "durable": durable,
    "idle": idle,
    "history": history,
    "files": files,
    "start": start,
    "collab": collab,
    "trace": trace,
    "documents": documents,
    "runs": runs,
    "bomb": bomb,
    "desktop": desktop_messages,
}
"""Every benchmark, in the order of the table: a module with `run`, `FULL`, `QUICK`, and with `MEANS`, which says what its rows are."""


def main() -> int:
    """Run what is asked for, print it as it comes, and return the process's exit status."""
    asked = _arguments()
    found: dict[str, list[Row]] = {}
    print("\n".join(f"{name:<10}{value}" for name, value in machine.facts().items()), flush=True)
    with TemporaryDirectory(prefix="kibitz-bench-") as folder:
        for name in asked.names or BENCHMARKS:
            print(f"\n{name}: {_purpose(name)}", flush=True)
            found[name] = list(_told(_rows(name, Place(Path(folder), asked.quick))))
    if asked.table is not None:
        asked.table.write_text(page(_command(), machine.facts(), found, BENCHMARKS), encoding="utf-8")
    if asked.json is not None:
        data = {"machine": machine.facts(), "quick": asked.quick, "benchmarks": found}
        asked.json.write_bytes(msgspec.json.format(msgspec.json.encode(data)) + b"\n")
    return 0


def _rows(name: str, place: Place) -> Iterator[Row]:
    benchmark = BENCHMARKS[name]
    run: Callable[..., Iterator[Row]] = benchmark.run
    try:
        yield from run(place, benchmark.QUICK if place.quick else benchmark.FULL)
    except (Missing, Failed) as why:
        yield Row(what=name, value=None, note=str(why))
    except Exception as error:
        traceback.print_exc()
        yield Row(what=name, value=None, note=f"{type(error).__name__}: {error}")


def _told(rows: Iterator[Row]) -> Iterator[Row]:
    for row in rows:
        print("  " + line(row.cells), flush=True)
        yield row


def _purpose(name: str) -> str:
    return str(BENCHMARKS[name].__doc__).partition("\n")[0].rstrip(".")


def _command() -> str:
    return f'make bench ARGS="{" ".join(sys.argv[1:])}"'


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="Measure Kibitz, and its peers where they are installed."
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which: {', '.join(BENCHMARKS)}; all if none")
    parser.add_argument("--quick", action="store_true", help="small sizes: whether it works, not how fast it is")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as data")
    parser.add_argument("--table", type=Path, metavar="FILE", help="write them there as a page of the documentation")
    asked = parser.parse_args()
    for name in asked.names:
        if name not in BENCHMARKS:
            parser.error(f"there is no benchmark {name!r}; there are: {', '.join(BENCHMARKS)}")
    return asked


if __name__ == "__main__":
    sys.exit(main())
