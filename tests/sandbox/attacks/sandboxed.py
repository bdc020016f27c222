"""The executor that is attacked: the server's runner, with a sandbox process of its own.

Rule: it is started the way the server starts it; only the user it starts as, and whether sandboxes wait for programs, may differ.
"""

import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
from asyncio import get_running_loop
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import msgspec

import kibitz
from kibitz.runner.once import a_runner
from kibitz.runner.runner import Program as Request
from kibitz.runner.runner import RunEvent, Runner
from kibitz.sandbox.jail import identity
from kibitz.sandbox.messages import Ended, Output, Result
from tests.sandbox.attacks.executor import Ending, Program

LONGEST: Final = 60.0
"""Seconds that a program may be given here: a probe that was starved is tried again with more."""

_COLD: Final = "from kibitz.sandbox.pool import Pool; Pool.warm = lambda pool, stage: None; "
"""What makes every run the first of its kind: no sandbox ever waits for a program."""


class Sandboxed:
    """The executor."""

    def __init__(self, runner: Runner, user: int) -> None:
        self.runner = runner
        self._user = user

    @property
    def user(self) -> int:
        """The user that the sandbox process became."""
        return self._user

    async def run(self, program: Program) -> Ending:
        """Run it to its end. Each program is another user's, so that none waits for its own kind."""
        said: list[str] = []
        ended = get_running_loop().create_future()

        def hear(event: RunEvent) -> None:
            if isinstance(event, Output):
                said.append(event.data)
            elif isinstance(event, Ended):
                ended.set_result(event.result)

        request = Request(
            user=program.mark,
            language=program.language,
            source=program.source,
            input=program.stdin,
            keep_stdin_open=program.keep_open,
            timeout=program.wall,
        )
        await self.runner.run(request, hear)
        result = await ended
        return _ending("".join(said), result)


def _ending(output: str, result: Result) -> Ending:
    number = None if result.signal is None else signal.Signals[result.signal].value
    return Ending(output, result.compiled, result.killed_for, number, result.exit_code)


@asynccontextmanager
async def sandboxed(*, cold: bool = False, user: int | None = None) -> AsyncIterator[Sandboxed]:
    """A sandbox for the length of a block: with `cold` none waits for a program, with `user` root starts it as that user.

    Raises `LookupError` where nothing can be run on this machine, or that user has no Python to start it with.
    """
    with tempfile.TemporaryDirectory(prefix="kibitz-attacks-") as folder:
        os.chmod(folder, 0o755)  # noqa: S103 - for the user it becomes
        tools = Path(folder, "tools")
        if user is not None:
            os.mkdir(tools)
            os.chown(tools, user, user)
        main = f"{_COLD if cold else ''}from kibitz.sandbox.__main__ import main; main()"
        words = ["-c", main, "--timeout", str(LONGEST), "--tools", str(tools)]
        command = [sys.executable, *words] if user is None else [*_python_for(user, Path(folder)), *words]
        async with a_runner(seconds=LONGEST, command=command) as runner:
            if runner.problem is not None or not runner.languages:
                raise LookupError(runner.problem or "the sandbox process ended at once; see what it wrote")
            yield Sandboxed(runner, _user() if user is None else user)


def _user() -> int:
    return identity.find()[0] if os.geteuid() == 0 else os.geteuid()


def _python_for(user: int, folder: Path) -> Sequence[str]:
    """How this user starts a Python that has Kibitz: this one if it may, or the system's, with a copy of what it needs."""
    modules = folder / "modules"
    shutil.copytree(Path(kibitz.__file__).parent, modules / "kibitz", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(Path(msgspec.__file__).parent, modules / "msgspec")
    change = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "env", f"PYTHONPATH={modules}"]
    for python in (sys.executable, f"/usr/bin/python{sysconfig.get_python_version()}"):
        tried = subprocess.run(
            [*change, python, "-c", "import kibitz.sandbox.service"], capture_output=True, cwd="/", check=False
        )
        if tried.returncode == 0:
            return [*change, python]
    raise LookupError(
        "an ordinary user can neither read this Python nor use the system's: install Kibitz outside of /root"
    )
