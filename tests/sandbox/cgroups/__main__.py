"""What the virtual machine does once it has booted: root gives groups away, and sessions in them try the sandbox.

Rule: nothing but the kernel, the files of the host and the groups made here is there; systemd's part, giving a group away, is played
by these lines.

Usage, as root of a machine that is nobody's: `python -m tests.sandbox.cgroups PAGE [PATTERN [ARRANGEMENT]]`; `make cgroups` starts it.
"""

import os
import subprocess
import sys
import sysconfig
import tempfile
from fnmatch import fnmatch
from pathlib import Path
from typing import Final

import msgspec

from kibitz.sandbox.cgroup import MOUNT
from tests.sandbox.cgroups.page import Arrangement, page
from tests.sandbox.cgroups.session import Session

USER: Final = 60_998
"""The ordinary user: beside the one that the sandbox takes when root starts it."""

MARK: Final = "user.delegate"
"""How systemd marks a group that it gave away."""

ARRANGEMENTS: Final = (
    Arrangement("root", "Started by root, as in a service with `Delegate=yes`", user=None, kind="all"),
    Arrangement("root-groups", "Started by root, groups alone", user=None, kind="groups"),
    Arrangement("user", "Started by an ordinary user, who has a group of their own", user=USER, kind="all"),
    Arrangement("user-groups", "Started by an ordinary user, groups alone", user=USER, kind="groups"),
)


def main() -> int:
    """Try every arrangement and write the page; the exit status."""
    (MOUNT / "cgroup.subtree_control").write_text("+memory +pids")
    target, pattern, wanted = (*sys.argv[1:], "*", "*")[:3]
    sessions = [(one, _session(one, pattern)) for one in ARRANGEMENTS if fnmatch(one.name, wanted)]
    Path(target).write_text(page(sessions), encoding="utf-8")
    wrong = [problem for one, session in sessions for problem in _problems(one, session)]
    for problem in wrong:
        print(f"cgroups: {problem}")
    tried = sum(len(session.rows) for _, session in sessions)
    verdict = f"{len(wrong)} things are wrong" if wrong else "all held"
    print(f"cgroups: {tried} runs of probes in {len(sessions)} arrangements on Linux {os.uname().release}: {verdict}")
    return 1 if wrong else 0


def _session(arrangement: Arrangement, pattern: str) -> Session:
    print(f"--- {arrangement.title}", flush=True)
    group = _give_away(f"{arrangement.name}.service", arrangement.user)
    with tempfile.TemporaryDirectory(prefix="kibitz-session-") as folder:
        results = Path(folder, "results")
        python = [sys.executable]
        if arrangement.user is not None:
            os.chown(folder, arrangement.user, arrangement.user)
            python = _as(arrangement.user)
        # Who may enter a group is whoever could leave the one before: root, who then becomes somebody else.
        enter = ["sh", "-c", 'echo $$ >"$0/cgroup.procs" && exec "$@"', str(group)]
        words = ["-m", "tests.sandbox.cgroups.session", str(group), str(results), arrangement.kind, pattern]
        status = subprocess.run([*enter, *python, *words], check=False).returncode
        if status != 0:
            return Session([], [f"the session ended with status {status}"])
        return msgspec.json.decode(results.read_bytes(), type=Session)


def _give_away(name: str, user: int | None) -> Path:
    """A new group: root's has systemd's mark, a user's is known by its owner."""
    group = MOUNT / name
    group.mkdir()
    if user is None:
        os.setxattr(group, MARK, b"1")
    else:
        for path in (group, *(group / file for file in ("cgroup.procs", "cgroup.subtree_control", "cgroup.threads"))):
            os.chown(path, user, user)
    return group


def _as(user: int) -> list[str]:
    """How this user starts a Python that has Kibitz: this one, or the system's if they may not read it."""
    # By way of `env`: setpriv may itself still read what the user may not.
    become = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "env"]
    for python in (sys.executable, f"/usr/bin/python{sysconfig.get_python_version()}"):
        tried = [*become, python, "-c", "import tests.sandbox.cgroups.session"]
        if subprocess.run(tried, capture_output=True, check=False).returncode == 0:
            return [*become, python]
    sys.exit(
        "cgroups: an ordinary user can neither read this Python nor use the system's: install Kibitz outside of /root"
    )


def _problems(arrangement: Arrangement, session: Session) -> list[str]:
    found = [*session.problems, *(f"{row.name}: {problem}" for row in session.rows for problem in row.problems)]
    if not session.rows:
        found.append("nothing was tried")
    return [f"{arrangement.name}: {problem}" for problem in found]


if __name__ == "__main__":
    sys.exit(main())
