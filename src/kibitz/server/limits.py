"""What the operating system lets one server hold open.

Rule: the server takes all it is allowed to have, and never promises more places than that.
"""

import sys
from typing import Final

if sys.platform != "win32":
    import resource

RESERVED: Final = 256
"""Open files kept for everything but clients: the database and its readers, uploads and downloads under way, logs, listeners."""


def raise_open_files() -> int | None:
    """Raise this process's limit of open files as far as it may, and return it; None where there is none."""
    if sys.platform == "win32":
        return None
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY:
        return None if soft == resource.RLIM_INFINITY else soft
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def places(max_clients: int, open_files: int | None) -> int:
    """How many clients fit: what was asked for, or as many as the limit of open files leaves room for."""
    return max_clients if open_files is None else max(1, min(max_clients, open_files - RESERVED))
