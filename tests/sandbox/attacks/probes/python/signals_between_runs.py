"""Find the process of the run beside it, and stop it.

area: spying
runs: at once
ends: exit 0
"""

import contextlib
import os
import signal
import time
from pathlib import Path

from tests.sandbox.attacks.probes.python.prelude import is_first, said

if is_first():
    time.sleep(1.2)
    said("TOLD it lived")
else:
    end = time.monotonic() + 0.8
    while time.monotonic() < end:
        for process in map(int, filter(str.isdigit, os.listdir("/proc"))):
            with contextlib.suppress(OSError):
                if process != os.getpid() and Path(f"/proc/{process}/comm").read_text().strip() == "@MARK@":
                    os.kill(process, signal.SIGKILL)
                    said("BREACH it killed the other run")
        time.sleep(0.05)
    said("TOLD it found nobody")
