"""Whether the walls stand on this machine: tried in a sandbox at every start, before any program.

Rule: one probe that fails and nothing is run. A probe is a line of shell that is true where a wall holds; what the machine does not
enforce must not be believed to be there because it was asked for.
"""

import asyncio
import os
import shutil
from collections.abc import Callable
from typing import Final

from kibitz.sandbox.box import Box
from kibitz.sandbox.jail import diagnosis, seccomp
from kibitz.sandbox.jail.arguments import PATH
from kibitz.sandbox.messages import Stream
from kibitz.sandbox.plan import Stage
from kibitz.sandbox.policy import MIB, Limits

SECONDS: Final = 20.0
"""How long it may take on a machine that is busy; it takes about 60 ms."""

_TRIED: Final = "tried"
"""Why the sandbox of the self-test ends when all is well: this proves that one can be ended."""

_LIMITS: Final = Limits(seconds=SECONDS, disk=MIB)

PROBES: Final[dict[str, str]] = {
    # what holds: a command that succeeds where it does
    "another user": '[ "$(id -u)" = 1000 ] && [ "$(wc -l </proc/self/uid_map)" = 1 ] && grep -q " 1$" /proc/self/uid_map',
    "no capabilities": "! grep '^Cap' /proc/self/status | grep -q '[1-9a-f]$\\|[1-9a-f]0*$'",
    "no new privileges": "grep -q '^NoNewPrivs:.1$' /proc/self/status",
    "system call filter": "grep -q '^Seccomp:.2$' /proc/self/status && ! setarch \"$(uname -m)\" -R true",
    "no new namespaces": "! unshare --user true && ! unshare --net true",
    "own processes only": '[ "$(ls -d /proc/[0-9]* | wc -l)" -lt 8 ] && [ "$(cat /proc/1/comm)" = sh ]',
    "no network": '! tail -n +3 /proc/net/dev | grep -qv "^ *lo:"',
    "nothing of the host": "[ ! -e /root ] && [ ! -e /home ] && [ ! -e /var ] && [ ! -e /sys ] && [ ! -e /etc/shadow ]",
    "read-only system": "for place in / /usr /etc /dev /proc; do touch $place/x && break; done; [ $? != 0 ]",
    "read-only kernel settings": "! (: >/proc/sys/kernel/core_pattern) && ! (: >/proc/sysrq-trigger)",
    "size of files": "! head -c 2000000 /dev/zero >/tmp/fill && rm /tmp/fill",
    "number of processes": f'[ "$(limit processes)" -le {_LIMITS.processes + 1} ]',
    "no core dumps": '[ "$(limit core file size)" -le 1 ]',
    "empty environment": '[ "$(env | grep -vc "^PATH=\\|^HOME=\\|^LANG=\\|^TMPDIR=\\|^TERM=\\|^PWD=\\|^OLDPWD=\\|^SHLVL=\\|^_=")" = 0 ]',
    "no open files": '[ "$(ls /proc/self/fd | wc -l)" = 4 ]',
    "lowest priority": "grep -q '^policy.*: *5$' /proc/self/sched || [ ! -e /proc/self/sched ]",
}
"""The walls by name."""

_SCRIPT: Final = 'limit() { sed -n "s/^Max $* *\\([0-9a-z]*\\) .*/\\1/p" /proc/self/limits; }\n' + "".join(
    f"if {command}; then echo 'ok {name}'; else echo 'no {name}'; fi 2>/dev/null\n" for name, command in PROBES.items()
)


def bubblewrap() -> str | None:
    """Where it is, if it is installed."""
    return shutil.which("bwrap", path=PATH)


async def problem(make: Callable[[Stage], Box]) -> str | None:
    """Why nothing may be run here, in a sentence that says what to do; None where every wall stands."""
    machine = os.uname().machine
    if not seccomp.is_known(machine):
        return diagnosis.UNKNOWN_MACHINE.format(machine=machine)
    try:
        box = make(Stage(name="self-test", script=f"read -r size\n{_SCRIPT}echo done; read -r wait", limits=_LIMITS))
    except OSError as error:
        return f"Programs cannot be run: bubblewrap could not be started ({error.strerror})."
    said = {"stdout": bytearray(), "stderr": bytearray()}

    def hear(stream: Stream, data: bytes) -> None:
        said[stream].extend(data)
        if said["stdout"].endswith(b"done\n"):
            box.look()
            box.kill(_TRIED)

    box.give(b"", hear)
    timer = asyncio.get_running_loop().call_later(SECONDS, box.kill, "timeout")
    ending = await box.ended
    timer.cancel()
    if ending.killed_for != _TRIED:
        return diagnosis.explain(said["stderr"].decode(errors="replace"))
    return _verdict(said["stdout"].decode(errors="replace").splitlines(), is_measured=box.usage is not None)


def _verdict(lines: list[str], *, is_measured: bool) -> str | None:
    fallen = [name for name in PROBES if f"ok {name}" not in lines]
    if not is_measured:
        fallen.append("memory that can be measured")
    if not fallen:
        return None
    return f"Programs cannot be run: the sandbox does not hold on this machine. What should be there and is not: {', '.join(fallen)}."
