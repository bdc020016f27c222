"""Reach the host's files by way of other processes' roots, working directories and descriptors.

area: host files
"""

import os
from pathlib import Path

from tests.sandbox.attacks.probes.python.prelude import told

for process in (1, os.getppid(), "@CANARY@", "@SERVICE@", "self"):
    told(f"the root of {process}", Path(f"/proc/{process}/root@SECRET_FILE@").read_text)
    told(f"the folder of {process}", Path(f"/proc/{process}/cwd/../../../../../../..@SECRET_FILE@").read_text)
told("upwards", Path("../" * 20 + "@SECRET_FILE@").read_text)
