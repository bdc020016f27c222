"""Who the sandbox is on the host: never root.

Rule: a process that starts as root becomes a user of its own, for good, before it reads its first request; from an ordinary user it
stays that one. With the host's root behind it a program could write where root may (`/proc/sys/kernel/core_pattern` was reached), and
the limit of processes would not hold.

The whole process changes, not only the children that become sandboxes, for three reasons: root and ordinary users then take one and
the same path; watching a sandbox takes only the same user, where root would need capabilities that containers take away; and a process
that changed its user cannot be inspected by others of that user, so not by a program that got out either.
"""

import os
import pwd
from typing import Final

ACCOUNT: Final = "kibitz-sandbox"
"""The system account to become, where the administrator has made one."""

NUMBER: Final = 60_999
"""The user and group to become otherwise: in the range that systemd's registry of numbers leaves unused (60578 to 61183)."""


class NoIdentity(Exception):
    """There is no user to become: a sentence that says what to do."""


def find() -> tuple[int, int]:
    """The user and group for sandboxes that root starts. Raises `NoIdentity` if somebody else has the number."""
    try:
        account = pwd.getpwnam(ACCOUNT)
    except KeyError:
        pass
    else:
        return account.pw_uid, account.pw_gid
    try:
        taken = pwd.getpwuid(NUMBER).pw_name
    except KeyError:
        return NUMBER, NUMBER
    raise NoIdentity(
        f"User number {NUMBER} belongs to {taken}: make an account for the sandbox with 'useradd --system {ACCOUNT}'."
    )


def assume(uid: int, gid: int) -> None:
    """Become this user, without a way back. Raises `NoIdentity` where the system does not let us."""
    try:
        os.setgroups([])
        os.setresgid(gid, gid, gid)
        os.setresuid(uid, uid, uid)
    except OSError as error:
        raise NoIdentity(
            f"The sandbox could not become user {uid} ({error.strerror}): start Kibitz as an ordinary user instead of root."
        ) from error
