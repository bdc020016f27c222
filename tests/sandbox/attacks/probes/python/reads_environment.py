"""Read the environment that the server was started with.

area: environment
"""

import os
from pathlib import Path

from tests.sandbox.attacks.probes.python.prelude import told


def secret_in(path: str) -> str:
    for entry in Path(path).read_bytes().split(b"\0"):
        if entry.startswith(b"@VARIABLE@="):
            return entry.decode()
    raise LookupError


told("its own", lambda: os.environ["@VARIABLE@"])
for process in ("self", 1, os.getppid(), "@CANARY@", "@SERVICE@"):
    told(f"that of {process}", secret_in, f"/proc/{process}/environ")
