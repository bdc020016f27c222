"""Why bubblewrap could not make a sandbox, and what to do about it.

Rule: each row is a refusal that was met; a sentence names the setting to change. What no row knows is told as bubblewrap told it.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

MISSING: Final = "Programs cannot be run: bubblewrap is not installed. Install it, on Debian and Ubuntu with 'apt-get install bubblewrap'."

UNKNOWN_MACHINE: Final = (
    "Programs cannot be run: there is no system call filter for {machine} yet, only for x86_64 and aarch64."
)

_NO_NAMESPACES: Final = "Programs cannot be run: this machine does not let ordinary users make namespaces. "

_CONTAINERS: Final = (Path("/.dockerenv"), Path("/run/.containerenv"))


def _is_on(path: str) -> bool:
    try:
        return Path(path).read_text().strip() not in {"", "0"}
    except OSError:
        return False


def _is_off(path: str) -> bool:
    return Path(path).exists() and not _is_on(path)


def _in_container() -> bool:
    return any(path.exists() for path in _CONTAINERS)


_MENDS: Final[tuple[tuple[str, Callable[[], bool], str], ...]] = (
    # what bubblewrap says, when it is this reason, what to do
    (
        "proc on /newroot/proc",
        lambda: True,
        "Programs cannot be run: a part of /proc is masked, as containers do it. Start the container with "
        "'--security-opt systempaths=unconfined', or run Kibitz outside of it.",
    ),
    (
        "disable-userns",
        lambda: True,
        "Programs cannot be run: this bubblewrap is too old. Install version 0.8 or newer.",
    ),
    (
        "",
        lambda: _is_on("/proc/sys/kernel/apparmor_restrict_unprivileged_userns"),
        f"{_NO_NAMESPACES}AppArmor keeps them from it: install a profile for bwrap with 'userns,' in it (Ubuntu's package "
        "apparmor-profiles has 'bwrap-userns-restrict'), or set 'sysctl kernel.apparmor_restrict_unprivileged_userns=0'.",
    ),
    (
        "",
        lambda: _is_off("/proc/sys/kernel/unprivileged_userns_clone"),
        f"{_NO_NAMESPACES}Set 'sysctl kernel.unprivileged_userns_clone=1'.",
    ),
    (
        "",
        lambda: _is_off("/proc/sys/user/max_user_namespaces"),
        f"{_NO_NAMESPACES}Set 'sysctl user.max_user_namespaces=15000'.",
    ),
    (
        "namespace",
        _in_container,
        f"{_NO_NAMESPACES}Start the container with '--security-opt seccomp=unconfined --security-opt apparmor=unconfined "
        "--security-opt systempaths=unconfined', or run Kibitz outside of it.",
    ),
)


def explain(said: str) -> str:
    """What to do about a sandbox that could not be made, when bubblewrap said this."""
    for words, holds, mend in _MENDS:
        if words in said and holds():
            return mend
    last = said.strip().splitlines()[-1:] or ["nothing"]
    return f"Programs cannot be run: bubblewrap could not make a sandbox; it said: {last[0]}"
