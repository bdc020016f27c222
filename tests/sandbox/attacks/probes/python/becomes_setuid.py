"""Give a program of its own the rights of its owner, for others to run.

area: leftovers
ends: exit 0
"""

import contextlib
import os
import shutil

from tests.sandbox.attacks.probes.python.prelude import said

for folder in ("/tmp", "/var/tmp", "/dev/shm"):
    with contextlib.suppress(OSError):
        shutil.copy("/usr/bin/env", f"{folder}/@MARK@-suid")
        os.chmod(f"{folder}/@MARK@-suid", 0o6755)
said("TOLD a program was left")
