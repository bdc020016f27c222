"""A new sandbox, at its gate."""

import os
import resource
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.sandbox.boxes import BUBBLEWRAP, PATIENCE, Trial, needs_sandbox

from kibitz.sandbox.jail import launch as launches
from kibitz.sandbox.jail.launch import CPU_MARGIN, launch
from kibitz.sandbox.plan import Stage
from kibitz.sandbox.policy import MIB, Limits, cores

GLIBCS_OWN = 0b11 << 31
"""Signals 32 and 33, which posix_spawn leaves ignored and no program may use."""

STAGE = Stage(name="trial", script="echo through; read -r size")


@pytest.mark.skipif(os.geteuid() != 0, reason="this user is not root")
def test_nothing_is_launched_as_root() -> None:
    with pytest.raises(PermissionError, match="its walls would not hold"):
        launch("/bin/true", STAGE, None)


@pytest.mark.usefixtures("ordinary_user")
def test_where_there_is_no_bubblewrap_that_is_an_error_and_nothing_stays_open() -> None:
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(FileNotFoundError):
        launch("/no/such/bwrap", STAGE, None)
    assert len(os.listdir("/proc/self/fd")) == before


@needs_sandbox
@pytest.mark.usefixtures("ordinary_user")
class TestARealSandbox:
    def test_it_waits_at_its_gate_and_goes_when_that_closes(self) -> None:
        assert BUBBLEWRAP is not None
        parts = launch(BUBBLEWRAP, STAGE, None)
        told = b""
        while b"}" not in told:
            told += os.read(parts.status, 4096)
        assert b'"child-pid"' in told
        time.sleep(0.05)
        os.close(parts.stdin)
        _, status = os.waitpid(parts.pid, 0)
        assert os.waitstatus_to_exitcode(status) == 125
        assert os.read(parts.stdout, 100) == b""
        for descriptor in (parts.stdout, parts.stderr, parts.status):
            os.close(descriptor)

    async def test_every_limit_is_on_it_before_it_does_anything(self) -> None:
        limits = Limits(
            seconds=7, memory=100 * MIB, processes=11, descriptors=21, disk=3 * MIB, address_space=999 * MIB
        )
        trial = Trial("cat /proc/self/limits", limits=limits).give()
        await trial.end()
        found = {line[:25].strip(): line[25:].split()[:2] for line in trial.stdout.splitlines()[1:]}
        for name, value in (
            ("Max cpu time", int(7 * cores() + CPU_MARGIN)),
            ("Max file size", 3 * MIB),
            ("Max data size", 100 * MIB),
            ("Max core file size", 1),
            ("Max processes", 12),
            ("Max open files", 21),
            ("Max locked memory", launches.MAX_LOCKED),
            ("Max address space", 999 * MIB),
        ):
            assert found[name] == [str(value)] * 2, name

    async def test_a_limit_that_is_lower_already_stays(self, monkeypatch: pytest.MonkeyPatch) -> None:
        before = resource.getrlimit(resource.RLIMIT_NOFILE)
        more = before[1] + 1
        monkeypatch.setattr(launches, "_resources", lambda _: [(resource.RLIMIT_NOFILE, more)])
        trial = Trial("cat /proc/self/limits").give()
        ending = await trial.end()
        assert ending.status == 0
        line = next(line for line in trial.stdout.splitlines() if line.startswith("Max open files"))
        assert line.split()[3:5] == [str(before[1])] * 2

    async def test_a_runtime_that_reserves_addresses_without_using_them_may(self) -> None:
        trial = Trial("cat /proc/self/limits", limits=Limits(address_space=None)).give()
        await trial.end()
        mine = resource.getrlimit(resource.RLIMIT_AS)[0]
        shown = "unlimited" if mine == resource.RLIM_INFINITY else str(mine)
        line = next(line for line in trial.stdout.splitlines() if line.startswith("Max address space"))
        assert line.split()[3] == shown

    async def test_one_runs_fork_bomb_does_not_keep_another_from_starting(self) -> None:
        bomb = Trial("for i in $(seq 100); do sleep 1000 & done", limits=Limits(seconds=PATIENCE, processes=20)).give()
        await bomb.until(lambda it: "Cannot fork" in it.stderr)
        other = Trial("sleep 0 & wait; echo up; exit 0").give()
        await other.end()
        assert other.stdout == "up\n"
        bomb.box.kill("stopped")
        await bomb.end()

    async def test_it_inherits_nothing(self) -> None:
        os.environ["KIBITZ_CANARY"] = "a secret of the server"
        try:
            trial = Trial("env; ls -l /proc/self/fd; cat /proc/self/status").give()
            await trial.end()
        finally:
            del os.environ["KIBITZ_CANARY"]
        assert "CANARY" not in trial.stdout
        ignored = next(line.split()[1] for line in trial.stdout.splitlines() if line.startswith("SigIgn:"))
        assert int(ignored, 16) & ~GLIBCS_OWN == 0
        shown = [line for line in trial.stdout.splitlines() if " -> " in line]
        assert len(shown) == 4  # three pipes, and the directory itself

    async def test_it_is_the_first_to_go_and_the_last_to_run(self) -> None:
        trial = Trial("cat /proc/self/oom_score_adj; grep -E '^policy' /proc/self/sched || echo 'policy : 5'").give()
        await trial.end()
        score, policy = trial.stdout.splitlines()
        assert score == "1000"
        assert policy.split()[-1] == str(os.SCHED_IDLE)

    async def test_its_files_are_there_read_only(self) -> None:
        stage = replace(STAGE, script="cat /opt/kibitz/x; : >/opt/kibitz/x", files=(("/opt/kibitz/x", b"content\n"),))
        trial = Trial("", stage=stage).give()
        ending = await trial.end()
        assert trial.stdout == "content\n"
        assert ending.status != 0


ENDS = """
import os
from kibitz.sandbox.jail import identity
from kibitz.sandbox.jail.launch import launch
from kibitz.sandbox.plan import Stage
if os.geteuid() == 0:
    identity.assume(*identity.find())
parts = launch({bubblewrap!r}, Stage(name="trial", script="read -r size"), None)
os.set_inheritable(parts.stdin, True)
told = b""
while b"}}" not in told:
    told += os.read(parts.status, 4096)
print(parts.pid, flush=True)
if os.fork():
    os._exit(0)  # no goodbye; the gate stays open in the other
import time
time.sleep(60)
"""


@needs_sandbox
def test_it_ends_with_whoever_started_it() -> None:
    code = ENDS.format(bubblewrap=BUBBLEWRAP)
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, process_group=0) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        process.wait()
        try:
            deadline = time.monotonic() + PATIENCE
            while _lives(pid) and time.monotonic() < deadline:
                time.sleep(0.01)
            assert not _lives(pid)
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
