"""The two C programs, compiled on the spot.

One rule: nothing compiled outlives the run.
"""

import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent


class Missing(Exception):
    """Something that a benchmark needs is not on this machine; the text says how to get it."""


class Failed(Exception):
    """A run that has no figures; the text says why."""


@cache
def compiled(name: str, folder: Path) -> Path:
    """The program made from bench/NAME.c. Raises `Missing` where there is no compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        raise Missing("no C compiler: apt-get install gcc libc6-dev")
    program = folder / name
    subprocess.run([compiler, "-O2", "-o", program, HERE / f"{name}.c"], check=True)
    return program


def installed(name: str, package: str) -> str:
    """Where a program of this machine is. Raises `Missing`."""
    # A server's directory is not on everyone's path.
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if found is None:
        raise Missing(f"{name} is not installed: apt-get install {package}")
    return found
