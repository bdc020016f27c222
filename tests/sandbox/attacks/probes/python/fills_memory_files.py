"""Fill every file system that lives in memory.

area: memory
alone: yes
ends: exit 0 | disk | memory | signal 9 | signal 25
"""

import contextlib
import os
import signal
from pathlib import Path

from tests.sandbox.attacks.probes.python.prelude import reached

BLOCK = b"x" * 2**20
written = 0
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
for folder in ("/dev/shm", "/tmp", "/run", "/dev", "/var/run", os.getcwd(), "/"):
    for number in range(24):
        with contextlib.suppress(OSError), Path(folder, f"@MARK@-{number}").open("wb", buffering=0) as file:
            for _ in range(50):
                file.write(BLOCK)
                written += 1
    if written > 1000:
        break
reached("MiB in memory", written, 300)
