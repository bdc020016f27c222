"""An executor without walls: `subprocess.run` with a time limit, as an unprivileged user.

Rule: it does what many a first version does, and no more; it is what every probe is proven against. Two limits from outside keep this
machine safe from it, and each probe is small enough by itself.
"""

import asyncio
import os
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from tests.sandbox.attacks.executor import Ending, Program, as_user
from tests.sandbox.attacks.probe import SUFFIXES

UNPRIVILEGED: Final = 60_998
"""The user that programs are where the suite runs as root; beside the one that Kibitz takes."""

BUILD_SECONDS: Final = 15.0
"""What a compiler is given, as in Kibitz."""

MAX_CPU_SECONDS: Final = 20
MAX_ADDRESSES: Final = 4 * 2**30
"""Bytes of addresses for a compiler: what include and macro bombs would fill."""

_GCC: Final = ("-O1", "-pthread", "-o", "main")
_BUILD: Final[dict[str, list[str]]] = {
    "c": ["prlimit", f"--as={MAX_ADDRESSES}", "gcc", "-std=gnu17", *_GCC],
    "cpp": ["prlimit", f"--as={MAX_ADDRESSES}", "g++", "-std=gnu++17", *_GCC],
    "java": ["javac"],
}
_RUN: Final[dict[str, list[str]]] = {
    "c": ["./main"],
    "cpp": ["./main"],
    "java": ["java", "Main"],
    "javascript": ["node", "main.js"],
    "python": ["/usr/bin/python3", "main.py"],
}


class Naive:
    """The executor."""

    @property
    def user(self) -> int:
        """Somebody without rights, or whoever runs the suite."""
        return UNPRIVILEGED if os.geteuid() == 0 else os.geteuid()

    async def run(self, program: Program) -> Ending:
        """Run it to its end."""
        return await asyncio.to_thread(self._run, program)

    def _run(self, program: Program) -> Ending:
        with tempfile.TemporaryDirectory(prefix=f"naive-{program.mark}-") as folder:
            source = Path(folder, f"main{SUFFIXES[program.language]}")
            source.write_text(program.source, encoding="utf-8")
            if os.geteuid() == 0:
                os.chown(folder, self.user, self.user)
            said = ""
            if (build := _BUILD.get(program.language)) is not None:
                built = self._call([*build, str(source)], folder, BUILD_SECONDS, subprocess.DEVNULL)
                if built.exit_code != 0:
                    return Ending(built.output, built=False, killed_for=built.killed_for)
                said = built.output
            ran = self._call_with_input(program, folder)
            return Ending(said + ran.output, killed_for=ran.killed_for, signal=ran.signal, exit_code=ran.exit_code)

    def _call_with_input(self, program: Program, folder: str) -> Ending:
        command = _RUN[program.language]
        if program.keep_open:
            reader, writer = os.pipe()
            with open(reader, "rb") as stdin, open(writer, "wb"):
                return self._call(command, folder, program.wall, stdin)
        with tempfile.TemporaryFile() as stdin:
            stdin.write(program.stdin.encode())
            stdin.seek(0)
            return self._call(command, folder, program.wall, stdin)

    def _call(self, command: list[str], folder: str, seconds: float, stdin: Any) -> Ending:
        with tempfile.TemporaryFile() as output:
            code = None
            with suppress(subprocess.TimeoutExpired):
                code = subprocess.run(
                    ["prlimit", f"--cpu={MAX_CPU_SECONDS}", *command],
                    stdin=stdin,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    timeout=seconds,
                    cwd=folder,
                    env={**os.environ, "HOME": folder, "TMPDIR": folder},
                    check=False,
                    **as_user(self.user),
                ).returncode
            output.seek(0)
            said = output.read().decode()
        if code is None:
            return Ending(said, killed_for="timeout")
        return Ending(said, signal=-code) if code < 0 else Ending(said, exit_code=code)
