"""A piece of the host that a run must not reach: files, services and a process, made for one probe.

Rule: everything here is as open as the host can make it (any user may read, write and connect), so that only walls keep a program out.
"""

import os
import secrets
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from pathlib import Path
from typing import Final

from tests.sandbox.attacks.executor import as_user
from tests.sandbox.attacks.services import services

VARIABLE: Final = "KIBITZ_ATTACK_CANARY"
"""A variable in the environment of whatever starts an executor; no program may learn of it."""

SECRET_SHAPE: Final = r"attack-environment-[0-9a-f]{16}"
"""What its value looks like, for programs that search memory."""


@contextmanager
def secret_environment() -> Iterator[None]:
    """Plant the secret in this process's environment, which an executor is started from; it is gone afterwards."""
    os.environ[VARIABLE] = f"attack-environment-{secrets.token_hex(8)}"
    try:
        yield
    finally:
        del os.environ[VARIABLE]


class World:
    """What was planted. `values` are the names that a probe's program may use.

    `strangers` are the numbers of processes that belong to others than the programs' user: they were there before, and are no run's.
    """

    def __init__(self, user: int) -> None:
        self.mark = f"kz{secrets.token_hex(5)}"
        self.folder = Path(tempfile.mkdtemp(prefix="kibitz-host-"))
        self.secrets = (os.environ[VARIABLE], f"attack-file-{secrets.token_hex(8)}")
        self.visits: list[str] = []
        self.strangers = _processes_of_others(user)
        self._database = self.folder / "kibitz.db"
        self._secret_file = self.folder / f"secret-{secrets.token_hex(4)}.txt"
        self._write_files()
        self._intact = self._look()
        self._canary = _start_canary(user)
        self.values = {
            "MARK": self.mark,
            "KEY": str(secrets.randbelow(2**30) + 2**20),
            "HOST": str(self.folder),
            "DATABASE": str(self._database),
            "SECRET_FILE": str(self._secret_file),
            "SECRET_SHAPE": SECRET_SHAPE,
            "VARIABLE": VARIABLE,
            "SERVICE": str(os.getpid()),
            "CANARY": str(self._canary.pid),
        }

    @property
    def touched(self) -> list[str]:
        """What of all this was reached or changed, in words."""
        found = sorted(set(self.visits))
        if self._canary.poll() is not None or _is_stopped(self._canary.pid):
            found.append("the canary was killed or stopped")
        now = self._look()
        found += [f"{name} was changed or removed" for name in self._intact if now.get(name) != self._intact[name]]
        found += [f"{name} was left in the server's folder" for name in now if name not in self._intact]
        return found

    def close(self) -> None:
        """Take it all away."""
        self._canary.kill()
        self._canary.communicate()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _write_files(self) -> None:
        with closing(sqlite3.connect(self._database)) as database, database:
            database.execute("PRAGMA synchronous = OFF")  # it need not survive a power cut
            database.execute("CREATE TABLE messages (text TEXT)")
            database.execute("INSERT INTO messages VALUES ('what was said')")
        self._secret_file.write_text(self.secrets[1], encoding="utf-8")
        os.chmod(self.folder, 0o777)  # noqa: S103 - open to everyone, so that only walls keep a program out
        for path in self.folder.iterdir():
            os.chmod(path, 0o666)  # noqa: S103 - the same

    def _look(self) -> dict[str, bytes]:
        """The files there are, by name, but for sockets."""
        return {
            path.name: path.read_bytes() if path.is_file() else b"no file"
            for path in (self.folder.iterdir() if self.folder.is_dir() else ())
            if not path.is_socket()
        }


@asynccontextmanager
async def world(user: int) -> AsyncIterator[World]:
    """A world for programs of this user, for as long as the block lasts."""
    made = World(user)
    try:
        async with services(made.visits, made.folder / "socket", f"abstract-{made.mark}") as names:
            made.values |= names
            yield made
    finally:
        made.close()


def _start_canary(user: int) -> subprocess.Popen[bytes]:
    """A process of the same user, in a session of its own, whose environment has the secret. It ends when its input does."""
    environment = {VARIABLE: os.environ[VARIABLE], "PATH": os.defpath}
    return subprocess.Popen(
        ["cat"],
        env=environment,
        cwd="/",
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
        **as_user(user),
    )


def _processes_of_others(user: int) -> frozenset[str]:
    found = {str(os.getpid())}
    for name in filter(str.isdigit, os.listdir("/proc")):
        with suppress(FileNotFoundError):
            if os.stat(f"/proc/{name}").st_uid != user:
                found.add(name)
    return frozenset(found)


def _is_stopped(process: int) -> bool:
    return Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] in {"T", "t"}
