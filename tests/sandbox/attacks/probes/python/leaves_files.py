"""Leave files and shared memory wherever it may write.

area: leftovers
ends: exit 0
"""

import contextlib
import os
from pathlib import Path

from tests.sandbox.attacks.probes.python.prelude import said

for folder in ("/tmp", "/var/tmp", "/dev/shm", "/run/lock", os.path.expanduser("~"), "/"):
    with contextlib.suppress(OSError):
        Path(folder, "@MARK@").write_text("x")
        Path(folder, ".@MARK@-hidden").mkdir()
said("TOLD files were left")
