"""Read the host's password hashes and keys.

area: host files
naive: the files belong to root, and it gave up root
"""

import os
from pathlib import Path

from tests.sandbox.attacks.probes.python.prelude import told

told("read /etc/shadow", lambda: Path("/etc/shadow").read_text()[:16])
told("read /etc/gshadow", lambda: Path("/etc/gshadow").read_text()[:16])
told("list root's keys", lambda: os.listdir("/root/.ssh"))
told("read the memory of the machine", lambda: Path("/dev/mem").open("rb").read(16))
told("read the memory of the kernel", lambda: Path("/proc/kcore").open("rb").read(16))
