"""The sandbox process, as the server starts and ends it."""

import asyncio
import os
import sys
import tempfile
from pathlib import Path

import pytest
from tests.unit.runner.sandboxes import PATIENCE, acting

from kibitz.runner import process as processes
from kibitz.runner.process import ENVIRONMENT, Process, command, tools_directory


async def lines(script: str) -> list[bytes]:
    """What a process writes to its link until it ends."""
    process = await Process.start(acting(script))
    try:
        async with asyncio.timeout(PATIENCE):
            return (await process.reader.read()).splitlines()
    finally:
        await process.stop()


async def test_it_inherits_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIBITZ_CANARY", "a secret of the server")
    reader, writer = os.pipe()
    os.set_inheritable(writer, True)
    look = "say('x', env=dict(os.environ), open=sorted(map(int, os.listdir('/proc/self/fd'))), cwd=os.getcwd(), leads=os.getsid(0) == os.getpid())"
    (line,) = await lines(look)
    os.close(reader)
    os.close(writer)
    assert b"CANARY" not in line
    assert set(ENVIRONMENT) <= {"PATH", "LANG"}
    assert b'"cwd": "/"' in line
    assert b'"leads": true' in line
    assert f", {writer}".encode() not in line.partition(b"open")[2].partition(b"]")[0]


async def test_what_is_written_reaches_it() -> None:
    process = await Process.start(acting("say('x', heard=hear())"))
    process.write(b'{"a": 1}\n')
    assert b'"heard": {"a": 1}' in await process.reader.readline()
    await process.stop()


async def test_it_ends_when_its_link_closes() -> None:
    process = await Process.start(acting("hear()"))
    await process.stop()
    assert process._process.returncode == 0


async def test_one_that_does_not_end_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "STOP_SECONDS", 0.1)
    process = await Process.start(acting("say('up'); time.sleep(1000)"))
    await process.reader.readline()
    await process.stop()
    assert process._process.returncode == -9


async def test_one_that_cannot_be_started_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        await Process.start(["/no/such/program"])


def test_the_usual_command_is_this_python_without_the_users_settings(tmp_path: Path) -> None:
    words = command(seconds=5.0, tools=tmp_path)
    assert words[:4] == [sys.executable, "-I", "-m", "kibitz.sandbox"]
    assert words[4:] == ["--timeout", "5.0", "--tools", str(tmp_path)]


def test_an_ordinary_users_tools_are_in_the_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert tools_directory() == tmp_path / "kibitz" / "tools"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    assert tools_directory() == tmp_path / "home" / ".cache" / "kibitz" / "tools"
    assert tools_directory().is_dir()


def test_roots_tools_are_where_another_user_can_get_to(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(processes, "SYSTEM_CACHE", tmp_path)
    assert tools_directory() == tmp_path / "tools"


def test_where_nothing_can_be_kept_the_tools_are_made_anew(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(tempfile, "mkdtemp", lambda prefix: str(tmp_path / f"{prefix}new"))
    assert tools_directory() == tmp_path / "kibitz-tools-new"
