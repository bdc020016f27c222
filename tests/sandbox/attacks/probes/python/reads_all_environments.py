"""Look for the secret in the environment, command line and memory map of every process it can see.

area: environment
"""

import os
from pathlib import Path

from tests.sandbox.attacks.probes.python.prelude import said

seen = 0
for process in filter(str.isdigit, os.listdir("/proc")):
    for name in ("environ", "cmdline"):
        try:
            text = Path("/proc", process, name).read_bytes()
        except OSError:
            continue
        seen += 1
        if b"@VARIABLE@=" in text:
            said("BREACH it is there: " + text.partition(b"@VARIABLE@=")[2].partition(b"\0")[0].decode())
said(f"TOLD environments and command lines: {seen} read, and no secret in them" if seen else "TOLD none is readable")
